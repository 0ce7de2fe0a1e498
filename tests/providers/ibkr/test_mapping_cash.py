from __future__ import annotations

import datetime as dt
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from broker_sync.accounting import total_cash
from broker_sync.contracts import Rejection
from broker_sync.models import ActivityType
from broker_sync.providers.ibkr.cash_kind import CashKind
from broker_sync.providers.ibkr.mapping import map_record
from broker_sync.providers.ibkr.mapping_cash import CASH_KINDS
from broker_sync.providers.ibkr.records import Record
from tests.tables import for_each

from . import rows
from .builders import D, Row, booked, cash, context, map_cash_row, rejected
from .own_word import assert_booked_as_told, cash_of

DIVIDEND, FEE, CREDIT = ActivityType.DIVIDEND, ActivityType.FEE, ActivityType.CREDIT
DEPOSIT, WITHDRAWAL = ActivityType.DEPOSIT, ActivityType.WITHDRAWAL

Kind = tuple[ActivityType, str | None]

PROMISED: dict[str, tuple[Kind, Kind]] = {
    "Dividends": ((DIVIDEND, None), (FEE, "DIVIDEND_REVERSAL")),
    "Payment In Lieu Of Dividends": ((DIVIDEND, "PAYMENT_IN_LIEU"), (FEE, "PAYMENT_IN_LIEU_REVERSAL")),
    "Withholding Tax": ((CREDIT, "WITHHOLDING_TAX_REFUND"), (FEE, "WITHHOLDING_TAX")),
    "871(m) Withholding": ((CREDIT, "WITHHOLDING_TAX_REFUND"), (FEE, "WITHHOLDING_TAX")),
    "Broker Interest Received": ((DIVIDEND, "INTEREST"), (FEE, "INTEREST_REVERSAL")),
    "Bond Interest Received": ((DIVIDEND, "INTEREST"), (FEE, "INTEREST_REVERSAL")),
    "Broker Interest Paid": ((CREDIT, "INTEREST_REFUND"), (FEE, "INTEREST")),
    "Bond Interest Paid": ((CREDIT, "INTEREST_REFUND"), (FEE, "INTEREST")),
    "Commission Adjustments": ((CREDIT, "FEE_REFUND"), (FEE, None)),
    "Other Fees": ((CREDIT, "FEE_REFUND"), (FEE, None)),
    "Advisor Fees": ((CREDIT, "FEE_REFUND"), (FEE, None)),
    "Broker Fees": ((CREDIT, "FEE_REFUND"), (FEE, None)),
    "Deposits & Withdrawals": ((DEPOSIT, None), (WITHDRAWAL, None)),
    "Deposits/Withdrawals": ((DEPOSIT, None), (WITHDRAWAL, None)),
    # Beyond what was promised: names that the broker's query offers, and names in other people's statements.
    "Price Adjustments": ((CREDIT, "PRICE_ADJUSTMENT"), (FEE, "PRICE_ADJUSTMENT")),
    "Carbon Credits": ((CREDIT, "CARBON_CREDIT"), (FEE, "CARBON_CREDIT")),
    "Bill Pay": ((DEPOSIT, "BILL_PAY"), (WITHDRAWAL, "BILL_PAY")),
    "Fees": ((CREDIT, "FEE_REFUND"), (FEE, None)),
    "Management Fees": ((CREDIT, "FEE_REFUND"), (FEE, None)),
    "Bond Interest": ((DIVIDEND, "INTEREST"), (FEE, "INTEREST")),
    "Deposits": ((DEPOSIT, None), (WITHDRAWAL, None)),
    "Withdrawals": ((DEPOSIT, None), (WITHDRAWAL, None)),
    "Cash Receipts": ((DEPOSIT, None), (WITHDRAWAL, None)),
}
"""The broker's type -> what it is when money comes in, and when it goes out."""


def kind_of(row: Row) -> Kind:
    (activity,) = booked(map_cash_row(row))
    return activity.activity_type, activity.subtype


@for_each("name", PROMISED)
def test_every_type_is_booked_by_the_sign_of_its_money(name: str) -> None:
    money_in, money_out = PROMISED[name]
    assert kind_of(cash(type=name, amount="12.5")) == money_in
    assert kind_of(cash(type=name, amount="-12.5")) == money_out


def test_no_type_is_booked_without_a_promise() -> None:
    assert set(CASH_KINDS) == set(PROMISED)


@for_each("amount", ["0", "-0", "0.00"])
@for_each("name", PROMISED)
def test_a_row_of_no_money_is_what_its_type_usually_is(name: str, amount: str) -> None:
    money_in, money_out = PROMISED[name]
    usual = money_out if money_in[0] is CREDIT else money_in
    assert kind_of(cash(type=name, amount=amount)) == usual
    assert str(booked(map_cash_row(cash(type=name, amount=amount)))[0].amount) in {"0", "0.00"}


