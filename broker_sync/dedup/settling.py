"""Outcome: writing down what the sink answered to an intent.

::

    never seen    intended create            sink has it: confirmed    sink refuses: failed
    failed        intended create (again)    as above
    confirmed     intended update, delete    sink did it: confirmed with the new content, or forgotten
                                             sink refuses: confirmed as before
                                             a person has changed it: confirmed as before, and a conflict
    confirmed     intended create again      sink has it: confirmed
                                             sink refuses: confirmed as before, and decided to be tried again
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Executable, bindparam, select

from broker_sync.changes import Change, Conflict, Keep, Why
from broker_sync.codec import activity_from_json, activity_to_json
from broker_sync.contracts import Edited, Refused
from broker_sync.dedup import conflicts, history
from broker_sync.dedup.lookups import Scope
from broker_sync.dedup.tables import IS_UNSETTLED, activities, in_scope
from broker_sync.dedup.types import Adopted, Operation, RunConflictError, Settlement, State
from broker_sync.dedup.writing import ADOPT, CHANGE, CONFIRM, FORGET, FORGET_FAILED, key_of
from broker_sync.fingerprint import content_hash
from broker_sync.models import Activity
from broker_sync.storage.statements import execute_many, portions

__all__ = ["forget_refused", "settle", "withdraw"]

_CELLS: Final = activities.c
_CONFIRM_CHANGE: Final = CONFIRM.values(
    content_hash=_CELLS.pending_hash,
    payload=_CELLS.pending_payload,
    booked_on=bindparam("to_booked_on"),
    pending_hash=None,
    pending_payload=None,
)
_UNSETTLED: Final = select(
    _CELLS.external_id,
    _CELLS.record_id,
    _CELLS.op,
    _CELLS.payload,
    _CELLS.pending_payload,
    _CELLS.why,
    _CELLS.run_id,
).where(in_scope(activities), IS_UNSETTLED, _CELLS.external_id.in_(bindparam("ids", expanding=True)))
_FAIL: Final = CHANGE.values(state=State.FAILED, reason=bindparam("to_reason"), updated_at=bindparam("at"))
_KEEP: Final = _FAIL.values(state=State.CONFIRMED, pending_hash=None, pending_payload=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unsettled:
    """An intent: `old` is what is booked, or was to be created; `new` what is to come in its place."""

    operation: Operation
    record_id: str
    old: str
    new: str | None
    why: Why
    run_id: int

    @property
    def wanted(self) -> Activity | None:
        """What the broker says; None where the activity is to go."""
        if self.operation is Operation.DELETE:
            return None
        return activity_from_json(self.old if self.new is None else self.new)

    def changes(self, external_id: str, theirs: Mapping[str, str] | None) -> Iterator[Change]:
        """What it did to what was booked, once it is done; one that creates did nothing."""
        if self.operation in {Operation.UPDATE, Operation.DELETE}:
            yield Change(
                external_id=external_id,
                record_id=self.record_id,
                why=self.why,
                old=activity_from_json(self.old),
                new=self.wanted,
                theirs=theirs,
            )


def settle(connection: Connection, scope: Scope, outcomes: Sequence[Settlement], *, at: str) -> list[Change]:
    """Write down what the sink answered; see :meth:`~broker_sync.dedup.SyncRecordStore.settle`."""
    unsettled = _unsettled(connection, scope, [outcome.external_id for outcome in outcomes])
    known = {each.conflict.external_id: each.conflict for each in conflicts.saved(connection, scope)}
    batches: dict[Executable, list[dict[str, Any]]] = {}
    for outcome in outcomes:
        intent = unsettled[outcome.external_id]
        statement, values = _settlement(outcome, intent)
        row = {**key_of(scope, outcome.external_id), **values, "at": at}
        batches.setdefault(statement, []).append(row)
    for statement, rows in batches.items():
        execute_many(connection, statement, rows)
    return _told_apart(connection, scope, outcomes, unsettled, known, at=at)


def _told_apart(
    connection: Connection,
    scope: Scope,
    outcomes: Sequence[Settlement],
    unsettled: Mapping[str, _Unsettled],
    known: Mapping[str, Conflict],
    *,
    at: str,
) -> list[Change]:
    """Keep what was overwritten or removed, and what a person has changed; gives back the former."""
    done: list[tuple[Change, int]] = []
    settled: list[str] = []
    for outcome in outcomes:
        name, intent = outcome.external_id, unsettled[outcome.external_id]
        if isinstance(outcome, Edited):
            opened = conflicts.Opened(
                external_id=name,
                record_id=intent.record_id,
                reason=outcome.reason,
                wanted=intent.wanted,
                theirs=outcome.theirs,
            )
            conflicts.save(connection, scope, [opened], run_id=intent.run_id, at=at)
        elif isinstance(outcome, Refused):
            if intent.operation is Operation.RECREATE:
                _insist(connection, scope, outcome, intent, known.get(name), at=at)
        elif _is_due(intent, known.get(name)):
            # It is there again as it was booked, so nothing of a person's is in the way of what is wanted.
            conflicts.decide(connection, scope, [name], Keep.BROKER)
        else:
            settled.append(name)
            theirs = known[name].tracker if name in known and intent.why is Why.OVERWRITTEN else None
            done += [(change, intent.run_id) for change in intent.changes(name, theirs)]
    history.save(connection, scope, done, at=at)
    conflicts.close(connection, scope, [name for name in settled if name in known])
    return [change for change, _ in done]


def _is_due(intent: _Unsettled, conflict: Conflict | None) -> bool:
    """Whether what was created again is not what the broker says by now."""
    if intent.operation is not Operation.RECREATE or conflict is None:
        return False
    return conflict.broker is None or content_hash(conflict.broker) != content_hash(conflict.booked)


def _insist(
    connection: Connection,
    scope: Scope,
    refused: Refused,
    intent: _Unsettled,
    before: Conflict | None,
    *,
    at: str,
) -> None:
    """Keep that the activity is to be there: else it would look as if a person had removed it."""
    opened = conflicts.Opened(
        external_id=refused.external_id,
        record_id=intent.record_id,
        reason=f"the tracker would not take it again: {refused.reason}",
        wanted=activity_from_json(intent.old) if before is None else before.broker,
        theirs=None,
    )
    conflicts.save(connection, scope, [opened], run_id=intent.run_id, at=at)
    conflicts.decide(connection, scope, [refused.external_id], Keep.BROKER)


def withdraw(connection: Connection, scope: Scope, external_ids: Collection[str], *, at: str) -> None:
    """Take intents back; see :meth:`~broker_sync.dedup.SyncRecordStore.withdraw`."""
    unsettled = _unsettled(connection, scope, external_ids)
    creates = [key for key, intent in unsettled.items() if intent.operation is Operation.CREATE]
    execute_many(connection, FORGET, [key_of(scope, external_id) for external_id in creates])
    kept = [
        {**key_of(scope, external_id), "to_reason": None, "at": at}
        for external_id, intent in unsettled.items()
        if intent.operation is not Operation.CREATE
    ]
    execute_many(connection, _KEEP, kept)


def forget_refused(connection: Connection, scope: Scope, external_ids: Collection[str]) -> None:
    """Forget what failed; see :meth:`~broker_sync.dedup.SyncRecordStore.forget_refused`."""
    execute_many(connection, FORGET_FAILED, [key_of(scope, external_id) for external_id in external_ids])


def _unsettled(connection: Connection, scope: Scope, external_ids: Collection[str]) -> dict[str, _Unsettled]:
    found = {
        row.external_id: _Unsettled(
            operation=Operation(row.op),
            record_id=row.record_id,
            old=row.payload,
            new=row.pending_payload,
            # An older version wrote no reason down, and had this one only.
            why=Why.RESTATED if row.why is None else Why(row.why),
            run_id=row.run_id,
        )
        for portion in portions(external_ids)
        for row in connection.execute(_UNSETTLED, {**scope.key, "ids": portion})
    }
    missing = [external_id for external_id in external_ids if external_id not in found]
    if missing:
        raise RunConflictError("nothing was intended, or it is settled already", external_ids=missing)
    return found


def _settlement(outcome: Settlement, intent: _Unsettled) -> tuple[Executable, dict[str, Any]]:
    if isinstance(outcome, Edited):
        return _KEEP, {"to_reason": None}
    if isinstance(outcome, Refused):
        return _FAIL if intent.operation is Operation.CREATE else _KEEP, {"to_reason": outcome.reason}
    if isinstance(outcome, Adopted):
        return ADOPT, {
            "to_tracker": outcome.tracker_id,
            "to_hash": outcome.content_hash,
            "to_payload": activity_to_json(outcome.activity),
            "to_booked_on": outcome.activity.booked_on.isoformat(),
        }
    if intent.operation is Operation.DELETE:
        return FORGET, {}
    if intent.new is None:
        return CONFIRM, {"to_tracker": outcome.tracker_id}
    booked_on = activity_from_json(intent.new).booked_on.isoformat()
    return _CONFIRM_CHANGE, {"to_tracker": outcome.tracker_id, "to_booked_on": booked_on}
