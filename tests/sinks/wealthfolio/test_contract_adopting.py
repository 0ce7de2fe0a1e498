"""Taking over what a person typed in: on a server that goes away or does not answer, and without keys."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from broker_sync.contracts import Refused, TwinFate
from broker_sync.dedup import SyncRecordStore
from broker_sync.models import Activity
from broker_sync.pipeline import sync_provider_to_wealthfolio
from broker_sync.providers.ibkr import Document, IBKRProvider
from broker_sync.providers.ibkr.admission import admit
from broker_sync.results import SyncResult
from tests.sinks.wealthfolio.payload_samples import APPLE, at, buy
from tests.sinks.wealthfolio.scenario_run import a_sink
from tests.sinks.wealthfolio.test_contract_twins import END, _named, _own, book, kinds, on, rows, type_in
from tests.sinks.wealthfolio.trackers import Account, Tracker, a_stand_in
from tests.standins.wealthfolio import Answers, HangsUp, Killed, Reply

DEMO = Path(__file__).parents[3] / "examples" / "ibkr-demo.xml"
DEMO_ACCOUNT = "U1000001"
OURS = [("BROKER_SYNC", "BUY")]
THEIRS = [("MANUAL", "BUY")]


@pytest.fixture
def standing_in(tmp_path: Path) -> Iterator[Tracker]:
    with a_stand_in(tmp_path) as tracker:
        yield tracker


def _trade(place: Account) -> Activity:
    return _own(place, buy(APPLE, at(2), "10", "250", "1"))[0]


def test_a_server_that_is_killed_meanwhile_has_the_thing_once(standing_in: Tracker) -> None:
    server = standing_in.stand_in
    assert server is not None
    place = standing_in.account()
    one = _trade(place)
    type_in(place)
    server.faults.plan("POST", "/activities/bulk", Killed())
    with pytest.raises(Exception, match=r"not known|cannot be reached"):
        book(place, one, adopt=True)
    server.start()
    assert kinds(place) == THEIRS
    assert book(place, one, adopt=True) == [(one.external_id, TwinFate.TAKEN_OVER)]
    assert kinds(place) == OURS


@pytest.mark.parametrize("carried_out", [True, False])
@pytest.mark.parametrize("has_key", [True, False])
def test_an_answer_that_is_lost_leaves_the_thing_there_once(
    standing_in: Tracker, *, carried_out: bool, has_key: bool
) -> None:
    server = standing_in.stand_in
    assert server is not None
    place = standing_in.account()
    one = _trade(place)
    theirs = type_in(place)
    if not has_key:
        server.service.store.rows[theirs].key = None
    server.faults.plan("POST", "/activities/bulk", HangsUp(carried_out=carried_out))
    assert book(place, one, adopt=True) == [(one.external_id, TwinFate.TAKEN_OVER)]
    assert kinds(place) == OURS
    assert book(place, one, adopt=True) == []
    held = on(standing_in, lambda sink: sink.holdings(place.id, as_of=END))
    assert [each.quantity for each in held] == [Decimal(10)]


def test_a_row_without_a_key_that_stands_beside_ours_goes(standing_in: Tracker) -> None:
    server = standing_in.stand_in
    assert server is not None
    place = standing_in.account()
    one = _trade(place)
    book(place, one)
    server.service.store.rows[type_in(place)].key = None
    assert book(place, one, adopt=True) == [(one.external_id, TwinFate.TAKEN_OVER)]
    assert kinds(place) == OURS


def test_what_the_server_will_not_replace_stays_and_is_told(standing_in: Tracker) -> None:
    server = standing_in.stand_in
    assert server is not None
    place = standing_in.account()
    one = _trade(place)
    type_in(place)
    refusal = Answers(reply=Reply.of({"code": 400, "message": "not so"}, status=400))
    server.faults.plan("POST", "/activities/bulk", refusal)
    outcomes = on(standing_in, lambda sink: sink.create(_named(place), [one]), adopt=True)
    assert outcomes == [Refused(external_id=one.external_id, reason="not so")]
    assert kinds(place) == THEIRS
    assert len(rows(place)) == 1


# --- through a whole run ---


def _synced(
    tracker: Tracker, folder: Path, *, adopt: bool = False, dry_run: bool = False
) -> tuple[SyncResult, list[TwinFate]]:
    admitted = admit([Document(DEMO)], configured=DEMO_ACCOUNT)
    provider = IBKRProvider(wf_account_id=DEMO_ACCOUNT, upstream_account_id=DEMO_ACCOUNT, admitted=admitted)

    async def run() -> SyncResult:
        sink = a_sink(tracker, read_only=dry_run, adopt=adopt)
        try:
            with SyncRecordStore(folder / "sync.db", read_only=dry_run) as dedup:
                return await sync_provider_to_wealthfolio(
                    provider=provider, sink=sink, dedup=dedup, dry_run=dry_run
                )
        finally:
            await sink.close()

    result = asyncio.run(run())
    return result, [each.fate for each in result.twins]


def test_a_run_tells_of_twins_until_they_are_taken_over(standing_in: Tracker, tmp_path: Path) -> None:
    server = standing_in.stand_in
    assert server is not None
    store = server.service.store
    first, twins = _synced(standing_in, tmp_path)
    assert (first.outcome, twins) == ("ok", [])
    ours = set(store.rows)
    bought = next(row for row in store.rows.values() if row.type == "BUY")
    typed = replace(bought, id="typed", key=None, metadata=None, source_system="MANUAL")
    store.rows["typed"] = replace(typed, source_record_id=None, source_group_id=None)
    Account(tracker=standing_in, id=typed.account_id).settle()
    again, twins = _synced(standing_in, tmp_path)
    assert (again.new_after_dedup, twins) == (0, [TwinFate.LIKELY])
    dry, twins = _synced(standing_in, tmp_path, dry_run=True, adopt=True)
    assert twins == [TwinFate.LIKELY]
    assert set(store.rows) == {*ours, "typed"}
    taken, twins = _synced(standing_in, tmp_path, adopt=True)
    assert (taken.outcome, twins) == ("ok", [TwinFate.TAKEN_OVER])
    assert (dry.positions, dry.cash) == (taken.positions, taken.cash)
    assert set(store.rows) == ours


def test_a_run_notes_what_there_is_to_know_of_the_account(standing_in: Tracker, tmp_path: Path) -> None:
    server = standing_in.stand_in
    assert server is not None
    _synced(standing_in, tmp_path)
    row = next(row for row in server.service.store.rows.values() if row.type == "DEPOSIT")
    row.user_modified = True
    result, _ = _synced(standing_in, tmp_path)
    assert any("a person has changed it in Wealthfolio" in note for note in result.notes)
