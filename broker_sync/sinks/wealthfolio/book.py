"""What one account of the server has, told apart: rows of ours by activity, and everybody else's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from broker_sync.models import Activity, Instrument
from broker_sync.sinks.wealthfolio.marks import MAIN_LEG, Mark, parse_key, read_mark
from broker_sync.sinks.wealthfolio.wire import ActivityRow

__all__ = ["MOVED", "Book", "Entry", "make_book"]

MOVED: Final = "a person has moved it to another account in Wealthfolio"

_KEPT: Final = ("received_asset_id",)
"""What the server itself reckons with, of a row's metadata."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """The rows of one activity of ours, the main one first.

    `activity` is what they stand for, None when a person has wiped that off the row. `form` is the one in
    which it was written. `home` is the account that they were made in; `note` is what a person had noted on
    the row in whose place they stand. `is_mixed` says that a row is left of another form: a person had taken
    away the main one, and that was written again.
    """

    external_id: str
    home: str
    form: str
    activity: Activity | None
    rows: tuple[ActivityRow, ...]
    note: str | None = None
    is_mixed: bool = False

    @property
    def is_moved(self) -> bool:
        """Whether a person has moved one of the rows to another account."""
        return any(row.account_id != self.home for row in self.rows)

    @property
    def touched(self) -> str | None:
        """Why the rows are not ours to change any more; None if they are."""
        if self.is_moved:
            return MOVED
        idle = next((row.status for row in self.rows if not row.counts), None)
        if any(row.is_user_modified for row in self.rows):
            changed = "a person has changed it in Wealthfolio"
            return changed if idle is None else f"{changed}, where it is {idle} by now"
        return None if idle is None else f"it is {idle} in Wealthfolio"


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """`rows` are all of them, without their metadata; `entries` those of ours, by external id.

    `out_of_sight` are activities of ours whose rows a person has moved to an account that is archived.
    """

    account_id: str
    rows: tuple[ActivityRow, ...] = ()
    entries: Mapping[str, Entry]
    out_of_sight: frozenset[str] = frozenset()

    @property
    def foreign(self) -> list[ActivityRow]:
        """The rows that are not ours."""
        ours = {row.id for entry in self.entries.values() for row in entry.rows}
        return [row for row in self.rows if row.id not in ours]

    @property
    def activities(self) -> list[Activity]:
        """The activities that rows of ours stand for and that count."""
        return [
            entry.activity
            for entry in self.entries.values()
            if entry.activity is not None and entry.rows[0].counts
        ]

    @property
    def instruments(self) -> dict[str, dict[str, Instrument]]:
        """The instruments, by key, that rows of ours name each asset for; the latest is the last.

        They are several where paper has come in place of other paper under the same symbol.
        """
        found: dict[str, dict[str, Instrument]] = {}
        dated = sorted(self.entries.values(), key=lambda entry: entry.rows[0].date)
        for entry in dated:
            instrument = None if entry.activity is None else entry.activity.instrument
            for asset in {row.asset_id for row in entry.rows if row.asset_id}:
                if instrument is not None:
                    named = found.setdefault(asset, {})
                    named.pop(instrument.key, None)
                    named[instrument.key] = instrument
        return found

    @property
    def changed_at(self) -> dt.datetime | None:
        """When, by the server's clock, a row was last written."""
        return max((row.updated_at for row in self.rows), default=None)

    def changed_until(self, day: dt.date, zone: dt.tzinfo) -> dt.datetime | None:
        """As `changed_at`, of the rows that stand on `day` or before."""
        found = (row.updated_at for row in self.rows if row.date.astimezone(zone).date() <= day)
        return max(found, default=None)


def make_book(account_id: str, rows: Iterable[ActivityRow]) -> Book:
    """The book of account `account_id`, all of whose `rows` these are."""
    slim: list[ActivityRow] = []
    legs: dict[str, list[tuple[Mark, ActivityRow]]] = {}
    for row in rows:
        mark = _mark_of(account_id, row)
        # The metadata of ten thousand rows is most of what they take.
        kept = {name: row.metadata[name] for name in _KEPT if name in row.metadata}
        lean = replace(row, metadata=kept, comment=row.comment if mark is None else None)
        slim.append(lean)
        if mark is not None:
            legs.setdefault(mark.external_id, []).append((mark, lean))
    entries = {name: _entry(account_id, name, found) for name, found in legs.items()}
    return Book(account_id=account_id, rows=tuple(slim), entries=entries)


def _mark_of(account_id: str, row: ActivityRow) -> Mark | None:
    """What the row says of itself; its key cannot be changed, so it has the word on whose it is."""
    named = parse_key(account_id, row.idempotency_key or "")
    if named is None:
        return None
    external_id, leg = named
    mark = read_mark(row.metadata)
    if mark is None or (mark.external_id, mark.leg) != named:
        return Mark(external_id=external_id, leg=leg, form="", activity=None)
    return mark


def _entry(account_id: str, external_id: str, legs: list[tuple[Mark, ActivityRow]]) -> Entry:
    legs.sort(key=lambda each: each[0].leg)  # the main leg's name is empty
    main = legs[0][0]
    return Entry(
        external_id=external_id,
        home=account_id,
        form=main.form,
        activity=main.activity if main.leg == MAIN_LEG else None,
        rows=tuple(row for _, row in legs),
        note=main.note,
        is_mixed=main.leg == MAIN_LEG and any(mark.form != main.form for mark, _ in legs),
    )
