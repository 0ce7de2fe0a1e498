"""The way back: from the ids that a reading gives to the rows of the document."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker_sync.contracts import Rejection
from broker_sync.models import Account, AccountType
from broker_sync.providers.ibkr.admission import Admitted, admit
from broker_sync.providers.ibkr.bookings import Tally, bookings
from broker_sync.providers.ibkr.chapter import Chapter
from broker_sync.providers.ibkr.context import Context
from broker_sync.providers.ibkr.rows import FoundRow, rows_of
from broker_sync.providers.ibkr.statement import groups
from tests.providers.ibkr.builders import (
    ACCOUNT,
    Text,
    cash,
    cash_rows,
    document,
    element,
    one_statement,
    sale,
    section,
    statement,
    trade,
    trades,
)
from tests.simulation.statement import write
from tests.simulation.strategies import SMALL, case


class Anything:
    """A collection of every id."""

    def __contains__(self, _: object) -> bool:
        return True


def admitted(text: str) -> Admitted:
    (found,) = admit([Text(text)], configured=None)
    return found


def context_of(found: Admitted, account: str = ACCOUNT) -> Context:
    named = Account(
        id="t", provider="ibkr", provider_account_id=account, account_type=AccountType.GIA, currency=None
    )
    return Chapter(admitted=found, account=named).context


def rows(text: str, *record_ids: str, account: str = ACCOUNT) -> list[FoundRow]:
    found = admitted(text)
    return list(rows_of(groups([text.encode()]), context_of(found, account), set(record_ids)))


def test_a_row_is_found_with_its_place_and_all_that_it_says() -> None:
    text = one_statement(trades(trade(levelOfDetail="ORDER"), trade(), sale()), cash_rows(cash()))
    assert rows(text, "ibkr:trade:9002", "ibkr:cash:7001") == [
        FoundRow(record_id="ibkr:trade:9002", section="Trades", number=3, raw=sale()),
        FoundRow(record_id="ibkr:cash:7001", section="CashTransactions", number=1, raw=cash()),
    ]
    assert rows(text, "ibkr:trade:1") == []


def test_rows_of_another_account_are_not_the_accounts() -> None:
    own = {"accountId": "U7654321"}
    text = document(statement(trades(trade())), statement(trades(trade(**own)), **own))
    (found,) = rows(text, "ibkr:trade:9001", account="U7654321")
    assert (found.number, found.raw["accountId"]) == (2, "U7654321")


def test_rows_of_the_futures_segment_are_the_accounts() -> None:
    segment = {"accountId": f"{ACCOUNT}F"}
    text = document(statement(trades(trade())), statement(trades(sale(**segment)), **segment))
    (found,) = rows(text, "ibkr:trade:9002")
    assert found.raw["accountId"] == f"{ACCOUNT}F"


def test_twins_are_told_apart_by_their_place() -> None:
    bare = cash(transactionID=None)
    text = one_statement(cash_rows(bare, bare, cash(transactionID=None, amount="3")))
    found = list(rows_of(groups([text.encode()]), context_of(admitted(text)), Anything()))  # type: ignore[arg-type]
    first, second, third = (row.record_id for row in found)
    assert second == first.removesuffix(":1") + ":2"
    assert [row.number for row in rows(text, second)] == [2]
    assert [row.number for row in rows(text, third)] == [3]


def test_rows_of_sections_that_are_not_known_are_records_too() -> None:
    text = one_statement(
        trades(trade()), section("Gifts", "Gift", {"transactionID": "5"}), element("Parcels", {"size": "1"})
    )
    assert [row.section for row in rows(text, "ibkr:Gifts:5")] == ["Gifts"]


@settings(max_examples=10)
@given(st.integers(min_value=0, max_value=2**32))
def test_the_ids_are_those_of_the_reading_that_books(seed: int) -> None:
    compare(seed)


@pytest.mark.slow
def test_the_ids_are_those_of_the_reading_that_books_in_many_lives() -> None:
    for seed in range(300):
        compare(seed)


def compare(seed: int) -> None:
    lived = case(seed, size=SMALL)
    for step in lived.steps:
        compare_readings(write(lived.life, step.query, step.first, step.last).text)


def compare_readings(text: str) -> None:
    found = admitted(text)
    for account in found.survey.accounts:
        context = context_of(found, account)
        booked = [
            outcome.external_id if isinstance(outcome, Rejection) else outcome[0].record_id
            for outcome, _ in bookings(groups([text.encode()]), context, Tally())
        ]
        traced = [row.record_id for row in rows_of(groups([text.encode()]), context, Anything())]  # type: ignore[arg-type]
        assert Counter(traced) == Counter(booked)
        assert traced == booked
