"""A broker that changes its mind about what it has told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from tests.simulation.books import Row
from tests.simulation.broker import after
from tests.simulation.life import Life

_MONEY = ("deposit", "withdraw", "interest", "charge")


@dataclass(slots=True)
class Mind:
    """What the broker says of `life` by now, of which `today` is the last day that it has told.

    `log` is what happened, for whoever reads a failure. Every other time that something is to be picked it is
    one of `disputed`, the numbers of records that somebody else says something of.
    """

    life: Life
    log: list[str]
    disputed: Callable[[], Collection[str]] = frozenset
    today: dt.date = field(init=False)
    _gone: list[tuple[Row, int]] = field(default_factory=list)
    _number: int = 0

    def __post_init__(self) -> None:
        """Begin with the first day."""
        self.today = self.life.first_day

    def pass_days(self, count: int) -> None:
        """Business days go by."""
        self.today = min(after(self.today, count), self.life.last_day)
        self.log.append(f"it is {self.today}")

    def told_rows(self) -> list[Row]:
        """Rows of today and before that the broker may change its mind of."""
        return [
            row
            for row in self.life.within(self.life.first_day, self.today)
            if row.section == "CashTransactions" and row.kind in _MONEY and row.money
        ]

    def restate(self, pick: int, more: Decimal) -> None:
        """The same row, another amount."""
        row = self._picked(pick)
        if row is not None:
            (money,) = row.money
            amount = money.amount + more.copy_sign(money.amount)
            values = {**row.values, "amount": amount}
            self._rewrite(row, [replace(row, values=values, money=(replace(money, amount=amount),))])
            self.log.append(f"{_named(row)} is restated to {amount}")

    def move(self, pick: int, days: int) -> None:
        """The same row, another day of booking."""
        row = self._picked(pick)
        if row is not None:
            day = min(after(row.booked_on, days), self.today)
            values = {**row.values, "reportDate": day}
            self._rewrite(row, [replace(row, values=values, booked_on=day)])
            self.log.append(f"{_named(row)} is booked on {day} instead of {row.booked_on}")

    def take_back(self, pick: int) -> None:
        """The row is not there any more."""
        row = self._picked(pick)
        if row is not None:
            self._gone.append((row, self._place(row)))
            self._rewrite(row, [])
            self.log.append(f"{_named(row)} is not listed any more")

    def tell_again(self) -> None:
        """What was taken back last is listed after all."""
        if self._gone:
            row, place = self._gone.pop()
            rows = list(self.life.rows)
            rows.insert(min(place, len(rows)), row)
            self.life = replace(self.life, rows=rows)
            self.log.append(f"{_named(row)} is listed again")

    def rebook(self, pick: int) -> None:
        """The row goes, and another one comes for the same thing under another number."""
        row = self._picked(pick)
        if row is not None:
            self._number += 1
            values = {**row.values, "transactionID": f"99{self._number:08}"}
            self._rewrite(row, [replace(row, values=values)])
            self.log.append(f"{_named(row)} is booked again as {values['transactionID']}")

    def _picked(self, pick: int) -> Row | None:
        rows = self.told_rows()
        numbers = self.disputed()
        disputed = [row for row in rows if number_of(row) in numbers]
        rows = disputed if disputed and pick % 2 else rows
        return rows[pick // 2 % len(rows)] if rows else None

    def _place(self, row: Row) -> int:
        return next(place for place, each in enumerate(self.life.rows) if each is row)

    def _rewrite(self, row: Row, by: Sequence[Row]) -> None:
        place = self._place(row)
        rows = list(self.life.rows)
        rows[place : place + 1] = by
        self.life = replace(self.life, rows=rows)

    def listed(self, first: dt.date, last: dt.date) -> list[Row]:
        """The rows of these days that are records of their own."""
        return [row for row in self.life.within(first, last) if not row.is_label]


def number_of(row: Row) -> str:
    """The number that the broker gives what the row is about; "None" where it gives none."""
    return str(row.values.get("transactionID"))


def _named(row: Row) -> str:
    return f"{row.kind} {row.values['transactionID']} of {row.booked_on}"
