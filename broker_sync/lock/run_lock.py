"""The lock that a run holds while it works.

What is certain, and by what:

- On one system (containers of one machine included) the operating system holds a lock on the holder's file
  for as long as the process lives, and forgets it with the process: a dead run is known at once, for sure.
  Processes that see each other are also told by number and start, should the volume know no locks.
- Where machines share a volume, its locks may not be shared. So the holder changes its file every `beat`
  seconds. Another machine believes that it is dead only after it has itself seen the file unchanged for
  `lease` seconds: no clock is compared with another machine's, and clocks may jump.
- A holder that was held up for half a lease gives up by itself (:meth:`RunLock.check`): by then another
  machine cannot have taken its place yet.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import os
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from broker_sync.archive.errors import advice_on
from broker_sync.errors import StoreError
from broker_sync.lock.errors import LockLostError, RunLockedError
from broker_sync.lock.files import Link, LockFiles, OSLock
from broker_sync.lock.holder import Holder, text_of
from broker_sync.lock.machine import Life, Machine, this_process
from broker_sync.storage.folders import make_private

__all__ = ["RunLock"]

_LEASE: Final = 60.0
_BEAT: Final = 10.0
_LOOKS: Final = 60  # at a file that may be a dead run's, within a lease
_TRIES: Final = 100


def _seconds() -> float:
    # Goes on while a laptop sleeps, where the system has such a clock.
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class RunLock:
    """Held between ``with`` and its end; the data directory is made where it is not there.

    Entering raises :class:`~broker_sync.lock.RunLockedError` when another run is at work, at once or, for one
    on another machine that gives no sign of life, within `lease` seconds; and
    :class:`~broker_sync.errors.StoreError` where nothing can be written. `now` gives the time, aware, for
    people to read. `machine` is who holds it; `seconds` (which never goes back), `sleep` and `os_lock` are
    the system's unless others are given.
    """

    def __init__(
        self,
        directory: Path,
        *,
        now: Callable[[], dt.datetime],
        machine: Machine | None = None,
        lease: float = _LEASE,
        beat: float = _BEAT,
        seconds: Callable[[], float] = _seconds,
        sleep: Callable[[float], object] = time.sleep,
        os_lock: OSLock = fcntl.flock,
    ) -> None:
        self._now = now
        self._machine = this_process() if machine is None else machine
        self._lease = lease
        self._beat_every = beat
        self._seconds = seconds
        self._sleep = sleep
        self._files = LockFiles(directory, machine=self._machine, os_lock=os_lock)
        self._held: _Held | None = None

    @property
    def path(self) -> Path:
        """The file by which people know the lock."""
        return self._files.first

    def __enter__(self) -> Self:
        try:
            make_private(self.path.parent)
            self._held = self._acquired()
        except OSError as error:
            raise StoreError(f"{self.path} cannot be used ({error.strerror}); {advice_on(error)}") from error
        self._held.go_on_beating()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        held, self._held = self._held, None
        if held is not None:
            held.release()

    def check(self) -> None:
        """Raise :class:`~broker_sync.lock.LockLostError` when another run may be at work by now.

        To be called before anything is sent; costs the reading of a small file.
        """
        if self._held is None:
            raise LockLostError(self.path, "it was never taken, or was given back")
        self._held.check()

    def _acquired(self) -> _Held:
        for _ in range(_TRIES):
            links = self._files.chain()
            if links and not self._is_gone(links[-1]):
                continue
            path = self._files.after(links[-1].token) if links else self.path
            held = self._tried(path)
            if held is not None:
                return held
        raise RunLockedError(self.path, None, lease=self._lease)

    def _is_gone(self, link: Link) -> bool:
        """Whether the run of `link` is dead; False if the file has gone, RunLockedError if it lives."""
        if link.life is Life.UNKNOWN:
            return self._was_silent(link)
        if link.life is Life.ALIVE:
            raise RunLockedError(link.path, link.holder, lease=self._lease)
        return True

    def _was_silent(self, link: Link) -> bool:
        until = self._seconds() + self._lease
        while self._seconds() < until:
            self._sleep(self._lease / _LOOKS)
            links = self._files.chain()
            if not links or links[-1].path != link.path:
                return False
            if links[-1].content != link.content:
                raise RunLockedError(link.path, links[-1].holder, lease=self._lease)
        return True

    def _tried(self, path: Path) -> _Held | None:
        """The lock, if `path` could be made, and is where the chain ends."""
        begun = self._seconds()
        machine = self._machine
        made = self._files.make(
            path,
            Holder(
                token=secrets.token_hex(16),
                host=machine.host,
                boot=machine.boot,
                processes=machine.processes,
                pid=machine.pid,
                started=machine.started,
                since=self._now(),
                is_watched=False,
            ),
        )
        if made is None:
            return None
        held = _Held(
            self._files, *made, seconds=self._seconds, begun=begun, lease=self._lease, every=self._beat_every
        )
        if held.lost() is None:
            self._files.tidy(held.links, descriptor=made[0])
            return held
        # The run that this one was to follow had ended meanwhile, and with it the chain.
        held.drop(path)
        return None


class _Held:
    """The lock while this run has it: signs of life, and the end."""

    def __init__(
        self,
        files: LockFiles,
        descriptor: int,
        holder: Holder,
        *,
        seconds: Callable[[], float],
        begun: float,
        lease: float,
        every: float,
    ) -> None:
        self._files = files
        self._descriptor = descriptor
        self._holder = holder
        self._seconds = seconds
        self._beaten = begun
        self._patience = lease / 2
        self._every = every
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._beat_on, name="broker-sync-lock", daemon=True)
        self.links: list[Link] = []

    def _is_last(self) -> bool:
        self.links = self._files.chain()
        return bool(self.links) and self.links[-1].token == self._holder.token

    def go_on_beating(self) -> None:
        self._thread.start()

    def check(self) -> None:
        lost = self.lost()
        if lost is not None:
            raise LockLostError(self._files.first, lost)

    def release(self) -> None:
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()
        # What is another's by now is left alone.
        if self.lost() is None:
            self._files.remove(self.links)
        os.close(self._descriptor)

    def drop(self, path: Path) -> None:
        with suppress(OSError):
            path.unlink()
        os.close(self._descriptor)

    def lost(self) -> str | None:
        """Why this run does not have the lock any more; None if it has."""
        if self._seconds() - self._beaten > self._patience:
            return "this run was held up for too long"
        try:
            return None if self._is_last() else "another run has taken over"
        except OSError as error:
            return f"it cannot be read ({error.strerror})"

    def _beat_on(self) -> None:
        while not self._stopped.wait(self._every):
            self.beat()

    def beat(self) -> None:
        """Give a sign of life; one that cannot be given counts as held up."""
        now = self._seconds()
        if now - self._beaten > self._patience:
            return
        following = replace(self._holder, beat=self._holder.beat + 1)
        with suppress(OSError):
            os.pwrite(self._descriptor, text_of(following), 0)
            os.fsync(self._descriptor)
            self._holder = following
            self._beaten = now
