"""Transfers: units and money that come from another account or broker, or go there.

The sign is the direction, because the broker signs every number of the row from the account's side, and
``direction`` is that of the whole instruction: real rows have OUT with a positive quantity (a delivery taken
back) and IN with a negative one (a short position that arrives, a delivery taken back), and IN with negative
cash (the debit of a margin account). Lots beside the transfers take them apart and are not booked.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Final

from broker_sync.models import Activity, ActivityType, Instrument
from broker_sync.providers.ibkr.context import Context, UnbookableError, currency_of
from broker_sync.providers.ibkr.formats import is_null
from broker_sync.providers.ibkr.mapping_charges import booked_day
from broker_sync.providers.ibkr.records_transfers import Transfer
from broker_sync.providers.ibkr.trade_legs import size_of

__all__ = ["map_transfer", "signed_units"]

_ZERO: Final = Decimal(0)


def map_transfer(record_id: str, row: Transfer, context: Context) -> list[Activity]:
    """Units, money or both, each a leg of its own; raises UnbookableError or ValueFormatError."""
    booked_on = booked_day(row, context, "date", "dateTime", "settleDate")
    units = signed_units(row)
    legs = [_units_leg(record_id, row, context, units, booked_on)] if units else []
    cash = row.cash
    if cash is not None and (cash or row.is_money):
        legs.append(_money_leg(f"{record_id}:cash" if legs else record_id, row, context, cash, booked_on))
    if not legs:
        message = "the row says neither how many units nor how much money it moves"
        raise UnbookableError(message)
    return legs


def signed_units(row: Transfer) -> Decimal:
    """Units added (positive) or taken; zero where the row moves none.

    A quantity without a sign under OUT is read as one taken only where nothing else has the sign: not a
    reversal, and not a row whose `positionAmount` says again that units are added.
    """
    quantity = row.quantity
    if quantity is None or row.is_money:
        return _ZERO
    if quantity < 0 or not row.is_out or row.is_cancelled:
        return quantity
    amount = row.position_amount
    return -quantity if amount is None or amount < 0 else quantity


def _units_leg(
    record_id: str, row: Transfer, context: Context, units: Decimal, booked_on: dt.date
) -> Activity:
    instrument = _instrument(row, context)
    return Activity(
        external_id=record_id,
        account_id=context.account.id,
        account_type=context.account.account_type,
        date=context.clock.booked_moment(row, booked_on),
        activity_type=ActivityType.TRANSFER_IN if units > 0 else ActivityType.TRANSFER_OUT,
        currency=_currency(row, instrument),
        symbol=instrument.symbol,
        quantity=size_of(units),
        unit_price=row.price,
        fee=_ZERO,
        subtype=row.text("type"),
        booked_on=booked_on,
        instrument=instrument,
        comment=row.words,
    )


def _money_leg(leg_id: str, row: Transfer, context: Context, cash: Decimal, booked_on: dt.date) -> Activity:
    return Activity(
        external_id=leg_id,
        account_id=context.account.id,
        account_type=context.account.account_type,
        date=context.clock.booked_moment(row, booked_on),
        activity_type=ActivityType.TRANSFER_IN if cash >= 0 else ActivityType.TRANSFER_OUT,
        currency=currency_of(row.raw.get("currency")),
        fee=_ZERO,
        amount=size_of(cash),
        subtype=row.text("type"),
        booked_on=booked_on,
        record_id=leg_id.removesuffix(":cash"),
        comment=row.words,
    )


def _instrument(row: Transfer, context: Context) -> Instrument:
    """What is transferred: of rows without the broker's number, what the rest of the document calls so."""
    resolved = context.directory.resolve(row.raw)
    if resolved is None:
        message = "the row moves units and names no instrument"
        raise UnbookableError(message)
    if resolved.conid is not None:
        return resolved
    same = [known for known in context.directory.by_conid.values() if _is_named_by(row, known)]
    return same[0] if len(same) == 1 else resolved


def _is_named_by(row: Transfer, known: Instrument) -> bool:
    currency, isin = row.text("currency"), row.text("isin")
    if currency is not None and currency != known.currency:
        return False
    return known.isin == isin if isin is not None else known.broker_symbol == row.text("symbol")


def _currency(row: Transfer, instrument: Instrument) -> str:
    told = row.raw.get("currency")
    if is_null(told) and not instrument.currency:
        message = f"nothing in the document says in which currency {instrument.symbol} is dealt"
        raise UnbookableError(message)
    return currency_of(instrument.currency if is_null(told) else told)
