"""Whether what a person has made of a row is what the broker says by now: then there is nothing to decide."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final

from broker_sync.sinks.wealthfolio.book import Book, Entry
from broker_sync.sinks.wealthfolio.marks import parse_key
from broker_sync.sinks.wealthfolio.numbers import fitted
from broker_sync.sinks.wealthfolio.rows import Row
from broker_sync.sinks.wealthfolio.wire import ActivityRow

__all__ = ["agreeing"]

_ZERO: Final = Decimal(0)


def agreeing(book: Book, wanted: Iterable[Row], zone: dt.tzinfo) -> dict[str, str]:
    """What people have changed in `book` and says what `wanted` say, with the server's id of the main row.

    `wanted` are all rows of each activity. Only what moves money or units is compared, and the day in `zone`;
    what a person notes is theirs.
    """
    rows: dict[str, list[Row]] = {}
    for row in wanted:
        named = parse_key(book.account_id, row.key)
        if named is not None:
            rows.setdefault(named[0], []).append(row)
    return {
        name: entry.rows[0].id
        for name, ours in rows.items()
        if (entry := book.entries.get(name)) is not None and _agrees(entry, ours, zone)
    }


def _agrees(entry: Entry, wanted: Sequence[Row], zone: dt.tzinfo) -> bool:
    there: Mapping[str | None, ActivityRow] = {row.idempotency_key: row for row in entry.rows}
    if entry.touched is None or entry.is_moved or len(there) != len(wanted):
        return False
    return all(row.key in there and _is_same(row, there[row.key], zone) for row in wanted)


def _is_same(wanted: Row, there: ActivityRow, zone: dt.tzinfo) -> bool:
    words = (wanted.type, wanted.subtype or "", wanted.currency, wanted.asset or "")
    days = [each.astimezone(zone).date() for each in (wanted.moment, there.date)]
    return (
        there.counts
        and words == (there.activity_type, there.subtype or "", there.currency, there.asset_id or "")
        and days[0] == days[1]
        and _numbers(wanted) == _their_numbers(wanted, there)
    )


def _numbers(row: Row) -> list[Decimal]:
    return [_number(each) for each in (row.quantity, row.unit_price, row.fee, row.amount)]


def _their_numbers(wanted: Row, there: ActivityRow) -> list[Decimal]:
    """The numbers of `there` that count: without units the amount alone, which units may be without."""
    moves_units = wanted.quantity is not None
    amount = wanted.amount if there.amount is None and moves_units else there.amount
    units = (there.quantity, there.unit_price) if moves_units else (None, None)
    return [_number(each) for each in (*units, there.fee, amount)]


def _number(value: Decimal | None) -> Decimal:
    return _ZERO if value is None else fitted(value)
