"""What activities said before they got another content, or were removed."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select

from broker_sync.changes import Change, Why
from broker_sync.codec import activity_from_json, activity_to_json
from broker_sync.dedup.lookups import Scope
from broker_sync.dedup.tables import history
from broker_sync.fingerprint import content_hash
from broker_sync.storage.statements import execute_many

__all__ = ["PastChange", "of_record", "records_named", "save"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PastChange:
    """A change that `run_id` asked for, and that was confirmed at that time (UTC).

    `content_hash` is the fingerprint of what was there before.
    """

    change: Change
    content_hash: str
    run_id: int
    at: dt.datetime


def save(connection: Connection, scope: Scope, changes: Sequence[tuple[Change, int]], *, at: str) -> None:
    """Keep `changes`, each with the run that asked for it."""
    rows = [
        {
            "sink": scope.sink,
            "account_id": scope.account_id,
            "external_id": change.external_id,
            "record_id": change.record_id,
            "why": change.why.value,
            "content_hash": content_hash(change.old),
            "payload": activity_to_json(change.old),
            "new_payload": None if change.new is None else activity_to_json(change.new),
            "theirs": None if change.theirs is None else json.dumps(dict(change.theirs)),
            "run_id": run_id,
            "at": at,
        }
        for change, run_id in changes
    ]
    execute_many(connection, insert(history), rows)


def of_record(connection: Connection, scope: Scope, record_id: str) -> list[PastChange]:
    """What the activities of a record said, the earliest first."""
    query = select(history).where(
        history.c.record_id == record_id,
        history.c.sink == scope.sink,
        history.c.account_id == scope.account_id,
    )
    return [_past(row) for row in connection.execute(query.order_by(history.c.id))]


def records_named(connection: Connection, name: str) -> list[tuple[Scope, str]]:
    """The records that have a past under this external or record id, anywhere; sorted."""
    named = or_(history.c.external_id == name, history.c.record_id == name)
    query = select(history.c.sink, history.c.account_id, history.c.record_id).where(named).distinct()
    rows = sorted(tuple(row) for row in connection.execute(query))
    return [(Scope(sink=sink, account_id=account_id), record_id) for sink, account_id, record_id in rows]


def _past(row: Row[Any]) -> PastChange:
    return PastChange(
        change=Change(
            external_id=row.external_id,
            record_id=row.record_id,
            why=Why(row.why),
            old=activity_from_json(row.payload),
            new=None if row.new_payload is None else activity_from_json(row.new_payload),
            theirs=None if row.theirs is None else json.loads(row.theirs),
        ),
        content_hash=row.content_hash,
        run_id=row.run_id,
        at=dt.datetime.fromisoformat(row.at),
    )
