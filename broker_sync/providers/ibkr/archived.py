"""A statement in the archive, read like any other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from broker_sync.archive import Archive
from broker_sync.providers.ibkr.document import Document
from broker_sync.received import Entry

__all__ = ["ArchivedDocument"]


class ArchivedDocument(Document):
    """The statement `entry` of `archive`; its bytes are checked against its name whenever they are read."""

    __slots__ = ("_archive", "_entry")

    def __init__(self, archive: Archive, entry: Entry) -> None:
        super().__init__(Path(f"{entry.sha256[:12]}.{entry.form}"))
        object.__setattr__(self, "_archive", archive)
        object.__setattr__(self, "_entry", entry)

    _archive: Archive
    _entry: Entry

    @property
    def size(self) -> int:
        """Bytes, as they were received."""
        return self._entry.size

    def chunks(self) -> Iterator[bytes]:
        """The bytes from the start; raises :class:`~broker_sync.archive.ArchiveError`."""
        return self._archive.open(self._entry.sha256)

    def digest(self) -> str:
        """What the archive knows it by; the bytes are held to it when they are read."""
        return self._entry.sha256
