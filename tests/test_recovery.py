"""What a run makes good before it books anything, wherever the run before it died."""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from broker_sync.abilities import Keeps, Overrides
from broker_sync.apply import Writer
from broker_sync.changes import Change, Keep, Why
from broker_sync.contracts import Provider, Rejection, Sink, Truth
from broker_sync.dedup import Opened, Settlement, SyncRecordStore
from broker_sync.errors import StoreError, TransientError
from broker_sync.models import OPENING_BALANCE, Activity, ActivityType, CashBalance, Position
from broker_sync.opening import Window, opening_balances
from broker_sync.pipeline import sync_provider_to_wealthfolio
from broker_sync.recovery import adopted_window, carry_out_decisions
from broker_sync.results import SyncResult
from broker_sync.values import CurrencyCode
from tests.memory import EDITED, Book, Broker, MemorySink
from tests.storage.samples import ACCOUNT, VUAG, buy, deposit

DAY = dt.date(2026, 3, 31)
TRUTH = Truth(
    account=ACCOUNT,
    first_day=dt.date(2026, 3, 1),
    last_day=DAY,
    document="a",
    positions=None,
    opening_positions=(),
    cash=[CashBalance(currency=CurrencyCode("GBP"), starting=Decimal(10), ending=Decimal(100))],
    lists=frozenset({"cash"}),
)
ONE, TWO, THREE = deposit(1, "5"), deposit(2, "7"), deposit(3, "9")
IDS = [each.external_id for each in (ONE, TWO, THREE)]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SyncRecordStore]:
    with SyncRecordStore(tmp_path) as store:
        yield store


def sync(
    book: Book,
    store: SyncRecordStore,
    *activities: Activity,
    truths: Sequence[Truth] = (TRUTH,),
    forgotten: Callable[[], Provider] | None = None,
    check: Callable[[], None] = lambda: None,
    delete: bool = False,
    dry_run: bool = False,
) -> SyncResult:
    return asyncio.run(
        sync_provider_to_wealthfolio(
            provider=Broker(activities, truths),
            sink=MemorySink(book),
            dedup=store,
            forgotten=forgotten,
            check=check,
            delete_vanished=delete,
            dry_run=dry_run,
        )
    )


def amounts(book: Book) -> dict[str, str]:
    return {name: str(each.amount) for name, each in book.contents().items() if name in IDS}


def test_the_doubles_are_what_they_stand_for() -> None:
    sink = MemorySink(Book())
    assert isinstance(sink, Sink)
    assert isinstance(sink, Keeps)
    assert isinstance(sink, Overrides)
    assert isinstance(Broker(), Provider)


# --- a tracker that was lost ---


def test_a_lost_tracker_is_filled_again_whatever_kills_the_run(store: SyncRecordStore) -> None:
    book = Book()
    sync(book, store, ONE, TWO, THREE)
    whole = book.contents()
    book.rows.clear()
    for lived in (0, 1, 1):
        book.dies_after = lived
        with pytest.raises(TransientError, match="gone"):
            sync(book, store, THREE)
    book.dies_after = None
    book.calls.clear()
    told = sync(book, store, THREE)
    assert book.contents() == whole
    assert len(book.calls) == 2
    assert (told.new_after_dedup, told.known, told.conflicts) == (0, 1, ())


def test_a_row_that_alone_is_gone_is_not_a_lost_tracker(store: SyncRecordStore) -> None:
    book = Book()
    sync(book, store, ONE, TWO)
    del book.rows[IDS[0]]
    for _ in range(2):
        told = sync(book, store, ONE, TWO)
        assert [each.external_id for each in told.conflicts] == [IDS[0]]
    # Nothing of the tracker is left, but a person had begun to remove: the rest is theirs, too.
    book.rows.clear()
    told = sync(book, store, ONE, TWO)
    assert {each.external_id for each in told.conflicts} >= {IDS[0], IDS[1]}
    assert book.rows == {}


def test_what_a_lost_tracker_refuses_is_a_failure_every_night_until_it_is_there(
    store: SyncRecordStore,
) -> None:
    book = Book()
    sync(book, store, ONE, TWO)
    book.rows.clear()
    book.refuses = {IDS[0]}
    for listed in ((TWO,), (TWO,), (ONE, TWO)):
        told = sync(book, store, *listed, truths=())
        assert [(each.external_id, each.reason) for each in told.failures] == [(IDS[0], "no")]
        assert (told.outcome, told.known, amounts(book)) == ("failed", len(listed), {IDS[1]: "7"})
        assert [each.reason for each in told.conflicts] == ["the tracker would not take it again: no"]
    book.refuses.clear()
    told = sync(book, store, TWO, truths=())
    assert (told.failures, told.conflicts) == ((), ())
    assert amounts(book) == {IDS[0]: "5", IDS[1]: "7"}
    # A tracker that is lost after that is one that is lost, not one in which somebody has begun to remove.
    book.rows.clear()
    sync(book, store, TWO, truths=())
    assert amounts(book) == {IDS[0]: "5", IDS[1]: "7"}


