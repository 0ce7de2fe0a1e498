"""The broker: deals for one account, day after day, and writes down what it did."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random
from typing import TypeVar

from tests.simulation.books import ZERO, Books, Money, Row, Thing, Value
from tests.simulation.market import new_share
from tests.simulation.query import NEW_YORK

Choice = TypeVar("Choice")

_DAY = dt.timedelta(days=1)
_SATURDAY = 5
BASE = "GBP"
ACCOUNT = "U7654321"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Something that can happen to an account; `happen` does nothing where it cannot.

    Where it does nothing, the kind that it `builds_on` happens instead. `needs` are sections without which a
    statement does not tell it, `weight` is how often it comes up.
    """

    name: str
    happen: Callable[[Broker], None]
    builds_on: str = ""
    needs: frozenset[str] = frozenset()
    weight: int = 2


class Broker:
    """One account from `first_day` on; the state of a seed is all in `rng`.

    `books` holds all that was dealt, whenever it is reported; `rows` are in the order of dealing. `gone` has
    the numbers of what was taken back.
    """

    def __init__(self, rng: Random, first_day: dt.date) -> None:
        self.rng = rng
        self.today = first_day
        self.books = Books()
        self.rows: list[Row] = []
        self.things: dict[str, Thing] = {}
        self.marks: dict[tuple[str, dt.date], Decimal] = {}
        self.kind = ""
        self.gone: set[Value] = set()
        self._prices: dict[str, Decimal] = {}
        self._number = rng.randrange(10**9, 9 * 10**9)

    # --- chance ---

    def chance(self, share: float) -> bool:
        """True in `share` of all cases."""
        return self.rng.random() < share

    def pick(self, choices: Sequence[Choice]) -> Choice:
        """One of `choices`."""
        return self.rng.choice(choices)

    def amount(self, low: int, high: int, places: int = 2) -> Decimal:
        """A number between `low` and `high` with so many places."""
        return Decimal(self.rng.randint(low * 10**places, high * 10**places)).scaleb(-places)

    # --- numbers and days ---

    def number(self) -> str:
        """A number that was never given out before."""
        self._number += self.rng.randint(1, 40)
        return str(self._number)

    def exec_id(self) -> str:
        """An execution number."""
        return f"{self.rng.getrandbits(32):08x}.{self.rng.getrandbits(32):08x}.01.01"

    def moment(self, day: dt.date | None = None, *, first: int = 9, last: int = 15) -> dt.datetime:
        """A second on `day` (today) by New York's clock, between two hours."""
        clock = dt.time(self.rng.randint(first, last), self.rng.randrange(60), self.rng.randrange(60))
        return dt.datetime.combine(day or self.today, clock, tzinfo=NEW_YORK)

    def report_day(self, *, late: float = 0.08) -> dt.date:
        """Today, or some days later for what is booked late."""
        return after(self.today, self.rng.randint(1, 4)) if self.chance(late) else self.today

    # --- what there is to deal in ---

    def add(self, thing: Thing, price: Decimal) -> Thing:
        """Make `thing` known, at a price."""
        self.things[thing.conid] = thing
        self._prices[thing.conid] = price
        return thing

    def share(self, *, known: float = 0.6) -> Thing:
        """A share, mostly one that was dealt in before."""
        shares = [thing for thing in self.things.values() if thing.category == "STK" and thing.listing]
        if shares and self.chance(known):
            return self.pick(shares)
        return self.add(new_share(self.rng, self.number()), self.amount(2, 300))

    def held(self, *categories: str, longs: bool = True, shorts: bool = True) -> list[Thing]:
        """What is held now of some categories (of shares if none is named)."""
        return [
            thing
            for conid, units in self.books.held().items()
            if (thing := self.things[conid]).category in (categories or ("STK",))
            and (longs if units > 0 else shorts)
        ]

    def price(self, thing: Thing) -> Decimal:
        """The price now: close to the last one."""
        last = self._prices[thing.conid]
        step = (last * Decimal(self.rng.randint(-30, 30)) / 1000).quantize(Decimal("0.0001"))
        self._prices[thing.conid] = price = max(last + step, Decimal("0.01"))
        return price

    def settlement(self, thing: Thing) -> Decimal:
        """Today's closing price, fixed when it is first asked for."""
        return self.marks.setdefault((thing.conid, self.today), self.price(thing))

    def last_settlement(self, thing: Thing) -> Decimal:
        """The closing price of the last day before today that had one."""
        return self.marks[
            thing.conid, max(day for conid, day in self.marks if conid == thing.conid and day < self.today)
        ]

    def close_day(self) -> None:
        """Note the closing prices."""
        for conid, price in self._prices.items():
            self.marks.setdefault((conid, self.today), price)

    def mark(self, thing: Thing) -> Decimal:
        """The last price, unchanged."""
        return self._prices[thing.conid]

    # --- writing down ---

    def book(
        self,
        section: str,
        tag: str,
        values: Mapping[str, Value],
        *,
        on: dt.date | None = None,
        thing: Thing | None = None,
        money: Sequence[Money] = (),
        units: Decimal = ZERO,
        cost: Decimal = ZERO,
        ratio: Decimal | None = None,
        is_label: bool = False,
    ) -> Row:
        """Write a row that is reported on the day `on` (today) and did this to `thing` and to cash."""
        moved = thing is not None and bool(units or cost)
        row = Row(
            section=section,
            tag=tag,
            values=values,
            booked_on=on or self.today,
            thing=thing,
            money=tuple(line for line in money if line.amount),
            units={thing.conid: units} if thing is not None and moved else {},
            cost={thing.conid: cost} if thing is not None and moved else {},
            ratio=ratio,
            is_label=is_label,
            kind=self.kind,
        )
        self.rows.append(row)
        self.books.take(row)
        return row

    def rewrite(self, row: Row, values: Mapping[str, Value]) -> None:
        """Give the latest `row` other columns; what it did stays."""
        assert self.rows[-1] is row
        self.rows[-1] = replace(row, values=values)


def after(day: dt.date, days: int) -> dt.date:
    """The business day that is `days` business days after `day`."""
    while days:
        day += _DAY
        days -= day.weekday() < _SATURDAY
    return day
