"""How long the stages of a run take."""

from __future__ import annotations

import datetime as dt

from broker_sync.cli.clock import Clock

__all__ = ["Stopwatch"]


class Stopwatch:
    """How long the stages of a run took, by name."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began = self._last = clock.seconds()
        self.stages: dict[str, dt.timedelta] = {}

    def stage(self, name: str) -> None:
        """What went on since the last call, or since the beginning, was `name`."""
        now = self._clock.seconds()
        spent = dt.timedelta(seconds=now - self._last)
        self.stages[name] = self.stages.get(name, dt.timedelta()) + spent
        self._last = now

    @property
    def total(self) -> dt.timedelta:
        """Since the beginning."""
        return dt.timedelta(seconds=self._clock.seconds() - self._began)
