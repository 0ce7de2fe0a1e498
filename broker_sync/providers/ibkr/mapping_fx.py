"""Currency conversions: two legs, and a commission in a currency of its own.

A conversion BASE.QUOTE moves `quantity` of BASE and `proceeds` of QUOTE, both signed.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from broker_sync.models import Activity, ActivityType, Instrument
from broker_sync.providers.ibkr.context import Context, UnbookableError, currency_of
from broker_sync.providers.ibkr.records import Trade
from broker_sync.providers.ibkr.trade_legs import (
    Dealt,
    charge_legs,
    dealt_at,
    gross_money,
    signed_quantity,
    size_of,
)

__all__ = ["map_conversion"]

_ZERO: Final = Decimal(0)

CONVERSION: Final = "CONVERSION"


def map_conversion(record_id: str, row: Trade, context: Context) -> list[Activity]:
    """Money out, money in, and the charges; raises UnbookableError or ValueFormatError."""
    base, quote = _pair(row)
    quantity = signed_quantity(row)
    if row.currency and row.currency != quote:
        message = f"{row.symbol} settles in {quote}, but the row's currency is {row.currency}"
        raise UnbookableError(message)
    gross = gross_money(row, quantity, Instrument(symbol=row.symbol, currency=quote))
    if gross and (gross > 0) is (quantity > 0):
        message = f"{quantity} {base} against {gross} {quote}: both legs go the same way"
        raise UnbookableError(message)
    dealt = dealt_at(row, context)
    bought = (base, quantity) if quantity > 0 else (quote, gross)
    sold = (quote, gross) if quantity > 0 else (base, quantity)
    legs = [
        _conversion_leg(
            ActivityType.TRANSFER_OUT, *sold, record_id=record_id, dealt=dealt, row=row, context=context
        ),
        _conversion_leg(
            ActivityType.TRANSFER_IN, *bought, record_id=record_id, dealt=dealt, row=row, context=context
        ),
    ]
    charges = _conversion_charges(row, quote)
    return [*legs, *charge_legs(legs[0], charges, record_id)]


def _pair(row: Trade) -> tuple[str, str]:
    base, dot, quote = row.symbol.partition(".")
    if not dot:
        message = f"{row.symbol!r} is not a pair of currencies"
        raise UnbookableError(message)
    return currency_of(base), currency_of(quote)


def _conversion_charges(row: Trade, quote: str) -> dict[str, Decimal]:
    charges: dict[str, Decimal] = {}
    if row.taxes:
        charges[quote] = row.taxes
    if row.commission:
        if row.commission_currency is None:
            message = "the commission has no currency: tick IB Commission Currency in the Flex query"
            raise UnbookableError(message)
        currency = currency_of(row.commission_currency)
        charges[currency] = charges.get(currency, _ZERO) + row.commission
    return charges


def _conversion_leg(
    kind: ActivityType,
    currency: str,
    money: Decimal,
    *,
    record_id: str,
    dealt: Dealt,
    row: Trade,
    context: Context,
) -> Activity:
    return Activity(
        external_id=f"{record_id}:{'out' if kind is ActivityType.TRANSFER_OUT else 'in'}",
        account_id=context.account.id,
        account_type=context.account.account_type,
        date=dealt.at,
        activity_type=kind,
        currency=currency,
        amount=size_of(money),
        fee=_ZERO,
        subtype=CONVERSION,
        booked_on=dealt.booked_on,
        record_id=record_id,
        group_id=record_id,
        comment=f"{row.symbol} at {row.raw.get('tradePrice', '?')}",
    )
