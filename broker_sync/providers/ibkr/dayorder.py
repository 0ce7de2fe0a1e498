"""Whether ``05/06/2026`` is May or June: found from all the dates of a document, never guessed from one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

from broker_sync.errors import ValueFormatError
from broker_sync.providers.ibkr.formats import DayOrder, is_null, possible_orders, read_day, reads_two_ways

__all__ = ["DayOrderEvidence"]

_DATES: Final = (
    "fromDate",
    "toDate",
    "whenGenerated",
    "reportDate",
    "tradeDate",
    "dateTime",
    "settleDate",
    "date",
)
_SOON: Final = dt.timedelta(days=10)


class DayOrderEvidence:
    """Collects dates with slashes; `order` is what they agree on.

    `seen` says whether there were any, `needs_order` whether one of them is another day in the other order.
    """

    __slots__ = ("_heads", "_possible", "needs_order", "seen")

    def __init__(self) -> None:
        """Start with nothing seen."""
        self._possible: frozenset[DayOrder] = frozenset(DayOrder)
        self._heads: list[Mapping[str, str]] = []
        self.seen = False
        self.needs_order = False

    def note(self, raw: Mapping[str, str]) -> None:
        """Take in the dates of one row."""
        for name in _DATES:
            text = raw.get(name)
            if text is not None and "/" in text[:3] and not is_null(text):
                self.seen = True
                self.needs_order = self.needs_order or reads_two_ways(text)
                self._possible &= possible_orders(text)

    def note_head(self, raw: Mapping[str, str]) -> None:
        """Take in the dates of a FlexStatement, whose sequence tells more than each alone."""
        self.note(raw)
        self._heads.append(raw)

    @property
    def order(self) -> DayOrder | None:
        """The one order under which all dates exist, and each window ends on or after its first day.

        A statement is made soon after its last day: where only one order says so, it is that one. None when
        both remain possible (or no date has slashes).
        """
        if not self.seen:
            return None
        possible = {
            order for order in self._possible if all(_in_sequence(head, order) for head in self._heads)
        }
        if len(possible) > 1:
            soon = {order for order in possible if all(_made_soon(head, order) for head in self._heads)}
            possible = soon if self._heads else possible
        return possible.pop() if len(possible) == 1 else None


def _days(head: Mapping[str, str], order: DayOrder) -> list[dt.date]:
    days = []
    for name in ("fromDate", "toDate", "whenGenerated"):
        try:
            day = read_day(head.get(name), order=order)
        except ValueFormatError:
            continue
        if day is not None:
            days.append(day)
    return days


def _in_sequence(head: Mapping[str, str], order: DayOrder) -> bool:
    days = _days(head, order)
    return days == sorted(days)


def _made_soon(head: Mapping[str, str], order: DayOrder) -> bool:
    days = _days(head, order)
    return len(days) == 3 and days[2] - days[1] <= _SOON
