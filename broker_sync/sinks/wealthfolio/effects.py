"""What each row does to cash and positions, whoever wrote it: as the server's releases reckon."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Final

from broker_sync.explain.entry import Entry, entry_of
from broker_sync.models import AssetClass, Instrument
from broker_sync.sinks.wealthfolio.book import Book
from broker_sync.sinks.wealthfolio.book import Entry as Written
from broker_sync.sinks.wealthfolio.forms import NEXT_DAY
from broker_sync.sinks.wealthfolio.markets import with_ending
from broker_sync.sinks.wealthfolio.marks import external_id_in
from broker_sync.sinks.wealthfolio.numbers import ROOM
from broker_sync.sinks.wealthfolio.positions import SPLIT, asset_moved, units_moved
from broker_sync.sinks.wealthfolio.wire import ActivityRow

__all__ = ["Reckoning", "entries_of"]

_ZERO: Final = Decimal(0)
_ONE: Final = Decimal(1)
_DAY: Final = dt.timedelta(days=1)
_OPTION: Final = "OPTION"
_BY_CONTRACT: Final = Decimal(100)
_TRADES: Final = frozenset({"BUY", "SELL"})
_TRANSFERS: Final = frozenset({"TRANSFER_IN", "TRANSFER_OUT"})
_COMES: Final = frozenset({"DEPOSIT", "DIVIDEND", "INTEREST", "CREDIT", "TRANSFER_IN"})
_GOES: Final = frozenset({"WITHDRAWAL", "FEE", "TAX", "TRANSFER_OUT"})
_CHARGES: Final = frozenset({"FEE", "TAX"})
_REINVESTED: Final = frozenset({("DIVIDEND", "DRIP"), ("INTEREST", "STAKING_REWARD")})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoning:
    """How the server reckons: its time zone, the account's currency, and whether amounts are final."""

    zone: dt.tzinfo
    currency: str
    final_amounts: bool


def entries_of(book: Book, how: Reckoning) -> list[Entry]:
    """What every row of `book` that counts does.

    Rows of ours that nobody has changed do what the activity does that they stand for, one entry for each.
    """
    entries = [
        entry_of(written.activity)
        for written in book.entries.values()
        if written.activity is not None and written.touched is None
    ]
    untouched = {row.id for each in book.entries.values() if _is_as_written(each) for row in each.rows}
    owners = {row.id: each for each in book.entries.values() for row in each.rows}
    instruments = book.instruments
    for row, units in _in_units_of_the_day(book):
        if row.id not in untouched:
            entries.append(_entry(row, units, owners.get(row.id), instruments, how))
    return entries


def _is_as_written(written: Written) -> bool:
    return written.activity is not None and written.touched is None


def _in_units_of_the_day(book: Book) -> Iterator[tuple[ActivityRow, Decimal]]:
    """Each row that counts, and the signed units that it moves; those of a split by what was held before."""
    held: dict[str, Decimal] = {}
    for row in sorted(book.rows, key=lambda each: (each.date, each.created_at)):
        if not row.counts:
            continue
        asset = asset_moved(row)
        if asset is None:
            yield row, _ZERO
            continue
        there = held.get(asset, _ZERO)
        with localcontext(ROOM):
            units = _moved(row, there)
            held[asset] = there + units
        yield row, units


def _moved(row: ActivityRow, held: Decimal) -> Decimal:
    if row.activity_type == SPLIT:
        return held * (row.amount - _ONE) if row.amount else _ZERO
    return _ZERO if row.quantity is None else units_moved(row, row.quantity, held)


def _entry(
    row: ActivityRow,
    units: Decimal,
    written: Written | None,
    instruments: Mapping[str, Mapping[str, Instrument]],
    how: Reckoning,
) -> Entry:
    instrument = _instrument(row, instruments)
    currency, cash = _cash(row, instrument, how)
    day = row.date.astimezone(how.zone).date()
    if written is None:
        external_id, record_id = external_id_in(row.idempotency_key or ""), row.id
    else:
        external_id, record_id = written.external_id, row.source_record_id or row.id
        day = day - _DAY if NEXT_DAY in written.form else day
    return Entry(
        external_id=external_id,
        record_id=record_id,
        day=day,
        what=row.activity_type,
        instrument=instrument,
        units=units,
        currency=currency,
        cash=cash,
    )


def _instrument(row: ActivityRow, instruments: Mapping[str, Mapping[str, Instrument]]) -> Instrument | None:
    """What the row is of: as rows of ours name its asset, else as far as the server tells."""
    asset = asset_moved(row)
    if asset is None:
        return None
    if asset in instruments:
        return list(instruments[asset].values())[-1]
    return Instrument(
        symbol=with_ending(row.symbol or asset, row.exchange_mic),
        currency=row.currency,
        asset_class=AssetClass.OPTION if row.instrument_type == _OPTION else AssetClass.STOCK,
        name=row.asset_name,
        multiplier=_BY_CONTRACT if row.instrument_type == _OPTION else _ONE,
    )


def _cash(row: ActivityRow, instrument: Instrument | None, how: Reckoning) -> tuple[str, Decimal]:
    """The money that moves, signed, and its currency."""
    with localcontext(ROOM):
        if row.activity_type not in _TRADES:
            return row.currency, _money(row, instrument, how)
        if instrument is None:
            return row.currency, _ZERO  # the server passes over a trade of nothing
        amount = _paid(row, instrument, how)
        signed = -amount if row.activity_type == "BUY" else amount
        if row.fx_rate and row.currency != how.currency:
            return how.currency, signed * row.fx_rate
        return row.currency, signed


def _paid(row: ActivityRow, instrument: Instrument, how: Reckoning) -> Decimal:
    """What a purchase cost, or a sale brought."""
    if how.final_amounts and row.amount is not None:
        return row.amount
    by_contract = instrument.asset_class is AssetClass.OPTION and instrument.multiplier == _ONE
    multiplier = _BY_CONTRACT if by_contract else instrument.multiplier
    gross = _number(row.quantity) * _number(row.unit_price) * multiplier
    return gross + _number(row.fee) if row.activity_type == "BUY" else gross - _number(row.fee)


def _money(row: ActivityRow, instrument: Instrument | None, how: Reckoning) -> Decimal:
    kind, amount = row.activity_type, _number(row.amount)
    charge = _ZERO if how.final_amounts else _number(row.fee)
    if kind in _TRANSFERS and instrument is not None:
        return -charge
    if (kind, row.subtype) in _REINVESTED:
        return _ZERO
    if kind in _CHARGES and charge:
        return -charge
    if kind in _COMES:
        return amount - charge
    return -(amount + charge) if kind in _GOES else _ZERO


def _number(number: Decimal | None) -> Decimal:
    """The server counts a number that is not told as nought."""
    return _ZERO if number is None else number
