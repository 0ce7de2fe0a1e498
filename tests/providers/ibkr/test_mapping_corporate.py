from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given

from broker_sync.contracts import Rejection
from broker_sync.models import Activity, ActivityType
from broker_sync.providers.ibkr.formats import DayOrder
from broker_sync.providers.ibkr.mapping import map_record
from broker_sync.providers.ibkr.mapping_corporate import is_corporate_record
from broker_sync.providers.ibkr.records_corporate import CorporateAction
from tests.tables import for_each

from . import corpus, rows
from .builders import D, Row, booked, context, one_statement, read, rejected
from .corporate_rows import CODES, action, action_rows, actions, assert_done_as_told, map_action

BUY, SELL = ActivityType.BUY, ActivityType.SELL
ADD, REMOVE = ActivityType.ADD_HOLDING, ActivityType.REMOVE_HOLDING
CREDIT, FEE, DIVIDEND = ActivityType.CREDIT, ActivityType.FEE, ActivityType.DIVIDEND

SILENT: dict[str, str | None] = {"description": "WIDGET INC"}
MERGED = "WDGT(US0000001001) MERGED(Acquisition)  FOR USD 30.60 PER SHARE (WDGT, WIDGET INC, US0000001001)"
BOTH = "WDGT(US0000001001) CASH and STOCK MERGER (Acquisition) US0000009004 1 FOR 2 AND USD 4.24 ({}, W, {})"

Leg = tuple[ActivityType, str | None]


def legs(row: Row) -> list[Leg]:
    """Kinds and subtypes of what a row becomes, which does what the row says."""
    found = booked(map_action(row))
    assert_done_as_told(row, found)
    return [(activity.activity_type, activity.subtype) for activity in found]


def only(row: Row) -> Activity:
    (activity,) = booked(map_action(row))
    return activity


# --- units alone, and units for money ---

KINDS = {
    "BC": "BOND_CONVERSION", "BM": "BOND_MATURITY", "CA": "CONTRACT_SETTLEMENT", "CI": "CONVERTIBLE_ISSUE",
    "CO": "CONTRACT_SPIN_OFF", "CT": "CFD_TERMINATION", "DI": "DIVIDEND_RIGHTS", "DW": "DELISTING",
    "ED": "DIVIDEND_RIGHTS_EXPIRY", "EX": "EXCHANGE", "FA": "FEE_ALLOCATION", "GV": "VOLUNTARY_OFFER",
    "LI": "LIQUIDATION", "OR": "ASSET_PURCHASE", "PC": "PARTIAL_CALL", "PI": "PURCHASE_ISSUE",
    "RI": "RIGHTS_ISSUE", "SD": "STOCK_DIVIDEND", "SO": "SPIN_OFF", "SR": "SUBSCRIPTION", "TC": "MERGER",
    "TI": "TENDER", "TM": "BILL_MATURITY", "TO": "TENDER", "UE": "CORPORATE_ACTION", "XD": "CORPORATE_ACTION",
    "": "CORPORATE_ACTION",
}  # fmt: skip
"""Kinds in which units and money that go opposite ways are a price; their money is no income."""

PAPER_FOR_PAPER = {
    "CC": "CONTRACT_CONSOLIDATION", "CS": "CONTRACT_SPLIT", "FI": "FORWARD_SPLIT_ISSUE",
    "FS": "FORWARD_SPLIT", "IC": "IDENTIFIER_CHANGE", "RS": "REVERSE_SPLIT",
}  # fmt: skip

INCOME = {
    "CD": "CASH_DIVIDEND",
    "CH": "CHOICE_DIVIDEND",
    "CP": "COUPON",
    "HD": "CHOICE_DIVIDEND",
    "HI": "CHOICE_DIVIDEND",
}


@for_each(("code", "kind"), [*KINDS.items(), *PAPER_FOR_PAPER.items(), *INCOME.items()])
def test_units_without_money_come_or_go_under_the_name_of_their_kind(code: str, kind: str) -> None:
    assert legs(action(type=code, **SILENT, quantity="7")) == [(ADD, kind)]
    assert legs(action(type=code, **SILENT, quantity="-7")) == [(REMOVE, kind)]


@for_each(("code", "kind"), [*KINDS.items(), *INCOME.items()])
def test_units_for_money_are_bought_or_sold(code: str, kind: str) -> None:
    assert legs(action(type=code, **SILENT, quantity="7", proceeds="-70")) == [(BUY, kind)]
    assert legs(action(type=code, **SILENT, quantity="-7", proceeds="70")) == [(SELL, kind)]


