from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker_sync.contracts import Rejection
from broker_sync.models import Activity, ActivityType
from broker_sync.providers.ibkr.context import Context
from broker_sync.providers.ibkr.formats import DayOrder
from broker_sync.providers.ibkr.mapping import RECORDS, map_record

from . import corpus, rows
from .builders import (
    ACCOUNT,
    WIDGET,
    D,
    Row,
    account_information,
    booked,
    changed,
    context,
    one_statement,
    read,
    rejected,
    section,
    trade,
    trades,
)
from .own_word import ZERO, added, cash_of, told, units_of

FEE, CREDIT = ActivityType.FEE, ActivityType.CREDIT
DEPOSIT, WITHDRAWAL = ActivityType.DEPOSIT, ActivityType.WITHDRAWAL

# --- rows ---


def sales_tax(**changes: str | None) -> Row:
    """0.42 USD of value added tax on a subscription."""
    return changed(
        {
            "accountId": ACCOUNT,
            "currency": "USD",
            "assetCategory": "",
            "symbol": "",
            "conid": "",
            "date": "2026-05-04",
            "country": "Finland",
            "taxType": "VAT",
            "taxableDescription": "Market data",
            "taxableAmount": "2",
            "taxRate": "0.21",
            "salesTax": "-0.42",
            "taxableTransactionID": "7001",
            "transactionID": "5001",
        },
        changes,
    )


def transaction_tax(**changes: str | None) -> Row:
    """0.35 USD for having bought WDGT."""
    return changed(
        {
            "accountId": ACCOUNT,
            **WIDGET,
            "date": "2026-05-20",
            "reportDate": "2026-05-21",
            "taxDescription": "French Transaction Tax",
            "quantity": "0",
            "tradePrice": "0.0000",
            "taxAmount": "-0.347098",
            "tradeId": "8001",
            "source": "STANDALONE",
            "levelOfDetail": "SUMMARY",
        },
        changes,
    )


def card(**changes: str | None) -> Row:
    """117 paid in a shop."""
    return changed(
        {
            "accountId": ACCOUNT,
            "currency": "BASE_SUMMARY",
            "assetCategory": "",
            "status": "Settled",
            "reportDate": "20260511",
            "postingDate": "20260512",
            "transactionDateTime": "20260510;172030",
            "category": "RETAIL",
            "merchantNameLocation": "CORNER SHOP",
            "amount": "-117.00",
        },
        changes,
    )


def cfd_charge(**changes: str | None) -> Row:
    """A day's financing of contracts for difference."""
    return changed(
        {
            "accountId": ACCOUNT,
            "currency": "USD",
            "assetCategory": "CFD",
            "symbol": "--",
            "conid": "--",
            "date": "2026-05-20",
            "received": "0.25",
            "paid": "-1.27",
            "total": "-1.02",
            "transactionID": "5004",
        },
        changes,
    )


def client_fee(**changes: str | None) -> Row:
    """What an advisor earns on a client."""
    return changed(
        {
            "accountId": ACCOUNT,
            "currency": "USD",
            "feeType": "Commission",
            "date": "20260520;120000",
            "description": "Commission markup",
            "revenue": "5",
            "expense": "-2",
            "net": "3",
            "tradeID": "8001",
            "levelOfDetail": "EXECUTION",
        },
        changes,
    )


Make = Callable[..., Row]
SECTIONS: dict[str, tuple[str, str, Make, str]] = {
    "sales-tax": ("SalesTaxes", "SalesTax", sales_tax, "salesTax"),
    "transaction-tax": ("TransactionTaxes", "TransactionTax", transaction_tax, "taxAmount"),
    "debit-card": ("DebitCardActivities", "DebitCardActivity", card, "amount"),
    "cfd-charge": ("CFDCharges", "CFDCharge", cfd_charge, "total"),
    "client-fee": ("ClientFees", "ClientFee", client_fee, "net"),
}
"""Kind -> section, tag, an ordinary row, and the column of its money."""

PARTS: dict[str, str | None] = {"received": None, "paid": None, "revenue": None, "expense": None}


def row_of(kind: str, amount: str | None, **changes: str | None) -> Row:
    _, _, make, column = SECTIONS[kind]
    return make(**{**PARTS, column: amount, **changes})


def mapped(kind: str, row: Row, within: Context | None = None) -> list[Activity] | Rejection:
    section_name, tag, _, _ = SECTIONS[kind]
    record = RECORDS[section_name, tag].record(row, None)
    return map_record(f"ibkr:{kind}:1", section_name, record, within or context())


def one(kind: str, row: Row) -> Activity:
    (activity,) = booked(mapped(kind, row))
    return activity


def is_record(kind: str, row: Row) -> bool:
    mapping = RECORDS[SECTIONS[kind][:2]]
    return mapping.is_record(mapping.record(row), context())


# --- all of them ---

