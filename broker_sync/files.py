"""Replaces small files in one step, so that nobody ever reads half of one."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

__all__ = ["OWNER_ONLY", "replace_file"]

OWNER_ONLY: Final = 0o600
"""Permissions of what nobody else is to read."""


def replace_file(path: Path, content: bytes, *, mode: int = OWNER_ONLY) -> None:
    """Put `content` in place of the file at `path`, with these permissions; OSError if that cannot be done.

    It is on the disk before it has the name, so that a crash leaves the old file or the new one. Meanwhile it
    has another name beside it, which begins with a dot.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    half_written = Path(name)
    try:
        with open(handle, "wb") as file:  # noqa: PTH123  # of the open file, not of its name
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        half_written.replace(path)
    except BaseException:
        with suppress(OSError):
            half_written.unlink()
        raise
