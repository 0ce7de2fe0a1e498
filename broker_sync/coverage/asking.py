"""Which days to ask the broker for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Final

from broker_sync.coverage.account import AccountCoverage
from broker_sync.received import Days

__all__ = ["MAX_DAYS", "MIN_OVERLAP", "next_window", "split", "split_at_year_ends"]

MAX_DAYS: Final = 360
"""The most days to ask for at once: a Flex query may be asked for 365, and some are refused below that."""
MIN_OVERLAP: Final = 90
"""How many days that were received are always asked for again: the broker corrects itself for so long."""
_DAY: Final = dt.timedelta(days=1)


def next_window(
    known: AccountCoverage | None,
    *,
    now: dt.datetime,
    zone: dt.tzinfo,
    overlap: int = MIN_OVERLAP,
    first_days: int = MAX_DAYS,
    not_before: dt.date | None = None,
    sections: Collection[str] | None = None,
) -> Days:
    """The days to ask for when nobody names any; it ends yesterday, by the calendar of `zone`, never later.

    It begins `overlap` days before the last day that all of `sections` (None: all that ever came) cover, or
    earlier, with the first gap of theirs, but not before `not_before`. Where nothing is covered it has
    `first_days`. It may be longer than one request can ask for: see :func:`split`. ValueError for an overlap
    below :data:`MIN_OVERLAP`, for no `first_days` and for a naive `now`.
    """
    if overlap < MIN_OVERLAP or first_days < 1:
        raise ValueError(f"an overlap of {overlap} days, {first_days} at first: too few")
    if now.tzinfo is None:
        raise ValueError(f"{now} does not say its time zone")
    last = now.astimezone(zone).date() - _DAY
    first = _first(known, last, overlap=overlap, sections=sections) or last - (first_days - 1) * _DAY
    if not_before is not None:
        first = max(first, not_before)
    return Days(first=min(first, last), last=last)


def _first(
    known: AccountCoverage | None, last: dt.date, *, overlap: int, sections: Collection[str] | None
) -> dt.date | None:
    watched = [] if known is None else known.watched(sections)
    if known is None or not watched:
        return None
    covered_until = min(last, *(each.ranges[-1].last for each in watched))
    starts = [covered_until - overlap * _DAY, *(gap.first for gap in known.gaps_of(sections))]
    return min(starts)


def split(window: Days, *, max_days: int = MAX_DAYS) -> list[Days]:
    """`window` in parts of at most `max_days`, the newest last; only the oldest may be shorter.

    ValueError for a `max_days` below 1.
    """
    if max_days < 1:
        raise ValueError(f"parts of {max_days} days: it takes one at least")
    parts = []
    last = window.last
    while last >= window.first:
        first = max(window.first, last - (max_days - 1) * _DAY)
        parts.append(Days(first=first, last=last))
        last = first - _DAY
    return parts[::-1]


def split_at_year_ends(window: Days) -> list[Days]:
    """`window` in parts that each lie within one calendar year, the newest last."""
    years = range(window.first.year, window.last.year + 1)
    return [
        Days(first=max(window.first, dt.date(year, 1, 1)), last=min(window.last, dt.date(year, 12, 31)))
        for year in years
    ]
