"""What the tracker has now of what was booked there; nothing is changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from typing import Final

from broker_sync.abilities import Keeps
from broker_sync.contracts import Held, Sink, Untouched
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

__all__ = ["LEDGER", "in_tracker", "ledger_account", "named_in_tracker"]

LEDGER: Final = "ledger"


async def in_tracker(settings: Settings, scope: Scope, legs: Sequence[Trace]) -> Mapping[str, InTracker]:
    """What the tracker has of `legs`, by external id: of the embedded ledger their content, too."""
    ids = [leg.external_id for leg in legs]
    if scope.sink == LEDGER:
        with closing(_books(settings)) as books, books.reading() as connection:
            there = ledger.activities_named(connection, scope.account_id, ids)
        return {leg.external_id: _compared(leg, there.get(leg.external_id)) for leg in legs}
    try:
        named, told = await _asked(settings, scope, ids)
    except BrokerSyncError as error:
        return {external_id: NotAsked(reason=str(error)) for external_id in ids}
    return {
        leg.external_id: _found(leg, named.get(leg.external_id), told.get(leg.external_id)) for leg in legs
    }


async def named_in_tracker(settings: Settings, scopes: Iterable[Scope], tracker_id: str) -> list[str]:
    """The external ids of what a tracker has under `tracker_id` now; it may have given it a new one since.

    A tracker that cannot be asked, or cannot tell, has nothing. The embedded ledger keeps its ids.
    """
    found = []
    for scope in scopes:
        if scope.sink == LEDGER:
            continue
        sink = open_sink(scope.sink, settings, read_only=True)
        try:
            await sink.login()
            found += await _named(sink, scope.account_id, tracker_id)
        except BrokerSyncError:
            continue
        finally:
            await sink.close()
    return found


async def _named(sink: Sink, account_id: str, tracker_id: str) -> list[str]:
    if not isinstance(sink, Keeps):
        return []
    return [each.external_id async for each in sink.held(account_id) if each.tracker_id == tracker_id]


def ledger_account(settings: Settings, account_id: str) -> str | None:
    """What the broker calls the embedded ledger's account; None if the ledger does not have it."""
    with closing(_books(settings)) as books, books.reading() as connection:
        return ledger.provider_account(connection, account_id)


def _books(settings: Settings) -> Database:
    return Database(settings.data_dir / "portfolio.db", schema=SCHEMA, read_only=True)


async def _asked(
    settings: Settings, scope: Scope, ids: Sequence[str]
) -> tuple[Mapping[str, str], Mapping[str, Held]]:
    """The tracker's ids of `ids`, and what it says of them, where it can tell."""
    sink = open_sink(scope.sink, settings, read_only=True)
    try:
        await sink.login()
        named = await sink.find(scope.account_id, ids)
        if not isinstance(sink, Keeps):
            return named, {}
        return named, {each.external_id: each async for each in sink.held(scope.account_id, list(named))}
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


def _found(leg: Trace, tracker_id: str | None, told: Held | None) -> InTracker:
    if tracker_id is None:
        return Absent()
    if isinstance(told, Untouched):
        return _compared(leg, (tracker_id, told.activity))
    return Present(tracker_id=tracker_id, activity=None, is_as_booked=tracker_id == leg.tracker_id)
