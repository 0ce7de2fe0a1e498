"""Records that the broker takes back, and that a person has changed or removed before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from broker_sync.changes import Keep
from broker_sync.dedup import SyncRecordStore
from tests.memory import Book, Broker
from tests.storage.samples import ACCOUNT
from tests.test_recovery import IDS, ONE, THREE, TRUTH, TWO, amounts, sync


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SyncRecordStore]:
    with SyncRecordStore(tmp_path) as store:
        yield store


def test_what_a_person_removed_and_the_broker_takes_back_is_over(store: SyncRecordStore) -> None:
    book = Book()
    sync(book, store, ONE, TWO)
    del book.rows[IDS[1]]
    assert len(sync(book, store, ONE, TWO).conflicts) == 1
    told = sync(book, store, ONE)
    assert (told.conflicts, told.vanished) == ((), ())
    store.decide("memory", ACCOUNT.id, [IDS[1]], Keep.BROKER)
    sync(book, store, ONE)
    assert amounts(book) == {IDS[0]: "5"}
    # It is forgotten: listed again, it is another thing that the broker says.
    assert store.lookup("memory", ACCOUNT.id, [IDS[1]]) == {}
    assert sync(book, store, ONE, TWO).imported == 1


@pytest.mark.parametrize("before", [Keep.TRACKER, None])
def test_what_a_person_changed_and_the_broker_takes_back_is_a_question_of_its_end(
    store: SyncRecordStore, before: Keep | None
) -> None:
    book = Book()
    sync(book, store, ONE, TWO)
    book.edit(IDS[1], amount="55")
    restated = replace(TWO, amount=Decimal(60))
    assert [each.broker for each in sync(book, store, ONE, restated).conflicts] == [restated]
    if before is not None:
        store.decide("memory", ACCOUNT.id, [IDS[1]], before)
    told = sync(book, store, ONE)
    assert [(each.broker, each.tracker) for each in told.conflicts] == [(None, {"amount": "55"})]
    assert [each.record_id for each in told.vanished] == [IDS[1]]
    assert sync(book, store, ONE).conflicts == told.conflicts
    store.decide("memory", ACCOUNT.id, [IDS[1]], Keep.BROKER)
    told = sync(book, store, ONE)
    assert (told.conflicts, amounts(book)) == ((), {IDS[0]: "5"})


def test_a_dry_run_leaves_the_question_as_it_is(store: SyncRecordStore) -> None:
    book = Book()
    sync(book, store, ONE, TWO)
    book.edit(IDS[1], amount="55")
    sync(book, store, ONE, replace(TWO, amount=Decimal(60)))
    before = store.all_conflicts()
    sync(book, store, ONE, dry_run=True)
    assert store.all_conflicts() == before


# --- sync.db is lost ---


def test_what_a_person_removed_is_not_booked_again_when_the_memory_is_lost(
    store: SyncRecordStore, tmp_path: Path
) -> None:
    book = Book()
    sync(book, store, ONE, TWO, THREE)
    del book.rows[IDS[1]]
    with SyncRecordStore(tmp_path / "new.db") as fresh:
        told = sync(book, fresh, ONE, TWO, THREE, forgotten=lambda: Broker([ONE, TWO, THREE], [TRUTH]))
        assert [each.external_id for each in told.conflicts] == [IDS[1]]
        assert (told.new_after_dedup, told.known, sorted(amounts(book))) == (0, 3, [IDS[0], IDS[2]])
        fresh.decide("memory", ACCOUNT.id, [IDS[1]], Keep.BROKER)
        sync(book, fresh, ONE, TWO, THREE)
        assert sorted(amounts(book)) == IDS


def test_of_a_record_that_was_restated_the_last_legs_count_when_the_memory_is_lost(
    store: SyncRecordStore, tmp_path: Path
) -> None:
    first = [replace(ONE, external_id=f"{IDS[0]}:{leg}", record_id=IDS[0]) for leg in ("a", "b")]
    book = Book()
    sync(book, store, *first, TWO)
    sync(book, store, first[0], TWO)
    with SyncRecordStore(tmp_path / "new.db") as fresh:
        told = sync(book, fresh, first[0], TWO, forgotten=lambda: Broker([*first, TWO, first[0]], [TRUTH]))
        assert (told.known, told.updated, told.conflicts, told.changes) == (2, 0, (), ())
