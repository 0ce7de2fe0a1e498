"""Rows of other people's that do what an activity of ours does: most likely both are the same thing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from broker_sync.explain.entry import Entry, entry_of
from broker_sync.models import OPENING_BALANCE, Activity, ActivityType
from broker_sync.sinks.wealthfolio.assets import new_asset
from broker_sync.sinks.wealthfolio.forms import is_conversion
from broker_sync.sinks.wealthfolio.positions import asset_moved
from broker_sync.sinks.wealthfolio.wire import ActivityRow

__all__ = ["is_typed", "others_rows", "pairs"]

_CENT: Final = Decimal("0.01")
_MIDNIGHT: Final = dt.time()
_BY_HAND: Final = frozenset({None, "MANUAL", "CSV"})
"""Sources of rows that a person entered, or loaded from a file; others belong to other tools."""
_ALIKE: Final[Mapping[str, str]] = {
    "DIVIDEND": "income",
    "INTEREST": "income",
    "CREDIT": "income",
    "FEE": "charge",
    "TAX": "charge",
    "DEPOSIT": "paid in",
    "TRANSFER_IN": "paid in",
    "WITHDRAWAL": "paid out",
    "TRANSFER_OUT": "paid out",
}
"""What people file the same money under."""

_Key = tuple[dt.date, Decimal, str]


@dataclass(frozen=True, slots=True)
class _Others:
    """A row of somebody else's, and what it does."""

    row: ActivityRow
    entry: Entry


def is_typed(row: ActivityRow) -> bool:
    """Whether a person entered `row`, and no other tool, as a row of its own.

    The server deletes linked rows together.
    """
    return row.source_system in _BY_HAND and row.source_group_id is None


def others_rows(rows: Iterable[ActivityRow], entries: Iterable[Entry]) -> list[tuple[ActivityRow, Entry]]:
    """Each of `rows` that counts, which are not ours, with its entry among `entries`."""
    done = {entry.record_id: entry for entry in entries if entry.external_id is None}
    return [(row, done[row.id]) for row in rows if row.id in done]


def pairs(
    activities: Iterable[Activity],
    others: Iterable[tuple[ActivityRow, Entry]],
    *,
    assets: Mapping[str, str],
    zone: dt.tzinfo,
) -> dict[str, ActivityRow]:
    """By external id the row of `others` that does what the activity does; every row at most once.

    It does so on the same day in the server's `zone`, with the same instrument, in the same quantity, and for
    the same money to a cent. `assets` are those of the instruments, by their keys, as far as they are known.
    Conversions, splits and opening balances have no twins.
    """
    by_deed: dict[_Key, list[_Others]] = {}
    for row, entry in others:
        for day in _days_of(row, zone):
            by_deed.setdefault((day, entry.units, _money_of(entry)), []).append(_Others(row, entry))
    likely = sorted(
        (match for each in activities for match in _matches(each, by_deed, assets, zone)),
        key=lambda match: match[0],
    )
    found: dict[str, ActivityRow] = {}
    taken: set[str] = set()
    for _, name, row in likely:
        if name not in found and row.id not in taken:
            found[name] = row
            taken.add(row.id)
    return found


_Match = tuple[tuple[Decimal, dt.timedelta, str, str], str, ActivityRow]


def _matches(
    activity: Activity, by_deed: Mapping[_Key, list[_Others]], assets: Mapping[str, str], zone: dt.tzinfo
) -> Iterator[_Match]:
    """The rows that could be the twin of `activity`, with how far off they are."""
    if _is_apart(activity):
        return
    own = entry_of(activity)
    days = {activity.booked_on, activity.date.astimezone(zone).date()}
    for day in sorted(days):
        for each in by_deed.get((day, own.units, _money_of(own)), ()):
            off = abs(own.cash - each.entry.cash)
            if off <= _CENT and _is_alike(own, each.entry) and _is_same(activity, each.row, assets):
                name = activity.external_id
                yield (off, abs(activity.date - each.row.date), name, each.row.id), name, each.row


def _is_apart(activity: Activity) -> bool:
    is_derived = activity.subtype == OPENING_BALANCE
    return is_derived or is_conversion(activity) or activity.activity_type is ActivityType.SPLIT


def _days_of(row: ActivityRow, zone: dt.tzinfo) -> set[dt.date]:
    """The row's day in `zone`; a day without a time is kept as its midnight in UTC."""
    local = {row.date.astimezone(zone).date()}
    return {*local, row.date.date()} if row.date.time() == _MIDNIGHT else local


def _money_of(entry: Entry) -> str:
    return entry.currency if entry.cash else ""


def _is_alike(own: Entry, other: Entry) -> bool:
    """Whether both are the same kind of thing: what moves units is, if it moves as many."""
    if own.units:
        return True
    return bool(own.cash) and _ALIKE.get(own.what) == _ALIKE.get(other.what)


def _is_same(activity: Activity, row: ActivityRow, assets: Mapping[str, str]) -> bool:
    """Whether both are of the same paper, or of none."""
    instrument, asset = activity.instrument, asset_moved(row)
    if asset is None:
        return activity.quantity is None
    if instrument is None:
        return False
    if assets.get(instrument.key) == asset:
        return True
    wanted = new_asset(instrument)
    is_market = row.exchange_mic is None or wanted.mic is None or row.exchange_mic == wanted.mic
    return is_market and (row.symbol or "").upper() == wanted.symbol.upper()
