"""A statement as it was received: where it is, what it is called and how to read it again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from broker_sync.providers.ibkr.errors import StatementRefusedError

__all__ = ["Document"]

_CHUNK: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class Document:
    """One file; it is read twice, so it must not change in between (:attr:`size` and mtime are compared)."""

    path: Path

    @property
    def name(self) -> str:
        """What people call it: the file's name."""
        return self.path.name

    @property
    def size(self) -> int:
        """Bytes; raises :class:`StatementRefusedError` when there is no such file."""
        try:
            return self.path.stat().st_size
        except OSError as error:
            raise self._unreadable(error) from error

    def chunks(self) -> Iterator[bytes]:
        """The bytes from the start, in pieces; raises :class:`StatementRefusedError` if it cannot be read."""
        try:
            with self.path.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    yield chunk
        except OSError as error:
            raise self._unreadable(error) from error

    def digest(self) -> str:
        """SHA-256 of the bytes, hexadecimal: the document's identity."""
        total = hashlib.sha256()
        for chunk in self.chunks():
            total.update(chunk)
        return total.hexdigest()

    def _unreadable(self, error: OSError) -> StatementRefusedError:
        return StatementRefusedError(
            document=str(self.path),
            reason=f"the file cannot be read ({error.strerror})",
            advice="Check --file.",
        )
