"""The broker's own ledger of cash against what was booked, line by line.

Where a statement has the Statement of Funds by currency, each of its lines should be money that was booked on
that day, in that currency, to that amount. What is left over on a day whose sums differ is named.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from broker_sync.accounting import cash_effect
from broker_sync.errors import ValueFormatError
from broker_sync.models import Activity
from broker_sync.providers.ibkr.records_funds import FundsLine

__all__ = ["LedgerCheck"]

_CENT: Final = Decimal("0.01")
_ZERO: Final = Decimal(0)
_NAMED: Final = 10

Day = tuple[str, dt.date]


class LedgerCheck:
    """Takes in booked activities and ledger lines in any order; what matches is forgotten at once."""

    __slots__ = ("_lines", "_open", "_sums")

    def __init__(self) -> None:
        """Start with nothing on either side."""
        self._open: Counter[tuple[str, dt.date, Decimal]] = Counter()
        self._sums: dict[Day, Decimal] = {}
        self._lines: dict[tuple[str, dt.date, Decimal], str] = {}

    def booked(self, activities: Iterable[Activity]) -> None:
        """Take in what was booked of one record."""
        for activity in activities:
            for currency, amount in cash_effect(activity).items():
                self._move((currency, activity.booked_on), amount, 1)

    def line(self, row: FundsLine) -> None:
        """Take in one line; one that cannot be read, or says a balance, moves nothing."""
        try:
            amount = row.amount
            day = row.report_date or row.day("date")
        except ValueFormatError:
            return
        if row.is_in_own_currency and not row.is_balance and amount and day is not None:
            self._lines[row.currency, day, amount] = row.description
            self._move((row.currency, day), amount, -1)

    def _move(self, day: Day, amount: Decimal, sign: int) -> None:
        key = (*day, amount)
        self._sums[day] = self._sums.get(day, _ZERO) + sign * amount
        self._open[key] += sign
        if not self._open[key]:
            del self._open[key]
            self._lines.pop(key, None)

    def unmatched(self) -> list[str]:
        """A sentence for each line that nothing booked accounts for, by day: ten, and how many more."""
        off = {day for day, total in self._sums.items() if not -_CENT <= total <= _CENT}
        left = sorted(
            (day, currency, amount, number)
            for (currency, day, amount), number in self._open.items()
            if number < 0 and (currency, day) in off
        )
        named = [
            f"The broker's ledger has {amount} {currency} on {day} that nothing booked accounts for: "
            f"{self._lines.get((currency, day, amount), '')}"
            for day, currency, amount, _ in left[:_NAMED]
        ]
        rest = len(left) - _NAMED
        return [*named, f"… and {rest} more lines of the broker's ledger."] if rest > 0 else named
