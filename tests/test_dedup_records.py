"""Runs, rejections and windows are kept beside the activities."""

import dataclasses
import datetime as dt
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest

from broker_sync.contracts import Rejection
from broker_sync.dedup import PastResult, RunCounts, SavedRejection, SyncRecordStore
from broker_sync.models import Position
from broker_sync.opening import Window
from tests.storage.samples import AAPL, ACCOUNT, VUAG

HERE = ("ledger", ACCOUNT.id)
FIRST_NIGHT = dt.datetime(2026, 3, 2, 2, 0, tzinfo=dt.UTC)
OPTION = Rejection(
    external_id="ibkr:trade:7",
    section="Trades",
    reason="options are not booked yet",
    raw={"symbol": "AAPL  260619C00200000", "description": 'AAPL 19JUN26 "200" C', "quantity": "-1"},
    booked_on=dt.date(2026, 3, 1),
    instrument=AAPL,
    quantity=Decimal(-1),
)
SPIN_OFF = Rejection(external_id="ibkr:ca:3", section="CorporateActions", reason="spin-off", raw={})
MARCH = Window(
    first_day=dt.date(2026, 3, 1),
    last_day=dt.date(2026, 3, 31),
    document="sha256:1",
    opening_positions=(Position(instrument=VUAG, quantity=Decimal("8.5"), cost=Decimal(700)),),
    starting_cash={"GBP": Decimal("-12.30"), "USD": Decimal(5)},
)


class Clock:
    """Says the time that it was last told."""

    def __init__(self) -> None:
        self.now = FIRST_NIGHT

    def __call__(self) -> dt.datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sync.db"


@pytest.fixture
def store(path: Path, clock: Clock) -> Iterator[SyncRecordStore]:
    with SyncRecordStore(path, now=clock) as store:
        yield store


@pytest.fixture
def run_id(store: SyncRecordStore) -> int:
    return store.begin_run(provider="ibkr", version="1.2")


def row_of_run(path: Path, run_id: int) -> dict[str, object]:
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        return dict(connection.execute("SELECT * FROM runs WHERE id = ?", (run_id,)).fetchone())


def test_a_run_is_kept_with_its_times_counts_and_outcome(
    path: Path, store: SyncRecordStore, clock: Clock, run_id: int
) -> None:
    clock.now = dt.datetime(2026, 3, 2, 3, 5, tzinfo=dt.timezone(dt.timedelta(hours=1)))
    counts = RunCounts(fetched=15, new=1, known=2, updated=3, imported=4, failed=5, rejected=6)
    store.end_run(run_id, outcome="drift", counts=counts)
    assert row_of_run(path, run_id) == {
        "id": run_id,
        "provider": "ibkr",
        "version": "1.2",
        "started_at": "2026-03-02T02:00:00+00:00",
        "ended_at": "2026-03-02T02:05:00+00:00",
        "outcome": "drift",
        **dataclasses.asdict(counts),
    }


def test_a_run_that_died_has_no_end(path: Path, store: SyncRecordStore, run_id: int) -> None:
    assert store.begin_run(provider="ibkr", version="1.2") > run_id
    assert row_of_run(path, run_id)["ended_at"] is None


def test_a_run_that_never_began_cannot_end(store: SyncRecordStore) -> None:
    with pytest.raises(ValueError, match="run 5 never began"):
        store.end_run(5, outcome="ok", counts=RunCounts())


def test_a_clock_without_a_zone_is_a_mistake(path: Path) -> None:
    with (
        SyncRecordStore(path, now=lambda: FIRST_NIGHT.replace(tzinfo=None)) as store,
        pytest.raises(ValueError, match="no time zone"),
    ):
        store.begin_run(provider="ibkr", version="1.2")


def test_without_a_clock_of_its_own_a_store_takes_the_present(path: Path) -> None:
    with SyncRecordStore(path) as store:
        store.begin_run(provider="ibkr", version="1.2")
    began = dt.datetime.fromisoformat(str(row_of_run(path, 1)["started_at"]))
    assert abs(began - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=5)  # noqa: TID251  # the present is it


