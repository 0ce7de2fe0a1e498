"""How fast requests may follow each other: IBKR's limit for all, and growing waits between polls."""

from __future__ import annotations

from collections import deque
from typing import Final

__all__ = ["Pace", "poll_wait"]

_APART: Final = 1.0
_MANY: Final = 10
_WITHIN: Final = 60.0

_FIRST: Final = 5.0
_LONGEST: Final = 30.0
_GROWTH: Final = 1.5
_SPREAD: Final = 0.2


class Pace:
    """One request a second and ten a minute: IBKR's limit for one token (the text of its error 1018)."""

    def __init__(self) -> None:
        self._slots: deque[float] = deque(maxlen=_MANY)

    def book(self, now: float) -> float:
        """Seconds to wait before the next request may be sent, which has its turn then; `now` in seconds."""
        turn = now
        if self._slots:
            turn = max(turn, self._slots[-1] + _APART)
        if len(self._slots) == _MANY:
            turn = max(turn, self._slots[0] + _WITHIN)
        self._slots.append(turn)
        return turn - now


def poll_wait(count: int, *, jitter: float) -> float:
    """Seconds to wait after the `count`-th poll (from 1): 5 at first, growing to 30.

    `jitter`, from 0 to 1, spreads the waits of programs that started together.
    """
    grown = _FIRST * _GROWTH ** min(count - 1, 10)
    return min(_LONGEST, grown * (1 + _SPREAD * jitter))
