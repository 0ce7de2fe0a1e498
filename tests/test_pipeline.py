"""What one run over one account makes of what it meets, whoever was there before."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from broker_sync.abilities import Unholdable
from broker_sync.apply import Writer
from broker_sync.changes import Keep, Why
from broker_sync.contracts import Held, Rejection, SectionCount, Touched
from broker_sync.dedup import SyncRecordStore
from broker_sync.errors import StoreError
from broker_sync.models import Activity, CashBalance, Position
from broker_sync.opening import Window, opening_balances
from broker_sync.pipeline import sync_provider_to_wealthfolio
from broker_sync.recovery import adopted_window, carry_out_decisions
from broker_sync.values import CurrencyCode
from tests.memory import Book, Broker, MemorySink
from tests.storage.samples import ACCOUNT, VUAG, deposit
from tests.test_recovery import IDS, ONE, THREE, TRUTH, TWO, Forgetful, amounts, sync


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SyncRecordStore]:
    with SyncRecordStore(tmp_path) as store:
        yield store


def test_a_record_that_comes_again_in_one_run_has_the_legs_of_its_last_coming(
    store: SyncRecordStore,
) -> None:
    book = Book()
    leg = replace(TWO, record_id=ONE.record_id)
    told = sync(book, store, ONE, leg, THREE, ONE)
    assert amounts(book) == {IDS[0]: "5", IDS[2]: "9"}
    assert told.vanished == ()


def test_a_dry_run_tells_what_it_would_change(store: SyncRecordStore) -> None:
    book = Book()
    sync(book, store, ONE)
    restated = replace(ONE, amount=Decimal(6))
    told = sync(book, store, restated, dry_run=True)
    assert ([*told.planned], told.updated, amounts(book)) == ([restated], 1, {IDS[0]: "5"})


def test_an_opening_balance_that_comes_out_otherwise_is_no_change_of_the_brokers(
    store: SyncRecordStore,
) -> None:
    book = Book()
    sync(book, store, ONE)
    started = [CashBalance(currency=CurrencyCode("GBP"), starting=Decimal(12), ending=Decimal(17))]
    told = sync(book, store, ONE, truths=[replace(TRUTH, cash=started)])
    assert (told.opening_changes, told.changes) == (1, ())


def test_what_is_booked_and_cannot_be_read_any_more_has_not_vanished(store: SyncRecordStore) -> None:
    book = Book()
    sync(book, store, ONE, TWO)
    unread = Rejection(external_id=IDS[0], section="Cash", reason="unknown", raw={})
    provider = Broker([TWO], [TRUTH], [unread])
    told = asyncio.run(
        sync_provider_to_wealthfolio(
            provider=provider, sink=MemorySink(book), dedup=store, delete_vanished=True
        )
    )
    assert (told.vanished, told.deleted, amounts(book)) == ((), 0, {IDS[0]: "5", IDS[1]: "7"})


def test_what_vanished_is_found_in_every_statement_of_a_run(store: SyncRecordStore) -> None:
    book = Book()
    middle = dt.date(2026, 3, 4)
    early = replace(TRUTH, document="b", last_day=middle)
    late = replace(TRUTH, document="c", first_day=middle + dt.timedelta(days=1))
    sync(book, store, ONE, TWO, THREE)
    for truths in ([early, late], [late, early]):
        told = sync(book, store, TWO, truths=truths)
        assert [each.record_id for each in told.vanished] == [IDS[0], IDS[2]]


OPENING = "ibkr:opening:cash:GBP"
EARLIER = replace(TRUTH, document="b", first_day=dt.date(2026, 2, 1), last_day=dt.date(2026, 2, 28))


def _starting(amount: int) -> list[CashBalance]:
    return [CashBalance(currency=CurrencyCode("GBP"), starting=Decimal(amount), ending=Decimal(0))]


def test_a_dry_run_tells_what_would_be_deleted_and_deletes_nothing(store: SyncRecordStore) -> None:
    book = Book()
    sync(book, store, ONE, TWO)
    told = sync(book, store, TWO, delete=True, dry_run=True)
    assert ([each.record_id for each in told.vanished], told.deleted) == ([IDS[0]], 1)
    assert amounts(book) == {IDS[0]: "5", IDS[1]: "7"}


def test_a_dry_run_opens_with_the_earliest_statement_that_was_ever_booked(store: SyncRecordStore) -> None:
    book = Book()
    sync(book, store, ONE, truths=[EARLIER, replace(TRUTH, cash=_starting(15))])
    told = sync(book, store, ONE, truths=[replace(TRUTH, document="c", cash=_starting(15))], dry_run=True)
    assert (told.planned, told.opening_changes) == ((), 0)


def test_an_earlier_statement_without_cash_moves_what_was_opened_and_changes_none_of_it(
    store: SyncRecordStore,
) -> None:
    book = Book()
    sync(book, store, ONE)
    mute = replace(EARLIER, cash=None)
    for _ in range(2):
        sync(book, store, ONE, truths=[mute, TRUTH])
        opening = book.contents()[OPENING]
        assert (opening.amount, opening.booked_on) == (Decimal(10), dt.date(2026, 1, 31))


def test_an_opening_balance_that_a_person_has_removed_is_a_conflict_and_not_written_again(
    store: SyncRecordStore,
) -> None:
    book = Book()
    sync(book, store, ONE)
    del book.rows[OPENING]
    told = sync(book, store, ONE, truths=[replace(TRUTH, cash=_starting(12))])
    assert [each.external_id for each in told.conflicts] == [OPENING]
    assert (OPENING in book.rows, told.failed, told.opening_changes) == (False, 0, 0)


def test_what_could_not_be_read_once_is_booked_when_it_can_be(store: SyncRecordStore) -> None:
    book = Book()
    unread = Rejection(external_id=IDS[0], section="Cash", reason="unknown", raw={})
    provider = Broker([TWO], [TRUTH], [unread])
    asyncio.run(sync_provider_to_wealthfolio(provider=provider, sink=MemorySink(book), dedup=store))
    told = sync(book, store, ONE, TWO)
    assert (told.imported, amounts(book)) == (1, {IDS[0]: "5", IDS[1]: "7"})
    assert store.rejections("memory", ACCOUNT.id) == []


def test_legs_that_are_no_more_go_before_those_in_their_place_come(store: SyncRecordStore) -> None:
    book = Book()
    sync(book, store, ONE)
    book.calls.clear()
    told = sync(book, store, replace(TWO, record_id=ONE.record_id))
    assert (told.updated, book.calls) == (1, [f"delete {IDS[0]}", f"create {IDS[1]}"])


class Asked(Broker):
    """Knows which days it was asked for."""

    days: tuple[dt.date | None, dt.date | None] = (None, None)

    async def fetch(
        self, *, since: dt.date | None = None, before: dt.date | None = None
    ) -> AsyncIterator[Activity]:
        self.days = (since, before)
        async for each in super().fetch(since=since, before=before):
            yield each


def test_the_days_that_are_asked_for_reach_the_provider(store: SyncRecordStore) -> None:
    since, before = dt.date(2026, 3, 2), dt.date(2026, 3, 9)
    provider = Asked([ONE], [TRUTH])
    asyncio.run(
        sync_provider_to_wealthfolio(
            provider=provider, sink=MemorySink(Book()), dedup=store, since=since, before=before
        )
    )
    assert provider.days == (since, before)


def test_what_several_statements_have_is_added_up_and_said_once(store: SyncRecordStore) -> None:
    count = SectionCount(section="Cash", rows=4, booked=1, informational=2, rejected=1)
    mute = replace(EARLIER, sections=(count,))
    told = sync(Book(), store, ONE, truths=[mute, replace(TRUTH, positions=(), sections=(count,))])
    assert told.sections == (SectionCount(section="Cash", rows=8, booked=2, informational=4, rejected=2),)
    assert not any("no Open Positions" in note for note in told.notes)
    assert any("no Open Positions" in note for note in sync(Book(), store, ONE, truths=[mute]).notes)


def test_a_run_says_that_it_found_the_tracker_empty(store: SyncRecordStore) -> None:
    book = Book()
    sync(book, store, ONE)
    book.rows.clear()
    assert any("had nothing of what was booked there" in note for note in sync(book, store, ONE).notes)


class Limited(MemorySink):
    """Knows for which day it was asked what it cannot hold."""

    day: dt.date | None = None

    async def cannot_hold(self, account_id: str, *, as_of: dt.date) -> Sequence[Unholdable]:
        del account_id
        self.day = as_of
        return []


def test_what_the_tracker_cannot_hold_is_that_of_the_last_day_of_all_statements(
    store: SyncRecordStore,
) -> None:
    sink = Limited(Book())
    asyncio.run(
        sync_provider_to_wealthfolio(provider=Broker([ONE], [TRUTH, EARLIER]), sink=sink, dedup=store)
    )
    assert sink.day == TRUTH.last_day


def test_what_was_there_with_another_content_is_put_right_though_the_run_that_met_it_died(
    tmp_path: Path,
) -> None:
    book = Book()
    with SyncRecordStore(tmp_path) as store:
        sync(book, store, TWO)
    # Somebody put an older sync.db in place, of before ONE.
    book.rows[IDS[0]] = ("77", replace(ONE, amount=Decimal(1)))
    with Forgetful(tmp_path) as full, pytest.raises(StoreError, match="no space left"):
        sync(book, full, ONE, TWO)
    with SyncRecordStore(tmp_path) as store:
        sync(book, store, ONE, TWO)
    assert amounts(book) == {IDS[0]: "5", IDS[1]: "7"}


def test_what_a_person_changed_after_a_run_died_is_told(tmp_path: Path) -> None:
    book = Book()
    restated = replace(ONE, amount=Decimal(6))
    with SyncRecordStore(tmp_path) as store:
        sync(book, store, ONE)
    with Forgetful(tmp_path) as full, pytest.raises(StoreError, match="no space left"):
        sync(book, full, restated)
    book.edit(IDS[0], amount="8")
    with SyncRecordStore(tmp_path) as store:
        (conflict,) = sync(book, store, restated).conflicts
    assert (conflict.tracker, conflict.broker) == ({"amount": "8"}, restated)


def test_a_decision_on_a_content_is_none_on_the_end_of_the_record(store: SyncRecordStore) -> None:
    book = Book()
    sync(book, store, ONE, TWO)
    book.edit(IDS[0], amount="8")
    sync(book, store, replace(ONE, amount=Decimal(6)), TWO)
    store.decide("memory", ACCOUNT.id, [IDS[0]], Keep.TRACKER)
    (conflict,) = sync(book, store, TWO, delete=True).conflicts
    assert (conflict.external_id, conflict.broker) == (IDS[0], None)


def test_what_a_person_has_changed_back_is_the_brokers_again(store: SyncRecordStore) -> None:
    book = Book()
    sync(book, store, ONE, TWO)
    restated = replace(ONE, amount=Decimal(6))
    for activities, left in (([restated, TWO], {IDS[0]: "6", IDS[1]: "7"}), ([TWO], {IDS[1]: "7"})):
        book.edit(IDS[0], amount="8")
        assert len(sync(book, store, *activities, delete=True).conflicts) == 1
        book.theirs.clear()
        assert sync(book, store, *activities, delete=True).conflicts == ()
        assert amounts(book) == left


def test_a_decision_for_a_removal_ends_when_the_row_is_there_again(store: SyncRecordStore) -> None:
    book = Book()
    sync(book, store, ONE, TWO)
    removed = book.rows.pop(IDS[0])
    restated = replace(ONE, amount=Decimal(6))
    sync(book, store, restated, TWO)
    store.decide("memory", ACCOUNT.id, [IDS[0]], Keep.TRACKER)
    book.rows[IDS[0]] = removed
    told = sync(book, store, restated, TWO)
    assert (told.conflicts, told.updated, amounts(book)) == ((), 1, {IDS[0]: "6", IDS[1]: "7"})


def test_a_dry_run_is_no_run_and_leaves_to_the_next_what_a_dead_one_left(tmp_path: Path) -> None:
    book = Book()
    with Forgetful(tmp_path) as full, pytest.raises(StoreError, match="no space left"):
        sync(book, full, ONE)
    with SyncRecordStore(tmp_path) as store:
        before = store.pending("memory", ACCOUNT.id), store.latest_runs("ibkr")
        told = sync(book, store, ONE, dry_run=True)
        assert (store.pending("memory", ACCOUNT.id), store.latest_runs("ibkr")) == before
    assert told.run_id is None


def test_a_dry_run_closes_no_conflict(store: SyncRecordStore) -> None:
    book = Book()
    sync(book, store, ONE, TWO)
    removed = book.rows.pop(IDS[0])
    sync(book, store, ONE, TWO)
    book.rows[IDS[0]] = removed
    sync(book, store, ONE, TWO, dry_run=True)
    assert [each.conflict.external_id for each in store.all_conflicts()] == [IDS[0]]
    assert sync(book, store, ONE, TWO).conflicts == ()


def test_forgotten_statements_are_remembered_by_a_memory_that_is_only_older(store: SyncRecordStore) -> None:
    book = Book()
    sync(book, store, ONE)
    book.rows[IDS[1]] = ("77", TWO)
    april = replace(TRUTH, document="b", first_day=dt.date(2026, 4, 1), last_day=dt.date(2026, 4, 30))
    sync(book, store, ONE, forgotten=lambda: Broker([TWO], [april]))
    assert store.seen([IDS[1]]) == {IDS[1]}
    assert "b" in {each.document for each in store.windows("memory", ACCOUNT.id)}


def test_one_opening_balance_that_came_out_otherwise_tells_that_the_memory_is_older(
    store: SyncRecordStore,
) -> None:
    book = Book()
    dollars = CashBalance(currency=CurrencyCode("USD"), starting=Decimal(20), ending=Decimal(20))
    truth = replace(TRUTH, cash=[*_starting(10), dollars])
    sync(book, store, ONE, truths=[truth])
    number, opening = book.rows["ibkr:opening:cash:USD"]
    book.rows["ibkr:opening:cash:USD"] = (number, replace(opening, amount=Decimal(25)))
    book.rows[IDS[1]] = ("77", TWO)
    told = sync(book, store, ONE, truths=[truth])
    assert any("did not know 2 of the activities" in note for note in told.notes)
    assert store.seen([IDS[1]]) == {IDS[1]}


class Unreadable(MemorySink):
    """Cannot say what a row was that a person has changed."""

    def _held(self, name: str) -> Held:
        held = super()._held(name)
        return replace(held, activity=None) if isinstance(held, Touched) else held


def test_an_opening_balance_that_a_person_made_unreadable_is_no_older_memory(store: SyncRecordStore) -> None:
    book = Book()
    sync(book, store, ONE)
    book.edit(OPENING, amount="11")
    told = asyncio.run(
        sync_provider_to_wealthfolio(provider=Broker([ONE], [TRUTH]), sink=Unreadable(book), dedup=store)
    )
    assert (told.known, told.conflicts, told.changes) == (1, (), ())


def test_what_another_provider_booked_into_the_account_is_not_ours(store: SyncRecordStore) -> None:
    others = replace(TWO, external_id="other:cash:2", record_id="other:cash:2")
    book = Book(rows={others.external_id: ("77", others)})
    told = sync(book, store, ONE, delete=True)
    assert store.seen([others.external_id]) == set()
    assert (told.vanished, others.external_id in book.rows) == ((), True)


def test_a_tracker_that_has_anything_of_ours_is_not_lost(store: SyncRecordStore) -> None:
    book = Book()
    many = [deposit(number, "5") for number in range(1, 203)]
    truth = replace(TRUTH, last_day=dt.date(2026, 12, 31), cash=None)
    sync(book, store, *many, truths=[truth])
    (last, row) = max(book.rows.items())
    book.rows = {last: row}
    told = sync(book, store, *many, truths=[truth])
    assert (list(book.rows), len(told.conflicts)) == ([last], len(many) - 1)


def test_a_decision_about_a_removed_row_brings_the_brokers_last_content_at_once(
    store: SyncRecordStore,
) -> None:
    book = Book()
    sync(book, store, ONE, TWO)
    del book.rows[IDS[0]]
    sync(book, store, replace(ONE, amount=Decimal(6)), TWO)
    store.decide("memory", ACCOUNT.id, [IDS[0]], Keep.BROKER)
    run_id = store.begin_run(provider="ibkr", version="1")
    writer = Writer(account=ACCOUNT, sink=MemorySink(book), store=store, run_id=run_id)
    assert asyncio.run(carry_out_decisions(writer)) == []
    assert amounts(book) == {IDS[0]: "6", IDS[1]: "7"}


def test_a_window_out_of_the_tracker_knows_the_cost_of_contracts() -> None:
    contract = replace(VUAG, multiplier=Decimal(100))
    position = Position(instrument=contract, quantity=Decimal(3), cost=Decimal(600))
    window = Window(
        first_day=TRUTH.first_day,
        last_day=TRUTH.last_day,
        document="a",
        opening_positions=(position,),
        starting_cash=None,
    )
    back = adopted_window(opening_balances(ACCOUNT, [window]))
    assert back is not None
    assert back.opening_positions == (position,)


def test_a_decision_on_a_changed_row_is_none_on_its_removal_nor_on_another_content(
    store: SyncRecordStore,
) -> None:
    book = Book()
    sync(book, store, ONE)
    book.edit(IDS[0], amount="8")
    six, seven = (replace(ONE, amount=Decimal(amount)) for amount in (6, 7))
    for says in (six, seven):
        (conflict,) = sync(book, store, says).conflicts
        assert (conflict.tracker, conflict.broker) == ({"amount": "8"}, says)
        store.decide("memory", ACCOUNT.id, [IDS[0]], Keep.TRACKER)
        assert sync(book, store, says).conflicts == ()
    del book.rows[IDS[0]]
    (conflict,) = sync(book, store, seven, TWO).conflicts
    assert (conflict.tracker, conflict.broker) == (None, seven)


def test_a_change_that_the_tracker_refuses_is_none(store: SyncRecordStore) -> None:
    book = Book()
    sync(book, store, ONE)
    book.refuses = {IDS[0]}
    told = sync(book, store, replace(ONE, amount=Decimal(6)))
    assert (told.changes, store.history("memory", ACCOUNT.id, IDS[0])) == ((), [])
    assert amounts(book) == {IDS[0]: "5"}


def test_only_what_was_written_over_is_kept_as_a_persons(store: SyncRecordStore) -> None:
    book = Book()
    sync(book, store, ONE)
    book.edit(IDS[0], amount="8")
    restated = replace(ONE, amount=Decimal(6))
    sync(book, store, restated)
    book.theirs.clear()
    sync(book, store, restated)
    (past,) = store.history("memory", ACCOUNT.id, IDS[0])
    assert (past.change.why, past.change.theirs) == (Why.RESTATED, None)
