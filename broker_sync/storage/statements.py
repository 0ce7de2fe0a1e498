"""Statements over many rows, in portions that every database takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Executable

__all__ = ["execute_many", "portions"]

_T = TypeVar("_T")
_PORTION: Final = 500  # below the limit on the variables of one statement: 999 in old builds of SQLite


def portions(items: Iterable[_T]) -> Iterator[list[_T]]:
    """`items` in lists of at most 500, none of them empty."""
    rest = iter(items)
    while portion := list(islice(rest, _PORTION)):
        yield portion


def execute_many(connection: Connection, statement: Executable, rows: Sequence[Mapping[str, Any]]) -> None:
    """Run `statement` once for each of `rows`, which may be none."""
    # SQLAlchemy takes an empty list for no parameters at all, and runs the statement once.
    if rows:
        connection.execute(statement, rows)
