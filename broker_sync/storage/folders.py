"""Folders that only their owner can look into, and names that are on the disk."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

__all__ = ["make_private", "settle"]


def make_private(folder: Path) -> None:
    """Make `folder` and those above it that are not there (mode 0700). Raises OSError."""
    # Not with `parents`: the mode would be that of the last one only.
    for each in [*reversed(folder.absolute().parents), folder]:
        with suppress(FileExistsError):
            each.mkdir(mode=0o700)


def settle(folder: Path) -> None:
    """See to it that the names in `folder` are on the disk."""
    # Some network volumes cannot be told to; they write by themselves.
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
