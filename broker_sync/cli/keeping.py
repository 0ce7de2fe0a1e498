"""Puts statements away in the archive, and writes down there what became of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

from broker_sync.archive import Archive, Retention
from broker_sync.cli.request import Request
from broker_sync.providers.ibkr.admission import Admitted
from broker_sync.providers.ibkr.facts import facts
from broker_sync.providers.ibkr.identity import PROVIDER
from broker_sync.received import Booked, BookedDays, Days, FileSource
from broker_sync.results import SyncResult
from broker_sync.settings import Settings

__all__ = ["keep_files", "mark_booked", "prune"]


def keep_files(archive: Archive, admitted: Iterable[Admitted]) -> None:
    """Put away statements that were given as files."""
    for each in admitted:
        archive.keep(
            each.document.chunks(),
            provider=PROVIDER,
            source=FileSource(name=each.document.name),
            contents=facts(each.survey),
        )


def mark_booked(
    archive: Archive,
    result: SyncResult,
    admitted: Sequence[Admitted],
    request: Request,
    *,
    run_at: dt.datetime,
) -> None:
    """Write down that the days of `admitted` are booked for the account of `result`, if all of them are."""
    if result.failures:
        # What the tracker refused is asked for again while its days do not count as covered.
        return
    account = result.account.provider_account_id
    for each in admitted:
        days = [
            BookedDays(account=account, sink=result.sink, days=booked, run_at=run_at, restated=result.updated)
            for booked in _days(each, account, request)
        ]
        if days:
            archive.mark(each.digest, Booked(days=tuple(days)))


def _days(admitted: Admitted, account: str, request: Request) -> Iterator[Days]:
    found = facts(admitted.survey).of(account)
    asked = Days(first=request.since or dt.date.min, last=request.until or dt.date.max)
    for days in () if found is None else found.days:
        common = days.common(asked)
        if common is not None:
            yield common


def prune(archive: Archive, settings: Settings) -> int:
    """Remove what the setting for retention lets go; how many statements."""
    if settings.archive_keep_days is None:
        return 0
    return len(archive.prune(Retention(keep_days=settings.archive_keep_days)))