PROMISED = {
    "sales-tax": ((CREDIT, "SALES_TAX_REFUND"), (FEE, "SALES_TAX")),
    "transaction-tax": ((CREDIT, "TRANSACTION_TAX_REFUND"), (FEE, "TRANSACTION_TAX")),
    "debit-card": ((DEPOSIT, "DEBIT_CARD_REFUND"), (WITHDRAWAL, "DEBIT_CARD")),
    "cfd-charge": ((CREDIT, "CFD_CHARGE"), (FEE, "CFD_CHARGE")),
    "client-fee": ((CREDIT, "CLIENT_FEE"), (FEE, "CLIENT_FEE")),
}


@pytest.mark.parametrize("kind", PROMISED)
def test_every_charge_is_booked_by_the_sign_of_its_money(kind: str) -> None:
    money_in, money_out = PROMISED[kind]
    for amount, promised in (("12.5", money_in), ("-12.5", money_out), ("0", money_out)):
        activity = one(kind, row_of(kind, amount))
        assert (activity.activity_type, activity.subtype) == promised
        assert sum(cash_of([activity]).values()) == D(amount)
        assert (activity.quantity, activity.fee, activity.record_id) == (None, D(0), f"ibkr:{kind}:1")


@pytest.mark.parametrize("kind", SECTIONS)
def test_what_says_no_amount_currency_or_day_is_not_booked(kind: str) -> None:
    _, _, _, column = SECTIONS[kind]
    days = {"reportDate": "", "date": "", "dateTime": "", "postingDate": "", "transactionDateTime": "--"}
    assert rejected(mapped(kind, row_of(kind, "--"))).reason == f"the row has no {column}"
    assert rejected(mapped(kind, row_of(kind, "1", currency=""))).reason == "the row has no currency"
    assert rejected(mapped(kind, row_of(kind, "1", **days))).reason.startswith(
        "the row has neither reportDate"
    )


@given(st.sampled_from(sorted(SECTIONS)), rows.MONEY, st.sampled_from([1, -1, 0]), rows.CURRENCIES)
def test_a_booked_charge_moves_what_it_says(kind: str, size: Decimal, sign: int, currency: str) -> None:
    row = row_of(kind, rows.plain(size * sign), currency=currency)
    activities = booked(mapped(kind, row))
    assert cash_of(activities) == added([(currency, size * sign)])
    assert units_of(activities) == 0


@pytest.mark.parametrize("kind", SECTIONS)
def test_no_text_in_any_column_does_worse_than_a_rejection(kind: str) -> None:
    _, _, make, column = SECTIONS[kind]
    for spoilt in rows.spoilt(make()):
        outcome = mapped(kind, spoilt)
        if isinstance(outcome, Rejection):
            assert outcome.raw == spoilt
        else:
            assert sum(cash_of(outcome).values()) == (told(spoilt, column) or ZERO)


# --- taxes ---


def test_a_sales_tax_says_what_was_taxed() -> None:
    tax = one("sales-tax", sales_tax())
    assert (tax.amount, tax.currency, tax.comment) == (D("0.42"), "USD", "Market data")
    assert (tax.booked_on, tax.symbol, tax.instrument) == (dt.date(2026, 5, 4), None, None)


def test_a_transaction_tax_says_on_what_and_when_it_was_counted() -> None:
    tax = one("transaction-tax", transaction_tax())
    assert (tax.amount, tax.symbol, tax.comment) == (D("0.347098"), "WDGT", "French Transaction Tax")
    assert (tax.booked_on, tax.account_id) == (dt.date(2026, 5, 21), "tracker-1")
    assert tax.instrument is not None
    assert tax.date == dt.datetime(2026, 5, 21, 12, tzinfo=dt.UTC)


@pytest.mark.parametrize(("source", "said"), [("TRADE", "TRADE"), ("", "(none)"), (None, "(none)")])
def test_a_tax_that_its_trade_may_have_is_not_charged_twice(source: str | None, said: str) -> None:
    outcome = rejected(mapped("transaction-tax", transaction_tax(source=source)))
    assert outcome.reason == (
        f"the source of the tax is {said}, not STANDALONE, so the money of its trade may have it already"
    )


@pytest.mark.parametrize(
    ("level", "counts"),
    [
        ("SUMMARY", True),
        ("ORDER_SUMMARY", True),
        ("", True),
        (None, True),
        ("ORDER_DETAIL", False),
        ("Detail", False),
    ],
)
def test_the_parts_of_a_tax_are_no_taxes(level: str | None, *, counts: bool) -> None:
    assert is_record("transaction-tax", transaction_tax(levelOfDetail=level)) is counts


def test_details_beside_a_tax_take_it_apart() -> None:
    whole = section("TransactionTaxes", "TransactionTax", transaction_tax())
    parts = section("TransactionTaxes", "TransactionTaxDetail", transaction_tax(levelOfDetail="ORDER_DETAIL"))
    found = read(one_statement(whole, parts, trades(trade())))
    assert found.counts["TransactionTaxes"] == (2, 1, 1, 0)
    assert cash_of(found.activities) == {"USD": D("-1001.347098")}


# --- the card ---


