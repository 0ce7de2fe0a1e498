"""Puts a backup back, once it is proven that it can be read; what was there is kept aside."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from broker_sync.backup.manifest import CopiedFile, Manifest, ManifestError, manifest_from
from broker_sync.backup.places import (
    MANIFEST,
    RESTORING,
    UNFINISHED,
    backups_in,
    breakers_in,
    is_ours,
    present,
    unusable,
)
from broker_sync.errors import SettingsError, StoreError
from broker_sync.received import Finding
from broker_sync.storage.folders import make_private, settle

__all__ = ["Restored", "restore"]

_CHUNK: Final = 1024 * 1024
_SHOWN: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A backup that was put back; `aside` is where what was there before is, None if nothing was."""

    manifest: Manifest
    aside: Path | None


def restore(
    backup: Path,
    into: Path,
    *,
    now: dt.datetime,
    check: Callable[[Path], Sequence[Finding]],
    force: bool = False,
) -> Restored:
    """Put `backup` into the data directory `into`, where no run may be at work.

    Every file is compared with the manifest and copied, and `check` says what is wrong with the copy; only if
    nothing is does anything change in `into`. Raises :class:`~broker_sync.errors.SettingsError` for a folder
    that is no backup, and where `into` has data and `force` is not given; and
    :class:`~broker_sync.errors.StoreError` for a backup that is not whole.

    A memory of failed requests that is there stays: it knows better whether the broker has locked us out.
    """
    manifest = _manifest(backup)
    if not force and (present(into) or (into / RESTORING).exists()):
        raise SettingsError(
            f"{into} has data, and nothing was changed; pass --force to put the backup in its place (what is "
            "there is kept beside it), or name another directory with --into"
        )
    try:
        make_private(into)
        work = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=into))
        try:
            for file in manifest.files:
                _copy(backup, file, work)
            _refuse(backup, check(work))
            aside = _put(work, into, now)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    except OSError as error:
        raise unusable(into, error) from error
    return Restored(manifest=manifest, aside=aside)


def _manifest(backup: Path) -> Manifest:
    path = backup / MANIFEST
    try:
        manifest = manifest_from(path.read_bytes())
    except ManifestError as error:
        raise StoreError(f"{path} cannot be read: {error}. Take another backup.") from error
    except (FileNotFoundError, NotADirectoryError) as error:
        raise SettingsError(f"{backup} is not a backup: it has no {MANIFEST}{_hint(backup)}") from error
    except OSError as error:
        raise unusable(path, error) from error
    strange = [file.path for file in manifest.files if not is_ours(file.path)]
    if strange:
        raise StoreError(f"{path} names {strange[0]!r}, which no backup has. Take another one.")
    return manifest


def _hint(folder: Path) -> str:
    found = backups_in(folder) if folder.is_dir() else []
    return f"; name one of those in it, such as {found[-1]}" if found else ""


def _copy(backup: Path, file: CopiedFile, work: Path) -> None:
    source, target = backup / file.path, work / file.path
    make_private(target.parent)
    digest = hashlib.sha256()
    try:
        read = source.open("rb")
    except FileNotFoundError:
        raise StoreError(f"{source} is missing, so the backup is not whole. Take another one.") from None
    with read, os.fdopen(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as written:
        while chunk := read.read(_CHUNK):
            digest.update(chunk)
            written.write(chunk)
        written.flush()
        os.fsync(written.fileno())
    if digest.hexdigest() != file.sha256:
        raise StoreError(f"{source} is not what was backed up: its hash is another. Take another backup.")


def _refuse(backup: Path, findings: Sequence[Finding]) -> None:
    if findings:
        some = " ".join(f"{each.file}: {each.text}" for each in findings[:_SHOWN])
        raise StoreError(f"{backup} cannot be used, and nothing was changed. {some}")


def _put(work: Path, into: Path, now: dt.datetime) -> Path | None:
    marker = into / RESTORING
    # From here on the directory is neither the old one nor the new one; a run that finds this refuses it.
    marker.touch(mode=0o600)
    settle(into)
    aside = _move_aside(into, now)
    there = {path.name for path in breakers_in(into)}
    for path in sorted(work.iterdir()):
        if path.name not in there:
            path.rename(into / path.name)
    settle(into)
    marker.unlink()
    settle(into)
    return aside


def _move_aside(into: Path, now: dt.datetime) -> Path | None:
    old = present(into)
    if not old:
        return None
    stamp = f"replaced-{now.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"
    aside = Path(tempfile.mkdtemp(prefix=f"{stamp}-", dir=into)) if (into / stamp).exists() else into / stamp
    aside.mkdir(mode=0o700, exist_ok=True)
    for path in old:
        path.rename(aside / path.name)
    return aside
