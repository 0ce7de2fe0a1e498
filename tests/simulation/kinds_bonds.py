"""Bonds and bills: face value, prices in percent, interest bought and received, maturity and calls."""

from __future__ import annotations

from decimal import Decimal

from tests.simulation.actions import Leg, act
from tests.simulation.books import ZERO, Thing
from tests.simulation.broker import Broker, Kind
from tests.simulation.deals import Deal, deal, fee
from tests.simulation.kinds_money import cash_row
from tests.simulation.market import isin, ticker

_CENT = Decimal("0.01")


def _bond(broker: Broker) -> Thing:
    number, letters = broker.number(), ticker(broker.rng)
    category = broker.pick(("BOND", "BOND", "BILL"))
    name = f"{letters} 4 1/2 11/15/33" if category == "BOND" else f"{number[-9:]}"
    thing = Thing(
        conid=number,
        symbol=name,
        currency=broker.pick(("USD", "EUR", "GBP")),
        category=category,
        isin=isin("US", number),
        description=name,
        expiry="20331115",
    )
    return broker.add(thing, broker.amount(90, 104, places=3))


def _dealt(broker: Broker, thing: Thing, quantity: Decimal) -> None:
    """The interest that comes with the paper is a cash row of its own, or in the cash of the trade."""
    price, commission = broker.price(thing), fee(broker)
    accrued = -(quantity * broker.amount(0, 3) / 100).quantize(_CENT) if thing.category == "BOND" else ZERO
    is_within = broker.chance(0.2)
    money = -quantity * price / 100 + commission
    order = Deal(
        thing=thing,
        quantity=quantity,
        price=price,
        commission=commission,
        accrued=accrued,
        net=money + accrued if is_within else None,
    )
    row = deal(broker, order)
    if accrued and not is_within:
        kind = "Bond Interest Paid" if accrued < 0 else "Bond Interest Received"
        word = "PURCHASE" if accrued < 0 else "SALE"
        words = f"{word} ACCRUED INT {thing.description}"
        trade = str(row.values["tradeID"])
        cash_row(broker, kind, accrued, thing.currency, words, thing=thing, code="INTP", tradeID=trade)


def buy_bond(broker: Broker) -> None:
    """Some thousands of face value."""
    bonds = [thing for thing in broker.things.values() if thing.category in {"BOND", "BILL"}]
    thing = broker.pick(bonds) if bonds and broker.chance(0.3) else _bond(broker)
    _dealt(broker, thing, Decimal(broker.rng.randint(1, 30) * 1000))


def sell_bond(broker: Broker) -> None:
    """All of a bond, or half."""
    held = broker.held("BOND", "BILL", shorts=False)
    if held:
        thing = broker.pick(held)
        _dealt(broker, thing, -broker.books.units[thing.conid] / broker.pick((1, 2)))


def pay_coupon(broker: Broker) -> None:
    """Interest on what is held."""
    held = broker.held("BOND", shorts=False)
    if held:
        thing = broker.pick(held)
        amount = (broker.books.units[thing.conid] * Decimal("0.0225")).quantize(_CENT)
        words = f"BOND COUPON PAYMENT ({thing.description})"
        kind = broker.pick(("Bond Interest Received", "Bond Interest Received", "Bond Interest"))
        cash_row(broker, kind, amount, thing.currency, words, thing=thing, code="INTR")


def redeem(broker: Broker) -> None:
    """A bond or bill is paid back, all of it or, called early, a part."""
    held = broker.held("BOND", "BILL", shorts=False)
    if not held:
        return
    thing = broker.pick(held)
    units = broker.books.units[thing.conid]
    called = thing.category == "BOND" and broker.chance(0.3)
    units = (units / 4).quantize(Decimal(1)) if called else units
    code = "TM" if thing.category == "BILL" else broker.pick(("PC", "TC")) if called else "BM"
    what = {"TM": "TBILL MATURITY", "BM": "BOND MATURITY"}.get(code, "MERGED(Partial Call)")
    words = f"({thing.isin}) {what}  FOR {thing.currency} 1.00000000 PER BOND"
    act(broker, code, words, [Leg(thing=thing, units=-units, money=units)])


KINDS = (
    Kind(name="buy-bond", happen=buy_bond, weight=3),
    Kind(name="sell-bond", happen=sell_bond, builds_on="buy-bond"),
    Kind(name="pay-coupon", happen=pay_coupon, builds_on="buy-bond"),
    Kind(name="redeem", happen=redeem, builds_on="buy-bond"),
)