def test_a_card_payment_is_charged_in_base_currency() -> None:
    paid = one("debit-card", card())
    assert (paid.amount, paid.currency, paid.comment) == (D(117), "GBP", "CORNER SHOP")
    assert paid.booked_on == dt.date(2026, 5, 11)
    found = read(
        one_statement(
            account_information(currency="EUR"), section("DebitCardActivities", "DebitCardActivity", card())
        )
    )
    assert cash_of(found.activities) == {"EUR": D(-117)}


def test_a_card_payment_in_a_currency_is_charged_in_it() -> None:
    assert one("debit-card", card(currency="USD")).currency == "USD"


def test_without_a_base_currency_a_card_payment_has_none() -> None:
    unknown = replace(context(), account=replace(context().account, currency=None))
    outcome = rejected(mapped("debit-card", card(), unknown))
    assert outcome.reason == "the currency 'BASE_SUMMARY' is not one that an account can hold"


@pytest.mark.parametrize("status", ["Pending", "Declined", "settled"])
def test_a_payment_that_is_not_settled_has_not_moved_money(status: str) -> None:
    outcome = rejected(mapped("debit-card", card(status=status)))
    assert outcome.reason == f"a card payment whose status is {status} has not moved money yet"


@pytest.mark.parametrize("status", ["", "--", None])
def test_a_status_that_was_not_ticked_holds_nothing_up(status: str | None) -> None:
    assert one("debit-card", card(status=status)).amount == D(117)


# --- sums that are told with their parts ---


def test_financing_is_what_was_received_less_what_was_paid() -> None:
    charge = one("cfd-charge", cfd_charge(activityDescription="Overnight"))
    assert (charge.amount, charge.comment, charge.booked_on) == (D("1.02"), "Overnight", dt.date(2026, 5, 20))


@pytest.mark.parametrize("level", ["SUMMARY", "Summary"])
def test_a_sum_of_charges_is_no_charge(level: str) -> None:
    assert not is_record("cfd-charge", cfd_charge(levelOfDetail=level))
    assert is_record("cfd-charge", cfd_charge(levelOfDetail="DETAIL"))
    assert is_record("cfd-charge", cfd_charge())


@pytest.mark.parametrize("expense", ["-2", "2"])
def test_a_fee_of_a_client_is_what_is_left_of_it(expense: str) -> None:
    fee = one("client-fee", client_fee(expense=expense))
    assert (fee.activity_type, fee.amount, fee.comment) == (CREDIT, D(3), "Commission markup")
    assert fee.booked_on == dt.date(2026, 5, 20)


@pytest.mark.parametrize("level", ["ORDER", "SUMMARY", "CLOSED_LOT"])
def test_a_sum_of_fees_is_no_fee(level: str) -> None:
    assert not is_record("client-fee", client_fee(levelOfDetail=level))
    assert all(
        is_record("client-fee", client_fee(levelOfDetail=text)) for text in ("", None, "Detail", "EXECUTION")
    )


def test_the_details_of_client_fees_say_again_what_the_fees_say() -> None:
    detail: Row = {"accountId": ACCOUNT, "currency": "USD", "totalRevenue": "5", "totalNet": "3"}
    found = read(
        one_statement(
            section("ClientFees", "ClientFee", client_fee()),
            section("ClientFeesDetail", "ClientFeesDetail", detail),
        )
    )
    assert found.counts == {"ClientFees": (1, 1, 0, 0), "ClientFeesDetail": (1, 0, 1, 0)}


@pytest.mark.parametrize(
    ("kind", "row", "text"),
    [
        ("cfd-charge", cfd_charge(total="1.02"), "total 1.02 is not what 0.25 and -1.27 come to"),
        ("client-fee", client_fee(net="4"), "net 4 is not what 5 and -2 come to"),
        ("client-fee", client_fee(net="-3"), "net -3 is not what 5 and -2 come to"),
    ],
)
def test_a_sum_that_its_parts_contradict_is_not_booked(kind: str, row: Row, text: str) -> None:
    assert rejected(mapped(kind, row)).reason == text


@pytest.mark.parametrize("rounding", ["-1.015", "-1.025"])
def test_a_sum_may_be_rounded(rounding: str) -> None:
    assert one("cfd-charge", cfd_charge(total=rounding)).amount == -D(rounding)


@pytest.mark.parametrize("part", ["received", "paid"])
def test_a_sum_is_not_held_against_half_of_its_parts(part: str) -> None:
    assert one("cfd-charge", cfd_charge(**{part: "--"})).amount == D("1.02")


# --- other people's statements ---


@pytest.mark.corpus
@pytest.mark.parametrize("kind", SECTIONS)
def test_every_charge_of_the_corpus_moves_what_it_says(kind: str) -> None:
    section_name, tag, _, column = SECTIONS[kind]
    for name in corpus.readable():
        for row in corpus.tree(name).iter(tag):
            raw = dict(row.attrib)
            record = RECORDS[section_name, tag].record(raw, DayOrder.MONTH_FIRST)
            activities = booked(map_record("ibkr:x:1", section_name, record, context()))
            currency = "GBP" if raw["currency"] == "BASE_SUMMARY" else raw["currency"]
            assert cash_of(activities) == added([(currency, told(raw, column) or ZERO)])
