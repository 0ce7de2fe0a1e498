"""What ibflex does not know of a statement is listed in full; without ibflex there is nothing to compare."""

from __future__ import annotations

import sys

import pytest

from broker_sync.providers.ibkr.ibflex_view import beyond_ibflex
from broker_sync.providers.ibkr.statement import groups
from broker_sync.report.diagnosis import Beyond

from .builders import account_information, cash, cash_rows, one_statement, section, statement, trade, trades


def beyond(text: str) -> Beyond:
    found = beyond_ibflex(groups([text.encode()]))
    assert found is not None
    return found


def test_a_statement_that_ibflex_knows_has_nothing_beyond_it() -> None:
    found = beyond(one_statement(account_information(), trades(trade()), cash_rows(cash())))
    assert (list(found.sections), dict(found.attributes), dict(found.values)) == ([], {}, {})
    assert found.reader == "ibflex 1.1"


def test_everything_that_is_not_known_is_listed_not_only_the_first() -> None:
    text = one_statement(
        account_information(shoeSize="44"),
        trades(
            trade(orderType="SNAPMID", shoeSize="44", assetCategory="ETF"),
            trade(orderType="PEGMID", orderType2="LMT"),
            trade(orderType="LMT", currency="GBX", notes="P;IPO"),
        ),
        cash_rows(cash(type="Bill Pay"), cash(type="Deposits/Withdrawals")),
        section("Surprises", "Surprise", {"a": "1"}),
        section("FxPositions", "FxPosition", {"a": "1"}),
    )
    found = beyond(text)
    assert list(found.sections) == ["Surprises", "FxPositions/FxPosition"]
    assert dict(found.attributes) == {
        "AccountInformation": ["shoeSize"],
        "Trade": ["shoeSize", "orderType2"],
    }
    assert dict(found.values) == {
        "Trade.assetCategory": ["ETF"],
        "Trade.orderType": ["SNAPMID", "PEGMID"],
        "Trade.currency": ["GBX"],
        "Trade.notes": ["P;IPO"],
        "CashTransaction.type": ["Bill Pay"],
    }


def test_many_unknown_values_are_not_listed_without_end() -> None:
    rows = [trade(orderType=f"T{number:02}") for number in range(50)]
    assert len(beyond(one_statement(trades(*rows))).values["Trade.orderType"]) == 20


def test_a_broken_document_is_compared_up_to_where_it_breaks() -> None:
    text = one_statement(trades(trade(orderType="SNAPMID")), "<CashReport>")
    assert list(beyond(text.partition("<CashReport>")[0]).values) == ["Trade.orderType"]
    assert beyond("<html/>").values == {}


def test_an_empty_section_is_known_by_its_name() -> None:
    assert beyond(one_statement("<Trades/>", "<Surprises/>")).sections == ["Surprises"]


def test_without_ibflex_there_is_nothing_to_compare(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ibflex", None)
    assert beyond_ibflex(groups([statement().encode()])) is None
