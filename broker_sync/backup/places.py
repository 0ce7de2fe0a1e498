"""What of a data directory belongs into a backup, and what a backup is called."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Final

from broker_sync.archive.errors import advice_on
from broker_sync.errors import StoreError

__all__ = [
    "ARCHIVE",
    "DATABASES",
    "MANIFEST",
    "RESTORING",
    "UNFINISHED",
    "backups_in",
    "breakers_in",
    "is_ours",
    "name_at",
    "present",
    "unusable",
]

DATABASES: Final = ("sync.db", "portfolio.db")
"""In the order in which they are copied."""
ARCHIVE: Final = "archive"
MANIFEST: Final = "manifest.json"
UNFINISHED: Final = ".unfinished-"
RESTORING: Final = ".restore-unfinished"
"""Is in a data directory while the files of a backup are being put there."""

_BREAKER: Final = "-breaker.json"
_SIDE_FILES: Final = ("-journal", "-wal", "-shm")
_NAME: Final = re.compile(r"broker-sync-\d{8}T\d{6}Z(-\d+)?")


def name_at(moment: dt.datetime) -> str:
    """What a backup of that moment is called; names are in the order of time."""
    return f"broker-sync-{moment.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"


def backups_in(folder: Path) -> list[Path]:
    """The finished backups in `folder`, the earliest first. Raises OSError."""
    try:
        found = [path for path in folder.iterdir() if _NAME.fullmatch(path.name)]
    except FileNotFoundError:
        return []
    return sorted((path for path in found if (path / MANIFEST).is_file()), key=_in_time)


def _in_time(path: Path) -> tuple[str, int]:
    moment, _, number = path.name.removeprefix("broker-sync-").partition("-")
    return moment, int(number or 1)


def breakers_in(folder: Path) -> list[Path]:
    """The memories of failed requests in a data directory. Raises OSError."""
    return sorted(path for path in folder.glob(f"*{_BREAKER}") if not path.name.startswith("."))


def is_ours(path: str) -> bool:
    """Whether a file of this path belongs into a backup."""
    first, _, rest = path.partition("/")
    return first == ARCHIVE if rest else first in DATABASES or first.endswith(_BREAKER)


def present(folder: Path) -> list[Path]:
    """What of a backup, or of a database's own, is in a data directory; memories of failures left out."""
    # A journal that is left beside another database than its own would damage that.
    names = [*DATABASES, *(f"{name}{side}" for name in DATABASES for side in _SIDE_FILES), ARCHIVE]
    return [folder / name for name in names if (folder / name).exists()]


def unusable(path: Path, error: OSError) -> StoreError:
    """The error to raise where the operating system refuses `path`."""
    return StoreError(f"{path} cannot be used ({error.strerror}); {advice_on(error)}")
