"""What the demo account held and dealt in, in exact decimals; sales use up the oldest lots first.

Quantities and money are signed as the broker signs them: what comes in is positive.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from examples.demo import data
from examples.demo.rates import days, table

ZERO = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Instrument:
    """A share, a fund or, where `isin` is empty, a pair of currencies dealt in the second of them."""

    symbol: str
    conid: str
    isin: str
    currency: str
    listing: str
    kind: str
    country: str
    first: str
    last: str
    description: str

    @property
    def is_pair(self) -> bool:
        """Whether dealing in it converts money."""
        return not self.isin


@dataclass(frozen=True, kw_only=True)
class Lot:
    """What one purchase holds, or a part of it; `cost` is all the money paid for this quantity."""

    symbol: str
    quantity: Decimal
    cost: Decimal
    opened: str
    transaction: str
    order: str

    def part(self, quantity: Decimal) -> Lot:
        """`quantity` of this lot, at its share of the cost."""
        return replace(self, quantity=quantity, cost=self.cost * quantity / self.quantity)


@dataclass(frozen=True, kw_only=True)
class Fill:
    """One execution; `number` counts them in time, `released` is what a sale took from earlier lots."""

    number: int
    order: str
    instrument: Instrument
    trade: str
    time: str
    settle: str
    venue: str
    type: str
    notes: str
    quantity: Decimal
    price: Decimal
    close: Decimal
    commission: Decimal
    taxes: Decimal
    released: tuple[Lot, ...] = ()

    @property
    def transaction(self) -> str:
        """The transactionID."""
        return transaction_id(self.trade, self.number)

    @property
    def proceeds(self) -> Decimal:
        """Money for the quantity alone, in the instrument's currency."""
        return -self.quantity * self.price

    @property
    def net_cash(self) -> Decimal:
        """Money in the instrument's currency, charges included; the broker writes 0 for a conversion."""
        return ZERO if self.instrument.is_pair else self.proceeds + self.taxes + self.commission

    @property
    def commission_currency(self) -> str:
        """A conversion is charged in the base currency, whatever the pair."""
        return data.BASE if self.instrument.is_pair else self.instrument.currency

    @property
    def cost(self) -> Decimal:
        """What a purchase cost, charges included; for a sale, less what the lots that it sold had cost."""
        sold = -sum((lot.cost for lot in self.released), ZERO)
        return sold if self.quantity < 0 else -self.net_cash


def transaction_id(day: str, number: int) -> str:
    """An invented id that grows with the days, as the broker's do."""
    passed = len(list(days(data.FIRST_DAY, day)))
    return str(38_210_000_000 + passed * 4_100_000 + number * 1_009)


@cache
def instruments() -> dict[str, Instrument]:
    """The instruments by symbol, in the order of their table."""
    return {line["symbol"]: Instrument(**line) for line in table(data.INSTRUMENTS)}


def opening_lots() -> dict[str, list[Lot]]:
    """What was held before the first day, by symbol, oldest first."""
    held: dict[str, list[Lot]] = defaultdict(list)
    for line in table(data.OPENING_LOTS):
        quantity, cost = Decimal(line.pop("quantity")), Decimal(line.pop("cost"))
        held[line["symbol"]].append(Lot(quantity=quantity, cost=cost, **line))
    return held


def _release(lots: list[Lot], wanted: Decimal) -> Iterator[Lot]:
    """Take `wanted` from the oldest of `lots`, which keep the rest."""
    while wanted:
        oldest = lots.pop(0)
        taken = oldest.part(min(wanted, oldest.quantity))
        if taken.quantity < oldest.quantity:
            lots.insert(0, oldest.part(oldest.quantity - taken.quantity))
        wanted -= taken.quantity
        yield taken


def _fill(number: int, line: dict[str, str]) -> Fill:
    return Fill(
        number=number,
        order=line["order"],
        instrument=instruments()[line["symbol"]],
        trade=line["trade"],
        time=line["time"],
        settle=line["settle"],
        venue=line["venue"],
        type=line["type"],
        notes=line["notes"],
        quantity=Decimal(line["quantity"]),
        price=Decimal(line["price"]),
        close=Decimal(line["close"]),
        commission=Decimal(line["commission"]),
        taxes=Decimal(line["taxes"]),
    )


class Replay(NamedTuple):
    """All executions in time, sales with the lots that they released, and the lots left by symbol."""

    fills: list[Fill]
    held: dict[str, list[Lot]]


@cache
def replay() -> Replay:
    """Deal the table of executions against the opening lots."""
    held, fills = opening_lots(), []
    for number, line in enumerate(table(data.FILLS), start=1):
        fill = _fill(number, line)
        lots = held[fill.instrument.symbol]
        if fill.quantity < 0 and not fill.instrument.is_pair:
            fill = replace(fill, released=tuple(_release(lots, -fill.quantity)))
        elif not fill.instrument.is_pair:
            names = {"opened": fill.time, "transaction": fill.transaction, "order": order_id(fill.order)}
            symbol = fill.instrument.symbol
            lots.append(Lot(symbol=symbol, quantity=fill.quantity, cost=fill.cost, **names))
        fills.append(fill)
    return Replay(fills, {symbol: held[symbol] for symbol in instruments() if held[symbol]})


def order_id(order: str) -> str:
    """An invented ibOrderID."""
    return str(4_105_520_000 + int(order) * 11_731)