def test_a_rejection_is_kept_with_all_that_the_broker_said(store: SyncRecordStore, run_id: int) -> None:
    store.save_rejections(*HERE, [OPTION, SPIN_OFF], run_id=run_id)
    assert store.rejections(*HERE) == [
        SavedRejection(rejection=each, run_id=run_id, first_seen=FIRST_NIGHT, last_seen=FIRST_NIGHT)
        for each in (SPIN_OFF, OPTION)
    ]
    assert store.rejections("ledger", "gia") == []


def test_a_rejection_that_is_met_again_keeps_its_first_time_and_takes_the_rest(
    store: SyncRecordStore, clock: Clock, run_id: int
) -> None:
    store.save_rejections(*HERE, [OPTION], run_id=run_id)
    clock.now = FIRST_NIGHT + dt.timedelta(days=1)
    next_run = store.begin_run(provider="ibkr", version="1.3")
    changed = dataclasses.replace(OPTION, reason="unknown multiplier", quantity=None, instrument=None)
    store.save_rejections(*HERE, [changed, SPIN_OFF], run_id=next_run)
    assert store.rejections(*HERE)[1] == SavedRejection(
        rejection=changed, run_id=next_run, first_seen=FIRST_NIGHT, last_seen=clock.now
    )


def test_the_rejections_of_records_that_were_booked_later_are_cleared(
    store: SyncRecordStore, run_id: int
) -> None:
    store.save_rejections(*HERE, [OPTION, SPIN_OFF], run_id=run_id)
    store.save_rejections("ledger", "gia", [OPTION], run_id=run_id)
    assert store.clear_rejections(*HERE, ["ibkr:trade:7", "ibkr:trade:8"]) == 1
    assert [each.rejection for each in store.rejections(*HERE)] == [SPIN_OFF]
    assert len(store.rejections("ledger", "gia")) == 1


def test_a_window_reads_back_the_same_and_unknown_is_not_empty(store: SyncRecordStore, run_id: int) -> None:
    silent = dataclasses.replace(MARCH, document="sha256:2", opening_positions=None, starting_cash=None)
    empty = dataclasses.replace(MARCH, document="sha256:3", opening_positions=(), starting_cash={})
    for window in (MARCH, silent, empty):
        store.save_window(*HERE, window, run_id=run_id)
    assert store.windows(*HERE) == [MARCH, silent, empty]
    assert store.windows("ledger", "gia") == []


def test_windows_come_the_earliest_first_then_as_saved(store: SyncRecordStore, run_id: int) -> None:
    short = dataclasses.replace(MARCH, last_day=dt.date(2026, 3, 10))
    february = dataclasses.replace(MARCH, first_day=dt.date(2026, 2, 1))
    twin = dataclasses.replace(MARCH, document="sha256:0")
    for window in (short, MARCH, twin, february):
        store.save_window(*HERE, window, run_id=run_id)
    assert store.windows(*HERE) == [february, short, MARCH, twin]


def test_a_document_that_is_read_again_replaces_what_it_said_in_its_place(
    store: SyncRecordStore, run_id: int
) -> None:
    twin = dataclasses.replace(MARCH, document="sha256:0")
    again = dataclasses.replace(MARCH, opening_positions=None)
    for window in (MARCH, twin, again):
        store.save_window(*HERE, window, run_id=run_id)
    assert store.windows(*HERE) == [again, twin]


def test_what_a_run_found_is_kept_and_read_by_account_and_time(store: SyncRecordStore) -> None:
    def found(account: str, night: int, body: str) -> PastResult:
        return PastResult(
            run_id=store.begin_run(provider="ibkr", version="1"),
            sink="ledger",
            account_id=ACCOUNT.id,
            account=account,
            ended_at=FIRST_NIGHT + dt.timedelta(days=night),
            outcome="ok",
            body=body,
        )

    late, early, other = found("U1", 1, "{}"), found("U1", 0, '{"cash": []}'), found("U2", 1, "{}")
    for each in (late, early, other):
        store.save_result(each)
    assert store.results() == [early, late, other]
    assert store.results(account="U1") == [early, late]
    assert store.results(since=late.ended_at) == [late, other]
