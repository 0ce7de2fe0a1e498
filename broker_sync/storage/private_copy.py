"""A copy of a database to read when the file itself cannot be read as it is, and must not be changed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from broker_sync.errors import TransientError
from broker_sync.storage.failures import unusable

__all__ = ["copy_database"]


def copy_database(
    path: Path, directory: Path, *, copy_file: Callable[[Path, Path], object] = shutil.copyfile
) -> Path:
    """Copy `path`, with the journal of a write that was never finished, into `directory`.

    Opening the copy rolls that write back, as opening the file would. Raises
    :class:`~broker_sync.errors.TransientError` when another program wrote meanwhile.
    """
    path = path.resolve()  # the journal stands beside the file itself, not beside a link to it
    files = (path, path.with_name(f"{path.name}-journal"))
    copy = directory / path.name
    before = [_state(file) for file in files]
    problem: OSError | None = None
    try:
        for file in files:
            if file.exists():
                copy_file(file, copy.with_name(file.name))
    except OSError as error:
        problem = error
    if [_state(file) for file in files] != before:
        raise TransientError(f"{path} is being written by another program; run again when that has finished")
    if problem is not None:
        raise unusable(path, problem) from problem
    return copy


def _state(file: Path) -> tuple[int, int, int] | None:
    try:
        status = file.stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns
