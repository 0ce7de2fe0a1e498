"""Files that are there whole or not at all, and that only their owner can read."""

from __future__ import annotations

import gzip
import hashlib
import os
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from broker_sync.archive.errors import TamperedError

__all__ = ["UNFINISHED", "Arrived", "chunks_of", "place", "receive", "write_whole"]

UNFINISHED: Final = ".unfinished-"
"""How the names of files begin that are still being written."""
_CHUNK: Final = 256 * 1024
_LEVEL: Final = 6  # the next ones take twice as long for a hundredth of the size


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """Compressed bytes on the disk, under a name that is not theirs yet; hash and size are of what came."""

    path: Path
    sha256: str
    size: int


@contextmanager
def receive(chunks: Iterable[bytes], folder: Path) -> Iterator[Arrived]:
    """Compress `chunks` into a new file in `folder`, which is gone afterwards unless it was placed.

    Equal bytes give equal files. Raises OSError, and whatever `chunks` raises.
    """
    with _new_file(folder) as (file, path):
        digest, size = hashlib.sha256(), 0
        # No name and no time in the header, or equal bytes would give different files.
        with gzip.GzipFile(filename="", mode="wb", fileobj=file, compresslevel=_LEVEL, mtime=0) as packed:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                packed.write(chunk)
        _settle(file)
        yield Arrived(path=path, sha256=digest.hexdigest(), size=size)


def place(path: Path, target: Path) -> None:
    """Give the finished file at `path` its name; what had that name is gone. Raises OSError."""
    _make_folder(target.parent)
    path.replace(target)
    _settle_folder(target.parent)


def write_whole(target: Path, content: bytes) -> None:
    """Write a file so that there is, whatever happens, either the old content or the new. Raises OSError."""
    _make_folder(target.parent)
    with _new_file(target.parent) as (file, path):
        file.write(content)
        _settle(file)
        place(path, target)


def chunks_of(path: Path, *, sha256: str) -> Iterator[bytes]:
    """The bytes that were compressed into `path`, in pieces, checked on the way.

    The last piece comes only if all of them are what `sha256` says, so that nobody reads a changed file to
    its end. Raises :class:`TamperedError`, and OSError where it cannot be read.
    """
    digest = hashlib.sha256()
    held = b""
    try:
        with gzip.open(path, "rb") as packed:
            while chunk := packed.read(_CHUNK):
                digest.update(chunk)
                if held:
                    yield held
                held = chunk
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise _tampered(path, f"it cannot be unpacked: {error}") from error
    if digest.hexdigest() != sha256:
        raise _tampered(path, f"its content has the hash {digest.hexdigest()}")
    yield held


def _tampered(path: Path, what: str) -> TamperedError:
    return TamperedError(f"{path} is not what was received: {what}. Restore it from a backup.")


@contextmanager
def _new_file(folder: Path) -> Iterator[tuple[BinaryIO, Path]]:
    _make_folder(folder)
    # Made so that only its owner can read it, and it stays so under its later name.
    descriptor, name = tempfile.mkstemp(prefix=UNFINISHED, dir=folder)
    path = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file, path
    finally:
        with suppress(FileNotFoundError):
            path.unlink()


def _make_folder(folder: Path) -> None:
    for each in [*reversed(folder.absolute().parents), folder]:
        if not each.exists():
            with suppress(FileExistsError):
                each.mkdir(mode=0o700)


def _settle(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _settle_folder(folder: Path) -> None:
    # A name is on the disk only when its folder is. Some network volumes cannot be told to; they write by
    # themselves.
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
