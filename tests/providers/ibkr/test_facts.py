"""What is kept of a statement once it has been read: days, sections, and what its records are known by."""

import datetime as dt

from broker_sync.providers.ibkr.facts import answered, facts, is_needed
from broker_sync.providers.ibkr.survey import join_segments
from broker_sync.received import Contents, SectionFacts
from tests.archive.samples import days
from tests.tables import for_each

from .builders import (
    ACCOUNT,
    account_information,
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

MAY = days("2026-05-01", "2026-05-31")


def facts_of(text: str) -> Contents:
    return facts(surveyed(text))


def sections_of(contents: Contents, account: str = ACCOUNT) -> dict[str, int]:
    found = contents.of(account)
    return {} if found is None else {each.section: each.rows for each in found.sections}


def known_by(rows: str, name: str = "Trades") -> tuple[str, ...]:
    (found,) = [each for each in facts_of(one_statement(rows)).columns if each.section == name]
    return found.known_by


def test_an_account_has_its_days_and_the_rows_of_each_section() -> None:
    found = facts_of(one_statement(account_information(), trades(trade(), trade()), cash_rows(cash())))
    account = found.of(ACCOUNT)
    assert account is not None
    assert account.days == (MAY,)
    assert account.sections == (
        SectionFacts(section="AccountInformation", rows=0, days=(MAY,)),
        SectionFacts(section="CashTransactions", rows=1, days=(MAY,)),
        SectionFacts(section="Trades", rows=2, days=(MAY,)),
    )
    assert found.of("U7654321") is None


def test_an_empty_section_is_there_and_a_missing_one_is_not() -> None:
    assert sections_of(facts_of(one_statement("<CashTransactions/>", trades(trade())))) == {
        "CashTransactions": 0,
        "Trades": 1,
    }


def test_rows_of_every_kind_count() -> None:
    lots = section("Trades", "Lot", trade())
    assert sections_of(facts_of(one_statement(trades(trade()), lots))) == {"Trades": 2}


def test_a_statement_for_each_day_is_put_together() -> None:
    parts = [
        statement(trades(trade()), fromDate=day, toDate=day) for day in ("20260504", "20260505", "20260507")
    ]
    cut = statement("<CashTransactions/>", fromDate="20260508", toDate="20260508")
    account = facts_of(document(*parts, cut)).of(ACCOUNT)
    assert account is not None
    # The 6th is a holiday: there is a statement for each day on which there was business.
    assert account.days == (days("2026-05-04", "2026-05-08"),)
    assert {each.section: each.days for each in account.sections} == {
        "CashTransactions": (days("2026-05-08", "2026-05-08"),),
        "Trades": (days("2026-05-04", "2026-05-07"),),
    }


def test_holidays_at_the_ends_of_what_was_asked_for_are_answered() -> None:
    contents = facts_of(one_statement(trades(trade())))  # May 2026
    asked = days("2026-04-28", "2026-06-03")
    later, soon = (dt.datetime(2026, 6, day, tzinfo=dt.UTC) for day in (20, 4))
    told = answered(contents, asked, now=later).of(ACCOUNT)
    assert told is not None
    assert told.days == (asked,)
    assert told.sections[0].days == (asked,)
    # Of the last days nobody knows yet whether they are holidays, or only not closed.
    fresh = answered(contents, asked, now=soon).of(ACCOUNT)
    assert fresh is not None
    assert fresh.days == (days("2026-04-28", "2026-05-31"),)
    assert answered(contents, None, now=later) == contents
    assert answered(contents, days("2026-01-01", "2026-12-31"), now=later) == contents


def test_where_no_days_are_told_none_are_answered() -> None:
    contents = facts_of(one_statement(trades(trade()), fromDate=None, toDate=None))
    now = dt.datetime(2026, 6, 20, tzinfo=dt.UTC)
    assert answered(contents, days("2026-04-28", "2026-06-03"), now=now) == contents


def test_parts_that_lie_far_apart_stay_apart() -> None:
    parts = [statement(trades(trade()), fromDate=day, toDate=day) for day in ("20260504", "20260515")]
    account = facts_of(document(*parts)).of(ACCOUNT)
    assert account is not None
    assert len(account.days) == 2


def test_each_account_has_the_sections_of_its_own_statement() -> None:
    other = {"accountId": "U7654321"}
    text = document(
        statement(trades(trade())),
        statement(cash_rows(cash(**other)), **other, fromDate="20260101"),
    )
    found = facts_of(text)
    assert [each.account for each in found.accounts] == [ACCOUNT, "U7654321"]
    assert (sections_of(found), sections_of(found, "U7654321")) == ({"Trades": 1}, {"CashTransactions": 1})
    assert [each.days for each in found.accounts] == [(MAY,), (days("2026-01-01", "2026-05-31"),)]


def test_in_one_statement_of_several_accounts_each_has_all_sections() -> None:
    rows = [trade(accountId=ACCOUNT), trade(accountId="U7654321")]
    found = facts_of(one_statement(trades(*rows), "<CashTransactions/>", accountId="-"))
    assert sections_of(found) == sections_of(found, "U7654321") == {"CashTransactions": 0, "Trades": 1}


def test_the_futures_segment_is_part_of_its_account() -> None:
    segment = {"accountId": f"{ACCOUNT}F"}
    found = surveyed(document(statement(trades(trade())), statement(cash_rows(cash(**segment)), **segment)))
    join_segments(found, configured=None)
    assert sections_of(facts(found)) == {"CashTransactions": 1, "Trades": 1}


def test_a_segment_in_the_accounts_own_statement_is_part_of_it_too() -> None:
    found = surveyed(one_statement(trades(trade(), trade(accountId=f"{ACCOUNT}F")), "<CashTransactions/>"))
    join_segments(found, configured=None)
    assert -1 in found.accounts[ACCOUNT].parts
    assert sections_of(facts(found)) == {"CashTransactions": 0, "Trades": 2}


@for_each(
    ("first", "last"), [(None, "20260531"), ("20260501", ""), ("20260531", "20260501"), ("05/06/2026", "x")]
)
def test_a_statement_that_does_not_say_its_days_has_none(first: str | None, last: str | None) -> None:
    found = facts_of(one_statement(trades(trade()), fromDate=first, toDate=last))
    account = found.of(ACCOUNT)
    assert account is not None
    assert account.days == ()
    assert account.sections == (SectionFacts(section="Trades", rows=1, days=()),)


def test_rows_that_are_nobodys_are_no_account() -> None:
    nobody = document(statement(trades(trade(accountId=None)), accountId=None))
    assert facts_of(nobody).accounts == ()


def test_days_with_slashes_are_read_in_the_order_of_the_file() -> None:
    row = trade(tradeDate="20/05/2026", dateTime="20/05/2026;103000", reportDate="20/05/2026")
    account = facts_of(one_statement(trades(row), fromDate="01/05/2026", toDate="31/05/2026")).of(ACCOUNT)
    assert account is not None
    assert account.days == (MAY,)


# --- columns ---


def test_only_sections_that_are_booked_have_columns() -> None:
    found = facts_of(one_statement(trades(trade()), positions(position()), cash_rows(cash())))
    assert [each.section for each in found.columns] == ["CashTransactions", "Trades"]
    assert found.columns[1].columns == tuple(sorted(trade()))


def test_rows_that_sum_up_others_say_nothing_of_the_records() -> None:
    assert facts_of(one_statement(section("Trades", "SymbolSummary", {"accountId": ACCOUNT}))).columns == ()


def test_a_record_is_known_by_its_number() -> None:
    assert known_by(trades(trade())) == ("transactionID",)
    assert known_by(cash_rows(cash()), "CashTransactions") == ("transactionID",)


def test_a_column_that_is_empty_in_a_row_is_there_all_the_same() -> None:
    assert known_by(trades(trade(transactionID=""), trade())) == ("transactionID",)


def test_without_its_number_a_trade_is_known_by_that_of_the_deal() -> None:
    bare = trade(transactionID=None)
    assert known_by(trades(bare)) == ("tradeID",)
    del bare["tradeID"]
    assert known_by(trades(bare)) == ("ibExecID",)


def test_what_is_only_sometimes_there_is_no_evidence_of_a_changed_query() -> None:
    # A deposit has no instrument: where blank columns are left out, a range with no dividend has no conid.
    assert known_by(cash_rows(cash(transactionID=None)), "CashTransactions") == ()


def test_what_the_books_need_is_told_from_what_may_go() -> None:
    wanted = ["Trades", "CashTransactions", "CashReport", "OpenPositions", "Adjustments"]
    assert [name for name in wanted if not is_needed(name)] == []
    assert [name for name in ("FxLots", "InterestAccruals", "NewThings") if is_needed(name)] == []
