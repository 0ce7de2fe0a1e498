"""Futures and contracts for difference: their notional is not cash.

What a trade moves is its netCash: the variation margin of its day ((closePrice - price) x multiplier x
quantity) less charges for a future, the charges (and what a close settles) for a CFD. `proceeds` is the
notional value.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from broker_sync.models import Activity, ActivityType
from broker_sync.providers.ibkr.context import Context, currency_of, needed
from broker_sync.providers.ibkr.records import Trade
from broker_sync.providers.ibkr.trade_legs import (
    charge_legs,
    dealt_at,
    instrument_of,
    label,
    money_leg,
    signed_quantity,
    size_of,
)

__all__ = ["map_margined"]

_ZERO: Final = Decimal(0)

VARIATION_MARGIN: Final = "VARIATION_MARGIN"


def map_margined(record_id: str, row: Trade, context: Context) -> list[Activity]:
    """Position, settled money and charges of a trade; raises UnbookableError or ValueFormatError."""
    quantity = signed_quantity(row)
    currency = currency_of(row.raw.get("currency"))
    instrument = instrument_of(row, context)
    dealt = dealt_at(row, context)
    net = needed(row.net_cash, "netCash, which is the only money that such a trade moves")
    charges_currency = row.commission_currency or currency
    charges = {charges_currency: row.commission or _ZERO}
    charges[currency] = charges.get(currency, _ZERO) + (row.taxes or _ZERO)
    position = Activity(
        external_id=record_id,
        account_id=context.account.id,
        account_type=context.account.account_type,
        date=dealt.at,
        activity_type=ActivityType.ADD_HOLDING if quantity > 0 else ActivityType.REMOVE_HOLDING,
        currency=currency,
        symbol=instrument.symbol,
        quantity=size_of(quantity),
        unit_price=row.trade_price,
        fee=_ZERO,
        subtype=label(row),
        booked_on=dealt.booked_on,
        instrument=instrument,
        group_id=record_id,
    )
    margin = net - charges[currency]
    settled = money_leg(position, margin, external_id=f"{record_id}:margin", subtype=VARIATION_MARGIN)
    return [position, *([settled] if margin else []), *charge_legs(position, charges, record_id)]
