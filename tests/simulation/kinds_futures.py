"""Futures and contracts for difference: their notional is not cash, their daily margin is."""

from __future__ import annotations

from decimal import Decimal

from tests.simulation.books import ZERO, Money, Thing, Value
from tests.simulation.broker import Broker, Kind
from tests.simulation.deals import Deal, deal
from tests.simulation.market import ticker

_FUNDS = frozenset({"StmtFunds"})


def _future(broker: Broker) -> Thing:
    letters = ticker(broker.rng)[:2]
    thing = Thing(
        conid=broker.number(),
        symbol=f"{letters}Z5",
        currency=broker.pick(("USD", "EUR")),
        category="FUT",
        listing="CME",
        description=f"{letters} DEC25",
        multiplier=Decimal(broker.pick((5, 50, 1000))),
        expiry="20251219",
    )
    return broker.add(thing, broker.amount(50, 5000))


def _dealt(broker: Broker, thing: Thing, quantity: Decimal) -> None:
    """A trade moves what the day's settlement price makes of it, and the commission."""
    settled, price = broker.settlement(thing), broker.price(thing)
    commission = -broker.amount(0, 3)
    margin = (settled - price) * thing.multiplier * quantity
    deal(
        broker,
        Deal(
            thing=thing,
            quantity=quantity,
            price=price,
            commission=commission,
            net=margin + commission,
            close=settled,
        ),
    )


def day_trade(broker: Broker) -> None:
    """Opened and closed on one day, so that the trades have all the money."""
    thing = _future(broker)
    quantity = Decimal(broker.rng.randint(1, 8)) * broker.pick((1, -1))
    _dealt(broker, thing, quantity)
    for part in broker.pick(((-quantity,), (-quantity - 1, Decimal(1)))):
        if part:
            _dealt(broker, thing, part)


def open_future(broker: Broker) -> None:
    """A position that stays over night."""
    _dealt(broker, _future(broker), Decimal(broker.rng.randint(1, 8)) * broker.pick((1, -1)))


def close_future(broker: Broker) -> None:
    """A position that stayed is closed, all of it or half."""
    held = broker.held("FUT")
    if held:
        thing = broker.pick(held)
        units = broker.books.units[thing.conid]
        part = (units / 2).quantize(Decimal(1))
        _dealt(broker, thing, -(part if part and broker.chance(0.4) else units))


def margin(broker: Broker, carried: dict[str, Decimal]) -> None:
    """At the end of a day: what the new settlement price makes of the positions `carried` into it."""
    for conid, units in carried.items():
        thing = broker.things[conid]
        if thing.category == "FUT":
            before, now = broker.last_settlement(thing), broker.settlement(thing)
            amount = (now - before) * thing.multiplier * units
            words = f"{thing.description}  Position MTM"
            money = [Money(currency=thing.currency, amount=amount, text=words, code="MTM")]
            values: dict[str, Value] = {"transactionID": broker.number(), "date": broker.today}
            if amount:
                broker.book("StmtFunds", "StatementOfFundsLine", values, thing=thing, money=money)


def deal_in_difference(broker: Broker) -> None:
    """A contract for difference, opened or closed: only charges and what a close settles are cash."""
    held = broker.held("CFD")
    commission = -broker.amount(0, 5)
    if held and broker.chance(0.6):
        thing = broker.pick(held)
        units, settled = broker.books.units[thing.conid], broker.amount(-50, 50)
    else:
        share = broker.share()
        thing = Thing(
            conid=broker.number(),
            symbol=f"{share.symbol}n",
            currency=share.currency,
            category="CFD",
            isin=share.isin,
            description=f"{share.description} CFD",
        )
        broker.add(thing, broker.mark(share))
        units, settled = Decimal(-broker.rng.randint(1, 50)), ZERO
    order = Deal(
        thing=thing,
        quantity=-units,
        price=broker.price(thing),
        commission=commission,
        net=commission + settled,
    )
    deal(broker, order)


def finance_difference(broker: Broker) -> None:
    """The financing of contracts for difference on a day."""
    held = broker.held("CFD")
    if held:
        thing = broker.pick(held)
        received, paid = broker.amount(0, 2), -broker.amount(0, 4)
        total = received + paid
        values: dict[str, Value] = {
            "currency": thing.currency,
            "transactionID": broker.number(),
            "reportDate": broker.today,
            "date": broker.today,
            "activityDescription": "CFD INTEREST",
            "received": received,
            "paid": paid,
            "total": total,
        }
        money = [Money(currency=thing.currency, amount=total, text="CFD INTEREST", code="CFD")]
        if total:
            broker.book("CFDCharges", "CFDCharge", values, thing=thing, money=money)


KINDS = (
    Kind(name="day-trade", happen=day_trade),
    Kind(name="open-future", happen=open_future, needs=_FUNDS),
    Kind(name="close-future", happen=close_future, builds_on="open-future", needs=_FUNDS),
    Kind(name="deal-in-difference", happen=deal_in_difference),
    Kind(name="finance-difference", happen=finance_difference, builds_on="deal-in-difference", weight=1),
)
