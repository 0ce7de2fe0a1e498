"""How an account stands: what the server holds, in our words, and what it cannot hold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, localcontext
from typing import Final

from broker_sync.accounting import total_cash, total_positions
from broker_sync.contracts import Holding
from broker_sync.models import Activity, Instrument
from broker_sync.sinks.wealthfolio.book import Book
from broker_sync.sinks.wealthfolio.forms import NEXT_DAY
from broker_sync.sinks.wealthfolio.holdable import CannotHold, holdable
from broker_sync.sinks.wealthfolio.markets import with_ending
from broker_sync.sinks.wealthfolio.numbers import ROOM
from broker_sync.sinks.wealthfolio.positions import before_splits, position_quantities, splits_after
from broker_sync.sinks.wealthfolio.wire import ActivityRow, HeldAsset, Holdings

__all__ = ["cannot_hold", "cash_of", "holdings_of", "quantities_of"]

_ZERO: Final = Decimal(0)
_DAY: Final = dt.timedelta(days=1)
_FLOATS: Final = Decimal("0.000001")
_MAJOR: Final[Mapping[str, str]] = {"GBp": "GBP", "GBX": "GBP", "ZAc": "ZAR", "ILA": "ILS", "KWF": "KWD"}


def cannot_hold(activities: Iterable[Activity], as_of: dt.date) -> list[CannotHold]:
    """The positions that `activities` come to at the end of `as_of` and that the server cannot show."""
    booked = list(activities)
    instruments = {each.instrument.key: each.instrument for each in booked if each.instrument is not None}
    totals = _totals(booked, as_of)
    found = [holdable(instruments[key], quantity) for key, quantity in totals.items() if quantity]
    return [each for each in found if each is not None]


def _totals(activities: Iterable[Activity], as_of: dt.date) -> dict[str, Decimal]:
    """What `activities` come to at the end of `as_of`, by instrument."""
    with localcontext(ROOM):
        return total_positions(each for each in activities if each.booked_on <= as_of)


def holdings_of(book: Book, held: Holdings, as_of: dt.date, zone: dt.tzinfo) -> list[Holding]:
    """What the server held at the end of `as_of`, in the units of that day, and what it cannot hold.

    `held` is in the units of today, as the server has it.
    """
    then = before_splits(held, splits_after(_on_their_own_day(book), as_of, zone=zone))
    quantities = {each.asset_id: each for each in then.assets}
    instruments = book.instruments
    shown = [
        Holding(instrument=_foreign(each), quantity=each.quantity)
        for each in then.assets
        if each.asset_id not in instruments
    ]
    own = _totals(book.activities, as_of)
    for asset, named in instruments.items():
        there = quantities[asset].quantity if asset in quantities else _ZERO
        shown += _shared(there, list(named.values()), own)
    hidden = [
        Holding(instrument=each.instrument, quantity=each.quantity)
        for each in cannot_hold(book.activities, as_of)
    ]
    return [*shown, *hidden]


def _on_their_own_day(book: Book) -> list[ActivityRow]:
    """The rows of `book`, with splits that were put on the next day on their own."""
    moved = {entry.rows[0].id for entry in book.entries.values() if NEXT_DAY in entry.form}
    return [replace(row, date=row.date - _DAY) if row.id in moved else row for row in book.rows]


def _shared(there: Decimal, named: Sequence[Instrument], own: Mapping[str, Decimal]) -> list[Holding]:
    """The quantity `there` of an asset among the instruments that it stands for, by what each of them has.

    What is over, or lacking, is that of the last.
    """
    *earlier, last = named
    shares = [max(own.get(each.key, _ZERO), _ZERO) for each in earlier]
    rest = _exact(there - sum(shares, _ZERO), max(own.get(last.key, _ZERO), _ZERO))
    parts = zip([*earlier, last], [*shares, rest], strict=True)
    return [Holding(instrument=each, quantity=part) for each, part in parts if part]


def cash_of(book: Book, held: Holdings, as_of: dt.date) -> dict[str, Decimal]:
    """What the server held in money at the end of `as_of`, signed, by currency."""
    with localcontext(ROOM):
        own = total_cash(each for each in book.activities if each.booked_on <= as_of)
    there = {each.currency: _exact(each.amount, own.get(each.currency, _ZERO)) for each in held.cash}
    return {currency: amount for currency, amount in there.items() if amount}


def _exact(theirs: Decimal, ours: Decimal) -> Decimal:
    """`ours` where the server's number is the same but for its floats and eight places."""
    return ours if abs(theirs - ours) <= _FLOATS else theirs


def _foreign(asset: HeldAsset) -> Instrument:
    """An asset that no row of ours names, as far as the server tells."""
    return Instrument(
        symbol=with_ending(asset.symbol, asset.exchange_mic),
        currency=_MAJOR.get(asset.currency, asset.currency),
        name=asset.name,
    )


def quantities_of(book: Book, zone: dt.tzinfo) -> dict[str, Decimal]:
    """Signed quantity by canonical symbol over all rows, in the units of today, zeros left out."""
    instruments = book.instruments

    def symbol_of(row: ActivityRow) -> str | None:
        named = instruments.get(row.asset_id or "")
        if named is None:
            return row.symbol and with_ending(row.symbol, row.exchange_mic)
        return list(named.values())[-1].symbol

    totals = position_quantities(book.rows, zone=zone, symbol_of=symbol_of)
    for each in cannot_hold(book.activities, dt.date.max):
        symbol = each.instrument.symbol
        totals[symbol] = totals.get(symbol, _ZERO) + each.quantity
    return {symbol: quantity for symbol, quantity in totals.items() if quantity}
