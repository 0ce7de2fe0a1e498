"""A statement all the way into the tracker and back, twice, and once more without any memory."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from broker_sync.dedup import SyncRecordStore
from broker_sync.pipeline import sync_provider_to_wealthfolio
from broker_sync.providers.ibkr import Document, IBKRProvider
from broker_sync.providers.ibkr.admission import admit
from broker_sync.results import SyncResult
from tests.sinks.wealthfolio.scenario_run import a_sink, remove_accounts
from tests.sinks.wealthfolio.trackers import Tracker

DEMO = Path(__file__).parents[3] / "examples" / "ibkr-demo.xml"
ACCOUNT = "U1000001"


async def _sync(tracker: Tracker, directory: Path) -> SyncResult:
    admitted = admit([Document(DEMO)], configured=ACCOUNT)
    provider = IBKRProvider(wf_account_id=ACCOUNT, upstream_account_id=ACCOUNT, admitted=admitted)
    sink = a_sink(tracker)
    try:
        with SyncRecordStore(directory / "sync.db") as dedup:
            return await sync_provider_to_wealthfolio(provider=provider, sink=sink, dedup=dedup)
    finally:
        await sink.close()


def _rows(tracker: Tracker) -> list[tuple[str, str]]:
    found: Any = tracker.run(
        lambda client: client.query("/activities/search", {"page": 0, "pageSize": 100_000})
    )
    ours = [each for each in found["data"] if each["sourceSystem"] == "BROKER_SYNC"]
    return sorted((each["id"], each["updatedAt"]) for each in ours)


def test_the_demo_statement_comes_back_as_the_broker_has_it_and_is_written_once(
    tracker: Tracker, tmp_path: Path
) -> None:
    for name in ("data", "fresh"):
        (tmp_path / name).mkdir()
    try:
        first = asyncio.run(_sync(tracker, tmp_path / "data"))
        before = _rows(tracker)
        second = asyncio.run(_sync(tracker, tmp_path / "data"))
        without_memory = asyncio.run(_sync(tracker, tmp_path / "fresh"))
        assert (first.new_after_dedup, first.failed) == (first.fetched - len(first.rejected), 0)
        for result in (first, second, without_memory):
            assert result.outcome == "ok"
            assert not [each for each in result.positions or () if each.exceeds()]
            assert not [each for each in result.cash or () if each.exceeds()]
        assert second.new_after_dedup == 0
        assert without_memory.failed == 0
        assert _rows(tracker) == before
    finally:
        asyncio.run(remove_accounts(tracker, ACCOUNT))
