"""Shares that come without an order: the broker's own shares for money brought to it, and trades made away.

A granted share is in the open positions from the day of its grant on, long before it may be sold, so the
grant books it, and the end of the holding period moves nothing.
https://www.ibkrguides.com/reportingreference/reportguide/activity-flex-query-reference.htm
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Final

from broker_sync.models import Activity, ActivityType
from broker_sync.providers.ibkr.context import Context, UnbookableError, currency_of, needed
from broker_sync.providers.ibkr.mapping_charges import booked_day
from broker_sync.providers.ibkr.mapping_trades import map_trade
from broker_sync.providers.ibkr.records import Trade
from broker_sync.providers.ibkr.records_transfers import StockGrant, TradeTransfer
from broker_sync.providers.ibkr.trade_legs import (
    charge_legs,
    dealt_at,
    instrument_of,
    signed_quantity,
    size_of,
)

__all__ = ["map_stock_grant", "map_trade_transfer", "moves_shares"]

_ZERO: Final = Decimal(0)
_GRANT: Final = "Stock Award Grant"
_RETURN: Final = "Stock Award Return"
_SIDES: Final = {"Received": "BUY", "Delivered": "SELL"}

DELIVERY_VERSUS_PAYMENT: Final = "DELIVERY_VERSUS_PAYMENT"
FREE_DELIVERY: Final = "FREE_DELIVERY"


# --- grants ---


def moves_shares(row: StockGrant, _: Context) -> bool:
    """Whether the row brings or takes shares; the end of a holding period does neither."""
    return not row.is_vesting


def map_stock_grant(record_id: str, row: StockGrant, context: Context) -> list[Activity]:
    """Shares granted, or taken back; raises UnbookableError or ValueFormatError."""
    quantity = needed(row.quantity, "quantity")
    is_grant = row.activity.startswith(_GRANT)
    if not (is_grant or row.activity.startswith(_RETURN)):
        message = f"stock grant activities called {row.activity or '(nothing)'!r} are not known"
        raise UnbookableError(message)
    if not quantity or is_grant is not (quantity > 0):
        message = f"{row.activity} of {quantity} shares: the words and the sign contradict each other"
        raise UnbookableError(message)
    instrument = context.directory.resolve(row.raw)
    if instrument is None:
        message = "the row names no instrument"
        raise UnbookableError(message)
    booked_on = booked_day(row, context, "awardDate")
    return [
        Activity(
            external_id=record_id,
            account_id=context.account.id,
            account_type=context.account.account_type,
            date=context.clock.booked_moment(row, booked_on),
            activity_type=ActivityType.ADD_HOLDING if is_grant else ActivityType.REMOVE_HOLDING,
            currency=currency_of(row.raw.get("currency")),
            symbol=instrument.symbol,
            quantity=size_of(quantity),
            unit_price=row.price,
            fee=_ZERO,
            subtype="STOCK_GRANT" if is_grant else "STOCK_GRANT_RETURN",
            booked_on=booked_on,
            instrument=instrument,
            comment=row.activity,
        )
    ]


# --- trades made at another broker ---


def map_trade_transfer(record_id: str, row: TradeTransfer, context: Context) -> list[Activity]:
    """A delivery against payment as a trade, a free one as a transfer.

    Raises UnbookableError or ValueFormatError.
    """
    told = _with_side(row)
    paid = row.net_cash if row.proceeds is None else row.proceeds
    if not needed(paid, "proceeds or netCash"):
        return _free_delivery(record_id, told, context)
    main, *charges = map_trade(record_id, told, context)
    fee = main.fee if main.fee is None else main.fee + _charged_away(row)
    subtype = main.subtype or DELIVERY_VERSUS_PAYMENT
    return [replace(main, fee=fee, subtype=subtype, comment=row.text("brokerName")), *charges]


def _with_side(row: TradeTransfer) -> Trade:
    """The row with the side of a trade: what is received is bought."""
    way = row.delivered_received
    if way is None:
        return row
    side = _SIDES.get(way)
    if side is None:
        message = f"units that are {way!r} are neither Delivered nor Received"
        raise UnbookableError(message)
    return Trade({**row.raw, "buySell": side}, row.order)


def _charged_away(row: TradeTransfer) -> Decimal:
    """What the other broker charged: the proceeds have it, the price times the quantity has not."""
    proceeds, money = row.proceeds, row.trade_money
    if proceeds is None or money is None:
        return _ZERO
    # Without signs, as the one of tradeMoney is the quantity's: a purchase costs more, a sale brings less.
    more = size_of(proceeds) - size_of(money)
    charged = more if proceeds < 0 else -more
    return charged if charged > 0 else _ZERO


def _free_delivery(record_id: str, row: Trade, context: Context) -> list[Activity]:
    quantity = signed_quantity(row)
    instrument = instrument_of(row, context)
    dealt = dealt_at(row, context)
    currency = currency_of(row.raw.get("currency"))
    price = row.trade_price
    main = Activity(
        external_id=record_id,
        account_id=context.account.id,
        account_type=context.account.account_type,
        date=dealt.at,
        activity_type=ActivityType.TRANSFER_IN if quantity > 0 else ActivityType.TRANSFER_OUT,
        currency=currency,
        symbol=instrument.symbol,
        quantity=size_of(quantity),
        unit_price=price if price is not None and price > 0 else None,
        fee=_ZERO,
        subtype=FREE_DELIVERY,
        booked_on=dealt.booked_on,
        instrument=instrument,
        comment=row.text("brokerName"),
    )
    return [main, *charge_legs(main, _charges(row, currency), record_id)]


def _charges(row: Trade, currency: str) -> dict[str, Decimal]:
    """What a free delivery cost, by currency, held against the cash that it says it moved."""
    charges = {currency: row.taxes or _ZERO}
    charged_in = currency_of(row.commission_currency or currency)
    charges[charged_in] = charges.get(charged_in, _ZERO) + (row.commission or _ZERO)
    net = row.net_cash
    if net is not None and net != charges[currency]:
        message = f"netCash {net} is not what taxes and commission come to: {charges[currency]}"
        raise UnbookableError(message)
    return charges
