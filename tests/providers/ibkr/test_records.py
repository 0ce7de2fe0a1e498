from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from broker_sync.errors import ValueFormatError
from broker_sync.providers.ibkr.formats import DayOrder
from broker_sync.providers.ibkr.records import (
    AccountInformation,
    CashReportCurrency,
    CashTransaction,
    ConversionRate,
    EquitySummary,
    OpenPosition,
    Record,
    SecurityInfo,
    Trade,
)
from tests.tables import for_each

from .builders import balance, cash, conversion, position, sale, trade


def test_a_record_keeps_all_that_the_broker_wrote() -> None:
    raw = trade(somethingNew="42")
    assert Trade(raw).raw == raw
    assert Trade(raw).text("somethingNew") == "42"


@for_each("nothing", [None, "", "-", "--", "N/A"])
def test_a_null_is_none_however_it_is_written(nothing: str | None) -> None:
    row = Trade(
        trade(ibCommissionCurrency=nothing, tradeDate=nothing, proceeds=nothing, transactionID=nothing)
    )
    assert row.commission_currency is None
    assert row.trade_date is None
    assert row.proceeds is None
    assert row.transaction_id is None


def test_a_trade_says_what_its_columns_say() -> None:
    row = Trade(sale(taxes="-0.5", tradeMoney="-440"))
    assert (row.asset_category, row.symbol, row.currency, row.buy_sell) == ("STK", "WDGT", "USD", "SELL")
    assert (row.quantity, row.trade_price, row.trade_money) == (Decimal(-4), Decimal(110), Decimal(-440))
    assert (row.proceeds, row.taxes, row.commission) == (Decimal(440), Decimal("-0.5"), Decimal(-1))
    assert (row.net_cash, row.cost, row.multiplier) == (Decimal(439), Decimal("-400.4"), Decimal(1))
    assert (row.trade_date, row.report_date) == (dt.date(2026, 5, 21), dt.date(2026, 5, 21))
    assert (row.transaction_id, row.level_of_detail) == ("9002", "EXECUTION")
    assert row.commission_currency == "USD"


def test_columns_that_were_not_ticked_are_empty() -> None:
    row = Trade({})
    assert (row.asset_category, row.symbol, row.currency, row.buy_sell, row.level_of_detail) == (
        "",
        "",
        "",
        "",
        "",
    )
    assert row.quantity is None
    assert row.codes == frozenset()
    assert not row.is_cancel


@for_each(
    "changes",
    [
        {"buySell": "BUY (Ca.)"},
        {"buySell": "SELL (Ca.)"},
        {"transactionType": "TradeCancel"},
        {"transactionType": "FracShareCancel"},
        {"notes": "Ca"},
        {"notes": "P;Ca"},
        {"notes": None, "code": "Ca"},
        {"notes": "", "code": "Ca;P"},
    ],
)
def test_a_cancellation_is_known_by_any_of_its_marks(changes: dict[str, str | None]) -> None:
    assert Trade(trade(**changes)).is_cancel


@for_each(
    "changes",
    [{}, {"notes": "Co;P"}, {"notes": "Cap"}, {"transactionType": "BookTrade"}, {"description": "(Ca.)"}],
)
def test_other_marks_cancel_nothing(changes: dict[str, str | None]) -> None:
    assert not Trade(trade(**changes)).is_cancel


def test_codes_come_from_whichever_column_has_them() -> None:
    assert Trade(trade(notes="P;AFx")).codes == {"P", "AFx"}
    assert Trade(trade(notes=None, code="O")).codes == {"O"}


def test_days_follow_the_order_of_the_document() -> None:
    raw = trade(reportDate="05/06/2026")
    assert Trade(raw, DayOrder.DAY_FIRST).report_date == dt.date(2026, 6, 5)
    assert Trade(raw, DayOrder.MONTH_FIRST).report_date == dt.date(2026, 5, 6)
    with pytest.raises(ValueFormatError):
        _ = Trade(raw).report_date


def test_a_wrong_number_speaks_up_when_it_is_asked_for() -> None:
    row = Trade(trade(quantity="ten"))
    assert row.trade_price == 100
    with pytest.raises(ValueFormatError):
        _ = row.quantity


