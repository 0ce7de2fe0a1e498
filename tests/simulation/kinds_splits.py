"""Splits, new identities and gifts of paper: what changes units without anybody paying."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from tests.simulation.actions import Leg, act
from tests.simulation.books import Thing
from tests.simulation.broker import Broker, Kind
from tests.simulation.market import isin, ticker

_PLACES = Decimal("0.0001")


def _held(broker: Broker) -> Thing | None:
    held = [thing for thing in broker.held() if thing.listing]
    return broker.pick(held) if held else None


def _reborn(broker: Broker, thing: Thing, *, symbol: str = "", keep_isin: bool = False) -> Thing:
    """The paper that comes in the place of `thing`, at home where it was."""
    number = broker.number()
    country = thing.isin[:2]
    new = replace(
        thing,
        conid=number,
        isin=thing.isin if keep_isin else isin(country, number),
        symbol=symbol or thing.symbol,
    )
    return broker.add(new, broker.mark(thing))


def split(broker: Broker) -> None:
    """More shares for one; the paper stays the same, and the row says how many came."""
    thing = _held(broker)
    if thing is not None:
        new, old = broker.pick(((2, 1), (4, 1), (3, 2), (10, 1), (21, 20)))
        units = broker.books.units[thing.conid]
        delta = units * (new - old) / old
        if delta == delta.quantize(_PLACES):
            words = f"{thing.symbol}({thing.isin}) SPLIT {new} FOR {old}"
            ratio = Decimal(new) / old
            act(broker, _code(broker, "FS"), words, [Leg(thing=thing, units=delta, ratio=ratio)])


def _code(broker: Broker, code: str) -> str:
    """The code of a kind; blank as in old statements now and then."""
    return "" if broker.chance(0.15) else code


def reverse_split(broker: Broker) -> None:
    """Fewer shares for many, of paper with a new number: all old units go, the new ones come."""
    thing = _held(broker)
    if thing is None:
        return
    old = broker.pick((4, 10, 25))
    units = broker.books.units[thing.conid]
    new = _reborn(broker, thing)
    words = f"{thing.symbol}({thing.isin}) SPLIT 1 FOR {old}"
    cost = broker.books.cost[thing.conid]
    legs = [
        Leg(thing=thing, units=-units, cost=-cost, symbol=f"{thing.symbol}.OLD"),
        Leg(thing=new, units=(units / old).quantize(_PLACES), cost=cost),
    ]
    act(broker, _code(broker, "RS"), words, legs)


def split_to_new_paper(broker: Broker) -> None:
    """More shares for one, of paper with a new number."""
    thing = _held(broker)
    if thing is None:
        return
    units, cost = broker.books.units[thing.conid], broker.books.cost[thing.conid]
    new = _reborn(broker, thing)
    words = f"{thing.symbol}({thing.isin}) SPLIT 3 FOR 1"
    stamp = f"{broker.today:%Y%m%d}001800{thing.symbol}"
    legs = [
        Leg(thing=thing, units=-units, cost=-cost, symbol=stamp),
        Leg(thing=new, units=units * 3, cost=cost),
    ]
    act(broker, "FS", words, legs)


def shrink(broker: Broker) -> None:
    """Fewer shares for many of the same paper: one row, which takes the difference."""
    thing = _held(broker)
    if thing is None:
        return
    units = broker.books.units[thing.conid]
    old = broker.pick((2, 5, 10))
    delta = units / old - units
    if delta == delta.quantize(_PLACES):
        words = f"{thing.symbol}({thing.isin}) SPLIT 1 FOR {old}"
        act(broker, "RS", words, [Leg(thing=thing, units=delta, ratio=Decimal(1) / old)])


def give_shares(broker: Broker) -> None:
    """A dividend in shares."""
    thing = _held(broker)
    if thing is None:
        return
    units = (broker.books.units[thing.conid] / 20).quantize(_PLACES)
    words = f"{thing.symbol}({thing.isin}) STOCK DIVIDEND {thing.isin} 5 FOR 100"
    if units:
        act(broker, _code(broker, "SD"), words, [Leg(thing=thing, units=units)])


def spin_off(broker: Broker) -> None:
    """Shares of a part that goes its own way; a tenth of the cost goes with them."""
    thing = _held(broker)
    if thing is None:
        return
    new = _reborn(broker, thing, symbol=ticker(broker.rng))
    units = (broker.books.units[thing.conid] / 40).quantize(_PLACES)
    words = f"{thing.symbol}({thing.isin}) SPINOFF  1 FOR 40"
    if units:
        act(broker, _code(broker, "SO"), words, [Leg(thing=new, units=units, value=units * 3)])


def rename(broker: Broker) -> None:
    """The same share under a new number: the old one goes under a temporary name."""
    thing = _held(broker)
    if thing is None:
        return
    units, cost = broker.books.units[thing.conid], broker.books.cost[thing.conid]
    new = _reborn(broker, thing, symbol=broker.pick((thing.symbol, ticker(broker.rng))))
    words = f"{thing.symbol}({thing.isin}) CUSIP/ISIN CHANGE TO ({new.isin})"
    legs = [
        Leg(thing=thing, units=-units, cost=-cost, symbol=f"{thing.symbol}.OLD"),
        Leg(thing=new, units=units, cost=cost),
    ]
    act(broker, _code(broker, "IC"), words, legs)


KINDS = (
    Kind(name="split", happen=split, builds_on="buy", weight=3),
    Kind(name="shrink", happen=shrink, builds_on="buy"),
    Kind(name="reverse-split", happen=reverse_split, builds_on="buy"),
    Kind(name="split-to-new-paper", happen=split_to_new_paper, builds_on="buy"),
    Kind(name="give-shares", happen=give_shares, builds_on="buy"),
    Kind(name="spin-off", happen=spin_off, builds_on="buy"),
    Kind(name="rename", happen=rename, builds_on="buy"),
)
