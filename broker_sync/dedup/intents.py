"""Intent: writing down what the sink will be asked, before it is asked.

What becomes of it is in :mod:`broker_sync.dedup.settling`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, bindparam

from broker_sync.codec import activity_to_json
from broker_sync.dedup.lookups import Scope, by_external_id
from broker_sync.dedup.types import (
    Intent,
    Known,
    Operation,
    RunConflictError,
    State,
    ToCreate,
    ToDelete,
    ToRecreate,
    ToUpdate,
)
from broker_sync.dedup.writing import ADD, CHANGE, FORGET, Stamp, key_of, new_row
from broker_sync.storage.statements import execute_many

__all__ = ["intend"]

_INTEND: Final = CHANGE.values(
    state=State.INTENT,
    op=bindparam("to_op"),
    pending_hash=bindparam("to_hash"),
    pending_payload=bindparam("to_payload"),
    reason=None,
    why=bindparam("to_why"),
    run_id=bindparam("to_run"),
    updated_at=bindparam("at"),
)


def intend(connection: Connection, scope: Scope, intents: Sequence[Intent], stamp: Stamp) -> None:
    """Write down `intents`, all or none; see :meth:`~broker_sync.dedup.SyncRecordStore.intend`."""
    _check(scope, intents)
    known = by_external_id(connection, scope, [intent.external_id for intent in intents])
    conflicts = [each.external_id for each in intents if not _may(each, known.get(each.external_id))]
    if conflicts:
        raise RunConflictError("already booked, or not booked as expected", external_ids=conflicts)
    creates = [intent for intent in intents if isinstance(intent, ToCreate)]
    failed = [intent.external_id for intent in creates if intent.external_id in known]
    execute_many(connection, FORGET, [key_of(scope, external_id) for external_id in failed])
    execute_many(connection, ADD, [new_row(scope, intent, stamp) for intent in creates])
    changes = [_change_row(scope, each, stamp) for each in intents if not isinstance(each, ToCreate)]
    execute_many(connection, _INTEND, changes)


def _check(scope: Scope, intents: Sequence[Intent]) -> None:
    ids = [intent.external_id for intent in intents]
    if len(set(ids)) != len(ids):
        raise ValueError("an external id comes twice in one batch")
    for intent in intents:
        if isinstance(intent, ToCreate | ToUpdate) and intent.activity.account_id != scope.account_id:
            raise ValueError(f"{intent.external_id} is of another account than {scope.account_id}")


def _may(intent: Intent, known: Known | None) -> bool:
    if isinstance(intent, ToCreate):
        return known is None or known.state is State.FAILED
    return known is not None and known.state is State.CONFIRMED


def _change_row(scope: Scope, intent: Intent, stamp: Stamp) -> dict[str, Any]:
    return {
        **key_of(scope, intent.external_id),
        "to_op": _operation(intent).value,
        "to_hash": intent.content_hash if isinstance(intent, ToUpdate) else None,
        "to_payload": activity_to_json(intent.activity) if isinstance(intent, ToUpdate) else None,
        "to_why": intent.why.value if isinstance(intent, ToUpdate | ToDelete) else None,
        "to_run": stamp.run_id,
        "at": stamp.at,
    }


def _operation(intent: Intent) -> Operation:
    if isinstance(intent, ToRecreate):
        return Operation.RECREATE
    return Operation.UPDATE if isinstance(intent, ToUpdate) else Operation.DELETE
