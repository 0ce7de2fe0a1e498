from __future__ import annotations

import pytest

from broker_sync.providers.ibkr.scan import ScanError
from broker_sync.providers.ibkr.statement import PART, PARTS, NotAStatementError, groups

from .builders import (
    HEAD,
    Row,
    account_information,
    cash,
    cash_rows,
    document,
    one_statement,
    section,
    statement,
    trade,
    trades,
)

Flat = list[tuple[int, str, str, Row]]


def flat(text: str) -> Flat:
    """One entry for each row, whichever way they are put into groups."""
    return [
        (group.part, group.section, group.tag, row) for group in groups([text.encode()]) for row in group.rows
    ]


def test_rows_come_in_the_order_of_the_file_with_where_they_are() -> None:
    one, other, paid = trade(), trade(transactionID="2", extra="x"), cash()
    assert flat(one_statement(trades(one, other), cash_rows(paid))) == [
        (-1, "", PARTS, {"count": "1"}),
        (0, "", PART, HEAD),
        (0, "Trades", "", {}),
        (0, "Trades", "Trade", one),
        (0, "Trades", "Trade", other),
        (0, "CashTransactions", "", {}),
        (0, "CashTransactions", "CashTransaction", paid),
    ]


def test_statements_are_counted_from_zero() -> None:
    found = flat(document(statement(trades(trade())), statement(trades(trade()), accountId="U2")))
    assert [(part, tag) for part, _, tag, _ in found if tag in {PART, "Trade"}] == [
        (0, PART), (0, "Trade"), (1, PART), (1, "Trade"),
    ]  # fmt: skip


def test_a_section_without_rows_is_still_a_section() -> None:
    assert (0, "Trades", "", {}) in flat(one_statement("<Trades/>"))
    assert (0, "Trades", "", {}) in flat(one_statement("<Trades></Trades>"))


def test_a_section_that_is_one_element_brings_its_attributes() -> None:
    found = flat(one_statement(account_information(acctAlias="mine")))
    assert found[-1][:3] == (0, "AccountInformation", "")
    assert found[-1][3]["acctAlias"] == "mine"


def test_a_section_with_attributes_of_its_own_keeps_its_rows() -> None:
    found = flat(one_statement('<Trades foo="1"><Trade transactionID="1"/></Trades>'))
    assert found[-2:] == [(0, "Trades", "", {"foo": "1"}), (0, "Trades", "Trade", {"transactionID": "1"})]


def test_what_is_inside_a_row_is_left_out() -> None:
    text = one_statement(
        '<FxPositions><FxLots a="1"><FxLot b="2"><C/></FxLot></FxLots><FxLots/></FxPositions>'
    )
    assert [row for row in flat(text) if row[1] == "FxPositions"] == [
        (0, "FxPositions", "", {}),
        (0, "FxPositions", "FxLots", {"a": "1"}),
        (0, "FxPositions", "FxLots", {}),
    ]


def test_rows_of_several_tags_are_told_apart() -> None:
    text = one_statement(
        '<Trades><Trade transactionID="1"/><Order/><Trade transactionID="2"/><SymbolSummary/></Trades>'
    )
    assert [tag for _, name, tag, _ in flat(text) if name and tag] == [
        "Trade",
        "Order",
        "Trade",
        "SymbolSummary",
    ]


def test_another_document_is_no_statement() -> None:
    with pytest.raises(NotAStatementError) as caught:
        list(groups([b"<Statement><Trades/></Statement>"]))
    assert caught.value.root == "Statement"
    assert str(caught.value) == "its outermost element is Statement, not FlexQueryResponse"


def test_an_empty_element_of_another_name_is_no_statement() -> None:
    with pytest.raises(NotAStatementError):
        list(groups([b"<Statement/>"]))


def test_a_document_that_ends_early_is_an_error() -> None:
    whole = one_statement(trades(trade()))
    with pytest.raises(ScanError):
        flat(whole.removesuffix("</FlexQueryResponse>\n"))


def test_a_document_may_come_in_pieces_of_any_size() -> None:
    text = one_statement(
        section("Trades", "Trade", *(trade(transactionID=str(n)) for n in range(40)))
    ).encode()
    for size in (1, 7, 1000):
        pieces = [text[start : start + size] for start in range(0, len(text), size)]
        found = [row for group in groups(pieces) if group.tag == "Trade" for row in group.rows]
        assert [row["transactionID"] for row in found] == [str(number) for number in range(40)]
