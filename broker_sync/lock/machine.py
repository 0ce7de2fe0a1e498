"""Which process on which machine this is, and whether another one still lives."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from enum import Enum, unique
from pathlib import Path
from typing import Final

from broker_sync.lock.holder import Holder

__all__ = ["Life", "Machine", "this_process"]

_PROC: Final = Path("/proc")
_DEAD_STATES: Final = frozenset({"Z", "X", "x"})


@unique
class Life(Enum):
    """What is known of a process."""

    ALIVE = "alive"
    GONE = "gone"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A process and where it runs; see :class:`~broker_sync.lock.Holder` for what the fields mean.

    `proc` is where the system tells of its processes.
    """

    host: str
    boot: str
    processes: str
    pid: int
    started: str
    proc: Path = _PROC

    def is_same_system(self, holder: Holder) -> bool:
        """Whether `holder` runs, or ran, under the kernel that this process runs under."""
        return bool(self.boot) and self.boot == holder.boot

    def life_of(self, holder: Holder) -> Life:
        """Whether the process of `holder` lives, as far as it can be seen from here."""
        if not self.is_same_system(holder) or not self.processes or self.processes != holder.processes:
            return Life.UNKNOWN
        found = _stat(self.proc, holder.pid)
        if found is None:
            # The system may tell of the user's own processes only.
            return Life.UNKNOWN if _is_there(holder.pid) else Life.GONE
        state, started = found
        # Another process may have been given the number since.
        is_it = started == holder.started and state not in _DEAD_STATES
        return Life.ALIVE if is_it else Life.GONE


def this_process(proc: Path = _PROC) -> Machine:
    """This process; what the system does not tell is empty."""
    pid = os.getpid()
    found = _stat(proc, pid)
    return Machine(
        host=socket.gethostname(),
        boot=_read(proc / "sys/kernel/random/boot_id").strip(),
        # Without the start of a process nobody could tell it from a later one with its number.
        processes="" if found is None else _space(proc),
        pid=pid,
        started="" if found is None else found[1],
        proc=proc,
    )


def _stat(proc: Path, pid: int) -> tuple[str, str] | None:
    """State and start (ticks since the boot) of a process; None if there is none. proc_pid_stat(5)."""
    # The name of the program stands in brackets and may have anything in it.
    fields = _read(proc / str(pid) / "stat").rpartition(")")[2].split()
    return (fields[0], fields[19]) if len(fields) > 19 else None


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _space(proc: Path) -> str:
    try:
        return os.readlink(proc / "self/ns/pid")  # noqa: PTH115  # it is a name, not a path
    except OSError:
        return ""


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
