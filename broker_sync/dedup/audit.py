"""Reads all of ``sync.db`` and says what of it does not hold together; changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from broker_sync.agreement import Side
from broker_sync.codec import activity_from_json, opening_from_json
from broker_sync.dedup.lookups import Scope
from broker_sync.dedup.rejected import saved
from broker_sync.dedup.tables import activities, rejections, windows
from broker_sync.dedup.types import Kind, Operation, State
from broker_sync.fingerprint import content_hash

__all__ = ["problems", "sides"]

_CELLS: Final = activities.c
_PAGE: Final = 1000


def problems(connection: Connection) -> Iterator[str]:
    """Sentences about rows that cannot be read, or do not say what their fingerprint says."""
    query = select(activities).order_by(_CELLS.external_id)
    for row in connection.execution_options(yield_per=_PAGE).execute(query):
        for text in _of_activity(row):
            yield f"{row.external_id} of account {row.account_id} in {row.sink}: {text}"
    scopes = select(rejections.c.sink, rejections.c.account_id).distinct().order_by("sink", "account_id")
    for sink, account_id in connection.execute(scopes).all():
        scope = Scope(sink=sink, account_id=account_id)
        for text in _tried(lambda scope=scope: saved(connection, scope)):  # type: ignore[misc]
            yield f"a rejection of account {account_id} in {sink}: {text}"
    for row in connection.execute(select(windows.c.id, windows.c.opening)):
        for text in _tried(lambda row=row: opening_from_json(row.opening)):  # type: ignore[misc]
            yield f"window {row.id}: {text}"


def sides(connection: Connection, sink: str) -> Iterator[Side]:
    """What was booked in `sink`, or may have been, by account and external id."""
    query = select(
        _CELLS.account_id, _CELLS.external_id, _CELLS.tracker_id, _CELLS.content_hash, _CELLS.state, _CELLS.op
    )
    query = query.where(_CELLS.sink == sink, _CELLS.state != State.FAILED)
    ordered = query.order_by(_CELLS.account_id, _CELLS.external_id)
    for row in connection.execution_options(yield_per=_PAGE).execute(ordered):
        yield Side(
            account_id=row.account_id,
            external_id=row.external_id,
            tracker_id=row.tracker_id,
            content_hash=row.content_hash,
            is_settled=row.state == State.CONFIRMED,
        )


def _of_activity(row: Row[Any]) -> Iterator[str]:
    yield from _tried(lambda: (State(row.state), Operation(row.op), Kind(row.kind)))
    contents = [("payload", row.payload, row.content_hash)]
    if row.pending_payload is not None:
        contents.append(("pending payload", row.pending_payload, row.pending_hash))
    for name, text, fingerprint in contents:
        yield from _of_content(row, name, text, fingerprint)


def _of_content(row: Row[Any], name: str, text: str, fingerprint: str | None) -> Iterator[str]:
    try:
        activity = activity_from_json(text)
    except ValueError as error:
        yield f"its {name} cannot be read ({error})"
        return
    if (activity.external_id, activity.account_id) != (row.external_id, row.account_id):
        yield f"its {name} is that of {activity.external_id} of account {activity.account_id}"
    elif content_hash(activity) != fingerprint:
        yield f"its {name} does not have the fingerprint that was written down with it"


def _tried(read: Callable[[], object]) -> Iterator[str]:
    try:
        read()
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        yield f"it cannot be read ({error})"
