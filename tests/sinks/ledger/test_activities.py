"""The ledger lists what it has, in order and unchanged, however much it is."""

import asyncio
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broker_sync.codec import activity_to_fields
from broker_sync.models import Account, AccountType, Activity
from broker_sync.sinks.ledger import LedgerSink
from broker_sync.sinks.ledger.tables import activities as table
from broker_sync.values import CurrencyCode
from tests.storage.samples import ACCOUNT, START, activities, buy, changed

GIA = Account(
    id="gia",
    provider="ibkr",
    provider_account_id="U7654321",
    account_type=AccountType.GIA,
    currency=CurrencyCode("USD"),
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LedgerSink]:
    with LedgerSink(tmp_path_factory.mktemp("data")) as sink:
        yield sink


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(activities, max_size=5, unique_by=lambda activity: activity.external_id))
def test_whatever_is_booked_is_listed_the_same(shared: LedgerSink, booked: list[Activity]) -> None:
    rows = [changed(activity, account_id="any") for activity in booked]
    account = Account(
        id="any", provider="ibkr", provider_account_id="U1", account_type=AccountType.GIA, currency=None
    )
    asyncio.run(shared.create(account, rows))
    listed = [activity for _, activity in shared.activities("any")]
    asyncio.run(shared.delete(account, [row.external_id for row in rows]))
    assert listed == sorted(rows, key=lambda activity: (activity.date, activity.external_id.encode()))


def test_a_row_has_a_column_for_everything_that_an_activity_says() -> None:
    assert {column.name for column in table.c} - {"id"} == set(activity_to_fields(buy(1)))


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[LedgerSink]:
    with LedgerSink(tmp_path / "portfolio.db") as sink:
        yield sink


def test_activities_come_by_account_then_moment_then_id(sink: LedgerSink) -> None:
    late, early = buy(1, date=START + dt.timedelta(seconds=1)), buy(2, date=START)
    same_b, same_a = buy(4, date=START), buy(3, date=START)
    within_the_second = buy(5, date=START + dt.timedelta(microseconds=500))
    asyncio.run(sink.create(ACCOUNT, [late, same_b, within_the_second, early, same_a]))
    asyncio.run(sink.create(GIA, [buy(9, account_id="gia")]))
    assert list(sink.activities()) == [
        (GIA, buy(9, account_id="gia")),
        *((ACCOUNT, activity) for activity in (early, same_a, same_b, within_the_second, late)),
    ]


@pytest.mark.parametrize(("name", "accounts"), [("gia", [GIA]), ("U12345678", [ACCOUNT]), ("nobody", [])])
def test_an_account_is_listed_by_the_trackers_name_or_the_brokers(
    sink: LedgerSink, name: str, accounts: list[Account]
) -> None:
    asyncio.run(sink.create(ACCOUNT, [buy(1)]))
    asyncio.run(sink.create(GIA, [buy(1, account_id="gia")]))
    assert [account for account, _ in sink.activities(name)] == accounts


def test_a_long_ledger_is_listed_without_a_gap_or_a_repeat_while_it_grows(sink: LedgerSink) -> None:
    many = [buy(number, date=START + dt.timedelta(seconds=number // 7)) for number in range(2500)]
    asyncio.run(sink.create(ACCOUNT, many))
    listing = sink.activities()
    first = [next(listing)[1].external_id for _ in range(3)]
    asyncio.run(sink.create(ACCOUNT, [buy(9999)]))
    ids = [*first, *(activity.external_id for _, activity in listing)]
    assert len(ids) == len(set(ids)) == 2501
    assert ids[-1] == "ibkr:trade:9999"
