"""Which days the statements of an account cover, and what each says of its beginning; pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from broker_sync import coverage
from broker_sync.contracts import Truth
from broker_sync.opening import Window
from broker_sync.received import Days

__all__ = ["gap_notes", "gaps", "window_of"]


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
        made=truth.made,
        lists=truth.lists,
    )


def gaps(windows: Iterable[Window]) -> list[tuple[dt.date, dt.date]]:
    """First and last day of each stretch between windows that none covers, weekends alone not counted."""
    covered = [Days(first=window.first_day, last=window.last_day) for window in windows]
    return [(gap.first, gap.last) for gap in coverage.gaps(covered)]


def gap_notes(windows: Iterable[Window]) -> list[str]:
    """One sentence for each gap."""
    return [
        f"No statement covers {first} to {last}: what happened then is missing. Sync one of these days."
        for first, last in gaps(windows)
    ]
