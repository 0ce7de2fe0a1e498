"""Which of the statements in the archive tell what an account holds, now or on a day that is past."""

from __future__ import annotations

import datetime as dt

from broker_sync.archive import Archive
from broker_sync.cli.accounts import settings_of
from broker_sync.cli.latest import latest_statements
from broker_sync.cli.statements import Statements
from broker_sync.providers.ibkr.admission import admit
from broker_sync.providers.ibkr.archived import ArchivedDocument
from broker_sync.providers.ibkr.identity import PROVIDER
from broker_sync.received import Booked, Days, Entry
from broker_sync.settings import Settings

__all__ = ["statements_until"]


def statements_until(settings: Settings, archive: Archive, *, as_of: dt.date | None) -> dict[str, Statements]:
    """Of each account the booked statement whose last day is the latest.

    With `as_of`, the one with that day after which the least would have to be taken back; an account without
    such a statement is left out.
    """
    if as_of is None:
        return latest_statements(settings, archive)
    best: dict[str, tuple[Days, Entry]] = {}
    for entry in archive.catalogue(PROVIDER).entries:
        for account, days in _days_of(entry):
            known = best.get(account)
            has_day = days.first <= as_of <= days.last
            if has_day and (known is None or days.last <= known[0].last):
                best[account] = (days, entry)
    return {
        name: Statements(
            settings=settings_of(name, settings),
            admitted=admit([ArchivedDocument(archive, entry)], configured=None),
        )
        for name, (_, entry) in sorted(best.items())
    }


def _days_of(entry: Entry) -> list[tuple[str, Days]]:
    if entry.body_removed_at is not None or not isinstance(entry.verdict, Booked):
        return []
    return [(booked.account, booked.days) for booked in entry.verdict.days]
