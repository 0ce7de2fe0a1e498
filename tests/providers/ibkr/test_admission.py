from __future__ import annotations

from pathlib import Path

import pytest

from broker_sync.errors import RefusedError
from broker_sync.providers.ibkr import Document, IBKRAccountMismatchError, IBKRError, StatementRefusedError
from broker_sync.providers.ibkr.admission import admit

from .builders import (
    ACCOUNT,
    Text,
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
    trade,
    trades,
)


def refusal(text: str | bytes, *, configured: str | None = None) -> str:
    with pytest.raises(StatementRefusedError) as caught:
        admit([Text(text)], configured=configured)
    assert caught.value.exit_code == 3
    assert isinstance(caught.value, IBKRError)
    assert isinstance(caught.value, RefusedError)
    assert caught.value.document == "statement.xml"
    assert caught.value.reason in str(caught.value)
    return str(caught.value)


WHOLE = one_statement(account_information(), trades(trade()), cash_rows(cash()))


# --- what is not a statement ---


@pytest.mark.parametrize("text", ["", " \n\t", "\ufeff", "\ufeff\n"])
def test_an_empty_file_is_refused(text: str) -> None:
    assert refusal(text) == "statement.xml: it is empty. Nothing was booked. Fetch the statement again."


def test_what_is_not_xml_is_refused_with_how_it_begins() -> None:
    assert refusal('{"error": "busy"}') == (
        """statement.xml: it is not XML, it begins with '{"error": "busy"}'. Nothing was booked. """
        "Set the format of the Flex query to XML."
    )


@pytest.mark.parametrize(
    "text",
    [
        '"BOF","U1234567","Trades","1","20260501"\n"BOA","U1234567"\n',
        "BOF,U1234567\n",
        '"ClientAccountID","CurrencyPrimary"\n',
        "ClientAccountID,CurrencyPrimary\n",
        "Statement,Header,Field Name,Field Value\n",
        '\ufeff"BOF","U1234567"\n',
    ],
)
def test_a_csv_statement_is_refused_as_one(text: str) -> None:
    assert refusal(text) == (
        "statement.xml: it is a CSV statement. Nothing was booked. Set the format of the Flex query to XML."
    )


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE html>\n<html><head><title>Maintenance</title></head><body><p>Back soon<br></body></html>",
        "<html><body>Maintenance</body></html>",
        "<HTML><BODY/></HTML>",
        '<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "x"><html/>',
        "\n\n  <!doctype HTML><html></html>",
    ],
)
def test_a_web_page_is_refused_as_one(text: str) -> None:
    assert refusal(text) == (
        "statement.xml: it is a web page, not a statement. Nothing was booked. "
        "Fetch the statement again. IBKR shows such pages during maintenance."
    )


SERVICE_ERROR = """<FlexStatementResponse timestamp='26 May, 2026 02:00 AM EDT'>
<Status>Fail</Status>
<ErrorCode>1019</ErrorCode>
<ErrorMessage>Statement generation in progress. Please try again shortly.</ErrorMessage>
</FlexStatementResponse>
"""


def test_an_error_of_the_service_is_refused_with_its_code_and_text() -> None:
    assert refusal(SERVICE_ERROR) == (
        "statement.xml: it is an answer of the Flex Web Service, not a statement: "
        "1019 Statement generation in progress. Please try again shortly.. Nothing was booked. "
        "Fetch the statement again."
    )


def test_an_answer_of_the_service_without_an_error_is_no_statement_either() -> None:
    text = "<FlexStatementResponse><Status>Success</Status></FlexStatementResponse>"
    assert "it is an answer of the Flex Web Service, not a statement. Nothing was booked." in refusal(text)


def test_xml_of_another_kind_is_refused_by_name() -> None:
    assert refusal('<?xml version="1.0"?><Statement><Trades/></Statement>') == (
        "statement.xml: it is XML, but not a Flex statement: its outermost element is Statement, not "
        "FlexQueryResponse. Nothing was booked. Use the XML of an Activity Flex query."
    )


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE FlexQueryResponse SYSTEM "http://example.com/x.dtd">',
        '<!DOCTYPE FlexQueryResponse [<!ENTITY a "b">]>',
        '<!DOCTYPE FlexQueryResponse [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    ],
)
def test_a_document_type_is_refused(declaration: str) -> None:
    text = WHOLE.replace("<FlexQueryResponse", f"{declaration}<FlexQueryResponse", 1)
    assert "it declares a document type or entities, which no Flex statement does" in refusal(text)


def test_an_entity_nobody_defined_is_refused() -> None:
    assert "it declares a document type or entities" in refusal(WHOLE.replace("WDGT", "&widget;", 1))


def test_an_ampersand_left_alone_is_refused_with_its_place() -> None:
    text = refusal(WHOLE.replace("Dividends", "Deposits & Withdrawals", 1))
    assert "it is not well-formed XML" in text
    assert "line " in text


@pytest.mark.parametrize("ending", ["</FlexStatements>", "</Trades>", "<Trades>", "</FlexQueryResponse>x"])
def test_broken_xml_is_refused(ending: str) -> None:
    assert refusal(WHOLE.replace("</FlexQueryResponse>", ending))


