"""The broker's own books: what each row did to cash, units and cost, and what is held on any day.

Nothing here knows the package under test; signs are the account's (what comes in is positive).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

ZERO = Decimal(0)
_COST_PLACES = Decimal("0.00000001")

Value = str | Decimal | dt.date | dt.datetime
"""What a column holds before the query's settings turn it into text; a datetime is aware."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """Something that can be held: the columns that every row about it shows."""

    conid: str
    symbol: str
    currency: str
    category: str = "STK"
    sub_category: str = ""
    isin: str = ""
    listing: str = ""
    description: str = ""
    multiplier: Decimal = Decimal(1)
    strike: str = ""
    expiry: str = ""
    put_call: str = ""
    underlying: str = ""

    @property
    def per_unit(self) -> Decimal:
        """What a price of one makes of one unit in money."""
        return Decimal("0.01") if self.category in {"BOND", "BILL"} else self.multiplier


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """Cash that moved in one currency, with the words of the Statement of Funds."""

    currency: str
    amount: Decimal
    text: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row that the broker writes, and what it did on the day on which it is reported.

    `units` and `cost` are by conid, `ratio` is that of a row that is a whole split. `is_label` marks a row
    that only says again what others did.
    """

    section: str
    tag: str
    values: Mapping[str, Value]
    booked_on: dt.date
    thing: Thing | None = None
    money: Sequence[Money] = ()
    units: Mapping[str, Decimal] = field(default_factory=dict)
    cost: Mapping[str, Decimal] = field(default_factory=dict)
    ratio: Decimal | None = None
    is_label: bool = False
    kind: str = ""

    @property
    def cash(self) -> dict[str, Decimal]:
        """What the row did to the cash of each currency; empty where it came to nothing."""
        totals: defaultdict[str, Decimal] = defaultdict(Decimal)
        for money in self.money:
            totals[money.currency] += money.amount
        return {currency: amount for currency, amount in totals.items() if amount}


@dataclass(slots=True)
class Books:
    """Sums over rows: cash by currency, units and cost by conid."""

    cash: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    units: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    cost: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))

    def take(self, row: Row) -> None:
        """Add what `row` did."""
        for money in row.money:
            self.cash[money.currency] += money.amount
        for conid, units in row.units.items():
            self.units[conid] += units
        for conid, cost in row.cost.items():
            self.cost[conid] += cost

    def held(self) -> dict[str, Decimal]:
        """Units by conid, without what is gone."""
        return {conid: units for conid, units in self.units.items() if units}

    def money(self) -> dict[str, Decimal]:
        """Cash by currency, without what is gone."""
        return {currency: amount for currency, amount in self.cash.items() if amount}

    def basis(self, conid: str, quantity: Decimal, paid: Decimal) -> Decimal:
        """Cost that a trade of `quantity` for `paid` adds, or releases when negative (average cost)."""
        held, cost = self.units[conid], self.cost[conid]
        if not held or (held > 0) is (quantity > 0):
            return paid
        if abs(quantity) <= abs(held):
            return (cost * quantity / held).quantize(_COST_PLACES)
        opened = quantity + held  # what is left of the trade after it closed all that was held
        return -cost + (paid * opened / quantity).quantize(_COST_PLACES)


def books_until(rows: Sequence[Row], day: dt.date) -> Books:
    """What `rows` came to at the end of `day`."""
    books = Books()
    for row in rows:
        if row.booked_on <= day:
            books.take(row)
    return books
