"""Shares and funds: bought, sold, sold short, in parts, in fractions, with duties and rebates."""

from __future__ import annotations

from decimal import Decimal

from tests.simulation.books import ZERO, Thing
from tests.simulation.broker import BASE, Broker, Kind
from tests.simulation.deals import Deal, deal, fee

_CENT = Decimal("0.01")


def _dealt(broker: Broker, thing: Thing, quantity: Decimal) -> None:
    """One order in one to four fills; the first may have a twin, and all may be reported late."""
    fills = _parts(broker, quantity)
    order, report, at = broker.number(), broker.report_day(), broker.moment()
    price = broker.price(thing)
    in_base = broker.chance(0.1)
    for place, part in enumerate(fills):
        duty = _duty(thing, part, price)
        deal(
            broker,
            Deal(
                thing=thing,
                quantity=part,
                price=price if place < 2 else broker.price(thing),
                commission=fee(broker),
                commission_currency=BASE if in_base else "",
                taxes=duty,
                notes=broker.pick(("", "P", "P;IM")) if len(fills) > 1 else "",
                at=at if place < 2 else broker.moment(),
                booked_on=report,
                order_id=order,
            ),
        )


def _parts(broker: Broker, quantity: Decimal) -> list[Decimal]:
    size = abs(quantity)
    if size != size.to_integral_value() or size < 4 or broker.chance(0.5):
        return [quantity]
    if not size % 2 and broker.chance(0.5):
        return [quantity / 2] * 2
    parts: list[Decimal] = []
    while size and len(parts) < 3:
        part = Decimal(broker.rng.randint(1, int(size)))
        parts.append(part)
        size -= part
    if size:
        parts.append(size)
    return [part.copy_sign(quantity) for part in parts]


def _duty(thing: Thing, quantity: Decimal, price: Decimal) -> Decimal:
    if thing.currency not in {"GBP", "HKD"} or quantity < 0:
        return ZERO
    return -(quantity * price / 200).quantize(_CENT)


def buy(broker: Broker) -> None:
    """Some shares, whole ones."""
    _dealt(broker, broker.share(), Decimal(broker.rng.randint(1, 400)))


def buy_fraction(broker: Broker) -> None:
    """A fraction of a share, or several and a fraction."""
    _dealt(broker, broker.share(), broker.amount(0, 9, places=4) + Decimal("0.0001"))


def sell(broker: Broker) -> None:
    """All that is held of something, or a part."""
    held = broker.held(shorts=False)
    if held:
        thing = broker.pick(held)
        units = broker.books.units[thing.conid]
        part = (units / broker.rng.randint(2, 4)).quantize(Decimal(1))
        _dealt(broker, thing, -(part if part and broker.chance(0.6) else units))


def sell_short(broker: Broker) -> None:
    """More than is held."""
    thing = broker.share()
    held = max(broker.books.units[thing.conid], ZERO)
    _dealt(broker, thing, -(held + broker.rng.randint(1, 200)))


def cover(broker: Broker) -> None:
    """What is short, or more of it than that."""
    shorts = broker.held(longs=False)
    if shorts:
        thing = broker.pick(shorts)
        _dealt(broker, thing, -broker.books.units[thing.conid] + broker.pick((0, 0, 10)))


KINDS = (
    Kind(name="buy", happen=buy, weight=8),
    Kind(name="buy-fraction", happen=buy_fraction),
    Kind(name="sell", happen=sell, builds_on="buy", weight=4),
    Kind(name="sell-short", happen=sell_short),
    Kind(name="cover", happen=cover, builds_on="sell-short"),
)
