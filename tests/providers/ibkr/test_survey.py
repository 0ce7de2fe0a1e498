from __future__ import annotations

import pytest

from broker_sync.providers.ibkr.sections import BOOKED, RECORD_KINDS, SECTIONS, Use, use_of
from broker_sync.providers.ibkr.survey import owner

from .builders import (
    ACCOUNT,
    account_information,
    balance,
    balances,
    cash,
    cash_rows,
    document,
    one_statement,
    position,
    positions,
    section,
    statement,
    surveyed,
    trade,
    trades,
)


def test_a_document_says_whose_it_is_and_what_is_in_it() -> None:
    found = surveyed(
        one_statement(account_information(acctAlias="mine"), trades(trade(), trade()), cash_rows(cash()))
    )
    account = found.accounts[ACCOUNT]
    assert list(found.accounts) == [ACCOUNT]
    assert (account.account_id, account.alias, account.base_currency) == (ACCOUNT, "mine", "GBP")
    assert account.counts == {("Trades", "Trade"): 2, ("CashTransactions", "CashTransaction"): 1}
    assert found.sections == {"AccountInformation", "Trades", "CashTransactions"}
    assert (found.declared, len(found.heads)) == (1, 1)


@pytest.mark.parametrize(("count", "declared"), [("3", 3), ("", None), ("many", None), ("-1", None)])
def test_the_declared_number_is_kept_where_it_is_one(count: str, declared: int | None) -> None:
    assert surveyed(document(statement(), count=count)).declared == declared


def test_a_base_currency_once_known_is_not_forgotten() -> None:
    found = surveyed(
        document(
            statement(account_information(acctAlias="mine")),
            statement(account_information(currency="", acctAlias="")),
        )
    )
    assert (found.accounts[ACCOUNT].base_currency, found.accounts[ACCOUNT].alias) == ("GBP", "mine")


@pytest.mark.parametrize("nothing", [None, "", "-", "--"])
def test_a_row_without_an_account_is_its_statements(nothing: str | None) -> None:
    found = surveyed(one_statement(trades(trade(accountId=nothing))))
    assert found.accounts[ACCOUNT].counts["Trades", "Trade"] == 1
    assert owner({} if nothing is None else {"accountId": nothing}, {"accountId": "U2"}) == "U2"
    assert owner({}, {}) == ""
    assert owner({"accountId": "U3"}, {"accountId": "-"}) == "U3"


def test_a_row_may_name_another_account_than_its_statement() -> None:
    found = surveyed(
        one_statement(
            trades(trade(), trade(accountId="U2")),
            cash_rows(cash(accountId="U3")),
            positions(position(accountId="U4")),
            section("Transfers", "Transfer", {"accountId": "U5"}),
            section("NewThings", "NewThing", {"accountId": "U6"}),
        )
    )
    assert set(found.accounts) == {ACCOUNT, "U2", "U3", "U4", "U5", "U6"}
    assert found.accounts["U2"].counts == {("Trades", "Trade"): 1}
    assert found.accounts["U4"].parts[0].positions is not None


def test_sums_and_forecasts_of_others_make_no_account() -> None:
    found = surveyed(
        one_statement(
            section("Trades", "SymbolSummary", {"accountId": "U2"}),
            section("InterestAccruals", "InterestAccrualsCurrency", {"accountId": "U3"}),
            section("SecuritiesInfo", "SecurityInfo", {"accountId": "U4", "conid": "1"}),
        )
    )
    assert list(found.accounts) == [ACCOUNT]
    assert sum(found.accounts[ACCOUNT].counts.values()) == 3


def test_what_is_missing_is_told_from_what_is_empty() -> None:
    none = surveyed(one_statement(trades(trade()))).accounts[ACCOUNT].parts[0]
    assert (none.positions, none.cash) == (None, None)
    empty = surveyed(one_statement("<OpenPositions/><CashReport/>")).accounts[ACCOUNT].parts[0]
    assert (empty.positions, empty.cash) == ([], [])


def test_only_what_is_compared_is_kept_of_a_position() -> None:
    found = surveyed(one_statement(positions(position(fifoPnlUnrealized="66", originatingOrderID="1"))))
    assert found.accounts[ACCOUNT].parts[0].positions == [position()]


def test_instruments_are_known_from_the_most_trusted_section() -> None:
    found = surveyed(
        one_statement(
            cash_rows(cash(listingExchange="", currency="EUR")),
            trades(trade(listingExchange="", exchange="DARK", symbol="WDGTd")),
            positions(position(listingExchange="IBIS", currency="EUR", symbol="WDGT")),
        )
    )
    instrument = found.directory.resolve(trade())
    assert instrument is not None
    assert (instrument.symbol, instrument.currency, instrument.exchange) == ("WDGT.DE", "EUR", "IBIS")


def test_each_part_of_a_document_is_kept_apart() -> None:
    found = surveyed(
        document(statement(balances(balance())), statement(balances(balance()), toDate="20260601"))
    )
    parts = found.accounts[ACCOUNT].parts
    assert [part.head["toDate"] for part in parts.values()] == ["20260531", "20260601"]
    assert [len(part.cash or ()) for part in parts.values()] == [1, 1]


def test_no_section_has_two_uses() -> None:
    listed = [name for name, use in SECTIONS.items() if use is not Use.UNKNOWN]
    assert len(listed) == len(set(listed)) == len(SECTIONS)
    assert {name for name, use in SECTIONS.items() if use is Use.BOOKED} == set(BOOKED)


def test_every_section_of_records_has_a_word_for_its_ids() -> None:
    records = {name for name, use in SECTIONS.items() if use in {Use.BOOKED, Use.NOT_YET}}
    assert records <= set(RECORD_KINDS)
    assert len(set(RECORD_KINDS.values())) == len(RECORD_KINDS)


def test_a_section_nobody_knows_is_known_to_be_unknown() -> None:
    assert use_of("MutualFundDividendDetails") is Use.UNKNOWN
    assert use_of("Trades") is Use.BOOKED
