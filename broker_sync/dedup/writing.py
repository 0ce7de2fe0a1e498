"""What is written of one activity in a row: the statements that every step of its way has in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import and_, bindparam, delete, insert, update

from broker_sync.codec import activity_to_json
from broker_sync.dedup.lookups import Scope
from broker_sync.dedup.tables import activities, in_scope
from broker_sync.dedup.types import Operation, State, ToCreate

__all__ = ["ADD", "ADOPT", "CHANGE", "CONFIRM", "FORGET", "FORGET_FAILED", "Stamp", "key_of", "new_row"]

_CELLS: Final = activities.c
_ONE: Final = and_(_CELLS.external_id == bindparam("of_id"), in_scope(activities))
ADD: Final = insert(activities)
CHANGE: Final = update(activities).where(_ONE)
FORGET: Final = delete(activities).where(_ONE)
FORGET_FAILED: Final = FORGET.where(_CELLS.state == State.FAILED)
CONFIRM: Final = CHANGE.values(
    state=State.CONFIRMED, tracker_id=bindparam("to_tracker"), updated_at=bindparam("at")
)
ADOPT: Final = CONFIRM.values(
    content_hash=bindparam("to_hash"),
    payload=bindparam("to_payload"),
    booked_on=bindparam("to_booked_on"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """Who writes, and when (UTC, ISO 8601)."""

    run_id: int
    provider: str
    at: str


def key_of(scope: Scope, external_id: str) -> dict[str, Any]:
    """Which row a statement is for."""
    return {**scope.key, "of_id": external_id}


def new_row(scope: Scope, intent: ToCreate, stamp: Stamp) -> dict[str, Any]:
    """The row of an activity that the sink will be asked to create."""
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