@for_each(
    ("changes", "is_summary"),
    [
        ({}, False),
        ({"levelOfDetail": "SUMMARY"}, True),
        ({"levelOfDetail": "Summary"}, True),
        ({"levelOfDetail": None}, False),
        ({"levelOfDetail": None, "accountId": "-", "transactionID": ""}, True),
        ({"levelOfDetail": None, "accountId": "-", "transactionID": None}, True),
        ({"levelOfDetail": "", "accountId": "-"}, False),
        ({"levelOfDetail": None, "transactionID": ""}, False),
        ({"levelOfDetail": "DETAIL", "accountId": "-", "transactionID": ""}, False),
    ],
)
def test_a_sum_of_cash_rows_is_known_as_one(changes: dict[str, str | None], *, is_summary: bool) -> None:
    assert CashTransaction(cash(**changes)).is_summary is is_summary


def test_a_cash_row_says_its_type_and_money() -> None:
    row = CashTransaction(cash(amount="-1,250.50"))
    assert (row.type, row.amount) == ("Dividends", Decimal("-1250.5"))


def test_a_lot_is_part_of_a_position() -> None:
    assert OpenPosition(position(levelOfDetail="LOT")).is_lot
    assert OpenPosition(position(levelOfDetail="Lot")).is_lot
    assert not OpenPosition(position()).is_lot
    assert not OpenPosition(position(levelOfDetail=None)).is_lot


def test_a_position_says_what_it_cost() -> None:
    row = OpenPosition(position())
    assert (row.position, row.mark_price, row.cost_money) == (Decimal(6), Decimal(112), Decimal("600.6"))


def test_the_cost_comes_from_the_unit_cost_where_only_that_was_ticked() -> None:
    assert OpenPosition(position(costBasisMoney=None)).cost_money == Decimal("600.6")
    assert OpenPosition(position(costBasisMoney=None, multiplier="100")).cost_money == Decimal(60060)
    assert OpenPosition(position(costBasisMoney=None, multiplier=None)).cost_money == Decimal("600.6")
    assert OpenPosition(position(costBasisMoney=None, costBasisPrice=None)).cost_money is None
    assert OpenPosition(position(costBasisMoney=None, position=None)).cost_money is None
    assert OpenPosition(position(costBasisMoney="600.6", costBasisPrice="7")).cost_money == Decimal("600.6")


@for_each(
    ("changes", "is_currency"),
    [
        ({}, True),
        ({"levelOfDetail": None}, True),
        ({"currency": "BASE_SUMMARY", "levelOfDetail": "BaseCurrency"}, False),
        ({"currency": "BASE_SUMMARY", "levelOfDetail": None}, False),
        ({"levelOfDetail": "BaseCurrency"}, False),
    ],
)
def test_the_sum_in_base_currency_is_no_currency(
    changes: dict[str, str | None], *, is_currency: bool
) -> None:
    assert CashReportCurrency(balance(**changes)).is_currency is is_currency


def test_a_balance_says_how_it_began_and_ended() -> None:
    row = CashReportCurrency(balance())
    assert (row.starting_cash, row.ending_cash) == (Decimal(2000), Decimal(1438))


@for_each(("text", "rate"), [("1.25", Decimal("1.25")), ("-1", None), ("0", None), ("", None)])
def test_a_missing_rate_is_none(text: str, rate: Decimal | None) -> None:
    assert ConversionRate({"fromCurrency": "USD", "toCurrency": "GBP", "rate": text}).rate == rate


def test_an_equity_row_says_value_and_cash() -> None:
    row = EquitySummary({"total": "1,000.5", "cash": "10"})
    assert (row.total, row.cash) == (Decimal("1000.5"), Decimal(10))


@for_each("kind", [Record, AccountInformation, SecurityInfo])
def test_every_kind_reads_texts_numbers_and_days(kind: type[Record]) -> None:
    row = kind({"name": "A", "rate": "2", "dateOpened": "2020-01-02"})
    assert (row.text("name"), row.number("rate"), row.day("dateOpened")) == (
        "A",
        Decimal(2),
        dt.date(2020, 1, 2),
    )


def test_a_conversion_is_a_trade_like_any_other() -> None:
    assert Trade(conversion()).symbol == "EUR.USD"
