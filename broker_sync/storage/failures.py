"""What a failure of the database means to whoever runs the program."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from broker_sync.errors import BrokerSyncError, StoreError, TransientError

__all__ = ["TEMPORARY", "UnfinishedWriteError", "failure_of", "unusable"]

TEMPORARY: Final = Path("the temporary file (TMPDIR says where)")
"""How a file without a name is called."""
_PRIMARY: Final = (
    0xFF  # an extended result code carries the primary one in its low byte: sqlite.org/rescode.html
)
_BUSY: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_NO_ACCESS: Final = "check that the user who runs broker-sync may write to the file and to its directory"
_FULL: Final = "make room on the disk and run again"
_DISK: Final = "check the disk or the network volume that holds it"
_DAMAGED: Final = "restore it from a backup, or move it away to start afresh"
_NOT_TEXT: Final = "Could not decode to UTF-8"
_ADVICE: Final[Mapping[int, str]] = {
    sqlite3.SQLITE_CANTOPEN: _NO_ACCESS,
    sqlite3.SQLITE_READONLY: _NO_ACCESS,
    sqlite3.SQLITE_PERM: _NO_ACCESS,
    sqlite3.SQLITE_AUTH: _NO_ACCESS,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_IOERR: _DISK,
}
_OS_ADVICE: Final = {errno.ENOSPC: _FULL, errno.EDQUOT: _FULL, errno.EIO: _DISK}


class UnfinishedWriteError(StoreError):
    """A run died in the middle of a write; only a run that may write can put the file back in order."""


def failure_of(path: Path, error: BaseException) -> BrokerSyncError | None:
    """The error to raise for `error` on the database at `path`; None when it is a bug of ours."""
    if isinstance(error, sqlite3.OperationalError) and str(error).startswith(_NOT_TEXT):
        return StoreError(f"{path} cannot be used (it has text that is none); {_DAMAGED}")
    # What the sqlite3 module finds wrong by itself, such as misuse, has no code.
    code: int | None = getattr(error, "sqlite_errorcode", None) if isinstance(error, sqlite3.Error) else None
    if code is None:
        return None
    if code == sqlite3.SQLITE_READONLY_ROLLBACK:
        return UnfinishedWriteError(f"{path}: a run died while writing; the next sync puts the file in order")
    if code & _PRIMARY in _BUSY:
        return TransientError(f"{path} is in use by another program; run again when that has finished")
    advice = _ADVICE.get(code & _PRIMARY)
    return None if advice is None else StoreError(f"{path} cannot be used ({error}); {advice}")


def unusable(path: Path, error: OSError) -> StoreError:
    """The error to raise when the operating system refuses `path`."""
    advice = _OS_ADVICE.get(error.errno or 0, _NO_ACCESS)
    return StoreError(f"{path} cannot be used ({error.strerror}); {advice}")
