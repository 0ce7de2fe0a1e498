"""Draws the windows of the statements that are synced, each of which touches those before it."""

from __future__ import annotations

import datetime as dt
from random import Random

Window = tuple[dt.date, dt.date]

_DAY = dt.timedelta(days=1)


def draw_windows(rng: Random, first_day: dt.date, last_day: dt.date, *, count: int) -> list[Window]:
    """Up to `count` windows: nights in order, or any order in which no day between them is left out.

    The first may begin long after `first_day`, and an earlier one may come later.
    """
    if rng.random() < 0.5:
        return _nights(rng, first_day, last_day, count)
    span = (last_day - first_day).days
    start = first_day + _DAY * rng.choice((0, rng.randrange(span), rng.randrange(span)))
    end = start + _DAY * rng.randrange((last_day - start).days + 1)
    windows = [(start, end)]
    while len(windows) < count:
        is_earlier = rng.random() < 0.4 and start > first_day
        window = _earlier(rng, start, end, first_day) if is_earlier else _later(rng, start, end, last_day)
        windows.append(window)
        start, end = min(start, window[0]), max(end, window[1])
    return windows


def _nights(rng: Random, first_day: dt.date, last_day: dt.date, count: int) -> list[Window]:
    """A trailing window each night, or every few nights, so short that few days are said twice."""
    trailing = rng.choice((0, 0, 1, 3))
    length = max(1, (last_day - first_day).days // count)
    start = first_day + _DAY * rng.choice((0, 0, 2))
    windows = []
    while start <= last_day:
        end = min(start + _DAY * rng.randint(0, length), last_day)
        windows.append((max(first_day, start - _DAY * trailing), end))
        start = end + _DAY
    return windows[: count + 1]


def _earlier(rng: Random, start: dt.date, end: dt.date, first_day: dt.date) -> Window:
    first = first_day + _DAY * rng.randrange((start - first_day).days)
    return first, start + _DAY * (rng.randrange((end - start).days + 2) - 1)


def _later(rng: Random, start: dt.date, end: dt.date, last_day: dt.date) -> Window:
    first = min(start + _DAY * rng.randrange((end - start).days + 2), last_day)
    return first, max(min(max(end, first) + _DAY * rng.randrange(6), last_day), first)
