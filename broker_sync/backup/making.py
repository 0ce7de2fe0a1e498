"""Makes a backup: a folder beside the others, under its name only when it is whole."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from broker_sync.archive.shelf import Shelf
from broker_sync.backup.manifest import CopiedFile, Manifest, text_of
from broker_sync.backup.places import (
    ARCHIVE,
    DATABASES,
    MANIFEST,
    RESTORING,
    UNFINISHED,
    backups_in,
    breakers_in,
    name_at,
    unusable,
)
from broker_sync.errors import SettingsError, StoreError
from broker_sync.storage.copying import copy_together
from broker_sync.storage.folders import make_private, settle

__all__ = ["Backup", "back_up"]

_CHUNK: Final = 1024 * 1024
_LONG_AGO: Final = 24 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A backup that was made at `path`, and those that were removed for it."""

    path: Path
    manifest: Manifest
    removed: tuple[Path, ...]


def back_up(
    data_dir: Path, folder: Path, *, now: dt.datetime, program: str, keep: int | None = None
) -> Backup:
    """Copy what `data_dir` has into a new backup in `folder`; only the last `keep` then stay there.

    Statements are hard links where the volume is the same: their files are never written to again. Nothing is
    removed before the new backup is whole. `now` is aware; ValueError for a `keep` below 1. Raises
    :class:`~broker_sync.errors.SettingsError` where there is nothing to copy, and
    :class:`~broker_sync.errors.StoreError`.
    """
    if keep is not None and keep < 1:
        raise ValueError(f"at least 1 backup is kept, not {keep}")
    _refuse_unfinished(data_dir)
    try:
        return _made(data_dir, folder, now=now, program=program, keep=keep)
    except OSError as error:
        raise unusable(folder, error) from error


def _refuse_unfinished(data_dir: Path) -> None:
    if (data_dir / RESTORING).exists():
        raise StoreError(
            f"{data_dir}: a restore is under way, or was cut off; there is nothing whole to copy"
        )


def _made(data_dir: Path, folder: Path, *, now: dt.datetime, program: str, keep: int | None) -> Backup:
    make_private(folder)
    work = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=folder))
    try:
        _copy_all(data_dir, work)
        files = tuple(sorted(_described(work), key=lambda file: file.path))
        if not files:
            raise SettingsError(f"{data_dir} has nothing to back up; check BROKER_SYNC_DATA_DIR")
        _refuse_unfinished(data_dir)
        manifest = Manifest(made_at=now, program=program, files=files)
        _write(work / MANIFEST, text_of(manifest))
        path = _named(work, folder / name_at(now))
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return Backup(path=path, manifest=manifest, removed=_thinned(folder, path, keep))


def _copy_all(data_dir: Path, work: Path) -> None:
    # The archive first: see the package.
    _copy_archive(data_dir / ARCHIVE, work / ARCHIVE)
    copy_together([data_dir / name for name in DATABASES if (data_dir / name).exists()], work)
    for breaker in breakers_in(data_dir):
        _copy(breaker, work / breaker.name)


def _copy_archive(source: Path, target: Path) -> None:
    shelf = Shelf(source)
    # What is known of a statement first: its bytes were there before that.
    sidecars = list(shelf.sidecars())
    for sidecar in sidecars:
        _link(sidecar, target / sidecar.relative_to(source))
    for sidecar in sidecars:
        for body in sorted(sidecar.parent.glob(f"{sidecar.stem}.*.gz")):
            try:
                _link(body, target / body.relative_to(source))
            except FileNotFoundError:
                # Removed meanwhile, as the settings say; its facts have said so since before that.
                copied = target / sidecar.relative_to(source)
                copied.unlink()
                _link(sidecar, copied)


def _link(source: Path, target: Path) -> None:
    make_private(target.parent)
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:
        _copy(source, target)


def _copy(source: Path, target: Path) -> None:
    with source.open("rb") as read:
        descriptor = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as written:
            shutil.copyfileobj(read, written, _CHUNK)
            written.flush()
            os.fsync(written.fileno())


def _described(work: Path) -> Iterator[CopiedFile]:
    for path in work.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            yield CopiedFile(path=path.relative_to(work).as_posix(), size=path.stat().st_size, sha256=digest)


def _write(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _named(work: Path, wanted: Path) -> Path:
    """Give the finished folder its name, with a number if there is one of that moment."""
    for number in range(1, 1000):
        path = wanted if number == 1 else wanted.with_name(f"{wanted.name}-{number}")
        if not path.exists():
            # One that has appeared since has files in it, so it cannot be replaced.
            with suppress(FileExistsError):
                made = work.rename(path)
                settle(path.parent)
                return made
    raise StoreError(f"{wanted.parent} has a thousand backups of one second; name another folder")


def _thinned(folder: Path, newest: Path, keep: int | None) -> tuple[Path, ...]:
    """Remove all but the last `keep`, the `newest` being one of those whatever the clock says."""
    for leftover in folder.glob(f"{UNFINISHED}*"):
        if leftover.stat().st_mtime < newest.stat().st_mtime - _LONG_AGO:
            shutil.rmtree(leftover, ignore_errors=True)
    if keep is None:
        return ()
    others = [path for path in backups_in(folder) if path != newest]
    expendable = others[: max(len(others) - (keep - 1), 0)]
    for path in expendable:
        # Under another name first: what is only half there must not pass for a backup.
        half = path.rename(folder / f"{UNFINISHED}{path.name}")
        shutil.rmtree(half)
    return tuple(expendable)
