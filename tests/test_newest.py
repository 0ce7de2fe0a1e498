"""Of two statements of the same days, the one that the broker made later has the word."""

from __future__ import annotations

import asyncio
import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from broker_sync.contracts import Provider, Truth
from broker_sync.dedup import SyncRecordStore
from broker_sync.models import Activity, CashBalance
from broker_sync.newest import Newest, outdated_note
from broker_sync.opening import Window
from broker_sync.pipeline import sync_provider_to_wealthfolio
from broker_sync.results import SyncResult
from broker_sync.values import CurrencyCode
from tests.memory import Book, Broker, MemorySink
from tests.storage.samples import ACCOUNT, deposit

FIRST = dt.datetime(2026, 3, 6, 6, tzinfo=dt.UTC)
LATER = dt.datetime(2026, 3, 12, 6, tzinfo=dt.UTC)
ONE, TWO, LATE = deposit(1, "100"), deposit(2, "7"), deposit(3, "9")
RESTATED = replace(ONE, amount=Decimal(85))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SyncRecordStore]:
    with SyncRecordStore(tmp_path) as store:
        yield store


def told(
    book: Book,
    store: SyncRecordStore,
    made: dt.datetime | None,
    *activities: Activity,
    until: int = 10,
    lists: frozenset[str] = frozenset({"cash"}),
    forgotten: Callable[[], Provider] | None = None,
) -> SyncResult:
    """What comes of a statement that was `made` then, of the days from 1 March `until` one of March."""
    return asyncio.run(
        sync_provider_to_wealthfolio(
            provider=said(made, *activities, until=until, lists=lists),
            sink=MemorySink(book),
            dedup=store,
            delete_vanished=True,
            forgotten=forgotten,
        )
    )


def said(
    made: dt.datetime | None,
    *activities: Activity,
    until: int,
    lists: frozenset[str] = frozenset({"cash"}),
) -> Broker:
    ending = sum((each.amount or Decimal(0) for each in activities), Decimal(0))
    truth = Truth(
        account=ACCOUNT,
        first_day=dt.date(2026, 3, 1),
        last_day=dt.date(2026, 3, until),
        document=f"{made} {until}",
        positions=None,
        opening_positions=(),
        cash=[CashBalance(currency=CurrencyCode("GBP"), starting=Decimal(0), ending=ending)],
        lists=lists,
        made=made,
    )
    return Broker(activities, [truth], made=made)


def amounts(book: Book) -> list[int]:
    return sorted(int(each.amount or 0) for each in book.contents().values())


def test_an_older_statement_puts_no_older_content_back(store: SyncRecordStore) -> None:
    book = Book()
    told(book, store, FIRST, ONE, TWO, until=5)
    assert told(book, store, LATER, RESTATED, TWO).updated == 1
    again = told(book, store, FIRST, ONE, TWO, until=5)
    assert (again.known, again.updated, again.new_after_dedup, amounts(book)) == (2, 0, 0, [7, 85])
    assert again.notes[1:] == (
        outdated_note(1),
        "The broker has made a later statement of 2026-03-05 than this one.",
    )


def test_whichever_comes_first_the_later_one_has_the_word(store: SyncRecordStore) -> None:
    book = Book()
    told(book, store, LATER, RESTATED, TWO)
    assert told(book, store, FIRST, ONE, TWO, until=5).known == 2
    assert amounts(book) == [7, 85]


def test_what_an_older_statement_does_not_have_yet_has_not_vanished(store: SyncRecordStore) -> None:
    book = Book()
    told(book, store, FIRST, ONE, until=5)
    told(book, store, LATER, ONE, LATE)
    again = told(book, store, FIRST, ONE, until=5)
    assert (again.vanished, again.deleted, amounts(book)) == ((), 0, [9, 100])


def test_what_a_later_statement_has_no_more_is_not_booked_again(store: SyncRecordStore) -> None:
    book = Book()
    told(book, store, FIRST, ONE, TWO, until=5)
    assert told(book, store, LATER, ONE).deleted == 1
    again = told(book, store, FIRST, ONE, TWO, until=5)
    assert (again.known, again.new_after_dedup, amounts(book)) == (2, 0, [100])
    assert outdated_note(1) in again.notes


def test_what_a_later_statement_had_no_more_was_removed_by_nobody_when_an_older_memory_is_put_back(
    store: SyncRecordStore, tmp_path: Path
) -> None:
    book = Book()
    told(book, store, LATER, ONE, until=5)
    shutil.copytree(tmp_path, tmp_path / "copy")
    # Of which nothing is booked, since the later one does not list it.
    told(book, store, FIRST, ONE, TWO, until=5)
    late, trades = LATER + dt.timedelta(days=1), frozenset({"trade"})
    told(book, store, late, LATE, lists=trades)
    with SyncRecordStore(tmp_path / "copy") as older:
        archived = said(FIRST, ONE, TWO, until=5)
        again = told(book, older, late, LATE, lists=trades, forgotten=lambda: archived)
        assert (again.conflicts, older.seen([TWO.external_id]), amounts(book)) == ((), set(), [9, 100])


