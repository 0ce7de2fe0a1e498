"""What the contract asks of every sink, asked of the ledger."""

import asyncio
import dataclasses
import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from broker_sync.accounting import total_cash
from broker_sync.contracts import Held, Holding, Refused, Sink, Stored, WriteOutcome
from broker_sync.errors import SettingsError, StoreError
from broker_sync.models import Account, AccountType, Activity, ActivityType
from broker_sync.sinks.ledger import LedgerSink
from tests.storage.samples import AAPL, ACCOUNT, START, VUAG, buy, changed, deposit

FOREVER = dt.date(2090, 1, 1)
GIA = Account(
    id="gia", provider="ibkr", provider_account_id="U7654321", account_type=AccountType.GIA, currency=None
)


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[LedgerSink]:
    with LedgerSink(tmp_path / "portfolio.db") as sink:
        asyncio.run(sink.login())
        yield sink


def create(sink: Sink, *activities: Activity, account: Account = ACCOUNT) -> Sequence[WriteOutcome]:
    return asyncio.run(sink.create(account, activities))


def found(sink: Sink, *numbers: int) -> dict[str, str]:
    return dict(asyncio.run(sink.find(ACCOUNT.id, [f"ibkr:trade:{number}" for number in numbers])))


def booked(sink: LedgerSink, account: str | None = None) -> list[Activity]:
    return [activity for _, activity in sink.activities(account)]


def test_the_ledger_is_a_sink_with_a_name(sink: LedgerSink) -> None:
    assert isinstance(sink, Sink)
    assert sink.name == "ledger"


def test_what_is_created_is_found_by_account_and_external_id(sink: LedgerSink) -> None:
    create(sink, buy(1), buy(2))
    assert sorted(found(sink, 1, 2, 3)) == ["ibkr:trade:1", "ibkr:trade:2"]
    assert asyncio.run(sink.find("gia", ["ibkr:trade:1"])) == {}


def test_outcomes_come_in_the_order_given_under_the_ids_that_find_tells(sink: LedgerSink) -> None:
    create(sink, buy(2))
    outcomes = create(sink, buy(3), buy(2), buy(1))
    ids = found(sink, 1, 2, 3)
    assert list(outcomes) == [
        Stored(external_id="ibkr:trade:3", tracker_id=ids["ibkr:trade:3"], created=True),
        Stored(external_id="ibkr:trade:2", tracker_id=ids["ibkr:trade:2"], created=False),
        Stored(external_id="ibkr:trade:1", tracker_id=ids["ibkr:trade:1"], created=True),
    ]


def test_creating_what_is_there_leaves_it_as_it_is(sink: LedgerSink) -> None:
    create(sink, buy(1))
    create(sink, buy(1, quantity="5"))
    assert booked(sink) == [buy(1)]


def test_of_twins_in_one_call_the_first_is_created(sink: LedgerSink) -> None:
    outcomes = create(sink, buy(1), buy(1, quantity="5"))
    assert [isinstance(outcome, Stored) and outcome.created for outcome in outcomes] == [True, False]
    assert booked(sink) == [buy(1)]


def test_the_same_external_id_in_two_accounts_is_two_activities(sink: LedgerSink) -> None:
    create(sink, buy(1))
    create(sink, buy(1, account_id="gia"), account=GIA)
    assert [(account, activity.account_id) for account, activity in sink.activities()] == [
        (GIA, "gia"),
        (ACCOUNT, "isa"),
    ]


def test_an_activity_of_another_account_is_a_mistake_and_nothing_is_written(sink: LedgerSink) -> None:
    with pytest.raises(ValueError, match="ibkr:trade:2 is of another account"):
        create(sink, buy(1), buy(2, account_id="gia"))
    assert booked(sink) == []


def test_an_update_overwrites_and_keeps_the_trackers_id(sink: LedgerSink) -> None:
    create(sink, buy(1), buy(2))
    ids = found(sink, 1, 2)
    changed = buy(1, quantity="5", instrument=AAPL, comment="restated", fee=None)
    (outcome,) = asyncio.run(sink.update(ACCOUNT, [changed]))
    assert outcome == Stored(external_id="ibkr:trade:1", tracker_id=ids["ibkr:trade:1"], created=False)
    assert booked(sink) == [changed, buy(2)]
    assert found(sink, 1, 2) == ids


