from __future__ import annotations

import datetime as dt

import pytest

from broker_sync.providers.ibkr.admission import admit
from broker_sync.providers.ibkr.beginning import began_with_nothing
from broker_sync.providers.ibkr.delivery import (
    Delivery,
    EmptyStatementError,
    ShortStatementError,
    judge,
)
from broker_sync.providers.ibkr.errors import StatementRefusedError
from broker_sync.received import Days
from tests.tables import for_each

from .builders import (
    Text,
    account_information,
    balance,
    balances,
    cash_rows,
    document,
    one_statement,
    position,
    positions,
    section,
    statement,
    trade,
    trades,
)

MAY = Days(first=dt.date(2026, 5, 1), last=dt.date(2026, 5, 31))  # a Friday to a Sunday


def days(first: str, last: str) -> Days:
    return Days(first=dt.date.fromisoformat(first), last=dt.date.fromisoformat(last))


def judged(
    *sections: str,
    asked: Days | None = MAY,
    covered_until: dt.date | None = None,
    first: str | None = "20260501",
    last: str | None = "20260531",
    opened: str | None = None,
) -> Delivery:
    head = [account_information(dateOpened=opened)] if opened else []
    text = one_statement(*head, *(sections or (balances(balance()),)), fromDate=first, toDate=last)
    (admitted,) = admit([Text(text)], configured=None)
    return judge(
        admitted,
        asked=asked,
        covered_until=covered_until,
        began_with_nothing=lambda account: began_with_nothing(admitted, account),
    )


def test_what_was_asked_for_was_delivered() -> None:
    assert judged() == Delivery(days=MAY)


def test_more_than_was_asked_for_is_welcome() -> None:
    assert judged(asked=days("2026-05-10", "2026-05-20")).days == MAY


# --- shorter than asked ---

SHORT = {
    "one day of ninety": (days("2026-03-01", "2026-05-29"), "20260529", "20260529"),
    "a beginning that is missing": (days("2026-04-20", "2026-05-31"), "20260501", "20260531"),
    "an end that is missing": (days("2026-05-01", "2026-06-20"), "20260501", "20260531"),
}


@for_each("name", SHORT)
def test_a_statement_much_shorter_than_asked_is_refused(name: str) -> None:
    asked, first, last = SHORT[name]
    with pytest.raises(ShortStatementError, match=f"asked for were {asked.first} to {asked.last}") as refused:
        judged(asked=asked, first=first, last=last)
    assert refused.value.exit_code == 3


def test_week_ends_are_not_missed() -> None:
    # From a Saturday to a Sunday; the broker gives Monday to Friday.
    weeks = days("2026-05-02", "2026-05-31")
    assert judged(asked=weeks, first="20260504", last="20260529").notes == ()


def test_a_few_days_that_are_missing_at_the_ends_are_told() -> None:
    found = judged(asked=days("2026-04-29", "2026-06-02"))
    assert found.notes == (
        "The broker's statement leaves out 2026-04-29 to 2026-04-30, which was asked for.",
        "The broker's statement leaves out 2026-06-01 to 2026-06-02, which was asked for.",
    )
    assert found.days == MAY


YEAR = days("2025-06-01", "2026-05-31")
NEW = balances(balance(startingCash="0"))


def test_an_account_that_had_nothing_before_begins_later() -> None:
    assert judged(NEW, positions(), asked=YEAR) == Delivery(days=MAY, is_first=True)
    bought = trades(trade()), positions(position(position="10"))
    assert judged(NEW, *bought, asked=YEAR).is_first


def test_an_account_that_was_opened_then_begins_later() -> None:
    assert judged(asked=YEAR, opened="20260428").is_first


NOT_NEW = {
    "no word on either": (trades(trade()),),
    "money in another currency": (balances(balance(startingCash="0"), balance(currency="EUR")), positions()),
    "no money and shares": (NEW, positions(position())),
    "no money and no word on shares": (NEW,),
}


@for_each("name", NOT_NEW)
def test_without_a_beginning_from_nothing_it_is_not_the_first_statement(name: str) -> None:
    with pytest.raises(ShortStatementError):
        judged(*NOT_NEW[name], asked=YEAR)


def test_an_account_that_was_opened_long_before_is_not_new() -> None:
    for opened in ("20200101", "nonsense"):
        with pytest.raises(ShortStatementError):
            judged(asked=YEAR, opened=opened)


def test_each_account_must_have_the_days() -> None:
    short = statement(
        balances(balance(accountId="U7654321")), accountId="U7654321", fromDate="20260529", toDate="20260529"
    )
    text = document(statement(balances(balance())), short)
    (admitted,) = admit([Text(text)], configured=None)
    with pytest.raises(ShortStatementError, match="2026-05-29 to 2026-05-29 for account U7654321"):
        judge(admitted, asked=MAY)


# --- the period that is saved in the query ---

ONE_DAY = "20260529"


def test_a_saved_period_is_taken_as_it_comes() -> None:
    found = judged(asked=None)
    assert found.days == MAY
    (note,) = found.notes
    assert note.endswith("the period that is saved in it gave 2026-05-01 to 2026-05-31.")


@for_each("covered_until", [None, dt.date(2026, 5, 27)])
def test_a_saved_period_that_became_one_day_is_refused(covered_until: dt.date | None) -> None:
    with pytest.raises(ShortStatementError, match="covers one day, 2026-05-29"):
        judged(asked=None, covered_until=covered_until, first=ONE_DAY, last=ONE_DAY)


def test_a_single_day_that_continues_what_is_known_is_fine() -> None:
    assert judged(asked=None, covered_until=dt.date(2026, 5, 28), first=ONE_DAY, last=ONE_DAY).days.count == 1


# --- nothing in it ---

RATES = section("ConversionRates", "ConversionRate", {"fromCurrency": "USD"})
EMPTY = [
    (RATES,),
    (account_information(), trades(), cash_rows(), positions(), balances(), RATES),
]


@for_each("sections", EMPTY)
def test_empty_sections_are_not_a_day_without_events(sections: tuple[str, ...]) -> None:
    with pytest.raises(EmptyStatementError, match="no record, no position and no balance"):
        judged(*sections)


@for_each("sections", [(trades(trade()),), (positions(position()),), (balances(balance()),)])
def test_one_record_position_or_balance_is_enough(sections: tuple[str, ...]) -> None:
    assert judged(*sections).days == MAY


def test_a_statement_must_say_its_days() -> None:
    with pytest.raises(StatementRefusedError, match="does not say which days"):
        judged(first=None, last=None)
