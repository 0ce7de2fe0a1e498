"""Which days the statements of an account cover, and what each says of its beginning; pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Final

from broker_sync.contracts import Truth
from broker_sync.opening import Window

__all__ = ["gap_notes", "gaps", "window_of"]

_DAY: Final = dt.timedelta(days=1)
_SATURDAY: Final = 5


def window_of(truth: Truth) -> Window:
    """What is kept of a statement to know the opening balances by."""
    has_cash = truth.cash is not None
    return Window(
        first_day=truth.first_day,
        last_day=truth.last_day,
        document=truth.document,
        opening_positions=None if truth.positions is None else tuple(truth.opening_positions),
        starting_cash={
            balance.currency: balance.starting for balance in truth.cash or () if balance.starting is not None
        }
        if has_cash
        else None,
    )


def gaps(windows: Iterable[Window]) -> list[tuple[dt.date, dt.date]]:
    """First and last day of each stretch between windows that none covers, weekends alone not counted."""
    found = []
    covered: dt.date | None = None
    for window in sorted(windows, key=lambda window: window.first_day):
        if covered is not None and window.first_day > covered + _DAY:
            gap = (covered + _DAY, window.first_day - _DAY)
            if _has_weekday(*gap):
                found.append(gap)
        covered = window.last_day if covered is None else max(covered, window.last_day)
    return found


def _has_weekday(first: dt.date, last: dt.date) -> bool:
    days = (last - first).days + 1
    return any((first + n * _DAY).weekday() < _SATURDAY for n in range(min(days, 7)))


def gap_notes(windows: Iterable[Window]) -> list[str]:
    """One sentence for each gap."""
    return [
        f"No statement covers {first} to {last}: what happened then is missing. Sync one of these days."
        for first, last in gaps(windows)
    ]