@for_each(("code", "kind"), KINDS.items())
def test_units_and_money_that_go_the_same_way_are_two_legs(code: str, kind: str) -> None:
    assert legs(action(type=code, **SILENT, quantity="7", proceeds="70")) == [(ADD, kind), (CREDIT, kind)]
    assert legs(action(type=code, **SILENT, quantity="-7", proceeds="-70")) == [(REMOVE, kind), (FEE, kind)]


@for_each(("code", "kind"), PAPER_FOR_PAPER.items())
def test_money_beside_paper_for_paper_is_not_its_price(code: str, kind: str) -> None:
    assert legs(action(type=code, **SILENT, quantity="-7", proceeds="3")) == [(REMOVE, kind), (CREDIT, kind)]
    assert legs(action(type=code, **SILENT, quantity="7", proceeds="-3")) == [(ADD, kind), (FEE, kind)]


@for_each(("code", "kind"), [*KINDS.items(), *PAPER_FOR_PAPER.items()])
def test_money_alone_is_a_credit_or_a_cost(code: str, kind: str) -> None:
    assert legs(action(type=code, **SILENT, quantity="0", proceeds="3")) == [(CREDIT, kind)]
    assert legs(action(type=code, **SILENT, quantity="", proceeds="-3")) == [(FEE, kind)]


@for_each(
    ("code", "received", "taken_back"),
    [
        ("CD", None, "DIVIDEND_REVERSAL"),
        ("CH", "CHOICE_DIVIDEND", "DIVIDEND_REVERSAL"),
        ("HD", "CHOICE_DIVIDEND", "DIVIDEND_REVERSAL"),
        ("HI", "CHOICE_DIVIDEND", "DIVIDEND_REVERSAL"),
        ("CP", "INTEREST", "INTEREST_REVERSAL"),
    ],
)
def test_dividends_and_coupons_are_income(code: str, received: str | None, taken_back: str) -> None:
    assert legs(action(type=code, **SILENT, quantity=None, proceeds="3")) == [(DIVIDEND, received)]
    assert legs(action(type=code, **SILENT, quantity="0", proceeds="-3")) == [(FEE, taken_back)]
    both = legs(action(type=code, **SILENT, quantity="7", proceeds="3"))
    assert both == [(ADD, INCOME[code]), (DIVIDEND, received)]


def test_every_code_is_promised() -> None:
    assert {*KINDS, *PAPER_FOR_PAPER, *INCOME, "PV", "??"} == set(CODES)


# --- prices ---


def test_a_merger_for_cash_sells_at_what_was_paid() -> None:
    sold = only(action(type="TC", description=MERGED, quantity="-1000", proceeds="30600", amount="-30600"))
    assert (sold.activity_type, sold.subtype) == (SELL, "MERGER")
    assert (sold.quantity, sold.unit_price, sold.amount, sold.fee) == (D(1000), D("30.6"), D(30600), D(0))
    assert (sold.external_id, sold.record_id) == ("ibkr:corporate-action:1", "ibkr:corporate-action:1")


def test_a_matured_bond_is_sold_at_its_price_in_percent() -> None:
    bond = {"assetCategory": "BOND", "symbol": "W 1 3/4 02/15/26", "isin": "XS0000003007"}
    sold = only(action(type="BM", **SILENT, **bond, quantity="-15000", proceeds="15000"))
    assert (sold.activity_type, sold.quantity, sold.unit_price) == (SELL, D(15000), D(100))


def test_exercised_warrants_are_bought_at_what_was_paid_for_one() -> None:
    row = action(type="SR", **SILENT, assetCategory="WAR", multiplier="10", quantity="5", proceeds="-250")
    assert (only(row).unit_price, only(row).amount) == (D(5), D(250))


def test_a_bought_back_short_is_a_purchase() -> None:
    row = action(type="TC", description=MERGED, quantity="10", proceeds="-306")
    assert (only(row).activity_type, only(row).unit_price) == (BUY, D("30.6"))


def test_money_is_the_amount_the_other_way_round_where_the_proceeds_are_missing() -> None:
    row = action(type="TC", description=MERGED, quantity="-10", proceeds="", amount="-306")
    assert (only(row).activity_type, only(row).amount) == (SELL, D(306))
    assert_done_as_told(row, [only(row)])