def test_what_a_tracker_refuses_to_take_again_is_forgotten_once_the_broker_takes_it_back(
    store: SyncRecordStore,
) -> None:
    book = Book()
    sync(book, store, ONE, TWO)
    book.rows.clear()
    book.refuses = {IDS[0]}
    assert sync(book, store, TWO, delete=True).failures != ()
    book.refuses.clear()
    told = sync(book, store, TWO, delete=True)
    assert (told.failures, told.conflicts, amounts(book)) == ((), (), {IDS[1]: "7"})


def test_a_decision_waits_while_the_tracker_has_nothing_at_all(store: SyncRecordStore) -> None:
    book = Book()
    sync(book, store, ONE, TWO)
    book.edit(IDS[0], amount="6")
    restated = replace(ONE, amount=Decimal(55))
    sync(book, store, restated, TWO)
    store.decide("memory", ACCOUNT.id, [IDS[0]], Keep.BROKER)
    book.rows.clear()
    book.theirs.clear()
    run_id = store.begin_run(provider="conflicts", version="1")
    writer = Writer(account=ACCOUNT, sink=MemorySink(book), store=store, run_id=run_id)
    (refused,) = asyncio.run(carry_out_decisions(writer))
    assert (refused.external_id, "has nothing of what was booked" in refused.reason) == (IDS[0], True)
    assert book.rows == {}
    told = sync(book, store, restated, TWO)
    assert (told.conflicts, told.failures, amounts(book)) == ((), (), {IDS[0]: "55", IDS[1]: "7"})


@pytest.mark.parametrize("is_decided", [False, True])
def test_what_the_broker_says_by_now_is_booked_into_an_emptied_tracker_listed_or_not(
    store: SyncRecordStore, *, is_decided: bool
) -> None:
    book = Book()
    sync(book, store, ONE, TWO)
    book.edit(IDS[0], amount="6")
    sync(book, store, replace(ONE, amount=Decimal(55)), TWO)
    if is_decided:
        store.decide("memory", ACCOUNT.id, [IDS[0]], Keep.BROKER)
    book.rows.clear()
    book.theirs.clear()
    told = sync(book, store, TWO, truths=())
    assert (told.conflicts, amounts(book)) == ((), {IDS[0]: "55", IDS[1]: "7"})
    assert store.conflicts("memory", ACCOUNT.id) == []


@pytest.mark.parametrize("lives", [0, 1])
def test_a_decision_is_carried_out_to_its_end_where_the_row_had_to_be_made_again(
    store: SyncRecordStore, lives: int
) -> None:
    book = Book()
    sync(book, store, ONE, TWO)
    del book.rows[IDS[0]]
    sync(book, store, replace(ONE, amount=Decimal(55)), TWO)
    store.decide("memory", ACCOUNT.id, [IDS[0]], Keep.BROKER)
    book.dies_after = lives
    with pytest.raises(TransientError, match="gone"):
        sync(book, store, TWO, truths=())
    book.dies_after = None
    told = sync(book, store, TWO, truths=())
    assert (told.conflicts, amounts(book)) == ((), {IDS[0]: "55", IDS[1]: "7"})
    assert store.conflicts("memory", ACCOUNT.id) == []


def test_what_was_to_come_back_alone_comes_back_with_all_that_was_lost_since(store: SyncRecordStore) -> None:
    book = Book()
    sync(book, store, ONE, TWO)
    del book.rows[IDS[0]]
    sync(book, store, ONE, TWO)
    store.decide("memory", ACCOUNT.id, [IDS[0]], Keep.BROKER)
    book.dies_after = 0
    with pytest.raises(TransientError, match="gone"):
        sync(book, store, ONE, TWO)
    book.dies_after = None
    book.rows.clear()
    told = sync(book, store, ONE, TWO)
    assert (told.conflicts, amounts(book)) == ((), {IDS[0]: "5", IDS[1]: "7"})


