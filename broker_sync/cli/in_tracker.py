"""What the tracker has now of what was booked there; nothing is changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Final

from broker_sync.dedup.lookups import Scope
from broker_sync.dedup.tracing import Trace
from broker_sync.errors import BrokerSyncError
from broker_sync.fingerprint import content_hash
from broker_sync.models import Activity
from broker_sync.registry import open_sink
from broker_sync.report.explain_id import Absent, InTracker, NotAsked, Present
from broker_sync.settings import Settings
from broker_sync.sinks.ledger import audit as ledger
from broker_sync.sinks.ledger.tables import SCHEMA
from broker_sync.storage import Database

__all__ = ["LEDGER", "in_tracker", "ledger_account"]

LEDGER: Final = "ledger"


async def in_tracker(settings: Settings, scope: Scope, legs: Sequence[Trace]) -> Mapping[str, InTracker]:
    """What the tracker has of `legs`, by external id: of the embedded ledger their content, too."""
    ids = [leg.external_id for leg in legs]
    if scope.sink == LEDGER:
        with closing(_books(settings)) as books, books.reading() as connection:
            there = ledger.activities_named(connection, scope.account_id, ids)
        return {leg.external_id: _compared(leg, there.get(leg.external_id)) for leg in legs}
    try:
        named = await _asked(settings, scope, ids)
    except BrokerSyncError as error:
        return {external_id: NotAsked(reason=str(error)) for external_id in ids}
    return {leg.external_id: _found(leg, named.get(leg.external_id)) for leg in legs}


def ledger_account(settings: Settings, account_id: str) -> str | None:
    """What the broker calls the embedded ledger's account; None if the ledger does not have it."""
    with closing(_books(settings)) as books, books.reading() as connection:
        return ledger.provider_account(connection, account_id)


def _books(settings: Settings) -> Database:
    return Database(settings.data_dir / "portfolio.db", schema=SCHEMA, read_only=True)


async def _asked(settings: Settings, scope: Scope, ids: Sequence[str]) -> Mapping[str, str]:
    sink = open_sink(scope.sink, settings, read_only=True)
    try:
        await sink.login()
        return await sink.find(scope.account_id, ids)
    finally:
        await sink.close()


def _compared(leg: Trace, there: tuple[str, Activity] | None) -> InTracker:
    if there is None:
        return Absent()
    tracker_id, activity = there
    return Present(
        tracker_id=tracker_id,
        activity=activity,
        is_as_booked=content_hash(activity) == content_hash(leg.activity),
    )


def _found(leg: Trace, tracker_id: str | None) -> InTracker:
    if tracker_id is None:
        return Absent()
    return Present(tracker_id=tracker_id, activity=None, is_as_booked=tracker_id == leg.tracker_id)
