"""Corporate actions: one row for each leg, with what it does to units and money."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from tests.simulation.books import ZERO, Money, Row, Thing, Value
from tests.simulation.broker import Broker
from tests.simulation.query import NEW_YORK

_ACTS_AT = dt.time(20, 25, tzinfo=NEW_YORK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """What an action does to one thing; `symbol` is its name on the row, where that is another one.

    `ratio` is that of a leg that is a whole split.
    """

    thing: Thing
    units: Decimal = ZERO
    money: Decimal = ZERO
    cost: Decimal = ZERO
    value: Decimal = ZERO
    symbol: str = ""
    ratio: Decimal | None = None


def act(
    broker: Broker,
    code: str,
    words: str,
    legs: Sequence[Leg],
    *,
    notes: str = "",
    action: str = "",
    at: dt.datetime | None = None,
) -> list[Row]:
    """Write the legs; the event is the evening before the report, or weeks before.

    `words` is the sentence, which ends for each leg in the leg's own thing.
    """
    days = broker.pick((1, 1, 1, 20, 45))
    moment = at or dt.datetime.combine(broker.today - dt.timedelta(days=days), _ACTS_AT)
    number = action or broker.number()
    return [_leg(broker, code, words, leg, notes=notes, action=number, at=moment) for leg in legs]


def _leg(broker: Broker, code: str, words: str, leg: Leg, *, notes: str, action: str, at: dt.datetime) -> Row:
    thing = leg.thing
    symbol = leg.symbol or thing.symbol
    text = f"{words} ({symbol}, {thing.description}, {thing.isin})"
    values: dict[str, Value] = {
        "symbol": symbol,
        "description": text,
        "actionDescription": text,
        "type": code,
        "code": notes,
        "quantity": leg.units,
        "proceeds": leg.money,
        "amount": -leg.money,
        "value": leg.value,
        "fifoPnlRealized": ZERO,
        "mtmPnl": ZERO,
        "reportDate": broker.today,
        "dateTime": at,
        "transactionID": broker.number(),
        "actionID": action,
        "levelOfDetail": "DETAIL",
    }
    money = [Money(currency=thing.currency, amount=leg.money, text=text, code="CORP")]
    return broker.book(
        "CorporateActions",
        "CorporateAction",
        values,
        thing=thing,
        money=money,
        units=leg.units,
        cost=leg.cost,
        ratio=leg.ratio,
    )
