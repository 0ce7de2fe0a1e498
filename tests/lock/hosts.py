"""Machines that share a volume, and time that passes when somebody waits."""

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from broker_sync.lock import Machine, RunLock, this_process

NOW = dt.datetime(2026, 6, 1, 6, 30, tzinfo=dt.UTC)
NEVER = 3600.0


class Time:
    """Seconds that pass only while somebody sleeps; `meanwhile` is done at each of the sleeps."""

    def __init__(self) -> None:
        self.seconds = 100.0
        self.slept = 0.0
        self.meanwhile: Callable[[], object] = lambda: None

    def __call__(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        self.slept += seconds
        self.meanwhile()


def not_shared(_descriptor: int, _operation: int) -> None:
    """Locks that a volume grants to everybody, as it does not tell one machine of the other's."""


def no_locks(_descriptor: int, _operation: int) -> None:
    """Locks on a volume that has none."""
    raise OSError(95, "Operation not supported")


def host(name: str, **changes: Any) -> Machine:  # noqa: ANN401  # any field
    """A machine of its own; its process has the number of this one."""
    given: dict[str, Any] = {
        "host": name,
        "boot": f"boot of {name}",
        "processes": "pid:[1]",
        "pid": os.getpid(),
        "started": this_process().started,
    }
    return Machine(**given | changes)


def lock(folder: Path, machine: Machine | None = None, time: Time | None = None, **more: Any) -> RunLock:  # noqa: ANN401
    """A lock whose holder gives signs of life only when it is told to."""
    time = time or Time()
    given: dict[str, Any] = {"beat": NEVER, "seconds": time, "sleep": time.sleep, "now": lambda: NOW}
    return RunLock(folder, machine=machine, **given | more)


def sign_of_life(held: RunLock) -> None:
    """What the holder does by itself every few seconds."""
    assert held._held is not None  # noqa: SLF001  # it has a thread of its own for this
    held._held.beat()  # noqa: SLF001