def test_the_only_row_that_was_booked_comes_back_as_decided(store: SyncRecordStore) -> None:
    book = Book()
    sync(book, store, ONE, truths=())
    del book.rows[IDS[0]]
    store.open_conflicts(
        "memory",
        ACCOUNT.id,
        [Opened(external_id=IDS[0], record_id=ONE.record_id, reason="gone", wanted=ONE, theirs=None)],
        run_id=1,
    )
    store.decide("memory", ACCOUNT.id, [IDS[0]], Keep.BROKER)
    run_id = store.begin_run(provider="conflicts", version="1")
    writer = Writer(account=ACCOUNT, sink=MemorySink(book), store=store, run_id=run_id)
    assert asyncio.run(carry_out_decisions(writer)) == []
    assert amounts(book) == {IDS[0]: "5"}


# --- a memory that was lost ---


def test_without_a_memory_only_what_differs_is_written_and_not_over_a_person(
    store: SyncRecordStore, tmp_path: Path
) -> None:
    book = Book()
    sync(book, store, ONE, TWO, THREE)
    book.edit(IDS[1], amount="8")
    book.calls.clear()
    with SyncRecordStore(tmp_path / "new.db") as fresh:
        told = sync(book, fresh, replace(ONE, amount=Decimal(6)), replace(TWO, amount=Decimal(9)), THREE)
        assert book.calls == [f"update {IDS[0]}"]
        assert (told.new_after_dedup, told.updated, told.known) == (0, 1, 2)
        assert [(each.reason, each.tracker) for each in told.conflicts] == [(EDITED, {"amount": "8"})]
        assert [each.why for each in told.changes] == [Why.RESTATED]


def test_what_is_met_again_under_an_old_key_is_compared(store: SyncRecordStore, tmp_path: Path) -> None:
    book = Book()
    sync(book, store, ONE)
    with SyncRecordStore(tmp_path / "new.db") as fresh:
        sync(book, fresh, ONE)
        # Somebody put an older sync.db in place, of before TWO: nothing else tells that it is older.
        other = Book(rows=dict(book.rows))
        other.rows[IDS[1]] = ("77", replace(TWO, amount=Decimal(1)))
        told = sync(other, fresh, ONE, TWO)
        assert (told.new_after_dedup, told.updated) == (0, 1)
        assert other.calls == [f"update {IDS[1]}"]
        assert amounts(other)[IDS[1]] == "7"


def test_statements_that_were_forgotten_bring_their_windows_and_rejections_back(
    store: SyncRecordStore, tmp_path: Path
) -> None:
    rejection = Rejection(external_id="ibkr:cash:9", section="Cash", reason="unknown", raw={})
    book = Book()
    earlier = replace(TRUTH, document="b", first_day=dt.date(2026, 2, 1), last_day=dt.date(2026, 2, 28))
    sync(book, store, ONE, truths=(earlier, TRUTH))
    with SyncRecordStore(tmp_path / "new.db") as fresh:
        forgotten = Broker([ONE], [earlier], [rejection])
        book.calls.clear()
        sync(book, fresh, ONE, forgotten=lambda: forgotten)
        assert book.calls == []
        scope = ("memory", ACCOUNT.id)
        assert {each.document for each in fresh.windows(*scope)} >= {"a", "b"}
        assert [each.rejection for each in fresh.rejections(*scope)] == [rejection]


def test_statements_of_another_account_in_the_tracker_are_not_taken_for_forgotten_ones(
    store: SyncRecordStore,
) -> None:
    def never() -> Provider:
        raise AssertionError("nothing of it is in this account")

    sync(Book(), store, ONE, forgotten=never)
    assert [each.document for each in store.windows("memory", ACCOUNT.id)] == ["a"]


