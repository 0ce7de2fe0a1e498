"""What the rows of an account add up to: every type, splits, and the units of another day."""

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from broker_sync.sinks.wealthfolio.positions import (
    asset_quantities,
    before_splits,
    position_quantities,
    splits_after,
)
from broker_sync.sinks.wealthfolio.wire import HeldAsset, Holdings
from tests.sinks.wealthfolio.rows import a_row
from tests.tables import for_each

_UTC = dt.UTC


@for_each(
    ("kind", "subtype", "effect"),
    [
        ("BUY", None, 5),
        ("ADD_HOLDING", None, 5),
        ("TRANSFER_IN", None, 5),
        ("SELL", None, -5),
        ("REMOVE_HOLDING", None, -5),
        ("TRANSFER_OUT", None, -5),
        ("ADJUSTMENT", "OPTION_EXPIRY", -5),
        ("DIVIDEND", "DRIP", 5),
        ("INTEREST", "STAKING_REWARD", 5),
        ("DIVIDEND", None, 0),
        ("ADJUSTMENT", None, 0),
        ("UNKNOWN", None, 0),
        ("SPLIT", None, 0),
    ],
)
def test_each_type_adds_takes_or_does_nothing(kind: str, subtype: str | None, effect: int) -> None:
    rows = [a_row(kind, quantity="5", subtype=subtype)]
    assert asset_quantities(rows, zone=_UTC).get("one", Decimal(0)) == effect


def test_cash_and_rows_that_do_not_count_are_left_out() -> None:
    rows = [
        a_row("TRANSFER_IN", amount="5", asset_id=None),
        a_row("BUY", quantity="5", status="DRAFT"),
        a_row("BUY", quantity=None),
    ]
    assert asset_quantities(rows, zone=_UTC) == position_quantities(rows, zone=_UTC) == {}


def test_a_sale_of_what_was_never_bought_shows() -> None:
    rows = [a_row("BUY", "01-05", "2"), a_row("SELL", "01-06", "5")]
    assert position_quantities(rows, zone=_UTC) == {"ONE": -3}


def test_what_was_closed_is_left_out() -> None:
    assert position_quantities([a_row("BUY", "01-05", "2"), a_row("SELL", "01-06", "2")], zone=_UTC) == {}


def test_a_short_option_expires_upwards() -> None:
    rows = [a_row("SELL", "01-05", "2"), a_row("ADJUSTMENT", "01-06", "2", subtype="OPTION_EXPIRY")]
    assert asset_quantities(rows, zone=_UTC) == {}


def test_a_dividend_in_kind_adds_to_what_was_received() -> None:
    rows = [
        a_row("DIVIDEND", quantity="3", subtype="DIVIDEND_IN_KIND", metadata={"received_asset_id": "two"}),
        a_row("DIVIDEND", quantity="1", subtype="DIVIDEND_IN_KIND", metadata={"received_asset_id": 7}),
    ]
    assert asset_quantities(rows, zone=_UTC) == {"two": 3, "one": 1}
    assert position_quantities(rows, zone=_UTC) == {"two": 3, "ONE": 1}


def test_rows_of_one_asset_are_one_position_under_the_best_known_name() -> None:
    rows = [
        a_row("BUY", "01-05", "2", symbol="OLD"),
        a_row("BUY", "01-06", "3", symbol=None),
        a_row("BUY", "01-07", "4", asset_id="two", symbol=None),
        a_row("BUY", "01-08", "1", asset_id="three", symbol="OLD"),
    ]
    assert position_quantities(rows, zone=_UTC) == {"OLD": 6, "two": 4}
    canonical = {"one": "ONE.L"}
    named = position_quantities(rows, zone=_UTC, symbol_of=lambda row: canonical.get(row.asset_id or ""))
    assert named == {"ONE.L": 5, "two": 4, "OLD": 1}


def test_a_split_multiplies_what_came_on_earlier_days_only() -> None:
    rows = [
        a_row("BUY", "01-05", "10"),
        a_row("BUY", "02-05 09:00", "1"),
        a_row("SPLIT", "02-05 15:00", amount="3"),
        a_row("SELL", "03-05", "6"),
    ]
    assert asset_quantities(rows, zone=_UTC) == {"one": 25}


def test_the_day_of_a_split_is_that_of_the_zone() -> None:
    rows = [a_row("BUY", "02-05 01:00", "10"), a_row("SPLIT", "02-05 15:00", amount="3")]
    assert asset_quantities(rows, zone=_UTC) == {"one": 10}
    assert asset_quantities(rows, zone=ZoneInfo("America/New_York")) == {"one": 30}


def test_of_two_splits_on_a_day_the_first_counts_and_one_of_nought_never() -> None:
    rows = [
        a_row("BUY", "01-05", "10"),
        a_row("SPLIT", "02-05 15:00", amount="2"),
        a_row("SPLIT", "02-05 16:00", amount="5"),
        a_row("SPLIT", "02-06", amount="0"),
        a_row("SPLIT", "02-07", amount="3", asset_id="two"),
        a_row("SPLIT", "02-08", amount="3", status="VOID"),
    ]
    assert asset_quantities(rows, zone=_UTC) == {"one": 20}


def _held(quantity: str, asset: str = "one") -> HeldAsset:
    return HeldAsset(asset_id=asset, symbol="ONE", quantity=Decimal(quantity), currency="USD")


def test_holdings_of_an_earlier_day_are_put_into_its_units() -> None:
    rows = [a_row("SPLIT", "02-05", amount="3"), a_row("SPLIT", "03-05", amount="0.1")]
    held = Holdings(assets=(_held("3"), _held("7", "two")))

    def then(day: dt.date) -> list[Decimal]:
        return [each.quantity for each in before_splits(held, splits_after(rows, day, zone=_UTC)).assets]

    assert then(dt.date(2026, 1, 1)) == [10, 7]
    assert then(dt.date(2026, 2, 5)) == [30, 7]
    assert then(dt.date(2026, 3, 5)) == [3, 7]


@given(
    st.decimals(min_value=0, max_value=10**6, places=6),
    st.sampled_from(["2", "3", "0.1", "0.01", "1.5", "0.3333333333", "0.06666666666667"]),
)
def test_what_the_server_has_rounded_is_put_back_to_what_it_was(quantity: Decimal, ratio: str) -> None:
    as_held = round(quantity * Decimal(ratio), 8)
    factors = splits_after([a_row("SPLIT", "02-05", amount=ratio)], dt.date(2026, 1, 1), zone=_UTC)
    [then] = before_splits(Holdings(assets=(_held(str(as_held)),)), factors).assets
    assert abs(then.quantity - quantity) <= Decimal("0.00000002") / Decimal(ratio)


def test_a_whole_number_comes_back_whole_from_a_third() -> None:
    rows = [a_row("SPLIT", "02-05", amount="0.3333333333")]
    factors = splits_after(rows, dt.date(2026, 1, 1), zone=_UTC)
    [then] = before_splits(Holdings(assets=(_held("3.33333333"),)), factors).assets
    assert str(then.quantity) == "10"


def test_what_is_no_plain_number_stays_as_it_is() -> None:
    rows = [a_row("SPLIT", "02-05", amount="10000000000")]
    factors = splits_after(rows, dt.date(2026, 1, 1), zone=_UTC)
    [then] = before_splits(Holdings(assets=(_held("12.34567891"),)), factors).assets
    assert then.quantity == Decimal("12.34567891") / Decimal(10000000000)
