"""A dry run says what the run straight after it does, whatever is there, and leaves all of it as it is."""

from __future__ import annotations

import asyncio
import copy
import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

import pytest

from broker_sync.changes import Keep
from broker_sync.contracts import Sink, Truth
from broker_sync.dedup import SyncRecordStore
from broker_sync.models import SPLIT_ADDS, Account, Activity, ActivityType, CashBalance, Position
from broker_sync.pipeline import sync_provider_to_wealthfolio
from broker_sync.results import SyncResult
from broker_sync.sinks.ledger import LedgerSink
from broker_sync.values import CurrencyCode
from tests.memory import Book, Broker, MemorySink
from tests.sinks.wealthfolio.scenario_run import a_sink
from tests.sinks.wealthfolio.trackers import Account as Place
from tests.sinks.wealthfolio.trackers import Tracker, a_stand_in
from tests.storage.samples import AAPL, ACCOUNT, buy, changed, deposit

NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
MARCH, APRIL = dt.date(2026, 3, 1), dt.date(2026, 4, 30)
PAID, PAID_TOO = deposit(1, "500", "USD"), deposit(2, "70", "USD")
BOUGHT = buy(40, instrument=AAPL, quantity="10")
FEE = changed(
    deposit(40, "2"),
    external_id=f"{BOUGHT.external_id}:fee",
    record_id=BOUGHT.external_id,
    activity_type=ActivityType.FEE,
)
SPLIT = changed(
    buy(45, instrument=AAPL, quantity="30", amount=None, unit_price=None, fee=Decimal(0)),
    external_id="ibkr:corporate-action:1",
    record_id="ibkr:corporate-action:1",
    activity_type=ActivityType.SPLIT,
    subtype=SPLIT_ADDS,
    ratio=Decimal(4),
)


def _statement(first: dt.date, *, cash: tuple[str, str], held: str = "0", opened: str = "0") -> Truth:
    return Truth(
        account=ACCOUNT,
        first_day=first,
        last_day=APRIL,
        document=f"{first} {cash} {held}",
        positions=_positions(held),
        opening_positions=_positions(opened),
        cash=[CashBalance(currency=CurrencyCode("USD"), starting=Decimal(cash[0]), ending=Decimal(cash[1]))],
        lists=frozenset({"cash", "trade", "corporate-action"}),
    )


def _positions(quantity: str) -> list[Position]:
    return [Position(instrument=AAPL, quantity=Decimal(quantity))] if quantity != "0" else []


@dataclass(frozen=True, kw_only=True)
class Night:
    """What a broker tells, and whether what it no longer lists goes."""

    activities: Sequence[Activity]
    truths: Sequence[Truth]
    delete: bool = False
    data: str = "data"


class Books(Protocol):
    """A tracker that people work with."""

    account: Account

    def sink(self, *, read_only: bool) -> Sink: ...

    def rows(self) -> object:
        """All that there is."""

    def edit(self, external_id: str) -> None:
        """A person makes another amount of it."""

    def remove(self, *external_ids: str) -> None: ...


@dataclass
class InMemory:
    account: Account = ACCOUNT
    book: Book = field(default_factory=Book)

    def sink(self, *, read_only: bool) -> Sink:
        del read_only
        return MemorySink(self.book)

    def rows(self) -> object:
        return dict(self.book.rows), dict(self.book.theirs), list(self.book.calls)

    def edit(self, external_id: str) -> None:
        self.book.edit(external_id, amount="77")

    def remove(self, *external_ids: str) -> None:
        for each in external_ids:
            del self.book.rows[each]


@dataclass
class InLedger:
    file: Path
    account: Account = ACCOUNT

    def sink(self, *, read_only: bool) -> Sink:
        return LedgerSink(self.file, read_only=read_only)

    def rows(self) -> object:
        return self.file.read_bytes() if self.file.exists() else None

    def edit(self, external_id: str) -> None:
        pytest.skip(f"nobody changes {external_id} in the ledger")

    def remove(self, *external_ids: str) -> None:
        with LedgerSink(self.file) as ledger:
            asyncio.run(ledger.delete(self.account, external_ids))


