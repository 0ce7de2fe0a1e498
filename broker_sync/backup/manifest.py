"""What is in a backup, as it is written beside it; pure."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

__all__ = ["CopiedFile", "Manifest", "ManifestError", "manifest_from", "text_of"]

_FORMAT: Final = "broker-sync backup"
_VERSION: Final = 1


class ManifestError(ValueError):
    """The text is not a manifest; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiedFile:
    """A file by its path within the backup (with ``/``); `size` is in bytes."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A backup that was made at `made_at` (aware) by the version `program`; `files` by path."""

    made_at: dt.datetime
    program: str
    files: tuple[CopiedFile, ...]


def text_of(manifest: Manifest) -> str:
    """`manifest` as JSON."""
    raw = {
        "format": _FORMAT,
        "version": _VERSION,
        "made_at": manifest.made_at.astimezone(dt.UTC).isoformat(),
        "program": manifest.program,
        "files": [{"path": each.path, "size": each.size, "sha256": each.sha256} for each in manifest.files],
    }
    return json.dumps(raw, indent=1) + "\n"


def manifest_from(content: bytes) -> Manifest:
    """The manifest that :func:`text_of` wrote; raises :class:`ManifestError`."""
    try:
        raw: object = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ManifestError(f"it is not JSON ({error})") from error
    if not isinstance(raw, dict) or raw.get("format") != _FORMAT:
        raise ManifestError("it is not one of broker-sync's")
    if raw.get("version") != _VERSION:
        raise ManifestError(
            f"it has the form {raw.get('version')!r}, and this version of broker-sync knows {_VERSION}: "
            "use a newer one"
        )
    made_at, program, files = raw.get("made_at"), raw.get("program"), raw.get("files")
    if not isinstance(made_at, str) or not isinstance(program, str) or not isinstance(files, list):
        raise ManifestError("made_at, program or files is missing")
    return Manifest(made_at=_moment(made_at), program=program, files=tuple(_file(each) for each in files))


def _moment(text: str) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise ManifestError(str(error)) from error
    if moment.tzinfo is None:
        raise ManifestError(f"{text} has no time zone")
    return moment


def _file(raw: object) -> CopiedFile:
    if not isinstance(raw, dict):
        raise ManifestError("a file is not an object")
    path, size, sha256 = raw.get("path"), raw.get("size"), raw.get("sha256")
    if not isinstance(path, str) or type(size) is not int or not isinstance(sha256, str):
        raise ManifestError("the path, the size or the hash of a file is missing")
    # It is put together with the folder to write to, and must not lead out of there.
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or "\\" in path or "\0" in path:
        raise ManifestError(f"{path!r} is not a path within a backup")
    return CopiedFile(path=path, size=size, sha256=sha256)
