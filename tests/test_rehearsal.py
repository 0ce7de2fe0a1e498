"""What a dry run writes to: what it takes in and shows, and that nothing reaches the real tracker."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Coroutine, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, TypeVar

import pytest

from broker_sync.abilities import Keeps, Limits, Notes, Overrides, Release, Twins, Values
from broker_sync.contracts import Edited, Refused, Sink, Stored, Twin, TwinFate, Untouched
from broker_sync.explain.entry import Entry, entry_of
from broker_sync.models import Activity, ActivityType, Nav
from broker_sync.rehearsal import rehearse
from broker_sync.rehearsal.effects import Effects
from broker_sync.values import CurrencyCode
from tests.memory import EDITED, Book, MemorySink
from tests.storage.samples import AAPL, ACCOUNT, buy, changed, deposit

_T = TypeVar("_T")
DAY = dt.date(2026, 6, 30)
WORTH = Nav(day=DAY, currency=CurrencyCode("GBP"), total=Decimal(1))
ONE, TWO = deposit(1, "5"), deposit(2, "7")
BOUGHT = buy(3, instrument=AAPL)


def done(what: Coroutine[Any, Any, _T]) -> _T:
    return asyncio.run(what)


async def listed(what: AsyncIterator[_T]) -> list[_T]:
    return [each async for each in what]


@pytest.fixture
def book() -> Book:
    book = Book()
    done(MemorySink(book).create(ACCOUNT, [ONE, BOUGHT]))
    return book


def cash(sink: Sink) -> dict[str, Decimal]:
    return dict(done(sink.cash(ACCOUNT.id, as_of=DAY)))


# --- what differs ---


def test_what_is_added_and_what_is_taken_off_counts_from_its_day_on() -> None:
    effects = Effects()
    effects.add(entry_of(BOUGHT))
    effects.add(entry_of(ONE))
    before = BOUGHT.booked_on - dt.timedelta(days=1)
    assert effects.on_holdings([], before) == []
    (held,) = effects.on_holdings([], BOUGHT.booked_on)
    assert (held.instrument, held.quantity) == (AAPL, Decimal(2))
    assert effects.on_cash({"GBP": Decimal(1)}, DAY) == {"GBP": Decimal(6), "USD": Decimal(-201)}
    assert effects.on_cash({}, before) == {"GBP": Decimal(5)}
    assert effects.on_symbols({"AAPL": Decimal(-2), "VUAG": Decimal(1)}) == {"VUAG": Decimal(1)}
    effects.take_off(entry_of(BOUGHT))
    assert (effects.on_holdings([], DAY), effects.on_symbols({})) == ([], {})


# --- what is there ---


def test_what_is_written_is_there_and_the_real_one_is_as_it_was(book: Book) -> None:
    rows, calls = dict(book.rows), list(book.calls)
    sink = rehearse(MemorySink(book))
    assert isinstance(sink, Sink)
    done(sink.login())
    assert (sink.name, sink.planned, sink.is_changed) == ("memory", (), False)
    new, old = done(sink.create(ACCOUNT, [TWO, ONE]))
    assert isinstance(new, Stored)
    assert isinstance(old, Stored)
    assert (new.created, old.created, old.tracker_id) == (True, False, rows[ONE.external_id][0])
    dearer = replace(ONE, amount=Decimal(50))
    updated, lacking = done(sink.update(ACCOUNT, [dearer, deposit(9, "1")]))
    assert isinstance(updated, Stored)
    assert isinstance(lacking, Refused)
    done(sink.delete(ACCOUNT, [BOUGHT.external_id, "ibkr:none"]))
    assert list(sink.planned) == [TWO, dearer]
    assert (sink.planned[0], sink.planned[1:], len(sink.planned)) == (TWO, [dearer], 2)
    ids = [each.external_id for each in (ONE, TWO, BOUGHT)]
    assert done(sink.find(ACCOUNT.id, ids)) == {ids[0]: rows[ids[0]][0], ids[1]: ids[1]}
    assert cash(sink) == {"GBP": Decimal(57)}
    assert done(sink.holdings(ACCOUNT.id, as_of=DAY)) == []
    done(sink.close())
    assert (book.rows, book.calls) == (rows, calls)


def test_what_was_written_is_written_again_and_taken_away_again(book: Book) -> None:
    sink = rehearse(MemorySink(book))
    done(sink.create(ACCOUNT, [TWO, TWO]))
    done(sink.update(ACCOUNT, [replace(TWO, amount=Decimal(8))]))
    assert cash(sink) == {"GBP": Decimal(13), "USD": Decimal(-201)}
    done(sink.delete(ACCOUNT, [TWO.external_id, TWO.external_id]))
    assert (sink.planned, sink.is_changed) == ((), False)
    assert cash(sink) == {"GBP": Decimal(5), "USD": Decimal(-201)}
    done(sink.delete(ACCOUNT, [ONE.external_id]))
    assert sink.is_changed
    done(sink.create(ACCOUNT, [ONE]))
    assert cash(sink) == {"GBP": Decimal(5), "USD": Decimal(-201)}
    done(sink.delete(ACCOUNT, [ONE.external_id]))
    assert done(sink.find(ACCOUNT.id, [ONE.external_id])) == {}


def test_what_is_kept_is_told_as_it_would_be(book: Book) -> None:
    sink = rehearse(MemorySink(book))
    assert isinstance(sink, Keeps)
    dearer = replace(ONE, amount=Decimal(50))
    done(sink.update(ACCOUNT, [dearer]))
    done(sink.create(ACCOUNT, [TWO]))
    done(sink.delete(ACCOUNT, [BOUGHT.external_id]))
    number = book.rows[ONE.external_id][0]
    told = [
        Untouched(external_id=ONE.external_id, tracker_id=number, activity=dearer),
        Untouched(external_id=TWO.external_id, tracker_id=TWO.external_id, activity=TWO),
    ]
    assert done(listed(sink.held(ACCOUNT.id))) == told
    ids = [ONE.external_id, BOUGHT.external_id, "ibkr:none"]
    assert done(listed(sink.held(ACCOUNT.id, ids))) == told[:1]


# --- people ---


def test_what_a_person_changed_stays_until_it_is_written_over(book: Book) -> None:
    book.edit(ONE.external_id, amount="55")
    sink = rehearse(MemorySink(book))
    assert isinstance(sink, Overrides)
    dearer, names = replace(ONE, amount=Decimal(50)), [ONE.external_id]
    left = Edited(external_id=ONE.external_id, reason=EDITED, theirs={"amount": "55"})
    assert done(sink.update(ACCOUNT, [dearer])) == done(sink.delete(ACCOUNT, names)) == [left]
    assert done(sink.edited(ACCOUNT.id, names)) == [left]
    assert not sink.is_changed
    (stored,) = done(sink.overwrite(ACCOUNT, [dearer]))
    assert isinstance(stored, Stored)
    assert (done(sink.edited(ACCOUNT.id, names)), cash(sink)["GBP"]) == ([], Decimal(50))
    done(sink.remove(ACCOUNT, names))
    assert "GBP" not in cash(sink)
    assert book.theirs


# --- what not every tracker can ---


class Able(MemorySink):
    """A tracker that can do everything, in which a person has typed in ONE, too, and made 55 of ours."""

    adopts = True
    version = "3"

    async def entries(self, account_id: str) -> Sequence[Entry]:
        del account_id
        typed = replace(entry_of(ONE), external_id=None, record_id="typed")
        edited = replace(entry_of(ONE), cash=Decimal(55))
        return [typed, edited, replace(typed, record_id="another")]

    async def twins(self, account_id: str, planned: Sequence[Activity]) -> Sequence[Twin]:
        del account_id
        return [
            Twin(external_id=each.external_id, tracker_id="typed", text="", fate=TwinFate.LIKELY)
            for each in planned
        ]

    async def notes(self, account_id: str) -> Sequence[str]:
        return [account_id]

    async def valuation(self, account_id: str, *, as_of: dt.date) -> Nav | None:
        del account_id, as_of
        return WORTH

    async def cannot_hold(
        self, account_id: str, *, as_of: dt.date, planned: Sequence[Activity] = (), gone: Sequence[str] = ()
    ) -> Any:  # noqa: ANN401  # whatever was asked
        return account_id, as_of, list(planned), set(gone)


def test_a_rehearsal_can_do_what_the_real_one_can(book: Book) -> None:
    optional = (Limits, Twins, Notes, Values, Release)
    plain, able = rehearse(MemorySink(book)), rehearse(Able(book))
    assert not any(isinstance(plain, each) for each in optional)
    assert all(isinstance(able, each) for each in (*optional, Keeps, Overrides))


def test_what_would_be_written_is_reckoned_with_where_only_the_tracker_knows_how(book: Book) -> None:
    sink: Any = rehearse(Able(book))
    assert done(sink.valuation(ACCOUNT.id, as_of=DAY)) == WORTH
    done(sink.create(ACCOUNT, [TWO]))
    done(sink.delete(ACCOUNT, [BOUGHT.external_id]))
    assert (sink.version, done(sink.notes(ACCOUNT.id))) == ("3", [ACCOUNT.id])
    assert done(sink.valuation(ACCOUNT.id, as_of=DAY)) is None
    asked = (ACCOUNT.id, DAY, [TWO, ONE], {BOUGHT.external_id})
    assert done(sink.cannot_hold(ACCOUNT.id, as_of=DAY, planned=[ONE])) == asked


def test_a_row_that_would_be_taken_over_counts_no_more(book: Book) -> None:
    sink: Any = rehearse(Able(book))
    done(sink.create(ACCOUNT, [TWO]))
    for _ in range(2):
        (twin,) = done(sink.twins(ACCOUNT.id, ()))
        assert (twin.external_id, twin.fate) == (TWO.external_id, TwinFate.LIKELY)
        assert cash(sink)["GBP"] == Decimal(5 + 7 - 5)


def test_what_a_person_made_of_it_is_what_goes(book: Book) -> None:
    book.edit(ONE.external_id, amount="55")
    sink: Any = rehearse(Able(book))
    done(sink.remove(ACCOUNT, [ONE.external_id]))
    # The tracker in memory still adds up what we wrote.
    assert cash(sink)["GBP"] == Decimal(5 - 55)


def test_a_split_is_held_from_its_day_on(book: Book) -> None:
    split = changed(buy(5, instrument=AAPL), activity_type=ActivityType.SPLIT, amount=None)
    sink = rehearse(MemorySink(book))
    done(sink.create(ACCOUNT, [split]))
    assert done(sink.compute_position_qty(ACCOUNT.id)) == {"AAPL": Decimal(2)}
    (held,) = done(sink.holdings(ACCOUNT.id, as_of=DAY))
    assert held.quantity == Decimal(4)
