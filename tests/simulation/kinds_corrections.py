"""Trades that are taken back, and booked again under the same number."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from tests.simulation.books import ZERO, Row, Thing, Value
from tests.simulation.broker import Broker, Kind
from tests.simulation.deals import Deal, deal

_DEALT = ("buy", "buy-fraction", "sell", "sell-short", "cover", "cancel")
"""The kinds whose trades can be taken back; what was booked again can be taken back once more."""


def cancel(broker: Broker) -> None:
    """A trade is taken back, its commission given back or not; mostly it is booked again, a bit other."""
    row = _one_that_stands(broker)
    if row is None or row.thing is None:
        return
    refunded = broker.chance(0.5)
    _taken_back(broker, row, kind="TradeCancel", refunded=refunded)
    if broker.chance(0.7):
        quantity, price = _decimal(row, "quantity"), _decimal(row, "tradePrice")
        commission = _decimal(row, "ibCommission") if refunded else ZERO
        _rebooked(broker, row, quantity, price + broker.pick((ZERO, Decimal("0.01"))), commission)


def _one_that_stands(broker: Broker) -> Row | None:
    standing = [
        row
        for row in broker.rows
        if row.section == "Trades"
        and row.kind in _DEALT
        and row.values["notes"] != "Ca"
        and row.values["transactionID"] not in broker.gone
    ]
    return broker.pick(standing) if standing else None


def _decimal(row: Row, name: str) -> Decimal:
    value = row.values[name]
    assert isinstance(value, Decimal)
    return value


def _moments(row: Row) -> tuple[dt.datetime, dt.date]:
    at, day = row.values["dateTime"], row.values["tradeDate"]
    assert isinstance(at, dt.datetime)
    assert isinstance(day, dt.date)
    return at, day


def _taken_back(broker: Broker, row: Row, *, kind: str, refunded: bool) -> None:
    assert row.thing is not None
    at, day = _moments(row)
    order = Deal(
        thing=row.thing,
        quantity=-_decimal(row, "quantity"),
        price=_decimal(row, "tradePrice"),
        commission=-_decimal(row, "ibCommission") if refunded else ZERO,
        commission_currency=str(row.values["ibCommissionCurrency"]),
        taxes=-_decimal(row, "taxes"),
        kind=kind,
        notes="Ca",
        at=at,
        trade_date=day,
        order_id=str(row.values["ibOrderID"]),
        trade_id="",
        exec_id="",
        exchange="--",
        original=row,
    )
    broker.gone.add(row.values["transactionID"])
    _linked(broker, deal(broker, order), row)


def _linked(broker: Broker, cancellation: Row, row: Row) -> None:
    """Write into the cancellation what it takes back; old statements have only the number of the trade."""
    values: dict[str, Value] = {
        **cancellation.values,
        "openCloseIndicator": "",
        "origTradeID": row.values["tradeID"],
        "origTransactionID": row.values["transactionID"],
        "origTradeDate": row.values["tradeDate"],
        "origTradePrice": row.values["tradePrice"],
    }
    broker.rewrite(cancellation, values)


def _rebooked(broker: Broker, row: Row, quantity: Decimal, price: Decimal, commission: Decimal) -> None:
    assert row.thing is not None
    at, day = _moments(row)
    order = Deal(
        thing=row.thing,
        quantity=quantity,
        price=price,
        commission=commission,
        commission_currency=str(row.values["ibCommissionCurrency"]),
        taxes=_decimal(row, "taxes"),
        at=at,
        trade_date=day,
        order_id=str(row.values["ibOrderID"]),
        trade_id=str(row.values["tradeID"]),
        exec_id=_next_version(str(row.values["ibExecID"])),
    )
    deal(broker, order)


def _next_version(exec_id: str) -> str:
    stem, _, version = exec_id.rpartition(".")
    return f"{stem}.{int(version) + 1:02}"


def settle_fraction(broker: Broker) -> None:
    """A fraction is sold off at a price that the broker restates on the spot, once, twice or not at all."""
    fractions = [
        thing
        for thing in broker.held(shorts=False)
        if broker.books.units[thing.conid] % 1 and broker.books.units[thing.conid] > 0
    ]
    if not fractions:
        return
    thing = broker.pick(fractions)
    part = broker.books.units[thing.conid] % 1
    at = broker.moment(first=20, last=20)
    sold = _sold_off(broker, thing, part, at)
    for _ in range(broker.pick((0, 1, 2))):
        _taken_back(broker, sold, kind="FracShareCancel", refunded=True)
        sold = _sold_off(broker, thing, part, at)


def _sold_off(broker: Broker, thing: Thing, part: Decimal, at: dt.datetime) -> Row:
    order = Deal(
        thing=thing,
        quantity=-part,
        price=broker.price(thing),
        kind="FracShare",
        at=at,
        trade_id="",
        exec_id="",
        exchange="--",
        order_type="",
    )
    return deal(broker, order)


KINDS = (
    Kind(name="cancel", happen=cancel, builds_on="buy", weight=3),
    Kind(name="settle-fraction", happen=settle_fraction, builds_on="buy-fraction"),
)
