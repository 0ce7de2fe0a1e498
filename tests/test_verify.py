"""A corporate action that the broker's own positions do not bear out is held back, the rest is booked."""

import asyncio
import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from broker_sync.contracts import Truth, WriteOutcome
from broker_sync.dedup import SyncRecordStore
from broker_sync.errors import TransientError
from broker_sync.models import OPENING_BALANCE, Account, Activity, ActivityType, Instrument
from broker_sync.pipeline import sync_provider_to_wealthfolio
from broker_sync.plan import RecordGroup
from broker_sync.providers.ibkr import IBKRProvider
from broker_sync.reconcile import SHARE_TOLERANCE, PositionDrift
from broker_sync.results import SyncResult
from broker_sync.sinks.ledger import LedgerSink
from broker_sync.verify import HELD_BACK, Action, actions, called_for, moves_units_untraded, unverified
from tests.providers.ibkr.builders import (
    ACCOUNT,
    Row,
    Text,
    document,
    position,
    positions,
    section,
    statement,
    trade,
)
from tests.providers.ibkr.builders import trades as trade_rows
from tests.storage.samples import AAPL, buy, changed, deposit

SPLIT = {
    "accountId": ACCOUNT,
    "currency": "USD",
    "assetCategory": "STK",
    "symbol": "WDGT",
    "conid": "1001",
    "isin": "US0000001001",
    "description": "WDGT(US0000001001) SPLIT 4 FOR 1 (WDGT, WIDGET INC, US0000001001)",
    "reportDate": "20260610",
    "dateTime": "20260609;202500",
    "quantity": "30",
    "proceeds": "0",
    "type": "FS",
    "transactionID": "31",
}
MAY = document(statement(trade_rows(trade()), positions(position(position="10"))))
NIGHT = {"toDate": "20260612", "whenGenerated": "20260613;020000"}


def june(held: str, *actions: Row, bought: tuple[Row, ...] = ()) -> str:
    return document(
        statement(
            trade_rows(trade(), *bought),
            section("CorporateActions", "CorporateAction", *actions),
            positions(position(position=held, reportDate="20260612")),
            **NIGHT,
        )
    )


def sync(folder: Path, text: str) -> SyncResult:
    async def run() -> SyncResult:
        provider = IBKRProvider(wf_account_id="t", upstream_account_id=ACCOUNT, documents=[Text(text)])
        sink = LedgerSink(folder)
        with SyncRecordStore(folder) as store:
            result = await sync_provider_to_wealthfolio(provider=provider, sink=sink, dedup=store)
        await sink.close()
        return result

    return asyncio.run(run())


class Dies(IBKRProvider):
    """Is cut off after everything is booked, before the positions are looked at."""

    def truths(self) -> list[Truth]:
        raise TransientError("the machine goes down")


def die_after_booking(folder: Path, text: str) -> None:
    async def run() -> None:
        provider = Dies(wf_account_id="t", upstream_account_id=ACCOUNT, documents=[Text(text)])
        sink = LedgerSink(folder)
        with SyncRecordStore(folder) as store, pytest.raises(TransientError):
            await sync_provider_to_wealthfolio(provider=provider, sink=sink, dedup=store)
        await sink.close()

    asyncio.run(run())


def drifts(result: SyncResult) -> list[Decimal]:
    return [drift.drift for drift in result.positions or ()]


def test_an_action_that_verifies_is_booked(tmp_path: Path) -> None:
    sync(tmp_path, MAY)
    result = sync(tmp_path, june("40", SPLIT))
    assert (result.imported, list(result.rejected), drifts(result)) == (1, [], [Decimal(0)])


def test_an_action_that_does_not_verify_is_held_back_and_the_rest_is_booked(tmp_path: Path) -> None:
    sync(tmp_path, MAY)
    more = trade(
        transactionID="9009",
        tradeID="8009",
        reportDate="20260605",
        quantity="5",
        proceeds="-500",
        netCash="-501",
    )
    result = sync(tmp_path, june("15", SPLIT, bought=(more,)))
    assert [rejection.external_id for rejection in result.rejected] == ["ibkr:corporate-action:31"]
    assert result.rejected[0].reason == f"{HELD_BACK} of 2026-06-12"
    assert (result.new_after_dedup, result.imported, drifts(result)) == (1, 1, [Decimal(0)])
    assert result.fetched == result.new_after_dedup + result.known + len(result.rejected)


def test_what_is_held_back_is_not_tried_every_night(tmp_path: Path) -> None:
    sync(tmp_path, MAY)
    sync(tmp_path, june("10", SPLIT))
    again = sync(tmp_path, june("10", SPLIT))
    assert (again.new_after_dedup, again.deleted, len(again.rejected), drifts(again)) == (
        0,
        0,
        1,
        [Decimal(0)],
    )