def test_a_dividend_says_share_day_and_event() -> None:
    (dividend,) = booked(map_cash_row(cash()))
    assert (dividend.external_id, dividend.record_id) == ("ibkr:cash:1", "ibkr:cash:1")
    assert (dividend.amount, dividend.currency, dividend.symbol) == (D("12.5"), "USD", "WDGT")
    assert (dividend.booked_on, dividend.group_id) == (dt.date(2026, 5, 22), "ibkr:action:555")
    assert (dividend.quantity, dividend.unit_price, dividend.fee) == (None, None, D(0))
    assert dividend.comment == "WDGT(US0000001001) CASH DIVIDEND USD 1.25 PER SHARE"
    assert dividend.instrument is not None
    assert dividend.account_id == "tracker-1"


def test_a_reversed_dividend_is_not_income() -> None:
    row = cash(amount="-12.5", description="WDGT CASH DIVIDEND - REVERSAL")
    (taken_back,) = booked(map_cash_row(row))
    assert (taken_back.activity_type, taken_back.amount) == (FEE, D("12.5"))
    assert cash_of([taken_back]) == {"USD": D("-12.5")}


def test_a_dividend_taken_back_and_paid_again_comes_to_what_was_paid() -> None:
    paid = [
        cash(amount=amount, reportDate=f"202605{22 + n}")
        for n, amount in enumerate(["0.76", "-0.70", "-0.06"])
    ]
    activities = [activity for row in paid for activity in booked(map_cash_row(row))]
    assert [activity.activity_type for activity in activities] == [DIVIDEND, FEE, FEE]
    assert str(total_cash(activities)["USD"]) == "0.00"


def test_a_dividend_booked_anew_counts_in_the_month_of_its_booking() -> None:
    event = {"dateTime": "20250930;202000", "settleDate": "20250930", "actionID": "555"}
    rows_of_it = [
        cash(**event, reportDate="20250930", amount="28.50"),
        cash(**event, reportDate="20260131", amount="-28.50", description="CASH DIVIDEND - REVERSAL"),
        cash(**event, reportDate="20260131", amount="27.10"),
        cash(**event, reportDate="20260131", amount="-4.07", type="Withholding Tax"),
    ]
    activities = [activity for row in rows_of_it for activity in booked(map_cash_row(row))]
    assert [activity.booked_on.isoformat() for activity in activities] == ["2025-09-30", *["2026-01-31"] * 3]
    assert {activity.group_id for activity in activities} == {"ibkr:action:555"}
    assert total_cash(activities[1:]) == {"USD": D("-5.47")}


def test_several_taxes_of_one_dividend_are_linked_with_it() -> None:
    taxes = [cash(type="Withholding Tax", amount=amount) for amount in ("-1.88", "1.88", "-1.50")]
    linked = [
        booked(map_cash_row(row))[0].group_id
        for row in [cash(), *taxes, cash(type="Other Fees", amount="-1")]
    ]
    assert set(linked) == {"ibkr:action:555"}
    assert booked(map_cash_row(cash(actionID="556")))[0].group_id == "ibkr:action:556"


@for_each(
    "words", ["WDGT CASH DIVIDEND USD 1.25 PER SHARE (Return of Capital)", "CAPITAL: RETURN OF CAPITAL"]
)
def test_a_return_of_capital_is_no_income(words: str) -> None:
    assert kind_of(cash(description=words)) == (DIVIDEND, "RETURN_OF_CAPITAL")
    assert kind_of(cash(description=words, amount="-12.5")) == (FEE, "RETURN_OF_CAPITAL_REVERSAL")
    assert cash_of(booked(map_cash_row(cash(description=words, amount="-12.5")))) == {"USD": D("-12.5")}


@for_each("name", sorted(set(PROMISED) - {"Dividends"}))
def test_only_a_dividend_returns_capital(name: str) -> None:
    row = cash(type=name, description="WDGT CASH DIVIDEND (Return of Capital) - US TAX")
    assert kind_of(row) == PROMISED[name][0]


def test_a_dividend_may_come_in_another_currency_than_the_share_is_dealt_in() -> None:
    known = context()
    known.directory.resolve(cash(currency="EUR"))
    (dividend,) = booked(map_cash_row(cash(currency="USD"), within=lambda: known))
    assert dividend.instrument is not None
    assert (dividend.currency, dividend.instrument.currency) == ("USD", "EUR")


def test_a_refunded_tax_is_not_a_cost() -> None:
    assert cash_of(booked(map_cash_row(cash(type="Withholding Tax", amount="0.66")))) == {"USD": D("0.66")}


def test_interest_received_can_be_negative() -> None:
    row = cash(type="Broker Interest Received", amount="-2.92", currency="CHF", conid="", symbol="", isin="")
    assert cash_of(booked(map_cash_row(row))) == {"CHF": D("-2.92")}


