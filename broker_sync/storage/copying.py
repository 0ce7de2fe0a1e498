"""Copies databases that are in use, all of them as of one moment."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection

from broker_sync.errors import StoreError
from broker_sync.storage.failures import TEMPORARY, failure_of

__all__ = ["copy_open", "copy_together"]

_WAIT: Final = 30.0


def copy_together(sources: Sequence[Path], folder: Path) -> list[Path]:
    """Copy databases into `folder` (files 0600) under their names; the paths of the copies.

    From the moment of the first on, nobody can write to those that come before in `sources` until the last is
    copied. A write to one that was under way is waited for; a run that died in one is put in order as the
    next run would. The copies are read through. Raises :class:`~broker_sync.errors.StoreError`,
    :class:`~broker_sync.errors.TransientError` while another program writes for long, and OSError.
    """
    with ExitStack() as held:
        return [_copied(held.enter_context(_steady(source)), source, folder) for source in sources]


def copy_open(source: Connection, target: Connection) -> None:
    """Copy all that `source` sees into the empty database of `target`."""
    seen: Any = source.connection.dbapi_connection
    with _explained(TEMPORARY):
        seen.backup(target.connection.dbapi_connection)


@contextmanager
def _steady(path: Path) -> Iterator[sqlite3.Connection]:
    """The database, as it is now for as long as this is open."""
    with _explained(path):
        address = f"{path.absolute().as_uri()}?mode=rw"
        connection = sqlite3.connect(address, uri=True, isolation_level=None, timeout=_WAIT)
    with closing(connection):
        with _explained(path):
            connection.execute("BEGIN")
            # Beginning alone takes no lock.
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
        yield connection


def _copied(source: sqlite3.Connection, path: Path, folder: Path) -> Path:
    target = folder / path.name
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with _explained(target), closing(sqlite3.connect(target, isolation_level=None)) as copy:
        with _explained(path):
            source.backup(copy)
        found = [text for (text,) in copy.execute("PRAGMA integrity_check(1)")]
    if found != ["ok"]:
        raise StoreError(
            f"{path} is damaged ({found[0]}), so no copy of it was kept; see `broker-sync verify`"
        )
    with target.open("rb") as file:
        os.fsync(file.fileno())
    return target


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        failure = failure_of(path, error)
        if failure is None:
            raise
        raise failure from error
