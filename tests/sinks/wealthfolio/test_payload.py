"""What each activity becomes on the wire: the same cash on every release, and units only where they count."""

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker_sync.accounting import cash_effect, position_effect
from broker_sync.models import OPENING_BALANCE, Activity, ActivityType, Instrument
from broker_sync.sinks.wealthfolio.forms import PLAIN, Form, Money
from broker_sync.sinks.wealthfolio.kinds import CASH_KINDS
from broker_sync.sinks.wealthfolio.marks import read_mark
from broker_sync.sinks.wealthfolio.numbers import fitted
from broker_sync.sinks.wealthfolio.payload import needs_asset, rows_of
from broker_sync.sinks.wealthfolio.payload_parts import Target, UnsendableError
from broker_sync.sinks.wealthfolio.rows import AssetRef, Row
from tests.sinks.wealthfolio.payload_samples import (
    APPLE,
    BOND,
    BRITISH,
    CALL,
    FUTURE,
    SCENARIOS,
    act,
    at,
    buy,
    cash,
    sell,
    units,
)
from tests.tables import for_each

ZONE = ZoneInfo("America/New_York")
TARGET = Target(account_id="wf-1", currency="USD", zone=ZONE)
ALL = [activity for scenario in SCENARIOS.values() for activity in scenario]


def ref(instrument: Instrument) -> AssetRef:
    multiplier = instrument.multiplier if instrument is CALL else Decimal(1)
    return AssetRef(id=f"asset-{instrument.conid}", currency=instrument.currency, multiplier=multiplier)


def rows(activity: Activity, form: Form = PLAIN, asset: AssetRef | None = None) -> list[Row]:
    if asset is None and needs_asset(activity):
        assert activity.instrument is not None
        asset = ref(activity.instrument)
    return rows_of(activity, form, asset, TARGET)


def moved_before_3_8(row: Row, multiplier: Decimal) -> Decimal:
    """The cash that releases up to 3.7 make of a row."""
    fee = row.fee or Decimal(0)
    gross = (row.quantity or Decimal(0)) * (row.unit_price or Decimal(0)) * multiplier
    if row.type in {"BUY", "SELL"}:
        return -(gross + fee) if row.type == "BUY" else gross - fee
    return moved_since_3_8(row)


def moved_since_3_8(row: Row) -> Decimal:
    """The cash that later releases make of a row: its amount, by its type."""
    if row.type in {"SPLIT", "ADJUSTMENT"} or (row.asset and row.type.startswith("TRANSFER")):
        return Decimal(0)
    goes_out = row.type in {"BUY", "WITHDRAWAL", "FEE", "TAX", "TRANSFER_OUT"}
    return -(row.amount or Decimal(0)) if goes_out else row.amount or Decimal(0)


def forms(activity: Activity) -> Iterable[Form]:
    yield PLAIN
    if activity.quantity is not None and activity.activity_type is not ActivityType.SPLIT:
        yield Form(short=activity.quantity)
        yield Form(short=activity.quantity / 3)


@for_each("activity", ALL)
def test_every_release_makes_the_same_cash_of_the_rows_and_it_is_ours(activity: Activity) -> None:
    booked = cash_effect(activity).get(activity.currency, Decimal(0))
    for form in forms(activity):
        written = rows(activity, form)
        multiplier = ref(activity.instrument).multiplier if activity.instrument else Decimal(1)
        old = sum((moved_before_3_8(each, multiplier) for each in written), Decimal(0))
        new = sum((moved_since_3_8(each) for each in written), Decimal(0))
        assert new == booked
        assert abs(old - booked) < Decimal("1e-12")


@given(
    st.decimals("0.00000001", "1000000", places=8),
    st.decimals("0.0001", "100000", places=6),
    st.decimals(0, 100, places=4),
    st.sampled_from([APPLE, CALL, BOND]),
    st.sampled_from([ActivityType.BUY, ActivityType.SELL]),
)
def test_a_price_is_sent_that_comes_to_the_amount(
    quantity: Decimal, price: Decimal, fee: Decimal, instrument: Instrument, kind: ActivityType
) -> None:
    buys = kind is ActivityType.BUY
    gross = round(quantity * price * instrument.multiplier, 2)
    activity = act(
        kind,
        at(2),
        instrument=instrument,
        quantity=quantity,
        unit_price=price,
        fee=fee if buys else min(fee, gross),
        amount=gross + fee if buys else gross - min(fee, gross),
    )
    (row,) = rows(activity)
    assert row.unit_price is not None
    assert abs(quantity * row.unit_price * ref(instrument).multiplier - gross) < Decimal("1e-9")
    assert len(row.unit_price.as_tuple().digits) <= 28