SMALL = (
    '<FlexQueryResponse queryName="q" type="AF">\n<FlexStatements count="1">\n'
    '<FlexStatement accountId="U1234567" fromDate="20260501" toDate="20260531">\n<Trades>\n'
    '<Trade accountId="U1234567" transactionID="1" symbol="Ä" quantity="1"/>\n</Trades>\n'
    "</FlexStatement>\n</FlexStatements>\n</FlexQueryResponse>"
).encode()


def test_the_small_statement_itself_is_admitted() -> None:
    assert admit([Text(SMALL)], configured=ACCOUNT)


def test_a_statement_cut_off_anywhere_is_refused() -> None:
    for length in range(len(SMALL)):
        with pytest.raises(StatementRefusedError):
            admit([Text(SMALL[:length])], configured=ACCOUNT)


@pytest.mark.parametrize("ending", ["</FlexQueryResponse>", "</Trades>", "transactionID", "</FlexStatement>"])
def test_a_statement_that_was_cut_off_is_refused_as_such(ending: str) -> None:
    cut = SMALL[: SMALL.index(ending.encode())]
    text = refusal(cut)
    assert "statement.xml: it is cut off: " in text
    assert text.endswith("Nothing was booked. Fetch the statement again.")


# --- what is a statement, but not a whole one ---


@pytest.mark.parametrize(
    "text",
    [
        document(),
        '<FlexQueryResponse queryName="q" type="AF"/>',
        '<FlexQueryResponse queryName="q" type="AF"><FlexStatements count="0"/></FlexQueryResponse>',
    ],
)
def test_a_reply_without_a_statement_is_refused(text: str) -> None:
    found = refusal(text)
    assert found.startswith("statement.xml: it has no statement in it. Nothing was booked. ")
    assert "check that it selects an account" in found


def test_a_reply_with_fewer_statements_than_it_says_is_refused() -> None:
    text = refusal(document(statement(trades(trade())), count="3"))
    assert "it says that it holds 3 statements, but has 1" in text
    assert "The download was cut short: fetch it again." in text


def test_a_reply_with_more_statements_than_it_says_is_read() -> None:
    both = statement(trades(trade())), statement(trades(trade(transactionID="5")))
    assert admit([Text(document(*both, count="1"))], configured=ACCOUNT)


@pytest.mark.parametrize("sections", ["", "<Trades/><CashTransactions/>", account_information()])
def test_a_statement_without_any_row_is_refused(sections: str) -> None:
    text = refusal(one_statement(sections))
    assert "it has no rows in any section" in text
    assert "Tick sections" in text


def test_a_statement_that_does_not_say_whose_it_is_is_refused() -> None:
    text = refusal(one_statement(trades(trade(accountId=None)), accountId=None))
    assert "it does not say which account it is of" in text
    assert "Tick Account ID" in text


@pytest.mark.parametrize("name", ["TradeConfirms", "TradeConfirmations"])
def test_trade_confirmations_are_refused(name: str) -> None:
    text = refusal(document(statement(section(name, "TradeConfirm", trade())), kind="TCF"))
    assert "it is a Trade Confirmation query. Nothing was booked. Use an Activity Flex query instead." in text


def test_trade_confirmations_with_the_account_beside_them_are_refused_too() -> None:
    text = document(
        statement(account_information(), section("TradeConfirms", "TradeConfirm", trade())), kind="TCF"
    )
    assert "it is a Trade Confirmation query" in refusal(text)


def test_trade_confirmations_beside_trades_are_let_be() -> None:
    assert admit(
        [Text(one_statement(trades(trade()), section("TradeConfirms", "TradeConfirm", trade())))],
        configured=None,
    )


def test_trade_confirmations_beside_balances_are_let_be() -> None:
    confirmations = section("TradeConfirms", "TradeConfirm", trade())
    for balances_ in (positions(position()), balances(balance())):
        assert admit([Text(one_statement(confirmations, balances_))], configured=ACCOUNT)


SUMMED = cash(levelOfDetail="SUMMARY", accountId="-", transactionID="")


def test_sums_of_cash_without_their_details_are_refused() -> None:
    assert refusal(one_statement(trades(trade()), cash_rows(SUMMED))) == (
        "statement.xml: its Cash Transactions are SUMMARY rows only, which have no identity of their own. "
        "Nothing was booked. Tick Detail in the Cash Transactions section of the Flex query."
    )


def test_sums_of_cash_beside_their_details_are_let_be() -> None:
    assert admit([Text(one_statement(cash_rows(SUMMED, cash())))], configured=ACCOUNT)


def test_the_details_of_one_account_do_not_stand_for_those_of_another() -> None:
    text = document(
        statement(cash_rows(cash(), SUMMED)),
        statement(cash_rows(cash(levelOfDetail="SUMMARY", accountId="U2", transactionID="")), accountId="U2"),
    )
    assert "SUMMARY rows only" in refusal(text)


