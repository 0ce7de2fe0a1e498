"""Days and exchange rates of the demo statement."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from itertools import pairwise

from examples.demo.data import BASE, RATES

_SATURDAY = 5


def table(text: str) -> list[dict[str, str]]:
    """The lines of a table by the names in its first line."""
    names, *lines = ([cell.strip() for cell in line.split("|")] for line in text.strip().splitlines())
    return [dict(zip(names, line, strict=True)) for line in lines]


def days(first: str, last: str) -> Iterator[dt.date]:
    """Every day from `first` to `last`, both included."""
    start, end = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    yield from (start + dt.timedelta(number) for number in range((end - start).days + 1))


def compact(day: dt.date) -> str:
    """A day as yyyyMMdd."""
    return day.isoformat().replace("-", "")


@cache
def rates(currency: str) -> dict[str, Decimal]:
    """Value of one unit of `currency` in the base currency, by day; a weekend keeps Friday's."""
    known = table(RATES)
    found: dict[str, Decimal] = {}
    for before, after in pairwise(known):
        start, end = Decimal(before[currency]), Decimal(after[currency])
        span = list(days(before["day"], after["day"]))
        step = (end - start) / (len(span) - 1)
        for passed, day in enumerate(span):
            since_friday = max(0, day.weekday() - _SATURDAY + 1)
            found[compact(day)] = (start + step * (passed - since_friday)).quantize(Decimal("0.00001"))
    return found


def rate(currency: str, day: str) -> Decimal:
    """Value of one unit of `currency` in the base currency on `day`."""
    return Decimal(1) if currency == BASE else rates(currency)[day]


def foreign_currencies() -> list[str]:
    """The currencies that have a rate, in alphabetical order."""
    return sorted(table(RATES)[0].keys() - {"day"})
