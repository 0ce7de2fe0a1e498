"""Ranges of days: put together, and what lies between them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from itertools import pairwise
from operator import attrgetter
from typing import Final

from broker_sync.received import Days

__all__ = ["gaps", "has_weekday", "merged", "missing"]

_DAY: Final = dt.timedelta(days=1)
_SATURDAY: Final = 5


def has_weekday(days: Days) -> bool:
    """Whether any of `days` is a Monday to Friday; holidays count, as no calendar here knows them."""
    return any((days.first + n * _DAY).weekday() < _SATURDAY for n in range(min(days.count, 7)))


def merged(ranges: Iterable[Days]) -> tuple[Days, ...]:
    """The same days in as few ranges as can be, in order."""
    found: list[list[dt.date]] = []
    # Thousands of statements, with a dozen sections each: a range is made only when it is done.
    for days in sorted(ranges, key=attrgetter("first")):
        if found and days.first <= found[-1][1] + _DAY:
            found[-1][1] = max(found[-1][1], days.last)
        else:
            found.append([days.first, days.last])
    return tuple(Days(first=first, last=last) for first, last in found)


def gaps(ranges: Iterable[Days], *, within: Days | None = None) -> tuple[Days, ...]:
    """The stretches that `ranges` leave out, weekends alone not counted, in order.

    Those between the ranges; with `within`, those of these days, also before and after all ranges.
    """
    covered = merged(ranges)
    holes = _between(covered) if within is None else _within(covered, within)
    return tuple(filter(has_weekday, holes))


def missing(asked: Days, got: Iterable[Days]) -> tuple[Days, ...]:
    """What `got` lacks of what was `asked`, weekends alone not counted; empty when it is an answer."""
    return gaps(got, within=asked)


def _between(covered: tuple[Days, ...]) -> Iterator[Days]:
    for one, other in pairwise(covered):
        yield Days(first=one.last + _DAY, last=other.first - _DAY)


def _within(covered: tuple[Days, ...], limits: Days) -> Iterator[Days]:
    first = limits.first
    for days in covered:
        inside = days.common(limits)
        if inside is None:
            continue
        if first < inside.first:
            yield Days(first=first, last=inside.first - _DAY)
        first = inside.last + _DAY
    if first <= limits.last:
        yield Days(first=first, last=limits.last)
