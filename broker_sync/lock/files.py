"""The files of the lock: ``run.lock``, and one beside it for each run that took over from a dead one.

::

    run.lock              the first: whoever makes it holds the lock
    run.lock.<token>      took over from the run of that token
    run.lock.<token'>     took over from that one: the last one holds the lock

A file is made where none was, and whoever makes it is the only one: two that find the same run dead cannot
both follow it. Names hold tokens, which no two runs share, so a file that somebody removes is never another
one by then. A run that ends removes ``run.lock`` first, and with it the whole chain is gone.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from broker_sync.lock.holder import Holder, HolderError, holder_from, text_of
from broker_sync.lock.machine import Life, Machine

__all__ = ["NAME", "Link", "LockFiles", "OSLock"]

NAME: Final = "run.lock"
_UNFINISHED: Final = f".{NAME}."
_MOST: Final = 4096  # bytes of a file that are read, and links of a chain that are followed
_LONG_AGO: Final = 24 * 3600.0
# Somebody has a lock on the file: so the system answers flock, and read where locks are enforced.
_TAKEN: Final = frozenset({errno.EAGAIN, errno.EACCES})
_VANISHED: Final = frozenset({errno.ENOENT, errno.ESTALE})
_NO_LINKS: Final = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})

OSLock = Callable[[int, int], object]
"""``fcntl.flock``, or what stands for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A file of the chain; `holder` is None where its `content` is not one of ours."""

    path: Path
    content: bytes
    holder: Holder | None
    life: Life

    @property
    def token(self) -> str:
        """What its follower is named by."""
        return hashlib.sha256(self.content).hexdigest()[:32] if self.holder is None else self.holder.token


class LockFiles:
    """The files in `directory`, as `machine` sees them; methods raise OSError."""

    def __init__(self, directory: Path, *, machine: Machine, os_lock: OSLock = fcntl.flock) -> None:
        self.first = directory / NAME
        self._machine = machine
        self._os_lock = os_lock

    def after(self, token: str) -> Path:
        """The file of the run that takes over from the run of `token`."""
        return self.first.with_name(f"{NAME}.{token}")

    def chain(self) -> list[Link]:
        """All links, the holder's last; empty when nobody has the lock."""
        links: list[Link] = []
        link = self._read(self.first)
        while link is not None and len(links) < _MOST:
            links.append(link)
            link = self._read(self.after(link.token))
        return links

    def make(self, path: Path, holder: Holder) -> tuple[int, Holder] | None:
        """Make `path` for `holder`, open it and have the system lock it; None if somebody was faster.

        Gives the descriptor back, and the holder as it was written.
        """
        # Locked and written under another name first: whoever sees the file must not find it without a lock.
        draft = path.with_name(f"{_UNFINISHED}{holder.token}")
        descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        try:
            written = self._written(draft, descriptor, holder)
            is_made = _linked(draft, path, descriptor)
        except _NoLinksError:
            os.close(descriptor)
            return _made_alone(path, replace(holder, is_watched=False))
        except BaseException:
            os.close(descriptor)
            raise
        finally:
            with suppress(OSError):
                draft.unlink()
        if is_made:
            return descriptor, written
        os.close(descriptor)
        return None

    def remove(self, links: Iterable[Link]) -> None:
        """Remove a chain, its first link first."""
        for link in links:
            with suppress(OSError):
                link.path.unlink(missing_ok=True)

    def tidy(self, links: Iterable[Link], *, descriptor: int) -> None:
        """Remove what runs left long ago (by the clock of the volume) that died while they made a file."""
        reachable = {link.path for link in links}
        now = os.fstat(descriptor).st_mtime
        with suppress(OSError):
            for path in self.first.parent.iterdir():
                if path.name.startswith((_UNFINISHED, f"{NAME}.")) and path not in reachable:
                    with suppress(OSError):
                        if path.stat().st_mtime < now - _LONG_AGO:
                            path.unlink()

    def _written(self, draft: Path, descriptor: int, holder: Holder) -> Holder:
        """Lock the file and write who holds it."""
        written = replace(holder, is_watched=self._is_locked(descriptor))
        _write(descriptor, written)
        if written.is_watched and not _is_readable(draft):
            # Where locks are enforced nobody could read who holds it.
            self._os_lock(descriptor, fcntl.LOCK_UN)
            written = replace(holder, is_watched=False)
            _write(descriptor, written)
        return written

    def _is_locked(self, descriptor: int) -> bool:
        try:
            self._os_lock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _read(self, path: Path) -> Link | None:
        try:
            descriptor = os.open(path, os.O_RDONLY)
            try:
                return self._judged(path, descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            if error.errno in _VANISHED:
                return None
            raise

    def _judged(self, path: Path, descriptor: int) -> Link:
        try:
            content = os.read(descriptor, _MOST)
        except OSError as error:
            if error.errno not in _TAKEN:
                raise
            return Link(path=path, content=b"", holder=None, life=Life.ALIVE)
        try:
            holder = holder_from(content)
        except HolderError:
            return Link(path=path, content=content, holder=None, life=Life.UNKNOWN)
        return Link(path=path, content=content, holder=holder, life=self._life_of(holder, descriptor))

    def _life_of(self, holder: Holder, descriptor: int) -> Life:
        life = self._machine.life_of(holder)
        if life is not Life.UNKNOWN or not holder.is_watched:
            return life
        try:
            # Shared, so that two who ask do not take each other for the holder; gone when it is closed.
            self._os_lock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError as error:
            return Life.ALIVE if error.errno in _TAKEN else Life.UNKNOWN
        # That nobody has it says something of this system only: others may not be told of each other's locks.
        return Life.GONE if self._machine.is_same_system(holder) else Life.UNKNOWN


class _NoLinksError(Exception):
    """The volume cannot give a file a second name."""


def _linked(draft: Path, path: Path, descriptor: int) -> bool:
    try:
        os.link(draft, path)
    except FileExistsError:
        # Over a network an answer may be lost and the question sent again: then it was us who made it.
        return os.fstat(descriptor).st_nlink == 2
    except OSError as error:
        if error.errno in _NO_LINKS:
            raise _NoLinksError from error
        raise
    return True


def _made_alone(path: Path, holder: Holder) -> tuple[int, Holder] | None:
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    except FileExistsError:
        return None
    try:
        _write(descriptor, holder)
    except BaseException:
        os.close(descriptor)
        path.unlink()
        raise
    return descriptor, holder


def _is_readable(path: Path) -> bool:
    try:
        path.read_bytes()
    except OSError:
        return False
    return True


def _write(descriptor: int, holder: Holder) -> None:
    os.pwrite(descriptor, text_of(holder), 0)
    os.fsync(descriptor)
