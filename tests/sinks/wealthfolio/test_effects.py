"""What rows of others do to cash and positions, and which of them say again what ours say."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

from broker_sync.contracts import Touched
from broker_sync.models import OPENING_BALANCE, Activity, ActivityType, Nav
from broker_sync.sinks.wealthfolio.book import make_book
from broker_sync.sinks.wealthfolio.effects import Reckoning, entries_of
from broker_sync.sinks.wealthfolio.fields import JsonValue
from broker_sync.sinks.wealthfolio.forms import NEXT_DAY
from broker_sync.sinks.wealthfolio.markets import with_ending
from broker_sync.sinks.wealthfolio.marks import external_id_in, key_of
from broker_sync.sinks.wealthfolio.people import edited, held_of, touched_notes
from broker_sync.sinks.wealthfolio.twins import is_typed, others_rows, pairs
from broker_sync.sinks.wealthfolio.wire import (
    ActivityRow,
    HeldAsset,
    HeldCash,
    Holdings,
    Valuation,
    parse_quote_days,
)
from broker_sync.sinks.wealthfolio.worth import nav_of
from tests.sinks.wealthfolio.payload_samples import APPLE, act, at, buy, cash, conversion, split, units
from tests.sinks.wealthfolio.rows import a_row
from tests.sinks.wealthfolio.test_book import book, wire
from tests.tables import for_each

OLD = Reckoning(zone=dt.UTC, currency="USD", final_amounts=False)
NEW = replace(OLD, final_amounts=True)
APPLES = {APPLE.key: "apples"}


def effect(row: ActivityRow, how: Reckoning = OLD) -> tuple[Decimal, str, Decimal]:
    (entry,) = entries_of(make_book("wf-1", [row]), how)
    return entry.units, entry.currency, entry.cash


TRADE = {"unit_price": "2", "fee": "1", "amount": "90"}
NONE: dict[str, Any] = {"asset_id": None, "symbol": None}
OPTION = {"instrument_type": "OPTION"}


@for_each(
    ("row", "old", "new"),
    [
        (a_row("BUY", quantity="10", **TRADE), (10, "USD", -21), (10, "USD", -90)),
        (a_row("SELL", quantity="10", **TRADE), (-10, "USD", 19), (-10, "USD", 90)),
        (a_row("BUY", quantity="10", unit_price="2"), (10, "USD", -20), (10, "USD", -20)),
        (a_row("BUY", quantity="1", unit_price="2", **OPTION), (1, "USD", -200), (1, "USD", -200)),
        (a_row("BUY", quantity="10", **TRADE, **NONE), (0, "USD", 0), (0, "USD", 0)),
        (
            a_row("BUY", quantity="10", unit_price="2", currency="EUR", fx_rate="1.5"),
            (10, "USD", -30),
            (10, "USD", -30),
        ),
        (a_row("SPLIT", amount="4"), (0, "USD", 0), (0, "USD", 0)),
        (a_row("SPLIT"), (0, "USD", 0), (0, "USD", 0)),
        (a_row("DIVIDEND", amount="7", fee="1"), (0, "USD", 6), (0, "USD", 7)),
        (
            a_row("DIVIDEND", quantity="2", unit_price="3", amount="6", subtype="DRIP"),
            (2, "USD", 0),
            (2, "USD", 0),
        ),
        (a_row("FEE", amount="7", fee="3", **NONE), (0, "USD", -3), (0, "USD", -7)),
        (a_row("TAX", amount="7", **NONE), (0, "USD", -7), (0, "USD", -7)),
        (a_row("WITHDRAWAL", amount="7", fee="1", **NONE), (0, "USD", -8), (0, "USD", -7)),
        (a_row("TRANSFER_IN", amount="7", **NONE), (0, "USD", 7), (0, "USD", 7)),
        (
            a_row("TRANSFER_OUT", quantity="3", amount="7", fee="1"),
            (-3, "USD", -1),
            (-3, "USD", 0),
        ),
        (a_row("UNKNOWN", amount="7", **NONE), (0, "USD", 0), (0, "USD", 0)),
    ],
)
def test_a_row_does_what_the_release_makes_of_it(
    row: ActivityRow, old: tuple[Any, str, Any], new: tuple[Any, str, Any]
) -> None:
    assert effect(row) == old
    assert effect(row, NEW) == new


def test_the_units_of_a_split_are_those_that_were_held_before_it() -> None:
    held = [a_row("BUY", "01-05", "10", unit_price="1"), a_row("SPLIT", "01-06", amount="4")]
    later = [a_row("SELL", "01-07", "40", unit_price="1"), a_row("BUY", "01-08", "1", status="DRAFT")]
    entries = entries_of(make_book("wf-1", [*held, *later]), OLD)
    assert [each.units for each in entries] == [10, 30, -40]
    assert [each.day.day for each in entries] == [5, 6, 7]


def test_a_row_of_ours_that_nobody_changed_does_what_its_activity_does() -> None:
    one = buy(APPLE, at(2), "80", "255", "0.77")
    (entry,) = entries_of(book(*wire(one)), OLD)
    assert (entry.external_id, entry.record_id) == (one.external_id, one.record_id)
    assert entry.units == 80


def test_a_row_of_ours_that_a_person_changed_goes_by_our_name_of_it() -> None:
    one = split(5, APPLE, "30", "4:1")
    (row,) = wire(one)
    text: dict[str, JsonValue] = {"id": one.external_id, "form": NEXT_DAY}
    changed = replace(row, is_user_modified=True, source_record_id="r-1", metadata={"broker_sync": text})
    (entry,) = entries_of(book(changed), OLD)
    assert (entry.external_id, entry.record_id) == (one.external_id, "r-1")
    assert entry.day == row.date.date() - dt.timedelta(days=1)
    touched = book(*(replace(each, is_user_modified=True) for each in wire(*[one])))
    assert len(touched_notes(touched)) == 1


def test_of_many_rows_that_people_changed_some_are_named() -> None:
    rows = wire(*(cash(ActivityType.DEPOSIT, 1, str(number + 1)) for number in range(7)))
    (note,) = touched_notes(book(*(replace(each, is_user_modified=True) for each in rows)))
    assert note.startswith("7 activities were changed by people in Wealthfolio and are left alone: ")


def test_a_row_of_ours_in_another_account_keeps_its_name() -> None:
    assert external_id_in(key_of("elsewhere", "ibkr:trade:1")) == "ibkr:trade:1"
    assert external_id_in(key_of("elsewhere", "ibkr:trade:1", "short")) == "ibkr:trade:1"
    assert external_id_in("somebody") is None
    moved = a_row("BUY", quantity="1", unit_price="1", idempotency_key=key_of("elsewhere", "ibkr:trade:1"))
    (entry,) = entries_of(make_book("wf-1", [moved]), OLD)
    assert entry.external_id == "ibkr:trade:1"
    assert others_rows([moved], [entry]) == []


def test_a_symbol_has_the_ending_of_its_market() -> None:
    told = [with_ending("VUAG", "XLON"), with_ending("VUAG.L", "XLON"), with_ending("AAPL", "XNAS")]
    assert told == ["VUAG.L", "VUAG.L", "AAPL"]
    assert with_ending("X", None) == "X"


# --- twins ---


def typed(kind: str = "BUY", when: str = "03-02 09:00", **more: Any) -> ActivityRow:  # noqa: ANN401
    bought = {
        "quantity": Decimal(10),
        "unit_price": "250",
        "fee": "1",
        "asset_id": "apples",
        "symbol": "AAPL",
    }
    fields: dict[str, Any] = {**(bought if kind == "BUY" else NONE), **more}
    quantity = fields.pop("quantity", None)
    return replace(a_row(kind, when, **fields), quantity=quantity)


def twins_of(*activities: Activity, rows: list[ActivityRow], zone: dt.tzinfo = dt.UTC) -> dict[str, str]:
    told = others_rows(rows, entries_of(make_book("wf-1", rows), replace(OLD, zone=zone)))
    found = pairs(activities, told, assets=APPLES, zone=zone)
    return {name: row.id for name, row in found.items()}


ONE = buy(APPLE, at(2), "10", "250", "1")


@for_each(
    ("row", "is_one"),
    [
        (typed(), True),
        (typed(fee="1.01"), True),
        (typed(fee="1.02"), False),
        (typed(asset_id="others"), True),  # by its symbol
        (typed(asset_id="others", symbol="AAPL", exchange_mic="XETR"), False),
        (typed(asset_id="others", symbol="MSFT"), False),
        (typed(when="03-03"), False),
        (typed(when="03-02 00:00"), True),
        (typed(status="DRAFT"), False),
    ],
)
def test_a_twin_is_the_same_in_all_that_counts(row: ActivityRow, *, is_one: bool) -> None:
    assert (ONE.external_id in twins_of(ONE, rows=[row])) is is_one


def test_a_day_without_a_time_is_a_twins_day_wherever_the_server_is() -> None:
    west = dt.timezone(dt.timedelta(hours=-5))
    assert twins_of(ONE, rows=[typed(when="03-02 00:00")], zone=west)


def test_money_is_a_twin_of_what_it_is_filed_under() -> None:
    tax = cash(ActivityType.FEE, 2, "15", subtype="WITHHOLDING_TAX", instrument=APPLE)
    assert twins_of(tax, rows=[typed("TAX", amount="15")])
    assert twins_of(tax, rows=[typed("FEE", amount="15", asset_id="apples", symbol="AAPL")])
    assert not twins_of(tax, rows=[typed("WITHDRAWAL", amount="15")])
    paid = cash(ActivityType.WITHDRAWAL, 2, "15")
    assert not twins_of(paid, rows=[typed("WITHDRAWAL", amount="15", asset_id="apples", symbol="AAPL")])
    assert not twins_of(act(ActivityType.CREDIT, at(2), amount="0"), rows=[typed("CREDIT", amount="0")])


def test_the_nearest_of_several_is_the_twin_and_each_is_one_only_once() -> None:
    rows = [typed(when="03-02 03:00", id="far"), typed(fee="1.01", id="off"), typed(id="near")]
    two = buy(APPLE, at(2, 16), "10", "250", "1")
    assert twins_of(ONE, rows=rows) == {ONE.external_id: "near"}
    found = twins_of(ONE, two, rows=rows)
    assert len(set(found.values())) == 2
    assert "off" not in found.values()


def test_conversions_splits_and_opening_balances_have_no_twins() -> None:
    out, _ = conversion(2, ("USD", "1000"), ("GBP", "800"), "fx-1")
    opening = units(ActivityType.ADD_HOLDING, 2, APPLE, "10", "0", subtype=OPENING_BALANCE)
    rows = [
        typed("TRANSFER_OUT", amount="1000"),
        typed("SPLIT", amount="4", asset_id="apples", symbol="AAPL"),
    ]
    moved = typed("TRANSFER_IN", quantity=Decimal(10), asset_id="apples", symbol="AAPL")
    assert not twins_of(out, split(2, APPLE, "0", "4:1"), opening, rows=[*rows, moved])


def test_a_person_types_or_loads_a_file_and_links_nothing() -> None:
    told = [is_typed(typed(source_system=each)) for each in (None, "MANUAL", "CSV", "SNAPTRADE")]
    assert told == [True, True, True, False]
    assert not is_typed(typed(source_group_id="pair"))


# --- values ---

DAY = dt.date(2026, 3, 2)
NOW = dt.datetime(2026, 4, 1, tzinfo=dt.UTC)
VALUED = Valuation(
    day=DAY,
    currency="GBP",
    base_currency="USD",
    rate_to_base=Decimal(1),
    cash=Decimal(5),
    total=Decimal(9),
    calculated_at=NOW,
)
HELD = Holdings(
    assets=(HeldAsset(asset_id="one", symbol="ONE", quantity=Decimal(1), currency="USD"),),
    cash=(HeldCash(currency="GBP", amount=Decimal(5)),),
)


def worth(priced: dict[str, dt.date], changed_at: dt.datetime | None = NOW) -> Nav | None:
    return nav_of(VALUED, HELD, priced, changed_at=changed_at)


def test_a_value_is_told_where_everything_held_had_a_price_of_about_that_day() -> None:
    told = Nav(currency="GBP", day=DAY, total=Decimal(9), cash=Decimal(5))
    assert worth({"one": DAY}) == worth({"one": NOW.date()}, None) == told
    assert worth({"one": DAY - dt.timedelta(days=5)}) == told
    assert worth({"one": DAY - dt.timedelta(days=6)}) is None
    assert worth({}) is None


def test_a_value_from_before_the_last_row_is_none() -> None:
    assert worth({"one": DAY}, NOW + dt.timedelta(seconds=1)) is None


def test_the_day_of_the_latest_price_is_read() -> None:
    assert parse_quote_days({"one": {"quoteDate": "2026-03-02", "isStale": True}}) == {"one": DAY}
    rows = [a_row("BUY", "01-05"), a_row("SELL", "03-05", updated_at=NOW)]
    assert make_book("wf-1", rows).changed_until(DAY, dt.UTC) == rows[0].updated_at
    assert make_book("wf-1", []).changed_until(DAY, dt.UTC) is None


def test_a_row_that_lost_what_it_stands_for_counts_as_changed_and_what_is_not_there_does_not() -> None:
    (row,) = wire(cash(ActivityType.DEPOSIT, 1, "5"))
    there = book(replace(row, metadata={}))
    (entry,) = there.entries.values()
    held = held_of(entry)
    assert isinstance(held, Touched)
    assert held.reason == "it does not say any more in Wealthfolio what it stands for"
    assert edited(there, ["ibkr:none"]) == {}
