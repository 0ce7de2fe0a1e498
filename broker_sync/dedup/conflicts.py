"""Conflicts: what people have changed or removed in the tracker, and what they decided about it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, RowMapping, and_, bindparam, delete, insert, select, update

from broker_sync.changes import Conflict, Keep
from broker_sync.codec import activity_from_json, activity_to_json
from broker_sync.dedup.lookups import Scope
from broker_sync.dedup.tables import activities, conflicts, in_scope
from broker_sync.dedup.types import SavedConflict
from broker_sync.fingerprint import content_hash
from broker_sync.models import Activity
from broker_sync.storage.statements import execute_many

__all__ = ["Opened", "close", "decide", "save", "saved"]

_CELLS: Final = conflicts.c
_IN_SCOPE: Final = in_scope(conflicts)
_ONE: Final = and_(_IN_SCOPE, _CELLS.external_id == bindparam("of_id"))
_CLOSE: Final = delete(conflicts).where(_ONE)
_BEFORE: Final = select(_CELLS.wanted_hash, _CELLS.theirs, _CELLS.decision).where(_ONE)
_SAME: Final = and_(
    activities.c.sink == _CELLS.sink,
    activities.c.account_id == _CELLS.account_id,
    activities.c.external_id == _CELLS.external_id,
)
_ALL: Final = (
    select(conflicts, activities.c.payload.label("booked"))
    .join(activities, _SAME)
    .order_by(_CELLS.sink, _CELLS.account_id, _CELLS.external_id)
)
_SAVED: Final = _ALL.where(_IN_SCOPE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A person's edit met: `wanted` is what was to be written, None where the activity was to go.

    `theirs` is what the tracker says, None where a person has removed it.
    """

    external_id: str
    record_id: str
    reason: str
    wanted: Activity | None
    theirs: Mapping[str, str] | None


def save(connection: Connection, scope: Scope, opened: Sequence[Opened], *, run_id: int, at: str) -> None:
    """Keep conflicts. That the tracker's is to stand is about what the broker says, as long as it does.

    That the broker's is to stand is about what a person had done until then, and not about what follows,
    and about any content of the broker's, but not about none.
    """
    for each in opened:
        row = _row(each, run_id=run_id, at=at)
        key = {**scope.key, "of_id": each.external_id}
        before = connection.execute(_BEFORE, key).mappings().one_or_none()
        if before is None:
            values = {**row, "sink": scope.sink, "account_id": scope.account_id, "first_seen": at}
            connection.execute(insert(conflicts).values(external_id=each.external_id, **values))
            continue
        if _is_another(before, row):
            row |= {"decision": None, "first_seen": at}
        connection.execute(update(conflicts).where(_ONE).values(row), key)


def close(connection: Connection, scope: Scope, external_ids: Collection[str]) -> None:
    """Forget the conflicts about `external_ids`; there may be none."""
    execute_many(connection, _CLOSE, [{**scope.key, "of_id": each} for each in external_ids])


def saved(connection: Connection, scope: Scope | None) -> list[SavedConflict]:
    """All conflicts, of one account or of all, by sink, account and external id; decided ones, too."""
    found = connection.execute(_ALL) if scope is None else connection.execute(_SAVED, scope.key)
    return [_saved(row) for row in found]


def decide(connection: Connection, scope: Scope, external_ids: Collection[str], keep: Keep) -> None:
    """Write down what a person decided about conflicts."""
    decided = update(conflicts).where(_ONE).values(decision=keep.value)
    execute_many(connection, decided, [{**scope.key, "of_id": each} for each in external_ids])


def _is_another(before: RowMapping, now: Mapping[str, Any]) -> bool:
    """Whether what was decided was about something else."""
    says, theirs = (before["wanted_hash"], now["wanted_hash"]), (before["theirs"], now["theirs"])
    if any((old is None) != (new is None) for old, new in (says, theirs)):
        return True
    if before["decision"] != Keep.BROKER.value:
        return bool(says[0] != says[1])
    return theirs[0] is not None and bool(json.loads(theirs[0]) != json.loads(theirs[1]))


def _row(opened: Opened, *, run_id: int, at: str) -> dict[str, Any]:
    wanted, theirs = opened.wanted, opened.theirs
    return {
        "record_id": opened.record_id,
        "reason": opened.reason,
        "wanted": None if wanted is None else activity_to_json(wanted),
        "wanted_hash": None if wanted is None else content_hash(wanted),
        "theirs": None if theirs is None else json.dumps(dict(theirs)),
        "run_id": run_id,
        "last_seen": at,
    }


def _saved(row: Row[Any]) -> SavedConflict:
    return SavedConflict(
        sink=row.sink,
        account_id=row.account_id,
        conflict=Conflict(
            external_id=row.external_id,
            record_id=row.record_id,
            reason=row.reason,
            broker=None if row.wanted is None else activity_from_json(row.wanted),
            tracker=None if row.theirs is None else json.loads(row.theirs),
            booked=activity_from_json(row.booked),
            first_seen=dt.datetime.fromisoformat(row.first_seen),
        ),
        wanted_hash=row.wanted_hash,
        decision=None if row.decision is None else Keep(row.decision),
    )