def test_the_brokers_own_price_is_sent_where_it_comes_to_the_amount() -> None:
    (row,) = rows(buy(APPLE, at(2), "10", "250.10", "1.05"))
    assert (row.unit_price, row.fee, row.amount) == (Decimal("250.10"), Decimal("1.05"), Decimal("2502.05"))


def test_a_bond_is_priced_by_the_unit_of_face_value_and_an_option_by_the_share() -> None:
    (bond,) = rows(buy(BOND, at(2), "10000", "98.755", "2"))
    (option,) = rows(buy(CALL, at(2), "2", "5.25", "1.3"))
    assert (bond.quantity, bond.unit_price) == (Decimal(10000), Decimal("0.98755"))
    assert (option.quantity, option.unit_price) == (Decimal(2), Decimal("5.25"))


def test_only_trades_have_a_fee_and_nothing_has_a_tax() -> None:
    for activity in ALL:
        for row in rows(activity):
            assert row.fee is None or row.type in {"BUY", "SELL"}
            assert "tax" not in row.to_json("wf-1")


def test_nothing_is_sent_with_a_sign() -> None:
    for activity in ALL:
        for row in rows(activity):
            numbers = (row.quantity, row.unit_price, row.fee, row.amount, row.fx_rate)
            assert not any(number is not None and number < 0 for number in numbers)


def test_a_rate_is_sent_on_conversions_only() -> None:
    """On a trade it would move the cash into the account's currency."""
    rated = {row.type for activity in ALL for row in rows(activity) if row.fx_rate is not None}
    assert rated <= {"TRANSFER_IN", "TRANSFER_OUT"}


# --- conversions ---


def _legs() -> list[Row]:
    sold, bought = SCENARIOS["conversions"][1:3]
    return [
        *rows(sold, Form(against=Money("USD", Decimal("1270.33")))),
        *rows(bought, Form(against=Money("GBP", Decimal(1000)))),
    ]


def test_a_conversion_is_a_linked_pair_that_stays_inside() -> None:
    out, in_ = _legs()
    assert (out.type, out.currency, out.amount) == ("TRANSFER_OUT", "GBP", Decimal(1000))
    assert (in_.type, in_.currency, in_.amount) == ("TRANSFER_IN", "USD", Decimal("1270.33"))
    assert out.group_id == in_.group_id == "fx-1"
    assert out.asset is in_.asset is None
    assert all(json.loads(each.metadata)["flow"] == {"is_external": False} for each in (out, in_))


def test_both_legs_of_a_conversion_say_the_amounts_of_both() -> None:
    expected = {
        "sourceCurrency": "GBP",
        "sourceAmount": "1000",
        "destinationCurrency": "USD",
        "destinationAmount": "1270.33",
        "rateSource": "implied_from_import",
    }
    assert all(json.loads(each.metadata)["fx"] == expected for each in _legs())


def test_the_rate_is_on_the_leg_that_is_not_in_the_accounts_currency_and_makes_both_cancel() -> None:
    out, in_ = _legs()
    assert in_.fx_rate is None
    assert out.fx_rate is not None
    assert out.amount is not None
    assert in_.amount is not None
    assert abs(out.amount * out.fx_rate - in_.amount) < Decimal("1e-12")


def test_a_leg_alone_stays_inside_and_is_of_no_pair() -> None:
    (row,) = rows(act(ActivityType.TRANSFER_OUT, at(2), amount="5", subtype="CONVERSION"))
    assert (row.group_id, json.loads(row.metadata)["flow"]) == (None, {"is_external": False})


# --- what kind of money ---


