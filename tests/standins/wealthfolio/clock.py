"""The stand-in's time: it runs by itself, or only when a test says so."""

import datetime as dt
import time
from collections.abc import Callable

__all__ = ["START", "Clock", "ManualClock"]

START = dt.datetime(2026, 11, 22, 18, 0, tzinfo=dt.UTC)


class Clock:
    """Starts at START and runs on with the machine's."""

    def __init__(self, ticks: Callable[[], float] = time.monotonic) -> None:
        self._ticks = ticks
        self._began = ticks()

    def seconds(self) -> float:
        return self._ticks() - self._began

    def now(self) -> dt.datetime:
        return START + dt.timedelta(seconds=self.seconds())


class ManualClock(Clock):
    """Stands still until it is moved; `sleep` can be handed to whoever would wait."""

    def __init__(self) -> None:
        self.moved = 0.0
        super().__init__(lambda: self.moved)

    def advance(self, seconds: float) -> None:
        self.moved += seconds

    async def sleep(self, seconds: float) -> None:
        self.advance(seconds)