def test_what_a_run_booked_that_died_is_held_back_by_the_next_if_it_does_not_verify(tmp_path: Path) -> None:
    sync(tmp_path, MAY)
    die_after_booking(tmp_path, june("10", SPLIT))
    result = sync(tmp_path, june("10", SPLIT))
    assert [rejection.external_id for rejection in result.rejected] == ["ibkr:corporate-action:31"]
    assert (result.fetched, result.new_after_dedup, result.known) == (2, 0, 1)
    assert drifts(result) == [Decimal(0)]


def test_what_verifies_once_is_not_held_back_for_a_later_difference(tmp_path: Path) -> None:
    sync(tmp_path, MAY)
    die_after_booking(tmp_path, june("40", SPLIT))
    sync(tmp_path, june("40", SPLIT))
    result = sync(tmp_path, june("10", SPLIT))
    assert (list(result.rejected), drifts(result)) == ([], [Decimal(-30)])


def test_what_was_held_back_is_booked_when_the_positions_call_for_it(tmp_path: Path) -> None:
    sync(tmp_path, MAY)
    sync(tmp_path, june("10", SPLIT))
    result = sync(tmp_path, june("40", SPLIT))
    assert (result.imported, list(result.rejected), drifts(result)) == (1, [], [Decimal(0)])
    later = sync(tmp_path, june("40", SPLIT))
    assert (later.new_after_dedup, later.known, list(later.rejected)) == (0, 2, [])


def test_a_difference_that_no_action_explains_stays_a_difference(tmp_path: Path) -> None:
    sync(tmp_path, MAY)
    result = sync(tmp_path, june("33", SPLIT))
    assert (list(result.rejected), drifts(result)) == ([], [Decimal(-7)])


def test_trades_and_opening_balances_are_never_held_back() -> None:
    future = changed(buy(1), activity_type=ActivityType.ADD_HOLDING)
    opening = changed(buy(1), external_id="ibkr:opening:position:x", activity_type=ActivityType.ADD_HOLDING)
    opening = changed(opening, subtype=OPENING_BALANCE)
    for activity in (future, opening, buy(1)):
        assert not moves_units_untraded(RecordGroup(record_id="r", activities=(activity,)))


def test_what_an_action_does_is_added_up_over_its_records() -> None:
    bought, paid = buy(1, group_id="g"), changed(deposit(2, "5"), group_id="g")
    sold = changed(buy(3, group_id="g"), activity_type=ActivityType.SELL)
    (found,) = actions(
        [RecordGroup(record_id=each.record_id, activities=(each,)) for each in (bought, paid, sold)]
    )
    assert (len(found.records), found.effects) == (3, {})


class DiesAfterWriting(LedgerSink):
    """Has what it was sent, and cannot say so any more."""

    async def create(self, account: Account, activities: Sequence[Activity]) -> Sequence[WriteOutcome]:
        await super().create(account, activities)
        raise TransientError("the machine goes down")


def test_what_was_being_written_when_a_run_died_is_held_back_by_the_next_if_it_does_not_verify(
    tmp_path: Path,
) -> None:
    async def dies(text: str) -> None:
        provider = IBKRProvider(wf_account_id="t", upstream_account_id=ACCOUNT, documents=[Text(text)])
        with DiesAfterWriting(tmp_path) as sink, SyncRecordStore(tmp_path) as store:
            await sync_provider_to_wealthfolio(provider=provider, sink=sink, dedup=store)

    sync(tmp_path, MAY)
    with pytest.raises(TransientError, match="goes down"):
        asyncio.run(dies(june("10", SPLIT)))
    result = sync(tmp_path, june("10", SPLIT))
    assert [rejection.external_id for rejection in result.rejected] == ["ibkr:corporate-action:31"]
    assert drifts(result) == [Decimal(0)]


def test_what_was_not_looked_at_yet_waits_through_runs_that_do_not_list_it(tmp_path: Path) -> None:
    sync(tmp_path, MAY)
    die_after_booking(tmp_path, june("10", SPLIT))
    sync(tmp_path, MAY)
    result = sync(tmp_path, june("10", SPLIT))
    assert [rejection.external_id for rejection in result.rejected] == ["ibkr:corporate-action:31"]
    assert drifts(result) == [Decimal(0)]


def test_nothing_is_held_back_where_days_are_missing_that_may_explain_the_difference(tmp_path: Path) -> None:
    sync(tmp_path, MAY)
    after_a_gap = document(
        statement(
            section("CorporateActions", "CorporateAction", SPLIT),
            positions(position(position="10", reportDate="20260612")),
            fromDate="20260608",
            toDate="20260612",
            whenGenerated="20260613;020000",
        )
    )
    result = sync(tmp_path, after_a_gap)
    assert any("No statement covers" in note for note in result.notes)
    assert (list(result.rejected), drifts(result)) == ([], [Decimal(-30)])