def test_money_paid_in_has_no_share() -> None:
    row = cash(type="Deposits/Withdrawals", amount="1,000,000", conid="", symbol="", isin="", actionID="")
    (deposit,) = booked(map_cash_row(row))
    assert (deposit.activity_type, deposit.amount) == (DEPOSIT, D(1000000))
    assert (deposit.symbol, deposit.instrument, deposit.group_id) == (None, None, None)


def test_a_booking_counts_on_its_report_date_however_old_the_event() -> None:
    (late,) = booked(map_cash_row(cash(dateTime="20250930;202000", reportDate="20260131", amount="28.50")))
    assert late.booked_on == dt.date(2026, 1, 31)
    assert late.date == dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC)


def test_without_a_report_date_the_event_is_the_booking() -> None:
    (dividend,) = booked(map_cash_row(cash(reportDate=None, dateTime="2026-05-22 12:00:00")))
    assert dividend.booked_on == dt.date(2026, 5, 22)
    assert dividend.date == dt.datetime(2026, 5, 22, 16, tzinfo=dt.UTC)


@for_each(
    "name",
    ["Realized P/L", "Client Fees", "Sales Tax", "Transaction Tax", "Other Income", "Dividend", "dividends"],
)
def test_a_type_that_is_not_known_is_not_guessed(name: str) -> None:
    outcome = rejected(map_cash_row(cash(type=name)))
    assert outcome.reason == f"cash transactions of type {name!r} are not known"
    assert (outcome.external_id, outcome.section) == ("ibkr:cash:1", "CashTransactions")
    assert outcome.raw == cash(type=name)
    assert outcome.quantity is None


@for_each(
    ("row", "text"),
    [
        (cash(type=""), "cash transactions of type '(none)' are not known"),
        (cash(type=None), "cash transactions of type '(none)' are not known"),
        (cash(amount=""), "the row has no amount"),
        (cash(amount="--"), "the row has no amount"),
        (cash(amount="12,5"), "'12,5' is not a number"),
        (cash(currency=""), "the row has no currency"),
        (cash(currency="GBX"), "the currency 'GBX' is not one that an account can hold"),
        (cash(currency="BASE_SUMMARY"), "the currency 'BASE_SUMMARY' is not one that an account can hold"),
        (cash(reportDate="", dateTime="", settleDate=""), "the row has neither reportDate nor dateTime"),
        (cash(reportDate="yesterday"), "'yesterday' is not a date or a date with time"),
    ],
)
def test_a_row_that_does_not_say_enough_is_not_booked(row: Row, text: str) -> None:
    outcome = rejected(map_cash_row(row))
    assert outcome.reason == text
    assert outcome.raw == row


def test_what_was_rejected_cannot_be_changed_through_its_row() -> None:
    row = cash(type="Realized P/L")
    outcome = rejected(map_cash_row(row))
    row["amount"] = "changed"
    assert outcome.raw["amount"] == "12.5"


def test_a_record_of_another_kind_is_not_booked_yet() -> None:
    outcome = map_record("ibkr:note:1", "IBGNoteTransactions", Record({"reportDate": "20260520"}), context())
    assert rejected(outcome).reason == "the section IBGNoteTransactions is not booked yet"
    assert rejected(outcome).booked_on == dt.date(2026, 5, 20)


@given(rows.cash_rows(), st.sampled_from(sorted(CASH_KINDS)))
def test_a_booked_cash_row_does_what_it_says(row: Row, name: str) -> None:
    told = {**row, "type": name}
    assert_booked_as_told("CashTransaction", told, booked(map_cash_row(told)))


@for_each("name", ["Dividends", "Withholding Tax", "Deposits/Withdrawals"])
def test_no_text_in_any_column_does_worse_than_a_rejection(name: str) -> None:
    for spoilt in rows.spoilt(cash(type=name)):
        outcome = map_cash_row(spoilt)
        if isinstance(outcome, Rejection):
            assert outcome.raw == spoilt
        else:
            assert_booked_as_told("CashTransaction", spoilt, outcome)


def test_what_the_settings_say_of_a_type_goes_before_the_table() -> None:
    own = CashKind(money_in=CREDIT, money_out=FEE, subtype_in="A_REFUND", subtype_out="A")
    within = replace(context(), cash_kinds={"Gift Voucher": own, "Dividends": own})
    for name in ("Gift Voucher", "Dividends"):
        for amount, kind in (("5", (CREDIT, "A_REFUND")), ("-5", (FEE, "A")), ("0", (FEE, "A"))):
            row = cash(type=name, amount=amount, description="RETURN OF CAPITAL")
            (activity,) = booked(map_cash_row(row, within=lambda: within))
            assert (activity.activity_type, activity.subtype) == kind
    (activity,) = booked(map_cash_row(cash(type="Withholding Tax", amount="-5"), within=lambda: within))
    assert activity.subtype == "WITHHOLDING_TAX"
