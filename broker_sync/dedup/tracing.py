"""Where an activity came from, looked up by any of its names."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, func, or_, select

from broker_sync.codec import activity_from_json
from broker_sync.dedup.lookups import Scope
from broker_sync.dedup.rejected import saved
from broker_sync.dedup.runs import PastRun
from broker_sync.dedup.tables import activities, in_scope, rejections, runs
from broker_sync.dedup.types import Kind, Operation, SavedRejection, State
from broker_sync.models import Activity

__all__ = ["Trace", "TracedRun", "rejections_named", "run_of", "scopes", "similar", "traces"]

_CELLS: Final = activities.c


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedRun:
    """A run by its number, with the version that ran."""

    number: int
    version: str
    run: PastRun


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """An activity of `scope` as it is written down; `run` is the last that asked for something.

    `activity` is what the sink has, as far as it told us, and `asked` what it was asked to make of it, if it
    has not answered. `updated_at` is in UTC.
    """

    scope: Scope
    external_id: str
    record_id: str
    kind: Kind
    state: State
    operation: Operation
    tracker_id: str | None
    reason: str | None
    activity: Activity
    asked: Activity | None
    run: TracedRun
    updated_at: dt.datetime


def traces(connection: Connection, name: str) -> list[Trace]:
    """All legs of the records that have an activity of this external, record or tracker id."""
    # By the tracker's id there is no index: somebody who asks can wait for a look at every row.
    named = or_(_CELLS.external_id == name, _CELLS.record_id == name, _CELLS.tracker_id == name)
    records = select(_CELLS.sink, _CELLS.account_id, _CELLS.record_id).where(named).distinct()
    order = (_CELLS.sink, _CELLS.account_id, _CELLS.external_id)
    return [
        _trace(connection, row)
        for sink, account_id, record_id in sorted(tuple(row) for row in connection.execute(records))
        for row in connection.execute(
            select(activities).where(in_scope(activities), _CELLS.record_id == record_id).order_by(*order),
            Scope(sink=sink, account_id=account_id).key,
        )
    ]


def scopes(connection: Connection) -> list[Scope]:
    """The accounts in trackers that anything was booked into."""
    query = select(_CELLS.sink, _CELLS.account_id).distinct().order_by(_CELLS.sink, _CELLS.account_id)
    return [Scope(sink=sink, account_id=account_id) for sink, account_id in connection.execute(query)]


def rejections_named(connection: Connection, name: str) -> list[tuple[Scope, SavedRejection]]:
    """The records of this id that were not booked."""
    query = select(rejections.c.sink, rejections.c.account_id).where(rejections.c.external_id == name)
    scopes = [Scope(sink=sink, account_id=account_id) for sink, account_id in connection.execute(query)]
    return [
        (scope, each)
        for scope in sorted(scopes, key=lambda scope: (scope.sink, scope.account_id))
        for each in saved(connection, scope)
        if each.rejection.external_id == name
    ]


def similar(connection: Connection, name: str, *, most: int) -> list[str]:
    """Ids that begin with `name`, else ids that have it in them; at most so many."""
    found: list[str] = []
    for contains in (_begins_with, _has):
        for column in (_CELLS.external_id, _CELLS.tracker_id, rejections.c.external_id):
            query = select(column).where(contains(column, name)).distinct().order_by(column).limit(most)
            found += [text for text in connection.scalars(query) if text not in found]
        if found:
            break
    return found[:most]


def _begins_with(column: Any, text: str) -> Any:  # noqa: ANN401  # a column of either table
    return func.substr(column, 1, len(text)) == text


def _has(column: Any, text: str) -> Any:  # noqa: ANN401  # a column of either table
    return func.instr(column, text) > 0


def run_of(connection: Connection, number: int) -> TracedRun:
    """A run by its number; it must be there."""
    row = connection.execute(select(runs).where(runs.c.id == number)).one()
    past = PastRun(
        started_at=dt.datetime.fromisoformat(row.started_at),
        ended_at=None if row.ended_at is None else dt.datetime.fromisoformat(row.ended_at),
        outcome=row.outcome,
    )
    return TracedRun(number=number, version=row.version, run=past)


def _trace(connection: Connection, row: Row[Any]) -> Trace:
    return Trace(
        scope=Scope(sink=row.sink, account_id=row.account_id),
        external_id=row.external_id,
        record_id=row.record_id,
        kind=Kind(row.kind),
        state=State(row.state),
        operation=Operation(row.op),
        tracker_id=row.tracker_id,
        reason=row.reason,
        activity=activity_from_json(row.payload),
        asked=None if row.pending_payload is None else activity_from_json(row.pending_payload),
        run=run_of(connection, row.run_id),
        updated_at=dt.datetime.fromisoformat(row.updated_at),
    )
