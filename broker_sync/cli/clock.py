"""Time for the commands: the one place that tells it, and that waits."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

__all__ = ["CLOCK", "Clock"]


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The moment in UTC, seconds that only go forward, and waiting."""

    now: Callable[[], dt.datetime] = _utc_now
    seconds: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


CLOCK: Final = Clock()
"""The real one."""