def test_a_merger_for_money_and_shares_does_not_sell_the_old_shares_for_the_money_alone() -> None:
    old = action(type="TC", description=BOTH.format("WDGT", "US0000001001"), quantity="-10", proceeds="42.4")
    new = action(type="TC", description=BOTH.format("GDGT", "US0000009004"), quantity="5", conid="1002")
    assert legs(old) == [(REMOVE, "MERGER"), (CREDIT, "MERGER")]
    assert legs(new) == [(ADD, "MERGER")]


def test_what_new_shares_cost_is_left_open_unless_the_row_says_it() -> None:
    assert only(action(type="SO", **SILENT, quantity="8", value="400")).unit_price is None
    assert only(action(type="SO", **SILENT, quantity="8", costBasis="0")).unit_price is None
    assert only(action(type="SO", **SILENT, quantity="8", costBasis="100")).unit_price == D("12.5")
    assert only(action(type="TC", **SILENT, quantity="-8", costBasis="-100")).unit_price == D("12.5")
    assert only(action(type="TC", **SILENT, quantity="8", costBasis="-100")).unit_price is None


# --- cancellations ---


@for_each(
    ("changes", "expected"),
    [
        ({"type": "SO", "quantity": "-8"}, [(REMOVE, "SPIN_OFF_CANCELLED")]),
        ({"type": "DW", "quantity": "8"}, [(ADD, "DELISTING_CANCELLED")]),
        ({"type": "TC", "quantity": "8", "proceeds": "-80"}, [(BUY, "MERGER_CANCELLED")]),
        ({"type": "FS", "quantity": "-30"}, [(REMOVE, "FORWARD_SPLIT_CANCELLED")]),
        ({"type": "TO", "quantity": "0", "proceeds": "-80"}, [(FEE, "TENDER_CANCELLED")]),
        ({"type": "CD", "quantity": "0", "proceeds": "-80"}, [(FEE, "DIVIDEND_REVERSAL_CANCELLED")]),
        ({"type": "CD", "quantity": "0", "proceeds": "80"}, [(DIVIDEND, "CASH_DIVIDEND_CANCELLED")]),
        (
            {"type": "TO", "quantity": "-8", "proceeds": "-80"},
            [(REMOVE, "TENDER_CANCELLED"), (FEE, "TENDER_CANCELLED")],
        ),
    ],
)
@for_each("code", ["Ca", "P;Ca"])
def test_a_cancellation_goes_by_its_own_signs(changes: Row, expected: list[Leg], code: str) -> None:
    assert legs(action(**{**SILENT, **changes}, code=code)) == expected
    assert str(booked(map_action(action(**{**SILENT, **changes}, code=code)))[0].comment).startswith(
        "cancelled: "
    )


@given(action_rows())
def test_a_row_and_its_cancellation_leave_nothing(row: Row) -> None:
    taken_back = {**row, "code": "Ca"}
    for column in ("quantity", "proceeds", "amount"):
        text = row[column]
        if text not in {"", "-", "--", "N/A"}:
            taken_back[column] = text[1:] if text.startswith("-") else f"-{text}"
    outcomes = map_action({**row, "code": ""}), map_action(taken_back)
    if not any(isinstance(outcome, Rejection) for outcome in outcomes):
        assert_done_as_told({"quantity": "0", "proceeds": "0"}, [*booked(outcomes[0]), *booked(outcomes[1])])


# --- what belongs together ---


def test_the_legs_of_a_row_share_its_record_and_have_ids_of_their_own() -> None:
    units, money = booked(map_action(action(type="TO", quantity="-7", proceeds="-70")))
    assert (units.external_id, money.external_id) == (
        "ibkr:corporate-action:1",
        "ibkr:corporate-action:1:cash",
    )
    assert units.record_id == money.record_id == "ibkr:corporate-action:1"
    assert units.group_id == money.group_id
    assert (money.quantity, money.unit_price, money.amount) == (None, None, D(70))
    assert units.instrument == money.instrument


def test_the_rows_of_an_action_are_linked_by_its_number() -> None:
    assert only(action(actionID="77")).group_id == "ibkr:action:77"


def test_rows_without_a_number_are_linked_by_moment_and_sentence() -> None:
    said = "WDGT(US0000001001) TENDERED TO US0000009004 1 FOR 1"
    one = action(
        type="TO", actionID="", description=f"{said} (WDGT, WIDGET INC, US0000001001)", quantity="-8"
    )
    other = action(type="TO", actionID="", description=f"{said}  (WDGT.TEN, WIDGET INC, 9)", quantity="8")
    assert only(one).group_id == only(other).group_id == f"ibkr:action:20260521T002500Z:{said}"