def _opening(**changes: object) -> Activity:
    made = buy(
        1,
        external_id="ibkr:opening:position:1",
        activity_type=ActivityType.ADD_HOLDING,
        subtype=OPENING_BALANCE,
        amount=None,
        fee=Decimal(0),
        booked_on=dt.date(2026, 2, 28),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def test_a_window_out_of_the_tracker_opens_with_what_is_booked_there_to_the_last_digit() -> None:
    position = Position(instrument=VUAG, quantity=Decimal(-3), cost=Decimal(-100))
    window = Window(
        first_day=dt.date(2026, 3, 1),
        last_day=DAY,
        document="a",
        opening_positions=(position,),
        starting_cash={"GBP": Decimal("10.5"), "USD": Decimal(-7)},
    )
    wanted = opening_balances(ACCOUNT, [window])
    assert {each.activity_type for each in wanted} == {
        ActivityType.REMOVE_HOLDING,
        ActivityType.TRANSFER_IN,
        ActivityType.TRANSFER_OUT,
    }
    back = adopted_window([*wanted, ONE])
    assert back is not None
    assert back.first_day == window.first_day
    assert opening_balances(ACCOUNT, [back]) == wanted
    assert adopted_window([]) is None
    bare = adopted_window([ONE, TWO])
    assert bare is not None
    assert (bare.first_day, bare.last_day) == (ONE.booked_on, TWO.booked_on)
    assert (bare.opening_positions, bare.starting_cash) == (None, None)
    free = adopted_window([_opening(unit_price=None)])
    assert free is not None
    assert [each.cost for each in free.opening_positions or ()] == [None]


# --- a disk that is full, or a process that dies, between the answer and its commit ---


class Forgetful(SyncRecordStore):
    """Cannot write down what the sink answered."""

    def settle(self, sink: str, account_id: str, outcomes: Sequence[Settlement]) -> list[Change]:
        raise StoreError(f"{sink} {account_id}: no space left for {len(outcomes)} outcomes")


def test_what_was_written_and_not_confirmed_is_found_by_the_next_run(tmp_path: Path) -> None:
    book = Book()

    def dies(*activities: Activity, delete: bool = False) -> None:
        with Forgetful(tmp_path) as full, pytest.raises(StoreError, match="no space left"):
            sync(book, full, *activities, delete=delete)
        book.calls.clear()

    restated = replace(ONE, amount=Decimal(6))
    dies(ONE)
    with SyncRecordStore(tmp_path) as store:
        assert sync(book, store, ONE).known == 1
    assert [each for each in book.calls if IDS[0] in each] == []
    dies(restated)
    with SyncRecordStore(tmp_path) as store:
        told = sync(book, store, restated, TWO)
        assert (told.known, book.calls) == (1, [f"create {IDS[1]}"])
        # The change is told by the run that found it done.
        assert [(str(each.old.amount), each.new == restated) for each in told.changes] == [("5", True)]
    dies(restated, delete=True)
    with SyncRecordStore(tmp_path) as store:
        told = sync(book, store, restated, delete=True)
        assert (book.calls, [each.why for each in told.changes]) == ([], [Why.VANISHED])
        (past,) = store.history("memory", ACCOUNT.id, IDS[1])
        assert past.change.new is None


# --- a person's decision ---


@pytest.mark.parametrize("dies_after", [0, 1, None])
def test_a_decision_outlives_the_run_that_was_to_carry_it_out(dies_after: int | None, tmp_path: Path) -> None:
    with SyncRecordStore(tmp_path / f"{dies_after}.db") as store:
        book = Book()
        sync(book, store, ONE, TWO, THREE)
        book.edit(IDS[0], amount="6")
        del book.rows[IDS[1]]
        restated = replace(ONE, amount=Decimal(55))
        assert len(sync(book, store, restated, TWO, THREE).conflicts) == 2
        store.decide("memory", ACCOUNT.id, IDS, Keep.BROKER)
        book.dies_after = dies_after
        if dies_after is not None:
            with pytest.raises(TransientError):
                sync(book, store, restated, TWO, THREE)
            book.dies_after = None
        told = sync(book, store, restated, TWO, THREE)
        assert amounts(book) == {IDS[0]: "55", IDS[1]: "7", IDS[2]: "9"}
        assert (told.conflicts, told.known, told.updated) == ((), 3, 0)
        (past,) = store.history("memory", ACCOUNT.id, IDS[0])
        assert (past.change.why, past.change.theirs) == (Why.OVERWRITTEN, {"amount": "6"})


# --- another run that has taken over ---


@pytest.mark.parametrize("is_removed", [False, True])
def test_a_decision_is_not_about_what_a_person_does_after_it(
    store: SyncRecordStore, *, is_removed: bool
) -> None:
    book = Book()
    sync(book, store, ONE, TWO)
    book.edit(IDS[0], amount="6")
    restated = replace(ONE, amount=Decimal(55))
    sync(book, store, restated, TWO)
    store.decide("memory", ACCOUNT.id, [IDS[0]], Keep.BROKER)
    if is_removed:
        del book.rows[IDS[0]], book.theirs[IDS[0]]
    else:
        book.edit(IDS[0], amount="8")
    there = book.contents()
    for _ in range(2):
        (conflict,) = sync(book, store, restated, TWO).conflicts
        assert (conflict.broker, conflict.tracker) == (restated, None if is_removed else {"amount": "8"})
        assert [each.decision for each in store.conflicts("memory", ACCOUNT.id)] == [None]
        assert book.contents() == there
    store.decide("memory", ACCOUNT.id, [IDS[0]], Keep.BROKER)
    assert sync(book, store, restated, TWO).conflicts == ()
    assert amounts(book) == {IDS[0]: "55", IDS[1]: "7"}


@pytest.mark.parametrize("content", ["5", "6"])
def test_a_decision_that_the_tracker_refuses_is_a_failure_and_tried_again(
    content: str, store: SyncRecordStore
) -> None:
    book = Book()
    sync(book, store, ONE, TWO)
    del book.rows[IDS[0]]
    says = deposit(1, content)
    assert len(sync(book, store, says, TWO).conflicts) == 1
    store.decide("memory", ACCOUNT.id, [IDS[0]], Keep.BROKER)
    book.refuses = {IDS[0]}
    for _ in range(2):
        told = sync(book, store, says, TWO)
        assert [(each.external_id, each.reason) for each in told.failures] == [(IDS[0], "no")]
        assert amounts(book) == {IDS[1]: "7"}
    # What the broker says by now is what is to stand.
    latest = deposit(1, "8")
    assert [each.external_id for each in sync(book, store, latest, TWO).failures] == [IDS[0]]
    book.refuses.clear()
    told = sync(book, store, latest, TWO)
    assert (told.failures, told.conflicts, store.conflicts("memory", ACCOUNT.id)) == ((), (), [])
    assert amounts(book) == {IDS[0]: "8", IDS[1]: "7"}


def test_a_run_whose_lock_was_taken_over_sends_nothing_any_more(store: SyncRecordStore) -> None:
    def after(calls: int) -> Callable[[], None]:
        left = itertools.count(calls, -1)

        def check() -> None:
            if next(left) <= 0:
                raise TransientError("another run has taken over")

        return check

    book = Book()
    for allowed in (0, 1):
        with pytest.raises(TransientError, match="taken over"):
            sync(book, store, ONE, check=after(allowed))
        assert (amounts(book), len(book.calls)) == ({IDS[0]: "5"} if allowed else {}, allowed)
        assert store.pending("memory", ACCOUNT.id) == []
    sync(book, store, ONE, TWO)
    book.rows.clear()
    for allowed in (0, 1):
        with pytest.raises(TransientError, match="taken over"):
            sync(book, store, ONE, check=after(allowed))
        assert book.rows == {}


# --- a dry run ---


def test_a_dry_run_tells_conflicts_and_writes_nothing_down(store: SyncRecordStore) -> None:
    book = Book()
    sync(book, store, ONE, TWO)
    del book.rows[IDS[0]]
    told = sync(book, store, ONE, TWO, dry_run=True)
    assert (told.planned, told.known) == ((), 2)
    assert store.all_conflicts() == []


def test_an_opening_balance_that_a_person_keeps_is_not_asked_for_again(store: SyncRecordStore) -> None:
    book = Book()
    opening = "ibkr:opening:cash:GBP"
    sync(book, store, ONE)
    book.edit(opening, amount="11")
    nothing = [CashBalance(currency=CurrencyCode("GBP"), starting=Decimal(0), ending=Decimal(5))]
    restated = replace(TRUTH, cash=nothing)
    told = sync(book, store, ONE, truths=[restated])
    assert [(each.external_id, each.broker) for each in told.conflicts] == [(opening, None)]
    store.decide("memory", ACCOUNT.id, [opening], Keep.TRACKER)
    told = sync(book, store, ONE, truths=[restated])
    assert (told.conflicts, told.opening_changes, list(book.theirs)) == ((), 0, [opening])
    store.decide("memory", ACCOUNT.id, [opening], Keep.BROKER)
    sync(book, store, ONE, truths=[restated])
    assert opening not in book.rows
    (past,) = store.history("memory", ACCOUNT.id, opening)
    assert (past.change.why, past.change.theirs) == (Why.OVERWRITTEN, {"amount": "11"})


def test_a_vanished_record_that_a_person_keeps_is_not_asked_for_again(store: SyncRecordStore) -> None:
    book = Book()
    sync(book, store, ONE, TWO)
    book.edit(IDS[0], amount="6")
    assert [each.broker for each in sync(book, store, TWO, delete=True).conflicts] == [None]
    store.decide("memory", ACCOUNT.id, [IDS[0]], Keep.TRACKER)
    book.asked.clear()
    told = sync(book, store, TWO, delete=True)
    assert ([each.record_id for each in told.vanished], told.deleted) == ([IDS[0]], 0)
    assert (book.asked, told.conflicts) == ([], ())
