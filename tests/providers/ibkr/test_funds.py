"""The broker's ledger of cash: what only it has is booked, the rest is held against what was booked."""

from decimal import Decimal

import pytest

from broker_sync.accounting import total_cash
from broker_sync.models import ActivityType
from tests.providers.ibkr.builders import (
    Row,
    balance,
    balances,
    changed,
    one_statement,
    read,
    section,
    trade,
    trades,
)

LINE = {
    "accountId": "U1234567",
    "currency": "USD",
    "levelOfDetail": "Currency",
    "reportDate": "20260520",
    "date": "20260520",
    "activityCode": "BUY",
    "activityDescription": "Buy 10 WIDGET INC",
    "amount": "-1001",
    "transactionID": "9001",
}


def line(**changes: str | None) -> Row:
    return changed(LINE, changes)


def funds(*rows: Row) -> str:
    return section("StmtFunds", "StatementOfFundsLine", *rows)


SETTLED = line(
    activityCode="ADJ",
    activityDescription="Option Cash Settlement for: Exercise ( XSP 05DEC18 270.0 C )",
    amount="123.45",
    transactionID="7777",
    assetCategory="OPT",
    symbol="XSP   181205C00270000",
    conid="340",
)
EVENT = {
    "accountId": "U1234567",
    "currency": "USD",
    "date": "20260520",
    "transactionType": "Cash Settlement",
    "symbol": "XSP   181205C00270000",
    "conid": "340",
    "assetCategory": "OPT",
    "quantity": "-1",
    "proceeds": "123.45",
}


def event(**changes: str | None) -> Row:
    return changed(EVENT, changes)


def events(*rows: Row) -> str:
    return section("OptionEAE", "OptionEAE", *rows)


def test_the_money_of_an_option_that_settles_in_cash_is_booked_from_the_ledger() -> None:
    (settled,) = read(one_statement(funds(SETTLED))).activities
    assert (settled.external_id, settled.activity_type) == ("ibkr:funds:7777", ActivityType.CREDIT)
    assert settled.subtype == "OPTION_CASH_SETTLEMENT"
    assert settled.symbol == "XSP   181205C00270000"
    assert total_cash([settled]) == {"USD": Decimal("123.45")}


def test_margin_of_a_future_held_over_night_is_money_out_when_it_is_negative() -> None:
    row = line(activityDescription="CL DEC18 Position MTM", amount="-60", assetCategory="FUT", symbol="CLZ8")
    (margin,) = read(one_statement(funds(row))).activities
    assert (margin.activity_type, margin.subtype) == (ActivityType.FEE, "VARIATION_MARGIN")
    assert margin.amount == 60


@pytest.mark.parametrize(
    "row",
    [
        line(),
        line(activityDescription="Sell -2 CL DEC18 Trade MTM", assetCategory="FUT"),
        changed(SETTLED, {"levelOfDetail": "BaseCurrency"}),
        changed(SETTLED, {"levelOfDetail": None}),
        line(activityDescription="Starting Balance", activityCode=""),
    ],
    ids=["a trade", "margin of a trade", "in base currency", "of no level", "a balance"],
)
def test_what_other_sections_book_is_not_booked_from_the_ledger(row: Row) -> None:
    found = read(one_statement(funds(row)))
    assert found.activities == []
    assert found.reasons == {}
    assert found.counts["StmtFunds"] == (1, 0, 1, 0)


def test_without_the_ledger_the_money_of_an_option_comes_from_its_event() -> None:
    (settled,) = read(one_statement(events(event(), event(transactionType="Exercise")))).activities
    assert total_cash([settled]) == {"USD": Decimal("123.45")}


def test_money_that_both_have_is_booked_once() -> None:
    found = read(one_statement(events(event()), funds(SETTLED)))
    assert total_cash(found.activities) == {"USD": Decimal("123.45")}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (event(proceeds=None), "the row has no proceeds"),
        (event(date=None), "the row has neither reportDate nor date"),
        (event(currency="-"), "the currency '-' is not one that an account can hold"),
    ],
)
def test_a_settlement_that_does_not_say_enough_is_named(row: Row, reason: str) -> None:
    assert list(read(one_statement(events(row))).reasons.values()) == [reason]


def notes(*sections: str) -> list[str]:
    return list(read(one_statement(*sections)).truth.notes)


def test_a_ledger_that_says_what_was_booked_is_met_with_silence() -> None:
    assert (
        notes(trades(trade()), funds(line(), line(activityDescription="Starting Balance", amount="5"))) == []
    )


def test_a_line_that_nothing_accounts_for_is_named() -> None:
    (note,) = notes(trades(trade()), funds(line(), line(amount="-7.5", activityDescription="Mystery Fee")))
    assert "-7.5 USD on 2026-05-20" in note
    assert "Mystery Fee" in note


def test_a_difference_below_a_cent_is_none() -> None:
    assert notes(trades(trade()), funds(line(amount="-1001.004"))) == []


def test_many_lines_are_named_by_their_number() -> None:
    found = notes(funds(*(line(amount=f"-{number}.5") for number in range(1, 14))))
    assert len(found) == 11
    assert found[-1] == "… and 3 more lines of the broker's ledger."


@pytest.mark.parametrize("changes", [{"amount": "some"}, {"amount": ""}, {"reportDate": "", "date": ""}])
def test_a_line_that_cannot_be_held_against_anything_is_passed_over(changes: dict[str, str | None]) -> None:
    assert notes(funds(line(**changes))) == []


def test_without_the_ledger_nothing_is_said_of_it() -> None:
    assert notes(trades(trade()), balances(balance())) == []
