"""Reads the facts of statements off the disk."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from broker_sync.archive.errors import ArchiveError, advice_on
from broker_sync.archive.shelf import Shelf
from broker_sync.archive.sidecar import SidecarError, entry_from
from broker_sync.received import Catalogue, Entry, Finding

__all__ = ["DamagedSidecarError", "Reader", "catalogue", "entry_at"]

# A sidecar is never written over: a new one takes its place, and has another inode.
_Mark = tuple[int, int, int]
_RESTORE: Final = (
    "Restore the file from a backup, or move it away: the next sync then writes what the statement tells"
)


class DamagedSidecarError(ArchiveError):
    """The facts of a statement cannot be read; its bytes may well be there."""

    def __init__(self, path: Path, reason: str, advice: str) -> None:
        self.path = path
        self.text = f"the facts of this statement cannot be read: {reason}. {advice}."
        super().__init__(f"{path}: {self.text}")

    def finding(self, shelf: Shelf) -> Finding:
        """As a line of a report."""
        return Finding(file=shelf.relative(self.path), text=self.text)


def entry_at(path: Path) -> Entry:
    """What the sidecar at `path` says; raises :class:`DamagedSidecarError`."""
    try:
        entry = entry_from(path.read_bytes())
    except SidecarError as error:
        raise DamagedSidecarError(path, str(error), _RESTORE) from error
    except OSError as error:
        raise DamagedSidecarError(path, str(error.strerror), advice_on(error).capitalize()) from error
    if (entry.sha256, entry.provider) != (path.stem, path.parts[-3]):
        raise DamagedSidecarError(path, "they are another statement's", _RESTORE)
    return entry


class Reader:
    """Reads sidecars, and remembers what those said that did not change since."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[_Mark, Entry]] = {}

    def entry_at(self, path: Path) -> Entry:
        """What the sidecar at `path` says; raises :class:`DamagedSidecarError`."""
        mark = _mark_of(path)
        known = self._known.get(path)
        if known is not None and mark == known[0]:
            return known[1]
        entry = entry_at(path)
        if mark is not None:
            self._known[path] = (mark, entry)
        return entry


def _mark_of(path: Path) -> _Mark | None:
    try:
        status = path.stat()
    except OSError:
        return None  # whoever reads it says why
    return status.st_ino, status.st_mtime_ns, status.st_size


def catalogue(shelf: Shelf, provider: str | None, reader: Reader) -> Catalogue:
    """All that can be read, the earliest received first, and what cannot."""
    entries, damaged = [], []
    for path in shelf.sidecars(provider):
        try:
            entries.append(reader.entry_at(path))
        except DamagedSidecarError as error:
            damaged.append(error.finding(shelf))
    entries.sort(key=lambda entry: (entry.received_at, entry.sha256))
    return Catalogue(entries=tuple(entries), damaged=tuple(damaged))