def test_dates_that_do_not_tell_day_from_month_are_refused() -> None:
    row = trade(tradeDate="05/06/2026", dateTime="05/06/2026;103000", reportDate="05/06/2026")
    text = refusal(one_statement(trades(row), fromDate="05/06/2026", toDate="05/06/2026", whenGenerated=""))
    assert "its dates do not tell the day from the month" in text
    assert "Set the date format of the Flex query to yyyyMMdd." in text


@pytest.mark.parametrize("junk", ["x/y", "1/2", "/", "a/b/c", "1/2/3/4", "99/99/9999", "N/A"])
def test_a_wrong_date_with_slashes_is_a_rejection_of_its_row_not_a_crash(junk: str) -> None:
    text = one_statement(trades(trade(), trade(transactionID="5", reportDate=junk)))
    assert len(admit([Text(text)], configured=ACCOUNT)) == 1


# --- whose it is ---


def test_the_statement_of_another_account_is_refused_by_both_names() -> None:
    with pytest.raises(IBKRAccountMismatchError) as caught:
        admit([Text(WHOLE)], configured="U99999999")
    assert (caught.value.found, caught.value.configured) == (ACCOUNT, "U99999999")
    assert caught.value.exit_code == 3
    text = str(caught.value)
    assert "account U1234567" in text
    assert "configured account is U99999999" in text
    assert "nothing was ingested" in text
    assert "Check IBKR_ACCOUNT_ID_UPSTREAM" in text


def test_every_statement_is_looked_at_not_the_first_only() -> None:
    text = document(statement(trades(trade())), statement(trades(trade(accountId="U2")), accountId="U2"))
    assert "it holds account U2" in refusal(text, configured=ACCOUNT)


@pytest.mark.parametrize("sections", ["", "<Trades/>", account_information(accountId="U2")])
def test_an_empty_statement_of_another_account_is_refused_too(sections: str) -> None:
    text = document(statement(trades(trade())), statement(sections, accountId="U2"))
    assert "it holds account U2" in refusal(text, configured=ACCOUNT)


@pytest.mark.parametrize(
    "sections",
    [
        trades(trade(), trade(accountId="U2")),
        cash_rows(cash(accountId="U2")),
        positions(position(accountId="U2")),
        section("Transfers", "Transfer", {"accountId": "U2"}),
    ],
)
def test_a_row_of_another_account_is_refused(sections: str) -> None:
    assert "it holds account U2" in refusal(one_statement(sections), configured=ACCOUNT)


def test_a_forecast_for_another_account_is_let_be() -> None:
    text = one_statement(trades(trade()), section("InterestAccruals", "Row", {"accountId": "U2"}))
    assert admit([Text(text)], configured=ACCOUNT)


def test_an_alias_in_place_of_the_account_is_named_as_one() -> None:
    text = one_statement(
        account_information(accountId="savings", acctAlias="savings"),
        trades(trade(accountId="savings")),
        accountId="savings",
    )
    found = refusal(text, configured=ACCOUNT)
    assert "it holds account savings" in found
    assert "set 'Display Account Alias in Place of Account ID' to No" in found


def test_an_alias_beside_another_account_is_no_hint() -> None:
    text = one_statement(
        account_information(accountId="U2", acctAlias="mine"), trades(trade()), accountId="U2"
    )
    assert "Alias" not in refusal(text, configured=ACCOUNT)
    bare = one_statement(account_information(accountId="U2"), trades(trade()), accountId="U2")
    assert "Alias" not in refusal(bare, configured=ACCOUNT)


def test_a_statement_that_names_nobody_is_not_the_configured_account() -> None:
    text = document(statement(trades(trade())), statement(trades(trade(accountId=None)), accountId=None))
    assert "it does not say which account it is of" in refusal(text, configured=ACCOUNT)


def test_without_a_configured_account_every_account_is_let_in() -> None:
    text = document(statement(trades(trade())), statement(trades(trade(accountId="U2")), accountId="U2"))
    (admitted,) = admit([Text(text)], configured=None)
    assert list(admitted.survey.accounts) == [ACCOUNT, "U2"]
    assert len(admitted.digest) == 64


def test_one_refused_document_refuses_them_all() -> None:
    with pytest.raises(StatementRefusedError, match=r"^second.xml: it is empty"):
        admit([Text(WHOLE), Text("", "second.xml")], configured=ACCOUNT)


# --- files ---


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "statement.xml"
    path.write_text(WHOLE, encoding="utf-8")
    (admitted,) = admit([Document(path)], configured=ACCOUNT)
    assert admitted.document.name == "statement.xml"
    assert admitted.document.size == len(WHOLE.encode())
    assert admitted.digest == Text(WHOLE).digest()


def test_a_missing_file_is_refused_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "none.xml"
    with pytest.raises(StatementRefusedError) as caught:
        admit([Document(path)], configured=ACCOUNT)
    assert str(caught.value) == (
        f"{path}: the file cannot be read (No such file or directory). Nothing was booked. Check --file."
    )
    with pytest.raises(StatementRefusedError):
        _ = Document(path).size


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StatementRefusedError, match="the file cannot be read"):
        admit([Document(tmp_path)], configured=ACCOUNT)
