"""Whether a database is whole: what its pages say, and whether its rows refer to rows that are there."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, inspect

from broker_sync.storage.migrate import Schema

__all__ = ["damage"]

_MOST = 20


def damage(connection: Connection, schema: Schema, *, quick: bool = False) -> Iterator[str]:
    """Sentences about what is wrong, none if nothing is; `quick` leaves out the indexes and references.

    Reads everything. What cannot be read at all raises :class:`~broker_sync.errors.StoreError`.
    """
    # https://sqlite.org/pragma.html#pragma_integrity_check
    check = "quick_check" if quick else "integrity_check"
    for (text,) in connection.exec_driver_sql(f"PRAGMA {check}({_MOST})"):
        if text != "ok":
            yield f"it is damaged: {text}"
    there = set(inspect(connection).get_table_names())
    for name in schema.metadata.tables:
        if name not in there:
            yield f"it has no table {name}"
    if not quick:
        for table, row, parent, _ in connection.exec_driver_sql("PRAGMA foreign_key_check"):
            yield f"row {row} of {table} refers to a row of {parent} that is not there"
