from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from broker_sync.providers.ibkr.identity import Identities
from broker_sync.providers.ibkr.records import CashTransaction, Record, Trade
from tests.tables import for_each

from .builders import Row, cash, trade


def ids(*rows: Row, kind: str = "trade") -> list[str]:
    identities = Identities()
    return [identities.of(kind, Trade(row)) for row in rows]


def id_of(**changes: str | None) -> str:
    return ids(trade(**changes))[0]


NOTHING = ["", "-", "--", "N/A", None]


def test_the_transaction_number_is_the_identity() -> None:
    assert id_of() == "ibkr:trade:9001"


@for_each("nothing", NOTHING)
def test_without_it_the_trade_number_is(nothing: str | None) -> None:
    assert id_of(transactionID=nothing) == "ibkr:trade:8001"


@for_each("nothing", NOTHING)
def test_without_both_the_execution_number_is(nothing: str | None) -> None:
    assert id_of(transactionID=nothing, tradeID=nothing) == "ibkr:trade:0000aaaa.01.01"


@for_each("nothing", NOTHING)
def test_without_any_number_the_content_is(nothing: str | None) -> None:
    found = id_of(transactionID=nothing, tradeID=nothing, ibExecID=nothing)
    assert found.startswith("ibkr:trade:h:")
    assert found.endswith(":1")
    assert found == id_of(transactionID=None, tradeID=None, ibExecID=None)


def test_a_trade_number_on_a_cash_row_names_another_record() -> None:
    row = CashTransaction(cash(transactionID="", tradeID="8001", ibExecID="0000aaaa.01.01"))
    assert Identities().of("cash", row).startswith("ibkr:cash:h:")


def test_a_trade_number_on_a_corporate_action_names_another_record() -> None:
    assert (
        Identities()
        .of("corporate-action", Record({"tradeID": "8001"}))
        .startswith("ibkr:corporate-action:h:")
    )


def test_the_kind_of_record_is_part_of_the_identity() -> None:
    identities = Identities()
    assert identities.of("cash", CashTransaction(cash(transactionID="1"))) == "ibkr:cash:1"
    assert identities.of("transfer", Record({"transactionID": "1"})) == "ibkr:transfer:1"


def test_a_cancellation_has_its_own_identity() -> None:
    original = trade(transactionID="")
    cancelled = trade(transactionID="", buySell="BUY (Ca.)", quantity="-10", proceeds="1000", notes="Ca")
    assert ids(original, cancelled) == ["ibkr:trade:8001", "ibkr:trade:8001:cancel"]
    assert ids(cancelled, original) == ["ibkr:trade:8001:cancel", "ibkr:trade:8001"]


def test_a_cancellation_without_any_trade_number_is_its_execution_or_its_content() -> None:
    original = trade(transactionID="", tradeID="")
    cancelled = trade(
        transactionID="",
        tradeID="",
        ibExecID="",
        buySell="BUY (Ca.)",
        quantity="-10",
        proceeds="1000",
        notes="Ca",
    )
    one, other = ids(original, cancelled)
    assert one == "ibkr:trade:0000aaaa.01.01"
    assert other.startswith("ibkr:trade:h:")


def test_a_cancellation_under_the_same_execution_number_has_its_own_identity() -> None:
    original = trade(transactionID="", tradeID="")
    cancelled = trade(
        transactionID="", tradeID="", buySell="BUY (Ca.)", quantity="-10", proceeds="1000", notes="Ca"
    )
    assert len(set(ids(original, cancelled))) == 2


def test_a_trade_booked_again_under_its_number_is_another_record() -> None:
    original = trade(transactionID="")
    cancelled = trade(transactionID="", buySell="BUY (Ca.)", quantity="-10", proceeds="1000", notes="Ca")
    again = trade(transactionID="", quantity="11", proceeds="-1100")
    found = ids(original, cancelled, again)
    assert len(set(found)) == 3
    assert found[0] == "ibkr:trade:8001"
    assert found[2].startswith("ibkr:trade:8001:")