@for_each(
    ("activity", "kind"),
    [
        (cash(ActivityType.FEE, 2, "1", "WITHHOLDING_TAX", instrument=APPLE), ("TAX", "WITHHOLDING")),
        (cash(ActivityType.FEE, 2, "1", "SALES_TAX"), ("TAX", "SALES_TAX")),
        (cash(ActivityType.FEE, 2, "1", "TRANSACTION_TAX"), ("TAX", "TRANSACTION_TAX")),
        (cash(ActivityType.DIVIDEND, 2, "1", "INTEREST"), ("INTEREST", None)),
        (cash(ActivityType.FEE, 2, "1", "INTEREST"), ("FEE", "INTEREST_CHARGE")),
        (cash(ActivityType.DIVIDEND, 2, "1", instrument=APPLE), ("DIVIDEND", None)),
        (cash(ActivityType.DIVIDEND, 2, "1"), ("INTEREST", "DIVIDEND")),
        (cash(ActivityType.DIVIDEND, 2, "1", instrument=FUTURE), ("INTEREST", "DIVIDEND")),
        (cash(ActivityType.FEE, 2, "1", "DIVIDEND_REVERSAL", instrument=APPLE), ("FEE", "DIVIDEND_REVERSAL")),
        (cash(ActivityType.CREDIT, 2, "1", "WITHHOLDING_TAX_REFUND"), ("CREDIT", "REFUND")),
        (cash(ActivityType.CREDIT, 2, "1", "COMMISSION_REBATE"), ("CREDIT", "REBATE")),
        (cash(ActivityType.CREDIT, 2, "1", "MERGER"), ("CREDIT", "MERGER")),
        (cash(ActivityType.DEPOSIT, 2, "1"), ("DEPOSIT", None)),
        # These would make the server book more than the activity says.
        (cash(ActivityType.CREDIT, 2, "1", "BONUS"), ("CREDIT", None)),
        (cash(ActivityType.DIVIDEND, 2, "1", "DRIP", instrument=APPLE), ("DIVIDEND", None)),
    ],
)
def test_money_has_the_type_that_the_trackers_reports_go_by(
    activity: Activity, kind: tuple[str, str | None]
) -> None:
    (row,) = rows(activity)
    assert (row.type, row.subtype) == kind


def test_no_subtype_is_sent_that_the_server_books_more_of() -> None:
    sent = {kind.subtype for kind in CASH_KINDS.values()}
    assert sent.isdisjoint({"BONUS", "DRIP", "STAKING_REWARD", "DIVIDEND_IN_KIND"})


def test_a_dividend_and_its_tax_share_a_group_and_a_trade_and_its_fee_need_none() -> None:
    event = "ibkr:action:7"
    (dividend,) = rows(cash(ActivityType.DIVIDEND, 2, "1", group_id=event, instrument=APPLE))
    (tax,) = rows(cash(ActivityType.FEE, 2, "1", "WITHHOLDING_TAX", group_id=event, instrument=APPLE))
    (fee,) = rows(cash(ActivityType.FEE, 2, "1", "COMMISSION", record_id="fx-9", group_id="fx-9"))
    assert dividend.group_id == tax.group_id == event
    assert fee.group_id is None


def test_the_papers_of_a_corporate_action_have_no_group() -> None:
    """The server would hand the lots of the old paper on, and their number with them."""
    (row,) = rows(units(ActivityType.ADD_HOLDING, 2, APPLE, "10", subtype="MERGER", group_id="ca-1"))
    assert row.group_id is None


# --- units ---


@for_each(
    ("activity", "is_external"),
    [
        (units(ActivityType.TRANSFER_IN, 2, APPLE, "1", subtype="ACATS"), True),
        (units(ActivityType.TRANSFER_OUT, 2, APPLE, "1", subtype="FOP"), True),
        (units(ActivityType.ADD_HOLDING, 2, APPLE, "1", subtype=OPENING_BALANCE), True),
        (units(ActivityType.ADD_HOLDING, 2, APPLE, "1", subtype="STOCK_GRANT"), True),
        (units(ActivityType.REMOVE_HOLDING, 2, APPLE, "1", subtype="MERGER"), False),
        (units(ActivityType.ADD_HOLDING, 2, APPLE, "1", subtype="SPIN_OFF"), False),
        (cash(ActivityType.TRANSFER_IN, 2, "1", "INTERNAL"), True),
    ],
)
def test_a_transfer_says_whether_it_crosses_the_border(activity: Activity, *, is_external: bool) -> None:
    (row,) = rows(activity)
    assert json.loads(row.metadata)["flow"] == {"is_external": is_external}


