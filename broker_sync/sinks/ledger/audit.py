"""Reads ``portfolio.db`` row by row, what is wrong with it included; changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, select

from broker_sync.agreement import Side
from broker_sync.fingerprint import content_hash
from broker_sync.models import Activity
from broker_sync.sinks.ledger.codec import ACCOUNTS, ACTIVITIES, account_from_row, activity_from_row
from broker_sync.sinks.ledger.tables import accounts, activities
from broker_sync.sinks.ledger.writes import find_all
from broker_sync.storage.statements import portions

__all__ = ["activities_named", "problems", "provider_account", "sides"]

_PAGE: Final = 1000
_ORDER: Final = (activities.c.account_id, activities.c.external_id)
_IDS: Final = select(activities.c.id).order_by(*_ORDER)


def problems(connection: Connection) -> Iterator[str]:
    """Sentences about accounts and activities that cannot be read."""
    for row in connection.execute(ACCOUNTS.order_by(accounts.c.id)):
        try:
            account_from_row(row)
        except ValueError as error:
            yield f"account {row.id}: it cannot be read ({error})"
    for row, activity in _read(connection, ACTIVITIES.order_by(*_ORDER)):
        if isinstance(activity, str):
            yield f"{row.external_id} of account {row.account_id}: it cannot be read ({activity})"


def sides(connection: Connection) -> Iterator[Side]:
    """Every activity, by account and external id; the fingerprint of one that cannot be read is None."""
    ids = connection.execution_options(yield_per=_PAGE).execute(_IDS).scalars()
    for tracker_id, (row, activity) in zip(ids, _read(connection, ACTIVITIES.order_by(*_ORDER)), strict=True):
        yield Side(
            account_id=row.account_id,
            external_id=row.external_id,
            tracker_id=str(tracker_id),
            content_hash=None if isinstance(activity, str) else content_hash(activity),
        )


def activities_named(
    connection: Connection, account_id: str, external_ids: Iterable[str]
) -> dict[str, tuple[str, Activity]]:
    """Those of `external_ids` that the ledger has, each with the ledger's own id."""
    query = ACTIVITIES.where(activities.c.account_id == account_id)
    tracker_ids = find_all(connection, account_id, external_ids)
    return {
        row.external_id: (tracker_ids[row.external_id], activity_from_row(row))
        for portion in portions(tracker_ids)
        for row in connection.execute(query.where(activities.c.external_id.in_(portion)))
    }


def provider_account(connection: Connection, account_id: str) -> str | None:
    """What the broker calls the ledger's account; None if the ledger does not have it."""
    named: str | None = connection.scalar(
        select(accounts.c.provider_account_id).where(accounts.c.id == account_id)
    )
    return named


def _read(connection: Connection, query: Select[Any]) -> Iterator[tuple[Row[Any], Activity | str]]:
    """Rows with what they say, or why they say nothing."""
    for row in connection.execution_options(yield_per=_PAGE).execute(query):
        try:
            activity = activity_from_row(row)
        except ValueError as error:
            yield row, str(error)
        else:
            yield row, activity
