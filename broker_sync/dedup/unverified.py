"""Records that are to be held against the broker's open positions, until they have been.

A run that dies in between leaves them here, for the next one.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sqlalchemy import Connection, and_, bindparam, delete, insert, select

from broker_sync.dedup.lookups import Scope
from broker_sync.dedup.tables import in_scope, unverified
from broker_sync.storage.statements import execute_many

__all__ = ["add", "remove", "waiting"]

_CELLS: Final = unverified.c
_IN_SCOPE: Final = in_scope(unverified)
_ONE: Final = and_(_IN_SCOPE, _CELLS.record_id == bindparam("of_record"))
_AWAIT: Final = insert(unverified)
_END: Final = delete(unverified).where(_ONE)
_WAITING: Final = select(_CELLS.record_id).where(_IN_SCOPE)


def add(connection: Connection, scope: Scope, record_ids: Collection[str]) -> None:
    """Let `record_ids` wait; those that do already go on waiting."""
    new = sorted(set(record_ids) - waiting(connection, scope))
    rows = [{"sink": scope.sink, "account_id": scope.account_id, "record_id": each} for each in new]
    execute_many(connection, _AWAIT, rows)


def waiting(connection: Connection, scope: Scope) -> set[str]:
    """All that wait."""
    return set(connection.scalars(_WAITING, scope.key))


def remove(connection: Connection, scope: Scope, record_ids: Collection[str]) -> None:
    """Let `record_ids` wait no longer."""
    keys = [{**scope.key, "of_record": each} for each in record_ids]
    execute_many(connection, _END, keys)
