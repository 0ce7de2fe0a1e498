"""Texts by name that need not fit into memory, and that are gone with the object that holds them."""

from __future__ import annotations

import sqlite3
import weakref
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Final

from broker_sync.storage.failures import TEMPORARY, failure_of

__all__ = ["Pile"]

_PAGE: Final = 500
_ANONYMOUS: Final = ""
"""The name of a database that SQLite keeps in a file without a name, and spares while it is small."""
_SETTINGS: Final = (
    "PRAGMA journal_mode = OFF",
    "PRAGMA synchronous = OFF",
    "PRAGMA temp_store = FILE",
    "CREATE TABLE pile (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, text TEXT NOT NULL)",
    # One transaction without an end: nobody else looks, and nothing is kept.
    "BEGIN",
)
_PUT: Final = (
    "INSERT INTO pile (name, text) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET text = excluded.text"
)
_AFTER: Final = "SELECT number, name FROM pile WHERE number > ? ORDER BY number LIMIT ?"


class Pile(MutableMapping[str, str]):
    """Texts by name, in the order in which the names first came; kept in a temporary file without a name.

    A :class:`~broker_sync.errors.StoreError` says that there is no room for them.
    """

    def __init__(self) -> None:
        with _explained():
            self._connection = sqlite3.connect(_ANONYMOUS, isolation_level=None)
            weakref.finalize(self, self._connection.close)
            for statement in _SETTINGS:
                self._connection.execute(statement)

    def __getitem__(self, name: str) -> str:
        with _explained():
            found = self._connection.execute("SELECT text FROM pile WHERE name = ?", (name,)).fetchone()
        if found is None:
            raise KeyError(name)
        return str(found[0])

    def __setitem__(self, name: str, text: str) -> None:
        with _explained():
            self._connection.execute(_PUT, (name, text))

    def __delitem__(self, name: str) -> None:
        with _explained():
            removed = self._connection.execute("DELETE FROM pile WHERE name = ?", (name,)).rowcount
        if not removed:
            raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        last = 0
        while True:
            with _explained():
                page = self._connection.execute(_AFTER, (last, _PAGE)).fetchall()
            if not page:
                return
            yield from (name for _, name in page)
            last = page[-1][0]

    def __len__(self) -> int:
        with _explained():
            (count,) = self._connection.execute("SELECT count(*) FROM pile").fetchone()
        return int(count)


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        failure = failure_of(TEMPORARY, error)
        if failure is None:
            raise
        raise failure from error