@dataclass
class InWealthfolio:
    place: Place
    account: Account

    def sink(self, *, read_only: bool) -> Sink:
        return a_sink(self.place.tracker, read_only=read_only)

    @property
    def _rows(self) -> dict[str, Any]:
        assert self.place.tracker.stand_in is not None
        return self.place.tracker.stand_in.service.store.rows

    def rows(self) -> object:
        return copy.deepcopy(self._rows)

    def edit(self, external_id: str) -> None:
        row = next(each for each in self._rows.values() if (each.key or "").endswith(external_id))
        row.amount, row.user_modified = Decimal(77), True
        self.place.settle()

    def remove(self, *external_ids: str) -> None:
        gone = [name for name, each in self._rows.items() if (each.key or "").endswith(external_ids)]
        for name in gone:
            del self._rows[name]
        self.place.settle()


@pytest.fixture(scope="module")
def tracker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tracker]:
    with a_stand_in(tmp_path_factory.mktemp("stand-in")) as tracker:
        yield tracker


@pytest.fixture(params=["memory", "ledger", "wealthfolio"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    if request.param == "memory":
        return World(books=InMemory(), folder=tmp_path)
    if request.param == "ledger":
        return World(books=InLedger(tmp_path / "ledger.db"), folder=tmp_path)
    tracker = request.getfixturevalue("tracker")
    place = tracker.account("USD")
    return World(books=InWealthfolio(place, replace(ACCOUNT, id=place.id)), folder=tmp_path)


@dataclass(frozen=True, kw_only=True)
class World:
    books: Books
    folder: Path

    def run(self, night: Night, *, dry_run: bool = False) -> SyncResult:
        account = self.books.account
        told = [replace(each, account_id=account.id) for each in night.activities]
        truths = [replace(each, account=account) for each in night.truths]
        return asyncio.run(self._run(night, Broker(told, truths, account=account), dry_run))

    async def _run(self, night: Night, broker: Broker, dry_run: bool) -> SyncResult:  # noqa: FBT001
        sink = self.books.sink(read_only=dry_run)
        try:
            with self.store(night.data, read_only=dry_run) as store:
                return await sync_provider_to_wealthfolio(
                    provider=broker,
                    sink=sink,
                    dedup=store,
                    dry_run=dry_run,
                    delete_vanished=night.delete,
                )
        finally:
            await sink.close()

    def store(self, data: str = "data", *, read_only: bool = False) -> SyncRecordStore:
        return SyncRecordStore(self.folder / data / "sync.db", now=lambda: NOW, read_only=read_only)

    def files(self) -> dict[str, bytes]:
        return {str(each): each.read_bytes() for each in self.folder.rglob("*") if each.is_file()}

    def held(self) -> dict[str, Activity]:
        """What we wrote, as the tracker has it."""

        async def ask() -> dict[str, Activity]:
            sink: Any = self.books.sink(read_only=True)
            try:
                await sink.login()
                return {each.external_id: each.activity async for each in sink.held(self.books.account.id)}
            finally:
                await sink.close()

        return asyncio.run(ask())


# --- what was there before, and what the broker tells then ---

FIRST = Night(activities=[PAID, PAID_TOO], truths=[_statement(MARCH, cash=("10", "580"))])
TRADED = Night(activities=[PAID, BOUGHT], truths=[_statement(MARCH, cash=("1000", "499"), held="10")])
HOLDING = Night(activities=[], truths=[_statement(MARCH, cash=("10", "10"), held="10", opened="10")])
SPLIT_TOLD = replace(HOLDING, activities=[SPLIT])
SPLIT_SHOWN = replace(SPLIT_TOLD, truths=[_statement(MARCH, cash=("10", "10"), held="40", opened="10")])


def a_first_run(_: World) -> Night:
    return TRADED


def nothing_new(world: World) -> Night:
    world.run(TRADED)
    return TRADED


def a_restated_record(world: World) -> Night:
    world.run(TRADED)
    dearer = replace(BOUGHT, unit_price=Decimal(101), amount=Decimal(1011))
    return replace(TRADED, activities=[PAID, dearer, FEE])


def a_leg_less(world: World) -> Night:
    world.run(replace(TRADED, activities=[PAID, BOUGHT, FEE]))
    later = replace(BOUGHT, date=BOUGHT.date + dt.timedelta(days=1), booked_on=BOUGHT.booked_on)
    return replace(TRADED, activities=[PAID, later])


def one_that_vanished(world: World) -> Night:
    world.run(FIRST)
    return Night(activities=[PAID], truths=[_statement(MARCH, cash=("10", "510"))])


def one_that_vanished_and_goes(world: World) -> Night:
    return replace(one_that_vanished(world), delete=True)


def a_lost_store(world: World) -> Night:
    world.run(TRADED)
    (world.folder / "data" / "sync.db").unlink()
    return TRADED


def a_second_store(world: World) -> Night:
    world.run(TRADED)
    return replace(TRADED, data="another")


def a_store_that_never_heard_of_the_last_night(world: World) -> Night:
    world.run(replace(FIRST, activities=[PAID]))
    before = (world.folder / "data" / "sync.db").read_bytes()
    world.run(FIRST)
    (world.folder / "data" / "sync.db").write_bytes(before)
    return FIRST


def a_split_that_does_not_verify(world: World) -> Night:
    world.run(HOLDING)
    return SPLIT_TOLD


def a_split_that_verifies_by_now(world: World) -> Night:
    world.run(HOLDING)
    world.run(SPLIT_TOLD)
    return SPLIT_SHOWN


def openings_that_move_back(world: World) -> Night:
    world.run(TRADED)
    earlier = _statement(dt.date(2026, 2, 1), cash=("900", "399"), held="10", opened="3")
    return replace(TRADED, truths=[earlier])


def an_opening_that_is_none_any_more(world: World) -> Night:
    world.run(HOLDING)
    return replace(HOLDING, truths=[_statement(dt.date(2026, 2, 1), cash=("0", "0"), held="10")])


def an_emptied_tracker(world: World) -> Night:
    world.run(FIRST)
    world.books.remove(*world.held())
    return FIRST


def one_that_a_person_removed(world: World) -> Night:
    world.run(FIRST)
    world.books.remove(PAID.external_id)
    return replace(FIRST, activities=[replace(PAID, amount=Decimal(501)), PAID_TOO])


def one_that_a_person_changed(world: World) -> Night:
    world.run(FIRST)
    world.books.edit(PAID.external_id)
    return replace(FIRST, activities=[replace(PAID, amount=Decimal(501)), PAID_TOO])


def one_that_a_person_changed_and_that_goes(world: World) -> Night:
    world.run(FIRST)
    world.books.edit(PAID_TOO.external_id)
    return Night(activities=[PAID], truths=[_statement(MARCH, cash=("10", "510"))], delete=True)


def one_where_the_broker_is_to_be_right(world: World) -> Night:
    night = one_that_a_person_changed(world)
    world.run(night)
    with world.store() as store:
        scope = (world.books.sink(read_only=True).name, world.books.account.id)
        store.decide(*scope, [PAID.external_id], Keep.BROKER)
    return night


SCENES: list[Callable[[World], Night]] = [
    a_first_run,
    nothing_new,
    a_restated_record,
    a_leg_less,
    one_that_vanished,
    one_that_vanished_and_goes,
    a_lost_store,
    a_second_store,
    a_store_that_never_heard_of_the_last_night,
    a_split_that_does_not_verify,
    a_split_that_verifies_by_now,
    openings_that_move_back,
    an_opening_that_is_none_any_more,
    an_emptied_tracker,
    one_that_a_person_removed,
    one_that_a_person_changed,
    one_that_a_person_changed_and_that_goes,
    one_where_the_broker_is_to_be_right,
]


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_a_dry_run_says_what_the_run_does(world: World, scene: Callable[[World], Night]) -> None:
    night = scene(world)
    before, rows, held = world.files(), world.books.rows(), world.held()
    dry = world.run(night, dry_run=True)
    assert (world.files(), world.books.rows()) == (before, rows)
    real = world.run(night)
    assert replace(dry, planned=()) == replace(real, run_id=None, nav=None)
    wrote = {name: each for name, each in world.held().items() if held.get(name) != each}
    assert {each.external_id: each for each in dry.planned} == wrote