@for_each(
    "changes",
    [
        {"dateTime": "20260520;194500"},
        {"description": "GDGT(US0000009004) SPLIT 4 FOR 1 (GDGT, GADGET INC, US0000009004)"},
    ],
)
def test_rows_of_another_moment_or_sentence_are_not_linked(changes: dict[str, str | None]) -> None:
    assert only(action(actionID="")).group_id != only(action(**{"actionID": "", **changes})).group_id


@for_each("changes", [{"description": "Choice Dividend"}, {"dateTime": ""}, {"description": None}])
def test_what_could_be_anybodys_is_linked_to_nothing(changes: dict[str, str | None]) -> None:
    assert only(action(**{"actionID": "", **changes})).group_id == "ibkr:corporate-action:1"


# --- when, what, whose ---


def test_a_row_counts_on_its_report_date_however_old_the_event() -> None:
    late = only(action(dateTime="20260101;202500", reportDate="20260127"))
    assert late.booked_on == dt.date(2026, 1, 27)
    assert late.date == dt.datetime(2026, 1, 27, 12, tzinfo=dt.UTC)


def test_the_evening_before_is_the_moment_of_the_day() -> None:
    usual = only(action())
    assert usual.booked_on == dt.date(2026, 5, 21)
    assert usual.date == dt.datetime(2026, 5, 21, 0, 25, tzinfo=dt.UTC)


def test_without_a_report_date_the_event_is_the_booking() -> None:
    assert only(action(reportDate=None, dateTime="20260520")).booked_on == dt.date(2026, 5, 20)


@for_each(
    "symbol", ["WDGT.OLD", "WDGT.NEW", "WDGT.TEN", "WDGT.CNT", "WDGT.RTS", "WDGT.EX", "20150224001800WDGT"]
)
def test_paper_is_known_by_its_number_and_called_what_the_broker_calls_it(symbol: str) -> None:
    moved = only(action(type="TO", symbol=symbol, listingExchange="CORPACT", conid="4711"))
    assert moved.instrument is not None
    assert (moved.symbol, moved.instrument.key) == (symbol, "conid:4711")


def test_a_sentence_is_not_the_name_of_the_paper() -> None:
    moved = only(action())
    assert moved.instrument is not None
    assert moved.instrument.name is None


def test_a_kind_that_nobody_knows_is_booked_with_its_code() -> None:
    odd = only(action(type="XD", **SILENT))
    assert (odd.subtype, odd.comment) == ("CORPORATE_ACTION", "XD: WIDGET INC")


def test_a_row_without_a_word_has_no_comment() -> None:
    assert only(action(type="SO", description=None)).comment is None


def test_money_may_come_without_paper() -> None:
    paid = only(action(type="CD", quantity="0", proceeds="3", conid="", symbol="", isin=""))
    assert (paid.instrument, paid.symbol, paid.amount) == (None, None, D(3))


# --- what is no record, and what cannot be booked ---


def is_record(row: Row) -> bool:
    return is_corporate_record(CorporateAction(row), context())


@for_each(
    ("changes", "record"),
    [
        ({}, True),
        ({"levelOfDetail": "SUMMARY"}, False),
        ({"levelOfDetail": "Summary"}, False),
        ({"levelOfDetail": ""}, True),
        ({"levelOfDetail": None}, True),
        ({"levelOfDetail": "", "accountId": "-", "transactionID": ""}, False),
        ({"levelOfDetail": "", "accountId": "-", "transactionID": "9"}, True),
        ({"levelOfDetail": "", "transactionID": ""}, True),
        ({"quantity": "0"}, False),
        ({"quantity": "-0.00", "proceeds": "", "amount": "0"}, False),
        ({"quantity": "0", "proceeds": "5"}, True),
        ({"quantity": "0", "proceeds": "", "amount": "5"}, True),
        # A column that was not ticked is not a zero.
        ({"quantity": None}, True),
        ({"quantity": "0", "proceeds": None, "amount": None}, True),
        ({"quantity": None, "proceeds": None, "amount": None}, True),
        ({"quantity": "x", "proceeds": "0"}, True),
        ({"type": "PV", "quantity": None, "proceeds": None, "amount": None}, False),
        ({"type": "", "description": "WDGT(US0000001001) PROXY VOTE", "quantity": None}, False),
        ({"type": "PV", "quantity": "5"}, True),
        ({"type": "PV", "quantity": "0", "proceeds": "-5"}, True),
    ],
)
def test_a_record_moves_something_or_does_not_say(changes: dict[str, str | None], *, record: bool) -> None:
    assert is_record(action(**changes)) is record


