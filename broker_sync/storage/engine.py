"""Opens a database: the one place that knows it is SQLite.

Whatever is kept goes through SQLAlchemy Core with plain statements, so another address can stand here later.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, MetaData, create_engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool

from broker_sync.storage.failures import TEMPORARY, failure_of, unusable

__all__ = ["memory_database", "open_database", "passing_database", "reading", "writing"]

_READS: Final = "broker_sync_reads"
_SETTINGS: Final = (
    "PRAGMA foreign_keys = ON",
    # An intent must be on the disk before the tracker hears of it.
    "PRAGMA synchronous = FULL",
    # Not the write-ahead log: it needs shared memory, which network volumes do not give.
    "PRAGMA journal_mode = DELETE",
)
_PASSING: Final = (
    "PRAGMA foreign_keys = ON",
    "PRAGMA synchronous = OFF",
    "PRAGMA journal_mode = MEMORY",
    "PRAGMA temp_store = FILE",
    # So much stays in memory; where there is no room for temporary files, that is what there is.
    "PRAGMA cache_size = -8192",
)


def open_database(path: Path, *, read_only: bool = False, wait: float = 30.0) -> Engine:
    """The SQLite database at `path`; made (file 0600, directory 0700) when absent, unless `read_only`.

    `wait` is how many seconds to wait for another program's write. The access rights of what is there already
    are left alone: they may have been set on purpose. Failures, now or later, are raised as
    :class:`~broker_sync.errors.StoreError`, or :class:`~broker_sync.errors.TransientError` when it is in use.
    """
    path = path.absolute()
    if not read_only:
        _make(path)
    engine = create_engine(
        _address(path, read_only=read_only),
        # No implicit transactions: sqlite3 would begin them late and end them around schema changes.
        connect_args={"isolation_level": None, "timeout": wait},
    )
    _prepare(engine, path, settings=() if read_only else _SETTINGS)
    return engine


def memory_database(metadata: MetaData, *, name: Path) -> Engine:
    """An empty database of the tables of `metadata` that is gone when closed; errors call it `name`."""
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"isolation_level": None})
    _prepare(engine, name, settings=_SETTINGS[:1])
    metadata.create_all(engine)
    return engine


def passing_database() -> Engine:
    """An empty database that is gone when closed; what is too much for memory is in a temporary file."""
    engine = create_engine(
        "sqlite://", creator=lambda: sqlite3.connect("", isolation_level=None), poolclass=StaticPool
    )
    _prepare(engine, TEMPORARY, settings=_PASSING)
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One view of the data; writers wait until it is left, so leave soon."""
    with engine.connect().execution_options(**{_READS: True}) as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction: all of it is kept, or none."""
    with engine.begin() as connection:
        yield connection


def _make(path: Path) -> None:
    try:
        for directory in [*reversed(path.parents)]:
            with suppress(FileExistsError):
                directory.mkdir(mode=0o700)
        # Made before SQLite touches it, as SQLite would make it readable for all; its journal takes after it.
        # A file that is there must not be opened: closing it would drop the locks that this process holds.
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as error:
        raise unusable(path, error) from error


def _address(path: Path, *, read_only: bool) -> URL:
    if read_only:
        return URL.create("sqlite", database=path.as_uri(), query={"mode": "ro", "uri": "true"})
    return URL.create("sqlite", database=str(path))


def _prepare(engine: Engine, path: Path, *, settings: tuple[str, ...]) -> None:
    @event.listens_for(engine, "connect")
    def set_up(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        for statement in settings:
            cursor.execute(statement)
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get(_READS) is True
        driver: Any = connection.connection.dbapi_connection
        try:
            # A writer takes its place at once: one that starts as a reader cannot wait for another writer.
            driver.execute("BEGIN" if reads else "BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            failure = failure_of(path, error)
            if failure is None:
                raise
            raise failure from error

    @event.listens_for(engine, "handle_error")
    def explain(context: ExceptionContext) -> None:
        failure = failure_of(path, context.original_exception)
        if failure is not None:
            raise failure from context.original_exception