def test_what_comes_in_has_its_cost_and_what_goes_out_has_none() -> None:
    (in_,) = rows(units(ActivityType.ADD_HOLDING, 2, CALL, "2", "3", subtype=OPENING_BALANCE))
    (out,) = rows(units(ActivityType.TRANSFER_OUT, 2, APPLE, "2", "3"))
    assert (in_.type, in_.unit_price, in_.amount) == ("TRANSFER_IN", Decimal(3), Decimal(600))
    assert (out.type, out.unit_price, out.amount) == ("TRANSFER_OUT", None, None)


def test_units_in_other_money_than_their_assets_come_without_a_price() -> None:
    """A price in other money would call for a rate, and without one the server skips all of it."""
    activity = replace(units(ActivityType.ADD_HOLDING, 2, BRITISH, "2", "3"), currency="EUR")
    (row,) = rows(activity)
    assert (row.currency, row.unit_price, row.quantity) == ("GBP", None, Decimal(2))


@for_each(("trade", "kinds"), [
    (buy(BRITISH, at(2), "10", "2", "1"), [("TRANSFER_IN", "GBP"), ("FEE", "EUR")]),
    (sell(BRITISH, at(2), "10", "2", "1"), [("TRANSFER_OUT", "GBP"), ("CREDIT", "EUR")]),
])  # fmt: skip
def test_a_trade_in_other_money_than_its_assets_is_units_and_money_apart(
    trade: Activity, kinds: list[tuple[str, str]]
) -> None:
    moved, paid = rows(replace(trade, currency="EUR"))
    assert [(each.type, each.currency) for each in (moved, paid)] == kinds
    assert (moved.quantity, paid.amount) == (Decimal(10), trade.amount)
    assert moved.key != paid.key


def test_of_a_short_trade_in_other_money_only_the_money_is_left() -> None:
    (paid,) = rows(replace(buy(BRITISH, at(2), "10", "2"), currency="EUR"), Form(short=Decimal(10)))
    assert (paid.type, paid.leg, paid.amount) == ("FEE", "", Decimal(20))


def test_what_is_bought_back_is_money_only_and_the_rest_is_a_purchase() -> None:
    bought, covered = rows(buy(APPLE, at(2), "80", "255", "0.77"), Form(short=Decimal(50)))
    assert (bought.type, bought.quantity, bought.unit_price) == ("BUY", Decimal(30), Decimal(255))
    assert (covered.type, covered.subtype, covered.asset) == ("FEE", "SHORT_COVER", None)
    assert covered.leg == "short"
    assert bought.amount is not None
    assert covered.amount is not None
    assert bought.amount + covered.amount == Decimal("20400.77")


def test_a_short_sale_brings_money_and_takes_no_units() -> None:
    (row,) = rows(sell(APPLE, at(2), "100", "250", "1.05"), Form(short=Decimal(100)))
    assert (row.type, row.subtype, row.amount, row.quantity) == (
        "CREDIT",
        "SHORT_SALE",
        Decimal("24998.95"),
        None,
    )
    assert row.leg == ""
    assert row.notes == "Went out, not counted here: 100 AAPL at 250"


def test_a_written_option_that_expires_leaves_a_note() -> None:
    expiry = SCENARIOS["option is written and expires"][1]
    (row,) = rows(expiry, Form(short=Decimal(1)))
    assert (row.type, row.subtype, row.amount) == ("CREDIT", "POSITION_NOTE", Decimal(0))


def test_an_option_that_expires_and_is_partly_short_is_closed_as_far_as_it_is_held() -> None:
    closed, note = rows(SCENARIOS["option expires"][1], Form(short=Decimal(1)))
    assert (closed.type, closed.quantity, closed.amount) == ("SELL", Decimal(1), Decimal(0))
    assert (note.type, note.amount) == ("CREDIT", Decimal(0))


def test_an_option_that_expires_is_an_adjustment_and_one_that_is_sold_for_a_fee_is_not() -> None:
    expiry = SCENARIOS["option expires"][1]
    (row,) = rows(expiry)
    assert (row.type, row.subtype, row.quantity) == ("ADJUSTMENT", "OPTION_EXPIRY", Decimal(2))
    (charged,) = rows(replace(expiry, amount=Decimal(1), fee=Decimal(0)))
    assert charged.type == "SELL"
    (bought_back,) = rows(replace(expiry, activity_type=ActivityType.BUY))
    assert bought_back.type == "BUY"


