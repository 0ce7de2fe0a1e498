"""What differed when both sides were last compared, and in how many runs in a row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, insert, select

from broker_sync.confirm import Standing
from broker_sync.dedup.lookups import Scope
from broker_sync.dedup.tables import drifts, in_scope
from broker_sync.reconcile import Side, SideKind
from broker_sync.storage.statements import execute_many
from broker_sync.values import decimal_text, exact

__all__ = ["save", "saved"]

_IN_SCOPE: Final = in_scope(drifts)


def save(connection: Connection, scope: Scope, standings: Sequence[Standing]) -> None:
    """Keep `standings` in place of those of the run before."""
    connection.execute(delete(drifts).where(_IN_SCOPE), scope.key)
    execute_many(connection, insert(drifts), [_row(scope, standing) for standing in standings])


def saved(connection: Connection, scope: Scope) -> list[Standing]:
    """What the last run left, sorted by side."""
    rows = connection.execute(select(drifts).where(_IN_SCOPE), scope.key)
    return sorted((_standing(row) for row in rows), key=lambda standing: standing.side)


def _row(scope: Scope, standing: Standing) -> dict[str, Any]:
    return {
        "sink": scope.sink,
        "account_id": scope.account_id,
        "side": standing.side.kind.value,
        "name": standing.side.name,
        "label": standing.label,
        "first_seen": standing.first_seen.astimezone(dt.UTC).isoformat(),
        "last_seen": standing.last_seen.astimezone(dt.UTC).isoformat(),
        "runs": standing.runs,
        "amount": decimal_text(standing.amount),
    }


def _standing(row: Row[Any]) -> Standing:
    return Standing(
        side=Side(SideKind(row.side), row.name),
        label=row.label,
        first_seen=dt.datetime.fromisoformat(row.first_seen),
        last_seen=dt.datetime.fromisoformat(row.last_seen),
        runs=row.runs,
        amount=exact(row.amount),
    )
