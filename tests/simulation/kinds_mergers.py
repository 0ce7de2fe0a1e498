"""Corporate actions with money in them: mergers, tenders, rights; and those that leave nothing."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from tests.simulation.actions import Leg, act
from tests.simulation.books import ZERO, Row, Thing, Value
from tests.simulation.broker import Broker, Kind
from tests.simulation.market import isin, ticker

_CENT = Decimal("0.01")
_PLACES = Decimal("0.0001")


def _held(broker: Broker) -> Thing | None:
    held = [thing for thing in broker.held() if thing.listing]
    return broker.pick(held) if held else None


def _other(broker: Broker, thing: Thing, symbol: str = "") -> Thing:
    """Other paper in the same currency, at home at the same place."""
    number = broker.number()
    name = symbol or ticker(broker.rng)
    new = replace(
        thing, conid=number, isin=isin("US", number), symbol=name, description=f"{name} ACQUISITION CORP"
    )
    return broker.add(new, broker.mark(thing))


def merge_for_cash(broker: Broker) -> None:
    """All shares are paid for."""
    thing = _held(broker)
    if thing is not None:
        units, cost = broker.books.units[thing.conid], broker.books.cost[thing.conid]
        money = (units * broker.mark(thing)).quantize(_CENT)
        kind = broker.pick(("Acquisition", "Liquidation", "Voluntary Offer Allocation"))
        words = f"{thing.symbol}({thing.isin}) MERGED({kind})  FOR {thing.currency} 30.60000000 PER SHARE"
        act(broker, _code(broker), words, [Leg(thing=thing, units=-units, money=money, cost=-cost)])


def _code(broker: Broker) -> str:
    return "" if broker.chance(0.15) else "TC"


def merge_for_shares(broker: Broker) -> None:
    """All shares are exchanged for others."""
    thing = _held(broker)
    if thing is not None:
        _exchanged(broker, thing, money=ZERO)


def merge_for_both(broker: Broker) -> None:
    """All shares are exchanged for others and some money, which stands on the row of the old ones."""
    thing = _held(broker)
    if thing is not None:
        _exchanged(broker, thing, money=(broker.books.units[thing.conid] * 5).quantize(_CENT))


def _exchanged(broker: Broker, thing: Thing, *, money: Decimal) -> None:
    units, cost = broker.books.units[thing.conid], broker.books.cost[thing.conid]
    new = _other(broker, thing)
    price = f" CASH and STOCK MERGER (Acquisition) {new.isin} 2 FOR 3 AND {thing.currency} 5.00000000"
    words = price if money else f" MERGED(Acquisition)  WITH {new.isin} 2 FOR 3"
    legs = [
        Leg(thing=thing, units=-units, money=money, cost=-cost),
        Leg(thing=new, units=(units * 2 / 3).quantize(_PLACES), cost=cost),
    ]
    act(broker, _code(broker), f"{thing.symbol}({thing.isin}){words}", legs)


def tender(broker: Broker) -> None:
    """Shares are tendered, and wait under another number for the offer to be carried out."""
    thing = _held(broker)
    if thing is not None:
        units, cost = broker.books.units[thing.conid], broker.books.cost[thing.conid]
        waiting = _other(broker, thing, f"{thing.symbol}.TEN")
        words = f"{thing.symbol}({thing.isin}) TENDERED TO {waiting.isin} 1 FOR 1"
        legs = [Leg(thing=thing, units=-units, cost=-cost), Leg(thing=waiting, units=units, cost=cost)]
        act(broker, "TO", words, legs)


def carry_out_offer(broker: Broker) -> None:
    """What was tendered is paid for: in one row, or the paper in one and the money in another."""
    waiting = [thing for thing in broker.held() if thing.symbol.endswith(".TEN")]
    if not waiting:
        return
    thing = broker.pick(waiting)
    units, cost = broker.books.units[thing.conid], broker.books.cost[thing.conid]
    money = (units * broker.mark(thing)).quantize(_CENT)
    words = (
        f"{thing.symbol}({thing.isin}) MERGED(Voluntary Offer Allocation)  FOR {thing.currency} 9.1 PER SHARE"
    )
    together = [Leg(thing=thing, units=-units, money=money, cost=-cost)]
    apart = [Leg(thing=thing, units=-units, cost=-cost), Leg(thing=thing, money=money)]
    act(broker, "TC", words, broker.pick((together, apart)))


def issue_rights(broker: Broker) -> None:
    """Rights to subscribe, one for each share held."""
    thing = _held(broker)
    if thing is not None:
        rights = _other(broker, thing, f"{thing.symbol}.RTS")
        words = f"{thing.symbol}({thing.isin}) SUBSCRIBABLE RIGHTS ISSUE  1 FOR 1"
        units = broker.books.units[thing.conid]
        act(broker, "RI", words, [Leg(thing=rights, units=units)])


def subscribe(broker: Broker) -> None:
    """Rights and money go, a receipt comes; some are asked for beyond the rights, which costs money alone."""
    rights = [thing for thing in broker.held(shorts=False) if thing.symbol.endswith(".RTS")]
    if not rights:
        return
    thing = broker.pick(rights)
    units, cost = broker.books.units[thing.conid], broker.books.cost[thing.conid]
    money = -(units * 6).quantize(_CENT)
    receipt = _other(broker, thing, f"{thing.symbol.removesuffix('.RTS')}.EX")
    words = f"{thing.symbol} ({thing.isin}) SUBSCRIBES TO ()"
    legs = [
        Leg(thing=receipt, units=units, value=-money, cost=cost - money),
        Leg(thing=thing, units=-units, money=money, cost=-cost),
    ]
    act(broker, "SR", words, legs)
    if broker.chance(0.4):
        words = f"{thing.symbol} ({thing.isin}) OVER SUBSCRIBES TO ()"
        extra = Leg(thing=receipt, units=Decimal(10), money=Decimal(-60), cost=Decimal(60))
        act(broker, "OR", words, [extra])


def deliver_subscribed(broker: Broker) -> None:
    """The receipts of a subscription become shares."""
    receipts = [thing for thing in broker.held() if thing.symbol.endswith(".EX")]
    if receipts:
        thing = broker.pick(receipts)
        units, cost = broker.books.units[thing.conid], broker.books.cost[thing.conid]
        new = _other(broker, thing, thing.symbol.removesuffix(".EX"))
        words = f"{thing.symbol}({thing.isin}) MERGED(Acquisition)  WITH {new.isin} 1 FOR 1"
        legs = [Leg(thing=thing, units=-units, cost=-cost), Leg(thing=new, units=units, cost=cost)]
        act(broker, "TC", words, legs)


def delist(broker: Broker) -> None:
    """Shares are gone, for nothing."""
    thing = _held(broker)
    if thing is not None:
        units, cost = broker.books.units[thing.conid], broker.books.cost[thing.conid]
        act(broker, "DW", f"({thing.isin}) DELISTED", [Leg(thing=thing, units=-units, cost=-cost)])


def choose_dividend(broker: Broker) -> None:
    """A dividend in shares or in money, as was chosen; neither stands among the cash transactions."""
    thing = _held(broker)
    if thing is None:
        return
    units = broker.books.units[thing.conid]
    words = f"{thing.symbol}({thing.isin}) CHOICE DIVIDEND  1 FOR 50"
    shares = Leg(thing=thing, units=(units / 50).quantize(_PLACES))
    money = Leg(thing=thing, money=(units / 7).quantize(_CENT))
    chosen = broker.pick((shares, money))
    if chosen.units or chosen.money:
        act(broker, broker.pick(("CH", "HD", "HI")), words, [chosen])


def take_back(broker: Broker) -> None:
    """A corporate action is taken back, leg by leg, and mostly done again on the spot."""
    events: dict[Value, list[Row]] = {}
    for row in broker.rows:
        if row.section == "CorporateActions":
            events.setdefault(row.values["actionID"], []).append(row)
    standing = [rows for action, rows in events.items() if action not in broker.gone]
    if not standing:
        return
    event = broker.pick(standing)
    broker.gone.add(event[0].values["actionID"])
    _repeated(broker, event, -1)
    if broker.chance(0.6):
        _repeated(broker, event, 1)


def _repeated(broker: Broker, event: list[Row], sign: int) -> None:
    for row in event:
        thing, units, money = row.thing, row.values["quantity"], row.values["proceeds"]
        assert thing is not None
        assert isinstance(units, Decimal)
        assert isinstance(money, Decimal)
        ratio = row.ratio if row.ratio is None or sign > 0 else 1 / row.ratio
        leg = Leg(
            thing=thing,
            units=units * sign,
            money=money * sign,
            cost=row.cost.get(thing.conid, ZERO) * sign,
            symbol=str(row.values["symbol"]),
            ratio=ratio,
        )
        words = str(row.values["description"]).rpartition(" (")[0]
        act(
            broker, str(row.values["type"]), words, [leg],
            notes="Ca" if sign < 0 else "", action=str(row.values["actionID"]),
        )  # fmt: skip


KINDS = (
    Kind(name="merge-for-cash", happen=merge_for_cash, builds_on="buy"),
    Kind(name="merge-for-shares", happen=merge_for_shares, builds_on="buy"),
    Kind(name="merge-for-both", happen=merge_for_both, builds_on="buy"),
    Kind(name="tender", happen=tender, builds_on="buy"),
    Kind(name="carry-out-offer", happen=carry_out_offer, builds_on="tender"),
    Kind(name="issue-rights", happen=issue_rights, builds_on="buy"),
    Kind(name="subscribe", happen=subscribe, builds_on="issue-rights"),
    Kind(name="deliver-subscribed", happen=deliver_subscribed, builds_on="subscribe"),
    Kind(name="delist", happen=delist, builds_on="buy", weight=1),
    Kind(name="choose-dividend", happen=choose_dividend, builds_on="buy"),
    Kind(name="take-back", happen=take_back, builds_on="split", weight=4),
)
