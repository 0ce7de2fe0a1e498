"""Executions: one row of Trades each, and what it does to cash and units.

For everything but currencies and margined contracts: netCash = proceeds + taxes + ibCommission.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from tests.simulation.books import ZERO, Money, Row, Thing, Value
from tests.simulation.broker import Broker, after

EXCHANGES = ("IBKRATS", "DARK", "ISLAND", "TRWBUKETF", "EDGEA", "MEMX")
"""Venues of execution; none says where a share is at home."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """What was dealt; `net` is the cash of the trade's currency, where it is not what is paid in full.

    `original` is the row that this one takes back, `trade_id` and `exec_id` are new unless given.
    """

    thing: Thing
    quantity: Decimal
    price: Decimal
    commission: Decimal = ZERO
    commission_currency: str = ""
    taxes: Decimal = ZERO
    kind: str = "ExchTrade"
    notes: str = ""
    at: dt.datetime | None = None
    trade_date: dt.date | None = None
    booked_on: dt.date | None = None
    order_id: str = ""
    trade_id: str | None = None
    exec_id: str | None = None
    exchange: str = ""
    order_type: str = "LMT"
    net: Decimal | None = None
    close: Decimal | None = None
    accrued: Decimal = ZERO
    original: Row | None = None


def deal(broker: Broker, order: Deal) -> Row:
    """Deal, and write the row."""
    thing, quantity = order.thing, order.quantity
    proceeds = -quantity * order.price * thing.per_unit
    currency = order.commission_currency or thing.currency
    own_commission = order.commission if currency == thing.currency else ZERO
    net = proceeds + order.taxes + own_commission if order.net is None else order.net
    lines = [Money(currency=thing.currency, amount=net, text=_words(order), code=_code(order))]
    if currency != thing.currency:
        lines.append(Money(currency=currency, amount=order.commission, text="Commission", code="COMM"))
    cost = broker.books.basis(thing.conid, quantity, -(proceeds + order.taxes + own_commission))
    at = order.at or broker.moment()
    values: dict[str, Value] = {
        **_identity(broker, order),
        "quantity": quantity,
        "tradePrice": order.price,
        "tradeMoney": -proceeds,
        # The broker's own way of writing that a purchase at zero costs nothing.
        "proceeds": proceeds if proceeds or quantity < 0 else "-0",
        "taxes": order.taxes,
        "ibCommission": order.commission,
        "ibCommissionCurrency": currency,
        "netCash": net,
        "closePrice": broker.mark(thing) if order.close is None else order.close,
        "cost": cost,
        "accruedInt": order.accrued,
        "notes": order.notes,
        "tradeDate": order.trade_date or broker.today,
        "dateTime": at,
        "orderTime": at,
        "orderType": order.order_type,
        "settleDateTarget": after(order.trade_date or broker.today, 2),
        "reportDate": order.booked_on or broker.today,
        "levelOfDetail": "EXECUTION",
    }
    return broker.book(
        "Trades", "Trade", values, on=order.booked_on, thing=thing, money=lines, units=quantity, cost=cost
    )


def _identity(broker: Broker, order: Deal) -> dict[str, Value]:
    side = "BUY" if (order.quantity > 0) is (order.original is None) else "SELL"
    transaction = broker.number()
    return {
        "transactionID": transaction,
        "tradeID": broker.number() if order.trade_id is None else order.trade_id,
        "ibExecID": broker.exec_id() if order.exec_id is None else order.exec_id,
        "ibOrderID": order.order_id or transaction,
        "transactionType": order.kind,
        "buySell": side if order.original is None else f"{side} (Ca.)",
        "exchange": order.exchange or broker.pick(EXCHANGES),
        "openCloseIndicator": _opens_or_closes(broker, order),
    }


def _opens_or_closes(broker: Broker, order: Deal) -> str:
    held = broker.books.units[order.thing.conid]
    if not held or (held > 0) is (order.quantity > 0):
        return "O"
    return "C;O" if abs(order.quantity) > abs(held) else "C"


def _words(order: Deal) -> str:
    word = "Buy" if order.quantity > 0 else "Sell"
    return f"{word} {order.quantity:f} {order.thing.description} "


def _code(order: Deal) -> str:
    return "BUY" if order.quantity > 0 else "SELL"


def fee(broker: Broker) -> Decimal:
    """A commission: mostly paid, now and then nothing, or a rebate."""
    if broker.chance(0.1):
        return ZERO
    paid = -broker.amount(0, 4, places=broker.pick((2, 6)))
    return -paid / 10 if broker.chance(0.1) else paid