def test_the_same_statement_again_and_one_made_later_say_what_they_say(store: SyncRecordStore) -> None:
    book = Book()
    told(book, store, LATER, ONE)
    assert told(book, store, LATER, RESTATED).updated == 1
    assert told(book, store, LATER + dt.timedelta(seconds=1), ONE).updated == 1
    assert amounts(book) == [100]


def test_what_the_tracker_refused_is_asked_for_again_by_an_older_statement_that_says_the_same(
    store: SyncRecordStore,
) -> None:
    book = Book()
    book.refuses = {ONE.external_id}
    assert told(book, store, LATER, ONE, TWO).failed == 1
    refused = told(book, store, FIRST, ONE, until=5)
    assert ([each.external_id for each in refused.failures], amounts(book)) == ([ONE.external_id], [7])
    book.refuses.clear()
    asked = told(book, store, FIRST, ONE, until=5)
    assert (asked.imported, asked.failures, amounts(book)) == (1, (), [7, 100])
    assert not any("say something else" in note or "says something else" in note for note in asked.notes)


def test_what_the_tracker_refused_of_a_later_statement_is_told_and_the_older_one_is_not_booked(
    store: SyncRecordStore,
) -> None:
    book = Book()
    book.refuses = {ONE.external_id}
    told(book, store, LATER, RESTATED, TWO)
    book.refuses.clear()
    older = told(book, store, FIRST, ONE, until=5)
    assert [(each.external_id, each.reason) for each in older.failures] == [(ONE.external_id, "no")]
    assert (older.outcome, older.known, amounts(book)) == ("failed", 1, [7])


def test_what_the_tracker_refused_and_a_later_statement_has_no_more_is_forgotten(
    store: SyncRecordStore,
) -> None:
    book = Book()
    book.refuses = {ONE.external_id}
    told(book, store, FIRST, ONE, TWO)
    book.refuses.clear()
    assert store.refusals("memory", ACCOUNT.id) == {ONE.external_id: "no"}
    told(book, store, LATER, until=2)
    assert store.refusals("memory", ACCOUNT.id) == {ONE.external_id: "no"}
    told(book, store, LATER, TWO)
    assert store.refusals("memory", ACCOUNT.id) == {}
    older = told(book, store, FIRST, ONE, TWO)
    assert (older.failures, older.known, amounts(book)) == ((), 2, [7])


@pytest.mark.parametrize("made", [(None, LATER), (LATER, None), (None, None)])
def test_without_the_moment_of_its_making_the_last_to_come_has_the_word(
    store: SyncRecordStore, made: tuple[dt.datetime | None, dt.datetime | None]
) -> None:
    book = Book()
    told(book, store, made[0], RESTATED)
    assert told(book, store, made[1], ONE).updated == 1
    assert amounts(book) == [100]


def test_a_later_statement_has_no_word_on_other_days_and_kinds(store: SyncRecordStore) -> None:
    book = Book()
    told(book, store, LATER, lists=frozenset({"trade"}))
    assert told(book, store, FIRST, ONE).imported == 1
    late = deposit(20, "3")
    assert told(book, store, FIRST, ONE, late, until=28).imported == 1
    assert amounts(book) == [3, 100]


# --- alone ---


def window(made: dt.datetime | None, first: int, last: int, *lists: str) -> Window:
    return Window(
        first_day=dt.date(2026, 3, first),
        last_day=dt.date(2026, 3, last),
        document="a",
        opening_positions=None,
        starting_cash=None,
        made=made,
        lists=frozenset(lists),
    )


def test_only_what_was_made_later_of_that_day_and_kind_supersedes() -> None:
    newest = Newest([window(FIRST, 1, 5, "cash"), window(LATER, 4, 10, "cash"), window(None, 1, 31, "trade")])
    day = dt.date(2026, 3, 4)
    assert newest.supersedes("ibkr:cash:1", day, FIRST)
    assert not newest.supersedes("ibkr:cash:1", day, LATER)
    assert not newest.supersedes("ibkr:cash:1", day, None)
    assert not newest.supersedes("ibkr:trade:1", day, FIRST)
    assert not newest.supersedes("ibkr:cash:1", dt.date(2026, 3, 3), FIRST)
    assert newest.supersedes("ibkr:cash:1", dt.date(2026, 3, 3), FIRST - dt.timedelta(seconds=1))
    assert newest.is_outdated(day, FIRST)
    assert not newest.is_outdated(dt.date(2026, 3, 3), FIRST)


def test_the_note_counts() -> None:
    assert outdated_note(1).startswith("1 of the records says something else")
    assert outdated_note(2).startswith("2 of the records say something else")