def test_an_update_of_what_is_not_there_is_refused_and_the_others_go_through(sink: LedgerSink) -> None:
    create(sink, buy(1))
    outcomes = asyncio.run(sink.update(ACCOUNT, [buy(2), buy(1, quantity="5")]))
    assert [type(outcome) for outcome in outcomes] == [Refused, Stored]
    assert booked(sink) == [buy(1, quantity="5")]


def test_what_is_deleted_is_gone_and_what_was_not_there_counts_as_removed(sink: LedgerSink) -> None:
    create(sink, buy(1), buy(2))
    create(sink, buy(1, account_id="gia"), account=GIA)
    outcomes = asyncio.run(sink.delete(ACCOUNT, ["ibkr:trade:9", "ibkr:trade:1"]))
    assert [outcome.external_id for outcome in outcomes] == ["ibkr:trade:9", "ibkr:trade:1"]
    assert all(isinstance(outcome, Stored) for outcome in outcomes)
    assert booked(sink, "isa") == [buy(2)]
    assert len(booked(sink, "gia")) == 1


def test_the_id_of_what_was_deleted_is_not_given_to_another(sink: LedgerSink) -> None:
    create(sink, buy(1))
    before = found(sink, 1)["ibkr:trade:1"]
    asyncio.run(sink.delete(ACCOUNT, ["ibkr:trade:1"]))
    create(sink, buy(2))
    assert found(sink, 2)["ibkr:trade:2"] != before


def test_empty_calls_answer_nothing(sink: LedgerSink) -> None:
    assert list(create(sink)) == []
    assert list(asyncio.run(sink.update(ACCOUNT, []))) == []
    assert list(asyncio.run(sink.delete(ACCOUNT, []))) == []
    assert found(sink) == {}


def test_calls_may_be_larger_than_a_statement_takes(sink: LedgerSink) -> None:
    many = [buy(number) for number in range(1201)]
    assert len({outcome.external_id for outcome in create(sink, *many)}) == 1201
    assert len(found(sink, *range(1201))) == 1201
    assert len(asyncio.run(sink.delete(ACCOUNT, [activity.external_id for activity in many]))) == 1201
    assert booked(sink) == []


def test_the_last_word_on_an_account_is_kept(sink: LedgerSink) -> None:
    create(sink, buy(1, account_id="gia"), account=GIA)
    later = Account(
        id="gia",
        provider="ibkr",
        provider_account_id="U7654321",
        account_type=AccountType.SIPP,
        currency=None,
    )
    create(sink, account=later)
    assert [account for account, _ in sink.activities()] == [later]


def test_holdings_are_signed_sums_by_instrument_as_of_the_booking_day(sink: LedgerSink) -> None:
    create(
        sink,
        buy(1, quantity="2.5"),
        buy(2, quantity="0.1"),
        buy(3, quantity="4", activity_type=ActivityType.SELL, instrument=AAPL),
        buy(4, quantity="9", booked_on=START.date() + dt.timedelta(days=5)),
        buy(6, quantity="9"),
        deposit(1000, "5"),
    )
    create(sink, buy(1, account_id="gia", quantity="100"), account=GIA)
    as_of = START.date() + dt.timedelta(days=4)
    assert asyncio.run(sink.holdings("isa", as_of=as_of)) == [
        Holding(instrument=VUAG, quantity=Decimal("2.6")),
        Holding(instrument=AAPL, quantity=Decimal(-4)),
    ]
    assert asyncio.run(sink.holdings("nobody", as_of=as_of)) == []


def test_what_was_sold_out_is_not_held(sink: LedgerSink) -> None:
    create(sink, buy(1), buy(2, activity_type=ActivityType.SELL))
    assert asyncio.run(sink.holdings("isa", as_of=FOREVER)) == []
    assert asyncio.run(sink.compute_position_qty("isa")) == {}