def test_a_future_leaves_a_note_of_its_units_and_its_money_is_exact() -> None:
    position, margin, commission = (row for each in SCENARIOS["futures"][:3] for row in rows(each))
    assert (position.type, position.amount, position.asset) == ("CREDIT", Decimal(0), None)
    assert position.notes == "Came in, not counted here: 1 ESZ6 at 5100.25"
    assert (margin.type, margin.amount) == ("CREDIT", Decimal("112.5"))
    assert (commission.type, commission.amount, commission.asset) == ("FEE", Decimal("2.25"), None)


def test_a_trade_in_what_cannot_be_held_is_its_money() -> None:
    (row,) = rows(buy(FUTURE, at(2), "1", "2", "3"))
    assert (row.type, row.subtype, row.amount) == ("FEE", "POSITION_MONEY", Decimal(103))


def test_a_split_has_its_ratio_in_the_amount_and_counts_from_the_next_day_where_it_must() -> None:
    activity = SCENARIOS["split"][1]
    (plain,) = rows(activity)
    (later,) = rows(activity, Form(next_day=True))
    assert (plain.type, plain.amount, plain.quantity) == ("SPLIT", Decimal(4), None)
    assert plain.moment.astimezone(ZONE).date() == dt.date(2026, 3, 5)
    assert later.moment.astimezone(ZONE) == dt.datetime(2026, 3, 6, tzinfo=ZONE)


@for_each(("rest", "kind"), [("0.5", "TRANSFER_IN"), ("-0.5", "TRANSFER_OUT")])
def test_what_a_split_moves_beyond_its_ratio_is_a_transfer_on_its_day(rest: str, kind: str) -> None:
    whole, left_over = rows(SCENARIOS["split"][1], Form(rest=Decimal(rest)))
    assert (whole.type, left_over.type, left_over.quantity) == ("SPLIT", kind, Decimal("0.5"))
    assert (left_over.leg, left_over.asset, left_over.currency) == ("rest", whole.asset, "USD")
    assert left_over.moment - whole.moment < dt.timedelta(milliseconds=1)
    assert json.loads(left_over.metadata)["flow"] == {"is_external": False}


def test_the_rest_of_a_split_comes_before_what_takes_units_at_its_moment() -> None:
    takes = SCENARIOS["split that is rounded"][1]
    came, went = (rows(takes, Form(rest=Decimal(rest)))[1].moment for rest in (1, -1))
    (sale,) = rows(sell(APPLE, takes.date, "1", "1"))
    assert came < sale.moment
    assert went == sale.moment


def test_the_rest_of_a_split_that_is_put_on_the_next_day_is_in_old_units_on_its_own() -> None:
    whole, left_over = rows(SCENARIOS["split"][1], Form(rest=Decimal(2), next_day=True))
    assert left_over.quantity == Decimal("0.5")
    assert left_over.moment < whole.moment


def test_of_the_splits_of_a_day_one_is_sent_and_the_others_are_noted() -> None:
    (sent,) = rows(SCENARIOS["split"][1], Form(ratio=Decimal(8)))
    (noted,) = rows(SCENARIOS["split"][1], Form(noted=True))
    assert (sent.type, sent.amount) == ("SPLIT", Decimal(8))
    assert (noted.type, noted.amount, noted.asset) == ("CREDIT", Decimal(0), None)


# --- marks and notes ---


@for_each("activity", ALL)
def test_the_activity_can_be_read_back_from_its_first_row(activity: Activity) -> None:
    for form in forms(activity):
        first, *others = rows(activity, form)
        mark = read_mark(json.loads(first.metadata))
        assert mark is not None
        assert (mark.activity, mark.form, mark.leg) == (activity, form.text, "")
        for other in others:
            other_mark = read_mark(json.loads(other.metadata))
            assert other_mark is not None
            assert (other_mark.activity, other_mark.leg) == (None, other.leg)


def test_every_leg_has_a_key_of_its_own() -> None:
    keys = [row.key for activity in ALL for row in rows(activity, Form(short=Decimal("0.1")))]
    assert len(keys) == len(set(keys))