def test_what_is_held_back_is_known_since_the_first_night(tmp_path: Path) -> None:
    nights = [dt.datetime(2026, 6, day, 2, tzinfo=dt.UTC) for day in (13, 14)]

    async def night(now: dt.datetime) -> None:
        provider = IBKRProvider(
            wf_account_id="t", upstream_account_id=ACCOUNT, documents=[Text(june("10", SPLIT))]
        )
        with LedgerSink(tmp_path) as sink, SyncRecordStore(tmp_path, now=lambda: now) as store:
            await sync_provider_to_wealthfolio(provider=provider, sink=sink, dedup=store)

    sync(tmp_path, MAY)
    for now in nights:
        asyncio.run(night(now))
    with SyncRecordStore.read_only(tmp_path) as store:
        (kept,) = store.rejections("ledger", "t")
    assert [kept.first_seen, kept.last_seen] == nights


def test_a_dry_run_holds_back_what_does_not_verify_and_keeps_nothing_of_it(tmp_path: Path) -> None:
    async def dry_run(text: str) -> SyncResult:
        provider = IBKRProvider(wf_account_id="t", upstream_account_id=ACCOUNT, documents=[Text(text)])
        with LedgerSink.read_only(tmp_path) as sink, SyncRecordStore.read_only(tmp_path) as store:
            return await sync_provider_to_wealthfolio(provider=provider, sink=sink, dedup=store, dry_run=True)

    sync(tmp_path, MAY)
    told = asyncio.run(dry_run(june("10", SPLIT)))
    assert ([*told.planned], [each.external_id for each in told.rejected]) == (
        [],
        ["ibkr:corporate-action:31"],
    )
    assert drifts(told) == [Decimal(0)]
    with SyncRecordStore.read_only(tmp_path) as store:
        assert store.rejections("ledger", "t") == []


def test_what_was_held_back_and_was_being_booked_when_a_run_died_is_booked(tmp_path: Path) -> None:
    async def dies(text: str) -> None:
        provider = IBKRProvider(wf_account_id="t", upstream_account_id=ACCOUNT, documents=[Text(text)])
        with DiesAfterWriting(tmp_path) as sink, SyncRecordStore(tmp_path) as store:
            await sync_provider_to_wealthfolio(provider=provider, sink=sink, dedup=store)

    sync(tmp_path, MAY)
    sync(tmp_path, june("10", SPLIT))
    with pytest.raises(TransientError, match="goes down"):
        asyncio.run(dies(june("40", SPLIT)))
    result = sync(tmp_path, june("40", SPLIT))
    assert (list(result.rejected), result.known, drifts(result)) == ([], 2, [Decimal(0)])


ZERO = Decimal(0)
OTHER = replace(AAPL, conid="77")


def drift(instrument: Instrument, tracker: str) -> PositionDrift:
    return PositionDrift(instrument=instrument, broker=ZERO, tracker=Decimal(tracker))


def test_an_action_that_moves_nothing_explains_nothing() -> None:
    nothing = Action(records=(), effects={})
    assert unverified([nothing], [drift(AAPL, "3")]) == called_for([nothing], [drift(AAPL, "3")]) == []


def test_an_action_explains_a_difference_only_in_all_that_it_moved() -> None:
    merger = Action(records=(), effects={AAPL.key: Decimal(3), OTHER.key: Decimal(5)})
    assert unverified([merger], [drift(AAPL, "3"), drift(OTHER, "0")]) == []
    assert unverified([merger], [drift(AAPL, "3")]) == []
    assert unverified([merger], [drift(AAPL, "3"), drift(OTHER, "5")]) == [merger]


def test_what_is_too_small_to_be_a_difference_is_not_held_back() -> None:
    dust = Action(records=(), effects={AAPL.key: SHARE_TOLERANCE})
    assert unverified([dust], [drift(AAPL, "0")]) == []


class Away(LedgerSink):
    """Takes nothing."""

    async def create(self, account: Account, activities: Sequence[Activity]) -> Sequence[WriteOutcome]:
        raise TransientError(f"{account.id} cannot take {len(activities)} now")


def test_an_action_that_could_not_be_sent_is_tried_every_night(tmp_path: Path) -> None:
    async def night(sink: LedgerSink) -> SyncResult:
        provider = IBKRProvider(
            wf_account_id="t", upstream_account_id=ACCOUNT, documents=[Text(june("40", SPLIT))]
        )
        with sink, SyncRecordStore(tmp_path) as store:
            return await sync_provider_to_wealthfolio(provider=provider, sink=sink, dedup=store)

    sync(tmp_path, MAY)
    for _ in range(2):
        with pytest.raises(TransientError, match="cannot take 1 now"):
            asyncio.run(night(Away(tmp_path)))
    assert asyncio.run(night(LedgerSink(tmp_path))).imported == 1
