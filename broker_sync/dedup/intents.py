"""Intent and outcome: writing down what the sink will be asked, and what it answered.

::

    never seen    intended create            sink has it: confirmed    sink refuses: failed
    failed        intended create (again)    as above
    confirmed     intended update, delete    sink did it: confirmed with the new content, or forgotten
                                             sink refuses: confirmed as before
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Executable, and_, bindparam, delete, insert, select, update

from broker_sync.codec import activity_from_json, activity_to_json
from broker_sync.contracts import Refused, WriteOutcome
from broker_sync.dedup.lookups import Scope, by_external_id
from broker_sync.dedup.tables import IS_UNSETTLED, activities
from broker_sync.dedup.types import (
    Intent,
    Known,
    Operation,
    RunConflictError,
    State,
    ToCreate,
    ToUpdate,
)
from broker_sync.storage.statements import execute_many, portions

__all__ = ["Stamp", "intend", "settle", "withdraw"]

_CELLS: Final = activities.c
_ONE: Final = and_(
    _CELLS.external_id == bindparam("of_id"),
    _CELLS.sink == bindparam("of_sink"),
    _CELLS.account_id == bindparam("of_account"),
)
_CHANGE: Final = update(activities).where(_ONE)
_FORGET: Final = delete(activities).where(_ONE)
_INTEND_CHANGE: Final = _CHANGE.values(
    state=State.INTENT,
    op=bindparam("to_op"),
    pending_hash=bindparam("to_hash"),
    pending_payload=bindparam("to_payload"),
    reason=None,
    run_id=bindparam("to_run"),
    updated_at=bindparam("at"),
)
_CONFIRM: Final = _CHANGE.values(
    state=State.CONFIRMED, tracker_id=bindparam("to_tracker"), updated_at=bindparam("at")
)
_CONFIRM_CHANGE: Final = _CONFIRM.values(
    content_hash=_CELLS.pending_hash,
    payload=_CELLS.pending_payload,
    booked_on=bindparam("to_booked_on"),
    pending_hash=None,
    pending_payload=None,
)
_FAIL: Final = _CHANGE.values(state=State.FAILED, reason=bindparam("to_reason"), updated_at=bindparam("at"))
_KEEP: Final = _FAIL.values(state=State.CONFIRMED, pending_hash=None, pending_payload=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """Who writes, and when (UTC, ISO 8601)."""

    run_id: int
    provider: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unsettled:
    operation: Operation
    payload: str | None


def intend(connection: Connection, scope: Scope, intents: Sequence[Intent], stamp: Stamp) -> None:
    """Write down `intents`, all or none; see :meth:`~broker_sync.dedup.SyncRecordStore.intend`."""
    _check(scope, intents)
    known = by_external_id(connection, scope, [intent.external_id for intent in intents])
    conflicts = [each.external_id for each in intents if not _may(each, known.get(each.external_id))]
    if conflicts:
        raise RunConflictError("already booked, or not booked as expected", external_ids=conflicts)
    creates = [intent for intent in intents if isinstance(intent, ToCreate)]
    failed = [intent.external_id for intent in creates if intent.external_id in known]
    execute_many(connection, _FORGET, [_key(scope, external_id) for external_id in failed])
    execute_many(connection, insert(activities), [_new_row(scope, intent, stamp) for intent in creates])
    changes = [_change_row(scope, each, stamp) for each in intents if not isinstance(each, ToCreate)]
    execute_many(connection, _INTEND_CHANGE, changes)


def settle(connection: Connection, scope: Scope, outcomes: Sequence[WriteOutcome], *, at: str) -> None:
    """Write down what the sink answered; see :meth:`~broker_sync.dedup.SyncRecordStore.settle`."""
    unsettled = _unsettled(connection, scope, [outcome.external_id for outcome in outcomes])
    batches: dict[Executable, list[dict[str, Any]]] = {}
    for outcome in outcomes:
        intent = unsettled[outcome.external_id]
        statement, values = _settlement(outcome, intent)
        row = {**_key(scope, outcome.external_id), **values, "at": at}
        batches.setdefault(statement, []).append(row)
    for statement, rows in batches.items():
        execute_many(connection, statement, rows)


def withdraw(connection: Connection, scope: Scope, external_ids: Collection[str], *, at: str) -> None:
    """Take intents back; see :meth:`~broker_sync.dedup.SyncRecordStore.withdraw`."""
    unsettled = _unsettled(connection, scope, external_ids)
    creates = [key for key, intent in unsettled.items() if intent.operation is Operation.CREATE]
    execute_many(connection, _FORGET, [_key(scope, external_id) for external_id in creates])
    kept = [
        {**_key(scope, external_id), "to_reason": None, "at": at}
        for external_id, intent in unsettled.items()
        if intent.operation is not Operation.CREATE
    ]
    execute_many(connection, _KEEP, kept)


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


def _unsettled(connection: Connection, scope: Scope, external_ids: Collection[str]) -> dict[str, _Unsettled]:
    query = select(_CELLS.external_id, _CELLS.op, _CELLS.pending_payload).where(scope.condition, IS_UNSETTLED)
    found = {
        row.external_id: _Unsettled(operation=Operation(row.op), payload=row.pending_payload)
        for portion in portions(external_ids)
        for row in connection.execute(query.where(_CELLS.external_id.in_(portion)))
    }
    missing = [external_id for external_id in external_ids if external_id not in found]
    if missing:
        raise RunConflictError("nothing was intended, or it is settled already", external_ids=missing)
    return found


def _settlement(outcome: WriteOutcome, intent: _Unsettled) -> tuple[Executable, dict[str, Any]]:
    if isinstance(outcome, Refused):
        statement = _FAIL if intent.operation is Operation.CREATE else _KEEP
        return statement, {"to_reason": outcome.reason}
    if intent.operation is Operation.DELETE:
        return _FORGET, {}
    if intent.payload is None:
        return _CONFIRM, {"to_tracker": outcome.tracker_id}
    booked_on = activity_from_json(intent.payload).booked_on.isoformat()
    return _CONFIRM_CHANGE, {"to_tracker": outcome.tracker_id, "to_booked_on": booked_on}


def _key(scope: Scope, external_id: str) -> dict[str, Any]:
    return {"of_id": external_id, "of_sink": scope.sink, "of_account": scope.account_id}


def _new_row(scope: Scope, intent: ToCreate, stamp: Stamp) -> dict[str, Any]:
    return {
        "external_id": intent.external_id,
        "sink": scope.sink,
        "account_id": scope.account_id,
        "provider": stamp.provider,
        "record_id": intent.activity.record_id,
        "kind": intent.kind.value,
        "state": State.INTENT.value,
        "op": Operation.CREATE.value,
        "content_hash": intent.content_hash,
        "booked_on": intent.activity.booked_on.isoformat(),
        "payload": activity_to_json(intent.activity),
        "run_id": stamp.run_id,
        "updated_at": stamp.at,
    }


def _change_row(scope: Scope, intent: Intent, stamp: Stamp) -> dict[str, Any]:
    return {
        **_key(scope, intent.external_id),
        "to_op": Operation.UPDATE.value if isinstance(intent, ToUpdate) else Operation.DELETE.value,
        "to_hash": intent.content_hash if isinstance(intent, ToUpdate) else None,
        "to_payload": activity_to_json(intent.activity) if isinstance(intent, ToUpdate) else None,
        "to_run": stamp.run_id,
        "at": stamp.at,
    }