def test_a_row_says_where_it_comes_from() -> None:
    (row,) = rows(buy(APPLE, at(2), "1", "2"))
    sent = row.to_json("wf-1")
    assert sent["sourceSystem"] == "BROKER_SYNC"
    assert sent["sourceRecordId"] == row.record_id
    assert sent["idempotencyKey"] == sent["id"] == row.key
    assert isinstance(sent["metadata"], str)
    assert (sent["accountId"], sent["asset"]) == ("wf-1", {"id": "asset-265598"})
    assert (sent["quantity"], sent["unitPrice"]) == ("1", "2")


@for_each(
    ("more", "notes"),
    [
        ({"comment": "AAPL CASH DIVIDEND"}, "AAPL CASH DIVIDEND"),
        ({"subtype": OPENING_BALANCE}, "Held before the first statement"),
        ({"subtype": "CARBON_CREDIT"}, "Carbon credit"),
        ({}, None),
    ],
)
def test_a_note_is_the_brokers_word_or_says_what_it_is(more: dict[str, str], notes: str | None) -> None:
    (row,) = rows(act(ActivityType.CREDIT, at(2), amount="1", **more))
    assert row.notes == notes


def test_the_comment_of_what_is_not_counted_is_kept() -> None:
    (row,) = rows(replace(buy(FUTURE, at(2), "1", "2"), comment="roll"))
    assert row.notes == "Came in, not counted here: 1 ESZ6 at 2 (roll)"


# --- what cannot be sent ---


@for_each(
    ("activity", "reason"),
    [
        (act(ActivityType.DEPOSIT, at(2)), "neither how many units nor how much money"),
        (act(ActivityType.BUY, at(2), instrument=APPLE, quantity="1"), "needs a quantity, an amount"),
        (act(ActivityType.BUY, at(2), instrument=APPLE, amount="1"), "needs a quantity, an amount"),
        (act(ActivityType.ADD_HOLDING, at(2), instrument=APPLE), "not how many"),
        (act(ActivityType.SPLIT, at(2), instrument=APPLE, quantity="1"), "needs a ratio"),
        (
            act(ActivityType.BUY, at(2), instrument=APPLE, quantity="1", amount="1", fee="2"),
            "the fee 2 is more than the amount 1",
        ),
    ],
)
def test_what_no_row_can_stand_for_is_refused(activity: Activity, reason: str) -> None:
    with pytest.raises(UnsendableError, match=reason):
        rows_of(activity, PLAIN, ref(APPLE), TARGET)


def test_units_of_nothing_leave_a_note() -> None:
    (row,) = rows(act(ActivityType.ADD_HOLDING, at(2), quantity="3"))
    assert row.notes == "Came in, not counted here: 3 units"


@for_each(
    ("activity", "needs"),
    [
        (buy(APPLE, at(2), "1", "1"), True),
        (cash(ActivityType.DIVIDEND, 2, "1", instrument=APPLE), True),
        (cash(ActivityType.FEE, 2, "1", instrument=APPLE), True),
        (cash(ActivityType.CREDIT, 2, "1", instrument=APPLE), False),
        (cash(ActivityType.FEE, 2, "1", instrument=FUTURE), False),
        (cash(ActivityType.FEE, 2, "1"), False),
    ],
)
def test_an_instrument_becomes_an_asset_only_where_a_row_names_it(activity: Activity, *, needs: bool) -> None:
    assert needs_asset(activity) is needs


@for_each(
    ("number", "sent"),
    [
        ("0", "0"),
        ("1.5", "1.5"),
        ("0.33333333333333333333333333333333", "0.3333333333333333333333333333"),
        ("123456.33333333333333333333333333333", "123456.3333333333333333333333"),
        ("12345678901234567890123456789012", "12345678901234567890123456790000"),
        ("1e-40", "0"),
    ],
)
def test_a_number_has_no_more_digits_than_the_server_keeps(number: str, sent: str) -> None:
    assert fitted(Decimal(number)) == Decimal(sent)


def test_the_units_of_the_rows_are_those_of_the_activity() -> None:
    for activity in ALL:
        counted = sum((each.quantity or Decimal(0) for each in rows(activity) if each.asset), Decimal(0))
        if needs_asset(activity) and activity.activity_type is not ActivityType.SPLIT:
            assert counted == abs(position_effect(activity))
