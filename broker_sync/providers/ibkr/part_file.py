"""A statement on its way to the disk: under a name of its own until it is whole, then in place at once."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from broker_sync.errors import StoreError

__all__ = ["Downloaded", "PartFile"]

_TAIL: Final = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Downloaded:
    """A statement as it was received: `size` in bytes, `digest` their SHA-256 in hexadecimal."""

    path: Path
    size: int
    digest: str


class PartFile:
    """Bytes that become the file `to` when :meth:`keep` is called, and vanish otherwise.

    The file is its owner's alone. This is a context manager. Raises
    :class:`~broker_sync.errors.StoreError` when the disk will not have the bytes.
    """

    def __init__(self, to: Path) -> None:
        self._to = to
        self._digest = hashlib.sha256()
        self.size = 0
        self.tail = b""
        with self._disk():
            to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # The part has mode 0600 from the start, and lies beside `to`, since only there can it be renamed.
            handle, name = tempfile.mkstemp(dir=to.parent, prefix=f".{to.name}.", suffix=".part")
        self._file = os.fdopen(handle, "wb")
        self._part = Path(name)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            # What could not be written before cannot be written now, and goes away anyway.
            self._file.close()
        self._part.unlink(missing_ok=True)

    def write(self, data: bytes) -> None:
        """Append `data`; `size` and `tail` (the last bytes) follow."""
        with self._disk():
            self._file.write(data)
        self._digest.update(data)
        self.size += len(data)
        self.tail = (self.tail + data)[-_TAIL:]

    def keep(self) -> Downloaded:
        """Put the file in place, so that even a power failure leaves all of it or nothing."""
        with self._disk():
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._part.replace(self._to)
            folder = os.open(self._to.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        return Downloaded(path=self._to, size=self.size, digest=self._digest.hexdigest())

    @contextmanager
    def _disk(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreError(
                f"The statement cannot be written to {self._to} ({error.strerror}). Make room on the disk, "
                f"or let the user who runs broker-sync write to {self._to.parent}."
            ) from error
