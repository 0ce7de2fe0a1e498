"""Reading what the store knows of activities."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import BindParameter, Connection, Row, Select, and_, bindparam, or_, select

from broker_sync.codec import activity_from_json
from broker_sync.dedup.tables import IS_OPENING, IS_UNSETTLED, activities, in_scope
from broker_sync.dedup.types import Kind, Known, Operation, Pending, State
from broker_sync.models import Activity
from broker_sync.storage.statements import portions
from broker_sync.vanished import BookedLeg

__all__ = [
    "Scope",
    "booked_after",
    "booked_between",
    "by_external_id",
    "by_record",
    "latest_booked",
    "opening_activities",
    "openings",
    "pending",
    "refusals",
    "refused_between",
    "seen",
]

_PAGE: Final = 1000
# Statements are made once: to make one takes several times as long as to run it.
_CELLS: Final = activities.c
_IN_SCOPE: Final = in_scope(activities)
_IDS: Final[BindParameter[Any]] = bindparam("ids", expanding=True)
# An update or a delete that is not settled is of something that the sink has.
_IS_BOOKED: Final = or_(
    _CELLS.state == State.CONFIRMED,
    and_(IS_UNSETTLED, _CELLS.op != Operation.CREATE),
)
_KNOWN: Final[Select[Any]] = select(
    _CELLS.external_id,
    _CELLS.record_id,
    _CELLS.content_hash,
    _CELLS.state,
    _CELLS.op,
    _CELLS.tracker_id,
    _CELLS.kind,
).where(_IN_SCOPE)
_BY_EXTERNAL_ID: Final = _KNOWN.where(_CELLS.external_id.in_(_IDS))
_BY_RECORD: Final = _KNOWN.where(_CELLS.record_id.in_(_IDS)).order_by(_CELLS.record_id, _CELLS.external_id)
_OPENINGS: Final = _KNOWN.where(IS_OPENING).order_by(_CELLS.external_id)
_OPENING_ACTIVITIES: Final = (
    select(_CELLS.payload).where(_IN_SCOPE, IS_OPENING, _IS_BOOKED).order_by(_CELLS.external_id)
)
_BETWEEN: Final = (
    select(_CELLS.external_id, _CELLS.record_id, _CELLS.booked_on)
    .where(
        _IN_SCOPE,
        _CELLS.kind == Kind.RECORD.value,
        _CELLS.booked_on.between(bindparam("first_day"), bindparam("last_day")),
    )
    .order_by(_CELLS.booked_on, _CELLS.external_id)
)
_BOOKED_BETWEEN: Final = _BETWEEN.where(_IS_BOOKED)
_REFUSED_BETWEEN: Final = _BETWEEN.where(_CELLS.state == State.FAILED)
_LATEST_BOOKED: Final = (
    select(_CELLS.external_id).where(_IN_SCOPE, _IS_BOOKED).order_by(_CELLS.run_id.desc(), _CELLS.external_id)
)
_LATEST_FEW: Final = _LATEST_BOOKED.limit(bindparam("most"))
_PENDING: Final = select(activities).where(_IN_SCOPE, IS_UNSETTLED).order_by(_CELLS.external_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """One account in one tracker: external ids are unique within it."""

    sink: str
    account_id: str

    @property
    def key(self) -> dict[str, str]:
        """The values for a statement on what is :func:`~broker_sync.dedup.tables.in_scope`."""
        return {"of_sink": self.sink, "of_account": self.account_id}


def by_external_id(connection: Connection, scope: Scope, external_ids: Iterable[str]) -> dict[str, Known]:
    """What is known of `external_ids`; those never seen are missing."""
    return {
        row.external_id: _known(row)
        for portion in portions(external_ids)
        for row in connection.execute(_BY_EXTERNAL_ID, {**scope.key, "ids": portion})
    }


def by_record(connection: Connection, scope: Scope, record_ids: Iterable[str]) -> dict[str, list[Known]]:
    """The legs of `record_ids` by record, in the order of their ids; records never seen are missing."""
    found: dict[str, list[Known]] = {}
    for portion in portions(record_ids):
        for row in connection.execute(_BY_RECORD, {**scope.key, "ids": portion}):
            found.setdefault(row.record_id, []).append(_known(row))
    return found


def seen(
    connection: Connection, external_ids: Iterable[str], *, sink: str | None, account_id: str | None
) -> set[str]:
    """Which of `external_ids` are booked; None means in any sink, or in any account."""
    query = select(_CELLS.external_id).where(_IS_BOOKED)
    if sink is not None:
        query = query.where(_CELLS.sink == sink)
    if account_id is not None:
        query = query.where(_CELLS.account_id == account_id)
    return {
        external_id
        for portion in portions(external_ids)
        for external_id in connection.scalars(query.where(_CELLS.external_id.in_(portion)))
    }


def booked_between(connection: Connection, scope: Scope, first: dt.date, last: dt.date) -> list[BookedLeg]:
    """The legs of records (opening balances apart) that are booked on a day from `first` to `last`."""
    return _legs_between(connection, _BOOKED_BETWEEN, scope, first, last)


def refused_between(connection: Connection, scope: Scope, first: dt.date, last: dt.date) -> list[BookedLeg]:
    """The same of what the sink would not create, and what would be booked on such a day."""
    return _legs_between(connection, _REFUSED_BETWEEN, scope, first, last)


def _legs_between(
    connection: Connection, query: Select[Any], scope: Scope, first: dt.date, last: dt.date
) -> list[BookedLeg]:
    days = {"first_day": first.isoformat(), "last_day": last.isoformat()}
    return [
        BookedLeg(
            external_id=row.external_id,
            record_id=row.record_id,
            booked_on=dt.date.fromisoformat(row.booked_on),
        )
        for row in connection.execute(query, scope.key | days)
    ]


def openings(connection: Connection, scope: Scope) -> dict[str, Known]:
    """The opening balances, by external id."""
    return {row.external_id: _known(row) for row in connection.execute(_OPENINGS, scope.key)}


def opening_activities(connection: Connection, scope: Scope) -> list[Activity]:
    """The opening balances that the sink has, as they were booked; by external id."""
    return [activity_from_json(text) for text in connection.scalars(_OPENING_ACTIVITIES, scope.key)]


def booked_after(
    connection: Connection, scope: Scope, last: str, *, among: Sequence[str] | None = None
) -> list[Activity]:
    """The next of what the sink has, opening balances included, as it was booked, by external id.

    What comes after the id `last` (of ids that are `among` those given), a page of it; empty at the end.
    """
    query = select(_CELLS.payload).where(_IN_SCOPE, _IS_BOOKED, _CELLS.external_id > last)
    if among is not None:
        query = query.where(_CELLS.external_id.in_(among))
    page = query.order_by(_CELLS.external_id).limit(_PAGE)
    return [activity_from_json(text) for text in connection.scalars(page, scope.key)]


def latest_booked(connection: Connection, scope: Scope, *, most: int | None) -> list[str]:
    """The ids of what the sink has, opening balances included, what was last written first."""
    if most is None:
        return list(connection.scalars(_LATEST_BOOKED, scope.key))
    return list(connection.scalars(_LATEST_FEW, {**scope.key, "most": most}))


def refusals(connection: Connection, scope: Scope) -> dict[str, str]:
    """By external id, why the sink did not take what it was last asked to create."""
    query = select(_CELLS.external_id, _CELLS.reason).where(_IN_SCOPE, _CELLS.state == State.FAILED)
    ordered = query.where(_CELLS.reason.is_not(None)).order_by(_CELLS.external_id)
    return {row.external_id: row.reason for row in connection.execute(ordered, scope.key)}


def pending(connection: Connection, scope: Scope) -> list[Pending]:
    """The intents that have no outcome, by external id."""
    return [_pending(row) for row in connection.execute(_PENDING, scope.key)]


def _known(row: Row[Any]) -> Known:
    state, operation = State(row.state), Operation(row.op)
    return Known(
        external_id=row.external_id,
        record_id=row.record_id,
        content_hash=row.content_hash,
        state=state,
        tracker_id=row.tracker_id,
        kind=Kind(row.kind),
        is_booked=state is State.CONFIRMED or (state is State.INTENT and operation is not Operation.CREATE),
    )


def _pending(row: Row[Any]) -> Pending:
    return Pending(
        operation=Operation(row.op),
        external_id=row.external_id,
        record_id=row.record_id,
        kind=Kind(row.kind),
        activity=activity_from_json(row.payload if row.pending_payload is None else row.pending_payload),
        content_hash=row.content_hash if row.pending_hash is None else row.pending_hash,
        tracker_id=row.tracker_id,
    )
