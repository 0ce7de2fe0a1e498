"""Keeps a statement out that knows its records by other ids than those under which they are booked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final

from broker_sync.archive import Archive
from broker_sync.cli.accounts import chosen
from broker_sync.cli.request import Request
from broker_sync.cli.statements import Statements
from broker_sync.coverage import Known, booked_by, other_ids, spaced
from broker_sync.providers.ibkr.errors import ANEW, QueryChangedError
from broker_sync.providers.ibkr.facts import facts
from broker_sync.providers.ibkr.identity import PROVIDER
from broker_sync.providers.ibkr.sections import BOOKED
from broker_sync.received import Booked, Days, Entry
from broker_sync.report import AccountError
from broker_sync.settings import Settings

__all__ = ["refuse_other_ids", "without_other_ids", "without_sections"]

_FIRST: Final = dt.date.min
_LAST: Final = dt.date.max - dt.timedelta(days=1)


def refuse_other_ids(
    found: Mapping[str, Statements], request: Request, settings: Settings, archive: Archive
) -> None:
    """Raise :class:`QueryChangedError` for the first of `found` that would book records once more.

    They are held against each other, and against what was booked of their days, wherever it came from.
    """
    entries = archive.catalogue(PROVIDER).entries
    limits = Days(first=request.since or _FIRST, last=request.until or _LAST)
    for name in chosen(list(found), request.account):
        sink = request.sink or found[name].settings.sink or request.sink_name(settings)
        known = booked_by(entries, sink=sink)
        for admitted in found[name].admitted:
            for now in Known.of(facts(admitted.survey), limits):
                if now.facts.account == name:
                    _refuse(admitted.document.name, known, now)
                    known.append(now)


def _refuse(document: str, known: Sequence[Known], now: Known) -> None:
    for each in other_ids(known, now):
        raise QueryChangedError(
            document=document,
            reason=each.text,
            advice="Set the fields of the section as they are there and fetch the statement again, or book "
            f"only days that no such statement has (--since, --until). {ANEW}",
        )


def without_other_ids(
    found: Mapping[str, Statements], request: Request, settings: Settings, archive: Archive
) -> tuple[list[str], list[AccountError]]:
    """The accounts of which the statements in `found` can be booked, and why the others cannot."""
    kept, errors = [], []
    for name in chosen(list(found), request.account):
        try:
            refuse_other_ids({name: found[name]}, request, settings, archive)
        except QueryChangedError as error:
            errors.append(AccountError(account=name, text=str(error), exit_code=error.exit_code))
        else:
            kept.append(name)
    return kept, errors


def without_sections(name: str, found: Statements, archive: Archive) -> list[str]:
    """A sentence for each section of records that an account had before, and that `found` has not."""
    there = {
        section.section
        for admitted in found.admitted
        for account in facts(admitted.survey).accounts
        for section in account.sections
        if account.account == name
    }
    return [
        f"The statement has no {spaced(section)}, of which there were some in the one received on {seen}: "
        "what they would have said is not booked. Tick the section in the query again."
        for section, seen in _sections_before(name, archive.catalogue(PROVIDER).entries).items()
        if section not in there
    ]


def _sections_before(name: str, entries: Sequence[Entry]) -> dict[str, dt.date]:
    """The sections of which records of an account were booked, and when they came last."""
    seen: dict[str, dt.date] = {}
    for entry in entries:
        known = None if entry.contents is None else entry.contents.of(name)
        if known is not None and isinstance(entry.verdict, Booked):
            for section in known.sections:
                if section.rows and section.section in BOOKED:
                    day = entry.last_received_at.date()
                    seen[section.section] = max(day, seen.get(section.section, day))
    return dict(sorted(seen.items()))
