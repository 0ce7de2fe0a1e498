"""Where the files of an archive are: by provider, by the first two digits of the hash, by hash."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from broker_sync.archive.errors import failure_of
from broker_sync.archive.files import UNFINISHED

__all__ = ["Body", "Shelf", "check_name"]

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]*")
_HASH: Final = re.compile(r"[0-9a-f]{64}")
_BODY: Final = re.compile(r"([0-9a-f]{64})\.([a-z0-9-]+)\.gz")


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """The compressed bytes of a statement."""

    path: Path
    provider: str
    sha256: str
    form: str


def check_name(name: str) -> str:
    """`name` if it can be part of a path in an archive; ValueError if not."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not a name of lower-case letters, digits and hyphens")
    return name


class Shelf:
    """The folder `directory`, which need not be there. Listings are in the order of the names."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def folder(self, provider: str) -> Path:
        """What a provider has."""
        return self.directory / check_name(provider)

    def sidecar(self, provider: str, sha256: str) -> Path:
        """Where the facts of a statement are."""
        return self.folder(provider) / sha256[:2] / f"{sha256}.json"

    def body(self, provider: str, sha256: str, form: str) -> Path:
        """Where the bytes of a statement are."""
        return self.folder(provider) / sha256[:2] / f"{sha256}.{check_name(form)}.gz"

    def relative(self, path: Path) -> str:
        """`path` as it is told to people."""
        return path.relative_to(self.directory).as_posix()

    def providers(self) -> list[str]:
        """Who has a folder."""
        return [path.name for path in _listed(self.directory) if _NAME.fullmatch(path.name)]

    def find(self, sha256: str) -> Path | None:
        """The sidecar of a statement, whosever it is."""
        if not _HASH.fullmatch(sha256):
            return None
        paths = (self.sidecar(provider, sha256) for provider in self.providers())
        return next(filter(_is_there, paths), None)

    def find_of(self, provider: str, sha256: str) -> Path | None:
        """The sidecar of a provider's statement."""
        path = self.sidecar(provider, sha256)
        return path if _is_there(path) else None

    def sidecars(self, provider: str | None = None) -> Iterator[Path]:
        """All facts (of `provider`)."""
        for path in self._files(provider):
            if path.suffix == ".json" and _HASH.fullmatch(path.stem):
                yield path

    def bodies(self) -> Iterator[Body]:
        """All bytes."""
        for path in self._files(None):
            match = _BODY.fullmatch(path.name)
            if match:
                yield Body(path=path, provider=path.parts[-3], sha256=match[1], form=match[2])

    def unfinished(self) -> list[Path]:
        """What was never written to its end."""
        folders = [self.directory / name for name in self.providers()]
        return [
            path
            for path in (*(path for folder in folders for path in _listed(folder)), *self._files(None))
            if path.name.startswith(UNFINISHED)
        ]

    def _files(self, provider: str | None) -> Iterator[Path]:
        for name in self.providers() if provider is None else [provider]:
            for folder in _listed(self.directory / name):
                if not folder.name.startswith("."):
                    yield from _listed(folder)


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as error:
        raise failure_of(path, error) from error


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise failure_of(folder, error) from error