def test_rows_that_sum_up_or_move_nothing_are_counted_as_information() -> None:
    summed = action(levelOfDetail="SUMMARY", accountId="-", transactionID="")
    vote = action(type="PV", transactionID="6002", quantity="0", description="WIDGET INC")
    found = read(one_statement(actions(action(), summed, vote)))
    assert found.ids == ["ibkr:corporate-action:6001"]
    assert found.counts == {"CorporateActions": (3, 1, 2, 0)}


@for_each(
    ("changes", "text"),
    [
        ({"quantity": None}, "the row says of neither units nor money that they moved"),
        (
            {"quantity": "", "proceeds": "", "amount": ""},
            "the row says of neither units nor money that they moved",
        ),
        ({"quantity": "many"}, "'many' is not a number"),
        ({"proceeds": "12,5"}, "'12,5' is not a number"),
        ({"proceeds": "", "amount": "12,5"}, "'12,5' is not a number"),
        ({"costBasis": "?", **SILENT}, "'?' is not a number"),
        ({"currency": ""}, "the row has no currency"),
        ({"currency": "GBX"}, "the currency 'GBX' is not one that an account can hold"),
        ({"reportDate": "", "dateTime": ""}, "the row has neither reportDate nor dateTime"),
        ({"reportDate": "soon"}, "'soon' is not a date or a date with time"),
        ({"dateTime": "soon"}, "'soon' is not a date or a date with time"),
        ({"conid": "", "symbol": "", "isin": ""}, "the row names no instrument"),
    ],
)
def test_a_row_that_does_not_say_enough_is_not_booked(changes: dict[str, str | None], text: str) -> None:
    row = action(**changes)
    outcome = rejected(map_action(row))
    assert outcome.reason == text
    assert (outcome.external_id, outcome.section) == ("ibkr:corporate-action:1", "CorporateActions")
    assert outcome.raw == row


def test_a_rejected_row_still_says_what_it_did_to_the_position() -> None:
    assert rejected(map_action(action(currency=""))).quantity == D(30)
    assert rejected(map_action(action(quantity="many"))).quantity is None


@for_each("category", ["CFD", "FUT", "FXCFD"])
def test_the_notional_of_a_margined_contract_is_not_money(category: str) -> None:
    outcome = rejected(map_action(action(type="CT", assetCategory=category, quantity="-5", proceeds="500")))
    assert outcome.reason == (
        "the proceeds of a future or CFD are notional, so the money that this moved is not known"
    )
    assert outcome.quantity == D(-5)
    assert legs(action(type="CT", **SILENT, assetCategory=category, quantity="-5")) == [
        (REMOVE, "CFD_TERMINATION")
    ]
    assert legs(action(type="CA", **SILENT, assetCategory=category, quantity="0", proceeds="5")) == [
        (CREDIT, "CONTRACT_SETTLEMENT")
    ]


# --- every row does what it says ---


@given(action_rows())
def test_a_booked_row_does_what_it_says(row: Row) -> None:
    outcome = map_action(row)
    if isinstance(outcome, Rejection):
        assert outcome.raw == row
        return
    assert_done_as_told(row, outcome)
    assert len({leg.external_id for leg in outcome}) == len(outcome)
    assert {leg.record_id for leg in outcome} == {"ibkr:corporate-action:1"}
    assert len({leg.group_id for leg in outcome}) == 1


@for_each("changes", [{}, {"type": "TC", "description": MERGED, "quantity": "-9", "proceeds": "90"}])
def test_no_text_in_any_column_does_worse_than_a_rejection(changes: dict[str, str | None]) -> None:
    for spoilt in rows.spoilt(action(**changes)):
        outcome = map_action(spoilt)
        if isinstance(outcome, Rejection):
            assert outcome.raw == spoilt
            assert outcome.reason
        else:
            assert_done_as_told(spoilt, outcome)


@pytest.mark.corpus
def test_every_row_of_the_corpus_is_booked_and_does_what_it_says() -> None:
    order = DayOrder.MONTH_FIRST
    found = [
        CorporateAction(row.attrib, order)
        for name in corpus.readable()
        for part in corpus.parts(name)
        for row in part.iterfind("CorporateActions/CorporateAction")
    ]
    records = [row for row in found if is_corporate_record(row, context(order=order))]
    assert len(found) - len(records) == sum(row.is_summary for row in found) == 1
    for row in records:
        outcome = booked(map_record("ibkr:corporate-action:1", "CorporateActions", row, context(order=order)))
        assert_done_as_told(row.raw, outcome)
    assert len(records) > 40