def test_an_instrument_is_one_holding_under_its_last_name(sink: LedgerSink) -> None:
    renamed = dataclasses.replace(AAPL, symbol="APPL")
    create(sink, buy(2, instrument=renamed, symbol="APPL"), buy(1, instrument=AAPL))
    assert asyncio.run(sink.holdings("isa", as_of=FOREVER)) == [
        Holding(instrument=renamed, quantity=Decimal(4))
    ]
    assert asyncio.run(sink.compute_position_qty("isa")) == {"AAPL": Decimal(2), "APPL": Decimal(2)}


def test_cash_is_the_signed_sum_by_currency_as_of_the_booking_day(sink: LedgerSink) -> None:
    rows = [deposit(1, "1000.10"), buy(2), deposit(3, "7", "USD"), buy(4, currency="EUR", fee=None)]
    create(sink, *rows, deposit(9, "500"))
    as_of = START.date() + dt.timedelta(days=4)
    assert asyncio.run(sink.cash("isa", as_of=as_of)) == total_cash(rows)
    assert total_cash(rows)["GBP"] == Decimal("799.10")


def test_cash_that_cancels_out_is_not_listed(sink: LedgerSink) -> None:
    create(sink, deposit(1, "0.30"), deposit(2, "0.1"))
    create(sink, changed(deposit(3, "0.4"), activity_type=ActivityType.WITHDRAWAL))
    assert asyncio.run(sink.cash("isa", as_of=FOREVER)) == {}


def test_sums_are_exact_beyond_what_a_float_or_the_usual_precision_holds(sink: LedgerSink) -> None:
    for number, size in enumerate(("123456789012345678901234567890", "0.000000000000000001")):
        held = changed(buy(number), quantity=Decimal(size), activity_type=ActivityType.ADD_HOLDING)
        create(sink, held, deposit(number, size))
    exact = Decimal("123456789012345678901234567890.000000000000000001")
    assert asyncio.run(sink.holdings("isa", as_of=FOREVER)) == [Holding(instrument=VUAG, quantity=exact)]
    assert asyncio.run(sink.compute_position_qty("isa")) == {"VUAG.L": exact}
    assert asyncio.run(sink.cash("isa", as_of=FOREVER)) == {"GBP": exact}


def test_a_read_only_ledger_refuses_to_be_written(sink: LedgerSink, tmp_path: Path) -> None:
    create(sink, buy(1))
    with LedgerSink.read_only(tmp_path / "portfolio.db") as reader:
        assert booked(reader) == [buy(1)]
        with pytest.raises(StoreError, match="read only"):
            create(reader, buy(2))


def test_a_closed_ledger_lets_go_of_its_file(tmp_path: Path) -> None:
    sink = LedgerSink(tmp_path / "portfolio.db")
    create(sink, buy(1))
    asyncio.run(sink.close())
    (tmp_path / "portfolio.db").rename(tmp_path / "moved.db")
    with LedgerSink.read_only(tmp_path / "moved.db") as moved:
        assert booked(moved) == [buy(1)]


def test_two_accounts_of_the_broker_never_share_one_of_the_ledger(sink: LedgerSink) -> None:
    create(sink, buy(1))
    with pytest.raises(SettingsError, match="U7777777"):
        create(sink, buy(2), account=dataclasses.replace(ACCOUNT, provider_account_id="U7777777"))


def test_it_tells_all_that_it_has_page_by_page(tmp_path: Path) -> None:
    made = [buy(number) for number in range(1001)]

    async def told(sink: LedgerSink) -> tuple[list[Held], list[Held]]:
        await sink.create(ACCOUNT, made)
        some = [each async for each in sink.held(ACCOUNT.id, [made[7].external_id, "ibkr:none"])]
        return [each async for each in sink.held(ACCOUNT.id)], some

    with LedgerSink(tmp_path) as sink:
        everything, some = asyncio.run(told(sink))
        there = asyncio.run(sink.find(ACCOUNT.id, [each.external_id for each in made]))
    assert {each.external_id: (each.tracker_id, each.activity) for each in everything} == {
        each.external_id: (there[each.external_id], each) for each in made
    }
    assert [each.activity for each in some] == [made[7]]
