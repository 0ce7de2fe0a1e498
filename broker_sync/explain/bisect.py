"""The first day on which two sides part, found by halves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import Final

from broker_sync.explain.explanation import Explanation, Parting

__all__ = ["bisection", "with_parting"]

_DAY: Final = dt.timedelta(days=1)


def bisection(days: Sequence[dt.date]) -> Generator[dt.date, bool, Parting]:
    """Yields days of which to say whether the sides differ then; returns where they part.

    `days` are in order, at least one, and the sides differ on the last of them. Of n days about log2 n are
    asked for. If they differed before, agreed again and differ now, one of the days since which they do is
    found.
    """
    low, high = -1, len(days) - 1
    while high - low > 1:
        middle = (low + high) // 2
        if (yield days[middle]):
            high = middle
        else:
            low = middle
    return Parting(agreed=None if low < 0 else days[low], differs=days[high])


def with_parting(explanation: Explanation, parting: Parting) -> Explanation:
    """`explanation`, which is not proven, with the days between which it came about."""
    if parting.agreed is None:
        told = f"Both sides differ since the first statement, which ends on {parting.differs}."
        since = parting.differs
    else:
        told = f"Both sides agreed on {parting.agreed}, and differ since {parting.differs}."
        since = parting.agreed + _DAY
    return replace(
        explanation,
        parting=parting,
        text=f"{explanation.text} {told}",
        command=explanation.command or f"broker-sync ibkr --since {since}",
    )
