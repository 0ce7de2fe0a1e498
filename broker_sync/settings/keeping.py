"""Writes files of settings, for their owner only and never over what is there unless told to."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from broker_sync.errors import BrokerSyncError, SettingsError

__all__ = ["keep"]

_OWNER: Final = 0o600
_OWNERS_DIRECTORY: Final = 0o700


def keep(files: Mapping[Path, str], *, force: bool) -> None:
    """Write each text to its path, with mode 0600, directories made where they are missing.

    Raises SettingsError, and writes nothing, if one is there already and `force` is False; BrokerSyncError if
    one cannot be written. A file is replaced as a whole or not at all.
    """
    there = [path for path in files if os.path.lexists(path)]
    if there and not force:
        names = ", ".join(str(path) for path in there)
        raise SettingsError(f"{names}: there already, and nothing was written; --force replaces it")
    for path, text in files.items():
        try:
            _write(path, text)
        except OSError as error:
            raise BrokerSyncError(f"{path} cannot be written ({error.strerror})") from None


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(mode=_OWNERS_DIRECTORY, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        # O_EXCL: nobody else can have put something there for us to write into.
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