def test_a_trade_booked_again_in_the_same_words_is_another_record() -> None:
    once = trade(transactionID="", ibExecID="")
    assert ids(once, once, once) == ["ibkr:trade:8001", "ibkr:trade:8001:2", "ibkr:trade:8001:3"]


def test_a_trade_booked_again_with_numbers_of_its_own_keeps_them() -> None:
    assert ids(trade(), trade(transactionID="9009", quantity="11")) == ["ibkr:trade:9001", "ibkr:trade:9009"]


def test_genuine_twins_are_told_apart() -> None:
    twin = trade(transactionID="", tradeID="", ibExecID="")
    first, second, third = ids(
        twin, dict(twin), trade(transactionID="", tradeID="", ibExecID="", quantity="11")
    )
    assert first.endswith(":1")
    assert second == f"{first.removesuffix(':1')}:2"
    assert third.endswith(":1")
    assert third.removesuffix(":1") != first.removesuffix(":1")


NAMELESS = {"transactionID": "", "tradeID": "", "ibExecID": ""}


def test_an_overlapping_statement_gives_the_same_ids() -> None:
    monday = [trade(**NAMELESS, reportDate="20260518") for _ in range(3)]
    tuesday = [
        trade(**NAMELESS, reportDate="20260519"),
        trade(**NAMELESS, reportDate="20260519", quantity="3"),
    ]
    wednesday = [trade(**NAMELESS, reportDate="20260520") for _ in range(2)]
    earlier = ids(*monday, *tuesday)
    later = ids(*tuesday, *wednesday)
    assert earlier[3:] == later[:2]
    assert len(set(earlier) | set(later)) == 7


@given(st.lists(st.sampled_from(["20260518", "20260519"]), max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_a_file_does_not_change_who_is_there(days: list[str], order: random.Random) -> None:
    rows = [trade(**NAMELESS, reportDate=day) for day in days]
    mixed = list(rows)
    order.shuffle(mixed)
    assert sorted(ids(*rows)) == sorted(ids(*mixed))


@for_each(
    "later",
    [
        {"fxRateToBase": "0.79"},
        {"closePrice": "101"},
        {"mtmPnl": "10"},
        {"fifoPnlRealized": "3"},
        {"acctAlias": "mine"},
        {"model": "M"},
        {"cusip": "--"},
        {"origTradeID": "N/A"},
    ],
)
def test_what_the_broker_fills_in_later_is_not_identity(later: dict[str, str]) -> None:
    assert id_of(**NAMELESS) == id_of(**NAMELESS, **later)


@for_each(
    "other", [{"quantity": "11"}, {"dateTime": "20260520;103001"}, {"currency": "EUR"}, {"accountId": "U2"}]
)
def test_what_makes_the_record_is_identity(other: dict[str, str]) -> None:
    assert id_of(**NAMELESS) != id_of(**{**NAMELESS, **other})


def test_the_order_of_the_columns_is_not_identity() -> None:
    row = trade(**NAMELESS)
    assert ids(row) == ids(dict(reversed(row.items())))


def test_a_word_in_place_of_every_number_swallows_nothing() -> None:
    rows = [trade(transactionID="REDACTED", quantity=size) for size in ("10", "20", "10")]
    first, second, twin = ids(*rows)
    assert first == "ibkr:trade:REDACTED"
    assert second.startswith("ibkr:trade:REDACTED:")
    assert twin == "ibkr:trade:REDACTED:2"


def test_a_trade_reported_on_a_later_day_is_told_from_one_of_the_same_number() -> None:
    (dealt,) = ids(trade(transactionID="", reportDate="20260520", tradeDate="20260520"))
    (again,) = ids(trade(transactionID="", reportDate="20260522", tradeDate="20260520"))
    assert (dealt, again) == ("ibkr:trade:8001", "ibkr:trade:8001:2026-05-22")


def test_a_wrong_day_does_not_cost_a_trade_its_identity() -> None:
    assert ids(trade(transactionID="", reportDate="someday")) == ["ibkr:trade:8001"]
