"""What can go wrong with an archive, and what its user can do about it."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Final

from broker_sync.errors import StoreError

__all__ = ["ArchiveError", "TamperedError", "advice_on", "failure_of"]

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
_BARRED: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


class ArchiveError(StoreError):
    """The archive cannot be read or written; the message names the file."""


class TamperedError(ArchiveError):
    """The bytes that are kept are not those that were received."""


def failure_of(path: Path, error: OSError) -> ArchiveError:
    """The error to raise where the operating system refuses `path`."""
    return ArchiveError(f"{path} cannot be used ({error.strerror}); {advice_on(error)}")


def advice_on(error: OSError) -> str:
    """What to do about `error`, without a capital or a full stop."""
    if error.errno in _FULL:
        return "make room on the disk and run again"
    if error.errno in _BARRED:
        return "check that the user who runs broker-sync may read and write there"
    return "check the disk or the network volume that holds it"
