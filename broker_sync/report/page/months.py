"""Which days are covered, month by month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final

from broker_sync.coverage import AccountCoverage
from broker_sync.received import Days

__all__ = ["Cover", "Month", "months_of"]

_DAY: Final = dt.timedelta(days=1)
_SATURDAY: Final = 5


@unique
class Cover(StrEnum):
    """What is known of a day."""

    WHOLE = "whole"
    PART = "part"
    MISSING = "missing"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A month: its first day, and each of its days."""

    first: dt.date
    days: Sequence[Cover]

    def count(self, cover: Cover) -> int:
        """How many days are so, weekends apart."""
        return sum(
            each is cover and (self.first + number * _DAY).weekday() < _SATURDAY
            for number, each in enumerate(self.days)
        )


def months_of(known: AccountCoverage, *, sections: Collection[str] | None = None) -> list[Month]:
    """The months of the span that is covered, the earliest first.

    A day on which one of `sections` (None: of all that ever came) lacks is covered in part. A weekend between
    covered days is missing to nobody.
    """
    partly = [gap for each in known.watched(sections) for gap in each.gaps]
    months = []
    first = known.span.first.replace(day=1)
    while first <= known.span.last:
        days = tuple(_cover(day, known, partly) for day in _days_of(first))
        months.append(Month(first=first, days=days))
        first = (first + 31 * _DAY).replace(day=1)
    return months


def _days_of(first: dt.date) -> Iterator[dt.date]:
    day = first
    while day.month == first.month:
        yield day
        day += _DAY


def _cover(day: dt.date, known: AccountCoverage, partly: Sequence[Days]) -> Cover:
    if not _in(day, [known.span]):
        return Cover.OUTSIDE
    if _in(day, known.gaps):
        return Cover.MISSING
    if _in(day, partly):
        return Cover.PART
    # What no range has and no gap is a weekend between two of them.
    return Cover.WHOLE if _in(day, known.ranges) else Cover.OUTSIDE


def _in(day: dt.date, ranges: Sequence[Days]) -> bool:
    return any(days.first <= day <= days.last for days in ranges)
