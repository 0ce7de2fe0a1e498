"""One store's database: opened at its first use, so that a run that is refused before leaves no trace."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, Engine

from broker_sync.errors import StoreError
from broker_sync.storage.copying import copy_open
from broker_sync.storage.engine import memory_database, open_database, passing_database, reading, writing
from broker_sync.storage.failures import UnfinishedWriteError, unusable
from broker_sync.storage.migrate import Schema, create, is_current, migrate, revision_of
from broker_sync.storage.private_copy import copy_database

__all__ = ["Database", "database_file"]


def database_file(path: Path, *, name: str) -> Path:
    """`path` itself, or the file `name` in it when it is a directory that is there."""
    # Not `Path.is_dir`: where the way to it is barred that raises, and the opening says it better.
    return path / name if os.path.isdir(path) else path  # noqa: PTH112


class Database:
    """A database with the tables of `schema` at `path`, made and migrated at its first use.

    With `read_only` nothing is changed and nothing made: an absent file reads as empty, and one that needs
    work before it can be read (an older form, a write that a dead run left unfinished) is read from a copy.
    """

    def __init__(self, path: Path, *, schema: Schema, read_only: bool = False) -> None:
        self.path = path
        self._schema = schema
        self._read_only = read_only
        self._engine: Engine | None = None
        self._directory: TemporaryDirectory[str] | None = None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One view of the data; other programs cannot write until it is left, so leave soon."""
        with reading(self._opened()) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: all of it is kept, or none."""
        if self._read_only:
            raise StoreError(f"{self.path} was opened to be read only")
        with writing(self._opened()) as connection:
            yield connection

    def rehearsal(self) -> Database:
        """A database of its own with all that is here, as of one moment; it is gone when it is closed."""
        copy = Database(self.path, schema=self._schema)
        copy._engine = passing_database()
        if _is_absent(self.path):
            create(copy._engine, self._schema)
            return copy
        with self.reading() as source, copy._engine.connect() as target:
            copy_open(source, target)
        return copy

    def close(self) -> None:
        """Let go of the file; using it again opens it again."""
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None
        if self._directory is not None:
            self._directory.cleanup()
            self._directory = None

    def _opened(self) -> Engine:
        if self._engine is None:
            self._engine = self._open_to_read() if self._read_only else self._open_to_write(self.path)
        return self._engine

    def _open_to_write(self, path: Path) -> Engine:
        engine = open_database(path)
        try:
            with reading(engine) as connection:
                current = is_current(connection, self._schema, path=self.path)
                is_new = revision_of(connection) is None
            if is_new:
                create(engine, self._schema)
            elif not current:
                migrate(engine, self._schema)
        except BaseException:
            engine.dispose()
            raise
        return engine

    def _open_to_read(self) -> Engine:
        if _is_absent(self.path):
            return memory_database(self._schema.metadata, name=self.path)
        engine = open_database(self.path, read_only=True)
        try:
            with reading(engine) as connection:
                if is_current(connection, self._schema, path=self.path):
                    return engine
        except UnfinishedWriteError:
            pass
        except BaseException:
            engine.dispose()
            raise
        engine.dispose()
        return self._open_copy()

    def _open_copy(self) -> Engine:
        self._directory = TemporaryDirectory(prefix="broker-sync-")
        return self._open_to_write(copy_database(self.path, Path(self._directory.name)))


def _is_absent(path: Path) -> bool:
    try:
        path.stat()
    except FileNotFoundError:
        return True
    except OSError as error:
        raise unusable(path, error) from error
    return False
