from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import partial
from zoneinfo import ZoneInfo

from hypothesis import given

from broker_sync.contracts import Rejection
from broker_sync.models import ActivityType, AssetClass
from broker_sync.providers.ibkr.instruments import ASSET_CLASSES
from broker_sync.providers.ibkr.mapping_trades import TRADE_MAPPINGS
from tests.tables import for_each

from . import rows
from .builders import (
    D,
    Row,
    booked,
    context,
    conversion,
    map_trade_row,
    rejected,
    sale,
    trade,
)
from .own_word import assert_booked_as_told, cash_of, units_of

Leg = tuple[str, ActivityType, str, Decimal | None]

BUY, SELL, FEE, CREDIT = ActivityType.BUY, ActivityType.SELL, ActivityType.FEE, ActivityType.CREDIT
DIVIDEND = ActivityType.DIVIDEND
OUT, IN = ActivityType.TRANSFER_OUT, ActivityType.TRANSFER_IN


def legs(row: Row) -> list[Leg]:
    return [
        (leg.external_id.removeprefix("ibkr:trade:1"), leg.activity_type, leg.currency, leg.amount)
        for leg in booked(map_trade_row(row))
    ]


def reason(row: Row) -> str:
    return rejected(map_trade_row(row)).reason


# --- shares ---


def test_a_purchase_says_what_it_cost_in_all() -> None:
    (bought,) = booked(map_trade_row(trade(taxes="-5", netCash="-1006")))
    assert (bought.activity_type, bought.quantity, bought.unit_price) == (BUY, D(10), D(100))
    assert (bought.amount, bought.fee, bought.currency, bought.symbol) == (D(1006), D(6), "USD", "WDGT")
    assert (bought.external_id, bought.record_id, bought.group_id) == ("ibkr:trade:1", "ibkr:trade:1", None)
    assert (bought.subtype, bought.booked_on) == (None, dt.date(2026, 5, 20))
    assert bought.date == dt.datetime(2026, 5, 20, 14, 30, tzinfo=dt.UTC)
    assert bought.instrument is not None
    assert (bought.account_id, bought.instrument.conid) == ("tracker-1", "1001")


def test_a_sale_says_what_it_brought_in_all() -> None:
    (sold,) = booked(map_trade_row(sale()))
    assert (sold.activity_type, sold.quantity, sold.unit_price) == (SELL, D(4), D(110))
    assert (sold.amount, sold.fee) == (D(439), D(1))


def test_a_sale_written_without_a_sign_is_a_sale() -> None:
    plain: Row = {
        "tradeID": "T1", "tradeDate": "2026-05-23", "tradeTime": "11:00:00 BST", "symbol": "WDGT",
        "buySell": "SELL", "quantity": "2", "tradePrice": "108.00", "currency": "GBP", "ibCommission":
        "-0.30", "assetCategory": "ETF",
    }  # fmt: skip
    (sold,) = booked(map_trade_row(plain))
    assert (sold.activity_type, sold.quantity, sold.amount, sold.fee) == (SELL, D(2), D("215.70"), D("0.30"))
    assert sold.date == dt.datetime(2026, 5, 23, 10, tzinfo=dt.UTC)
    assert sold.symbol == "WDGT.L"


def test_the_side_need_not_be_ticked() -> None:
    assert legs(sale(buySell=None)) == [("", SELL, "USD", D(439))]
    assert legs(trade(buySell="")) == [("", BUY, "USD", D(1001))]


@for_each("nothing", ["-", "--", "N/A"])
def test_a_side_that_says_nothing_is_no_contradiction(nothing: str) -> None:
    assert legs(trade(buySell=nothing)) == [("", BUY, "USD", D(1001))]


@for_each("category", ["STK", "ETF", "FUND"])
def test_fractions_are_booked_to_their_last_digit(category: str) -> None:
    row = trade(
        assetCategory=category,
        quantity="18.3553",
        tradePrice="0.1234",
        proceeds="-2.26504402",
        netCash="-3.26504402",
    )
    (bought,) = booked(map_trade_row(row))
    assert (bought.quantity, bought.amount) == (D("18.3553"), D("3.26504402"))


# --- cancellations ---

CANCEL = {
    "buySell": "BUY (Ca.)",
    "transactionType": "TradeCancel",
    "notes": "Ca",
    "quantity": "-10",
    "proceeds": "1000",
}


def test_a_cancelled_purchase_gives_the_shares_back() -> None:
    row = trade(**CANCEL, ibCommission="0", netCash="1000")
    (taken_back,) = booked(map_trade_row(row))
    assert (taken_back.activity_type, taken_back.subtype) == (SELL, "CANCELLATION")
    assert (taken_back.quantity, taken_back.amount, taken_back.fee) == (D(10), D(1000), D(0))


def test_a_cancellation_may_refund_the_commission() -> None:
    row = trade(**CANCEL, ibCommission="1", netCash="1001")
    assert legs(row) == [("", SELL, "USD", D(1000)), (":rebate", CREDIT, "USD", D(1))]
    refund = booked(map_trade_row(row))[1]
    assert (refund.subtype, refund.group_id, refund.record_id) == (
        "COMMISSION_REBATE",
        "ibkr:trade:1",
        "ibkr:trade:1",
    )


def test_a_cancelled_sale_takes_the_money_back() -> None:
    row = sale(
        buySell="SELL (Ca.)", notes="Ca", quantity="4", proceeds="-440", ibCommission="0", netCash="-440"
    )
    assert legs(row) == [("", BUY, "USD", D(440))]


def test_a_purchase_cancelled_and_booked_again_leaves_the_new_one_only() -> None:
    original, again = trade(), trade(quantity="11", proceeds="-1100", netCash="-1100", ibCommission="0")
    cancelled = trade(**CANCEL, ibCommission="0", netCash="1000")
    activities = [leg for row in (original, cancelled, again) for leg in booked(map_trade_row(row))]
    assert cash_of(activities) == {"USD": D(-1101)}
    assert units_of(activities) == 11


@for_each(
    "row",
    [
        trade(quantity="-10", proceeds="1000", netCash="999"),
        trade(buySell="BUY (Ca.)", notes="Ca"),
        trade(buySell="BUY", notes="Ca"),
        sale(buySell="SELL (Ca.)", notes="Ca"),
    ],
    ids=[
        "bought with a minus",
        "cancelled with a plus",
        "marked as cancelled with a plus",
        "sale cancelled with a minus",
    ],
)
def test_a_side_that_contradicts_its_sign_is_not_guessed(row: Row) -> None:
    assert "side and sign contradict each other" in reason(row)


# --- charges ---


def test_a_rebate_on_a_purchase_is_a_credit_of_its_own() -> None:
    assert legs(trade(ibCommission="0.25", netCash="-999.75")) == [
        ("", BUY, "USD", D(1000)),
        (":rebate", CREDIT, "USD", D("0.25")),
    ]


def test_a_sale_that_brings_less_than_its_charges_is_booked_in_two() -> None:
    row = sale(quantity="-1", tradePrice="0.5", proceeds="0.5", netCash="-0.5")
    assert legs(row) == [("", SELL, "USD", D("0.5")), (":fee", FEE, "USD", D(1))]


def test_a_commission_in_another_currency_stays_in_it() -> None:
    row = trade(taxes="-2", ibCommissionCurrency="GBP", netCash="-1002")
    assert legs(row) == [("", BUY, "USD", D(1002)), (":fee", FEE, "GBP", D(1))]
    fee = booked(map_trade_row(row))[1]
    assert (fee.subtype, fee.symbol, fee.fee) == ("COMMISSION", "WDGT", D(0))


def test_a_rebate_in_another_currency_is_money_in() -> None:
    row = trade(ibCommission="0.5", ibCommissionCurrency="GBP", netCash="-1000")
    assert legs(row) == [("", BUY, "USD", D(1000)), (":rebate", CREDIT, "GBP", D("0.5"))]


def test_charges_in_two_currencies_have_an_id_each() -> None:
    row = trade(taxes="2", ibCommissionCurrency="GBP", netCash="-998")
    found = booked(map_trade_row(row))
    assert len({leg.external_id for leg in found}) == len(found) == 3
    assert cash_of(found) == {"USD": D(-998), "GBP": D(-1)}


def test_a_commission_without_a_currency_is_the_trades() -> None:
    assert legs(trade(ibCommissionCurrency=None)) == [("", BUY, "USD", D(1001))]


def test_what_was_charged_is_seen_from_the_cash_where_it_was_not_ticked() -> None:
    (bought,) = booked(map_trade_row(trade(ibCommission=None, taxes=None, netCash="-1003.5")))
    assert (bought.amount, bought.fee) == (D("1003.5"), D("3.5"))


def test_nothing_told_of_charges_is_no_charge() -> None:
    (bought,) = booked(map_trade_row(trade(ibCommission=None, taxes=None, netCash=None)))
    assert (bought.amount, bought.fee) == (D(1000), D(0))


def test_a_cash_figure_that_contradicts_its_parts_is_not_booked() -> None:
    assert (
        reason(trade(netCash="-1001.01"))
        == "netCash -1001.01 is not proceeds -1000 plus taxes and commission -1"
    )


def test_a_cash_figure_off_by_rounding_is_the_one_that_counts() -> None:
    assert cash_of(booked(map_trade_row(trade(netCash="-1001.004")))) == {"USD": D("-1001.004")}
    assert "netCash" in reason(trade(netCash="-1001.006"))


# --- what the query left out ---


def test_a_missing_price_follows_from_money_and_units() -> None:
    (bought,) = booked(map_trade_row(trade(tradePrice=None)))
    assert bought.unit_price == 100
    (sold,) = booked(map_trade_row(sale(tradePrice="")))
    assert sold.unit_price == 110


@for_each("money", ["1000", "-1000"])
def test_missing_proceeds_follow_from_the_trade_money(money: str) -> None:
    assert legs(trade(proceeds=None, tradeMoney=money)) == [("", BUY, "USD", D(1001))]
    (sold,) = booked(map_trade_row(sale(proceeds=None, tradeMoney="440")))
    assert sold.amount == 439


def test_missing_money_follows_from_price_and_units() -> None:
    assert legs(trade(proceeds=None, netCash=None)) == [("", BUY, "USD", D(1001))]
    assert legs(trade(proceeds=None, netCash=None, multiplier="")) == [("", BUY, "USD", D(1001))]


@for_each(
    ("row", "text"),
    [
        (trade(quantity=""), "the row has no quantity"),
        (trade(quantity="0"), "the quantity is zero"),
        (trade(proceeds="", tradePrice=""), "the row has no proceeds, tradeMoney or tradePrice"),
        (trade(currency=""), "the row has no currency"),
        (trade(currency=None), "the row has no currency"),
        (trade(currency="GBX"), "the currency 'GBX' is not one that an account can hold"),
        (trade(ibCommissionCurrency="GBX"), "the currency 'GBX' is not one that an account can hold"),
        (trade(conid="", symbol="", isin=""), "the row names no instrument"),
        (trade(dateTime="", tradeDate="", reportDate=""), "the row has neither dateTime nor tradeDate"),
        (trade(dateTime="", tradeDate=""), "the row has neither dateTime nor tradeDate"),
        (trade(quantity="ten"), "'ten' is not a number"),
        (trade(reportDate="20261301"), "'20261301' is not a date or a date with time"),
        (trade(assetCategory=""), "trades of asset category (none) are not known"),
        (trade(assetCategory=None), "trades of asset category (none) are not known"),
        (trade(assetCategory="NEW"), "trades of asset category NEW are not known"),
        (
            trade(proceeds="1000", netCash="999"),
            "a quantity of 10 with proceeds of 1000: the signs contradict each other",
        ),
    ],
)
def test_a_row_that_does_not_say_enough_is_not_booked(row: Row, text: str) -> None:
    outcome = rejected(map_trade_row(row))
    assert outcome.reason == text
    assert outcome.raw == row
    assert (outcome.external_id, outcome.section) == ("ibkr:trade:1", "Trades")


def test_what_nobody_knows_is_named_with_its_quantity() -> None:
    outcome = rejected(map_trade_row(trade(assetCategory="NEW")))
    assert outcome.quantity == 10
    assert outcome.instrument is not None
    assert (outcome.instrument.asset_class, outcome.booked_on) == (AssetClass.OTHER, dt.date(2026, 5, 20))


def test_every_category_with_a_class_has_a_mapping() -> None:
    assert {*ASSET_CLASSES, "CASH"} == set(TRADE_MAPPINGS)


def test_a_rejected_sale_still_says_what_it_did_to_the_position() -> None:
    assert rejected(map_trade_row(sale(assetCategory="NEW", quantity="4"))).quantity == -4
    assert rejected(map_trade_row(trade(currency="GBX"))).quantity == 10


@for_each("changes", [{"quantity": ""}, {"quantity": "0"}, {"quantity": "x"}, {"quantity": "-10"}])
def test_a_rejected_row_without_a_clear_quantity_says_none(changes: Row) -> None:
    assert rejected(map_trade_row(trade(assetCategory="NEW", **changes))).quantity is None


@for_each("column", ["reportDate", "tradeDate", "dateTime", "date", "settleDate"])
def test_a_rejected_row_has_the_first_day_that_it_says(column: str) -> None:
    undated = trade(assetCategory="NEW", reportDate=None, tradeDate=None, dateTime=None)
    assert rejected(map_trade_row(undated)).booked_on is None
    assert rejected(map_trade_row({**undated, column: "20260519"})).booked_on == dt.date(2026, 5, 19)


def test_a_rejected_row_with_a_wrong_day_has_none() -> None:
    assert rejected(map_trade_row(trade(reportDate="x"))).booked_on is None


def test_a_trade_without_a_report_date_is_booked_on_its_trading_day() -> None:
    for nothing in (None, "", "-", "--", "N/A"):
        (bought,) = booked(map_trade_row(trade(reportDate=nothing, dateTime="20260520;213000")))
        assert bought.booked_on == dt.date(2026, 5, 20)
        assert bought.date == dt.datetime(2026, 5, 21, 1, 30, tzinfo=dt.UTC)


def test_the_zone_of_the_account_moves_the_moment_not_the_booking() -> None:
    sydney = partial(context, zone=ZoneInfo("Australia/Sydney"))
    (bought,) = booked(map_trade_row(trade(dateTime="20260520;083000"), within=sydney))
    assert bought.date == dt.datetime(2026, 5, 19, 22, 30, tzinfo=dt.UTC)
    assert bought.booked_on == dt.date(2026, 5, 20)


# --- what is dealt by contract, in percent, or on margin ---

OPTION: Row = {
    "assetCategory": "OPT", "symbol": "WDGT  260619C00100000", "conid": "2001", "isin": "",
    "multiplier": "100", "quantity": "2", "tradePrice": "1.5", "proceeds": "-300", "netCash": "-301",
}  # fmt: skip
BOND: Row = {
    "assetCategory": "BOND", "symbol": "WDGT 5 05/21/30", "conid": "2002", "isin": "US0000002002",
    "quantity": "2000", "tradePrice": "100.475", "proceeds": "-2009.5", "netCash": "-2010.5",
}  # fmt: skip
FUTURE: Row = {
    "assetCategory": "FUT", "symbol": "ESM6", "conid": "2003", "isin": "", "multiplier": "50",
    "quantity": "1", "tradePrice": "5000", "proceeds": "-250000", "ibCommission": "-2.1", "netCash": "123.9",
}  # fmt: skip


@for_each("category", ["OPT", "FOP", "FSOPT", "FSFOP", "WAR", "IOPT", "CRYPTO", "CMDTY"])
def test_what_is_paid_in_full_is_booked_like_a_share(category: str) -> None:
    row = trade(**{**OPTION, "assetCategory": category})
    assert legs(row) == [("", BUY, "USD", D(301))]
    (bought,) = booked(map_trade_row(row))
    assert (bought.quantity, bought.unit_price) == (D(2), D("1.5"))


def test_the_money_of_an_option_is_by_the_contract() -> None:
    without = {**OPTION, "proceeds": "", "netCash": ""}
    assert legs(trade(**without)) == [("", BUY, "USD", D(301))]
    assert "neither proceeds nor multiplier" in reason(trade(**{**without, "multiplier": ""}))
    (priced,) = booked(map_trade_row(trade(**{**OPTION, "tradePrice": ""})))
    assert priced.unit_price == D("1.5")


@for_each(
    ("code", "subtype"), [("A", "ASSIGNMENT"), ("Ex;P", "EXERCISE"), ("Ep", "EXPIRATION"), ("P;O", None)]
)
def test_an_option_that_ends_says_how(code: str, subtype: str | None) -> None:
    ended = {
        **OPTION,
        "quantity": "-2",
        "tradePrice": "0",
        "proceeds": "-0",
        "netCash": "0",
        "ibCommission": "0",
    }
    (closed,) = booked(map_trade_row(trade(**ended, buySell="SELL", transactionType="BookTrade", notes=code)))
    assert (closed.activity_type, closed.amount, closed.subtype) == (SELL, D(0), subtype)


def test_a_bond_is_priced_in_percent_of_its_face() -> None:
    assert legs(trade(**BOND)) == [("", BUY, "USD", D("2010.5"))]
    assert legs(trade(**{**BOND, "proceeds": "", "netCash": ""})) == [("", BUY, "USD", D("2010.5"))]
    (priced,) = booked(map_trade_row(trade(**{**BOND, "tradePrice": ""})))
    assert priced.unit_price == D("100.475")


@for_each(("net", "kind"), [("-2030.5", FEE), ("-1990.5", DIVIDEND)])
def test_accrued_interest_in_the_cash_of_a_bond_is_apart(net: str, kind: ActivityType) -> None:
    row = trade(**{**BOND, "netCash": net}, accruedInt="-20")
    assert legs(row) == [("", BUY, "USD", D("2010.5")), (":interest", kind, "USD", D(20))]
    assert "netCash" in reason(trade(**{**BOND, "netCash": net}, accruedInt="-19"))
    assert "netCash" in reason(trade(**{**BOND, "netCash": net}))
    assert "netCash" in reason(trade(netCash="-1021", accruedInt="-20")), "a share bears none"


@for_each("category", ["FUT", "CFD", "FXCFD"])
def test_of_a_contract_on_margin_only_the_cash_is_money(category: str) -> None:
    row = trade(**{**FUTURE, "assetCategory": category})
    assert legs(row) == [
        ("", ActivityType.ADD_HOLDING, "USD", None),
        (":margin", CREDIT, "USD", D(126)),
        (":fee", FEE, "USD", D("2.1")),
    ]
    assert_booked_as_told("Trade", row, booked(map_trade_row(row)))


def test_a_contract_sold_on_margin_leaves_the_account() -> None:
    row = trade(**{**FUTURE, "quantity": "-1", "netCash": "-12.1"}, buySell="SELL")
    assert legs(row) == [
        ("", ActivityType.REMOVE_HOLDING, "USD", None),
        (":margin", FEE, "USD", D(10)),
        (":fee", FEE, "USD", D("2.1")),
    ]


def test_a_contract_on_margin_that_moved_no_money_is_a_position_and_its_fee() -> None:
    row = trade(**{**FUTURE, "netCash": "0"}, ibCommissionCurrency="GBP")
    assert legs(row) == [("", ActivityType.ADD_HOLDING, "USD", None), (":fee", FEE, "GBP", D("2.1"))]
    assert_booked_as_told("Trade", row, booked(map_trade_row(row)))
    assert "netCash" in reason(trade(**{**FUTURE, "netCash": ""}))


# --- conversions ---


@for_each(
    ("row", "expected"),
    [
        (
            conversion(),
            [(":out", OUT, "USD", D(1100)), (":in", IN, "EUR", D(1000)), (":fee", FEE, "GBP", D(2))],
        ),
        (
            conversion(buySell="SELL", quantity="-1000", proceeds="1100"),
            [(":out", OUT, "EUR", D(1000)), (":in", IN, "USD", D(1100)), (":fee", FEE, "GBP", D(2))],
        ),
        (
            conversion(ibCommissionCurrency="EUR"),
            [(":out", OUT, "USD", D(1100)), (":in", IN, "EUR", D(1000)), (":fee", FEE, "EUR", D(2))],
        ),
        (
            conversion(ibCommissionCurrency="USD", taxes="-0.5"),
            [(":out", OUT, "USD", D(1100)), (":in", IN, "EUR", D(1000)), (":fee", FEE, "USD", D("2.5"))],
        ),
        (
            conversion(taxes="-0.5"),
            [
                (":out", OUT, "USD", D(1100)),
                (":in", IN, "EUR", D(1000)),
                (":fee", FEE, "GBP", D(2)),
                (":fee2", FEE, "USD", D("0.5")),
            ],
        ),
        (
            conversion(ibCommission="0", ibCommissionCurrency=""),
            [(":out", OUT, "USD", D(1100)), (":in", IN, "EUR", D(1000))],
        ),
        (
            conversion(ibCommission="0.1"),
            [
                (":out", OUT, "USD", D(1100)),
                (":in", IN, "EUR", D(1000)),
                (":rebate", CREDIT, "GBP", D("0.1")),
            ],
        ),
        (
            conversion(proceeds=None),
            [(":out", OUT, "USD", D(1100)), (":in", IN, "EUR", D(1000)), (":fee", FEE, "GBP", D(2))],
        ),
        (
            conversion(currency=None, quantity="0.12345678", proceeds="-0.135802458", ibCommission=""),
            [(":out", OUT, "USD", D("0.135802458")), (":in", IN, "EUR", D("0.12345678"))],
        ),
    ],
    ids=["buys", "sells", "base pays", "quote pays", "taxed", "free", "rebate", "by price", "eight digits"],
)
def test_a_conversion_moves_both_currencies(row: Row, expected: list[Leg]) -> None:
    assert legs(row) == expected


@for_each(("side", "quantity"), [("BUY", "0.001"), ("SELL", "-0.001")])
def test_a_conversion_too_small_to_bring_anything_is_booked(side: str, quantity: str) -> None:
    row = conversion(buySell=side, quantity=quantity, proceeds="0", ibCommission="0")
    assert cash_of(booked(map_trade_row(row))) == {"EUR": D(quantity)}


def test_the_legs_of_a_conversion_belong_together() -> None:
    found = booked(map_trade_row(conversion()))
    assert {leg.group_id for leg in found} == {leg.record_id for leg in found} == {"ibkr:trade:1"}
    assert {leg.symbol for leg in found} == {None}
    assert {leg.instrument for leg in found} == {None}
    assert [leg.subtype for leg in found] == ["CONVERSION", "CONVERSION", "COMMISSION"]
    assert found[0].comment == "EUR.USD at 1.1"


def test_a_conversion_without_a_price_says_so() -> None:
    assert booked(map_trade_row(conversion(tradePrice=None)))[0].comment == "EUR.USD at ?"


def test_a_cancelled_conversion_goes_the_other_way() -> None:
    row = conversion(buySell="BUY (Ca.)", notes="Ca", quantity="-1000", proceeds="1100", ibCommission="0")
    assert cash_of(booked(map_trade_row(row))) == {"EUR": D(-1000), "USD": D(1100)}


@for_each(
    ("changes", "text"),
    [
        ({"symbol": "EURUSD"}, "'EURUSD' is not a pair of currencies"),
        ({"symbol": "EUR.USDT"}, "the currency 'USDT' is not one that an account can hold"),
        ({"symbol": ".USD"}, "the row has no currency"),
        ({"currency": "GBP"}, "EUR.USD settles in USD, but the row's currency is GBP"),
        ({"proceeds": "1100"}, "1000 EUR against 1100 USD: both legs go the same way"),
        (
            {"ibCommissionCurrency": None},
            "the commission has no currency: tick IB Commission Currency in the Flex query",
        ),
        ({"ibCommissionCurrency": "GBX"}, "the currency 'GBX' is not one that an account can hold"),
        ({"quantity": "0"}, "the quantity is zero"),
        ({"dateTime": "", "tradeDate": ""}, "the row has neither dateTime nor tradeDate"),
    ],
)
def test_a_conversion_that_does_not_say_enough_is_not_booked(
    changes: dict[str, str | None], text: str
) -> None:
    outcome = rejected(map_trade_row(conversion(**changes)))
    assert outcome.reason == text
    assert outcome.quantity is None, "currencies are no positions"


# --- for every row that is booked ---


@given(rows.share_trades())
def test_a_booked_share_does_what_its_row_says(row: Row) -> None:
    outcome = map_trade_row(row)
    if isinstance(outcome, Rejection):
        assert outcome.raw == row
        return
    assert_booked_as_told("Trade", row, outcome)
    assert len({leg.external_id for leg in outcome}) == len(outcome)
    assert {leg.record_id for leg in outcome} == {outcome[0].external_id} == {"ibkr:trade:1"}
    if row.get("tradePrice", "") not in {"", "-", "--"}:
        assert outcome[0].unit_price == Decimal(row["tradePrice"])


@given(rows.conversions())
def test_a_booked_conversion_does_what_its_row_says(row: Row) -> None:
    assert_booked_as_told("Trade", row, booked(map_trade_row(row)))


@for_each("row", [trade(), sale(), conversion()], ids=["purchase", "sale", "conversion"])
def test_no_text_in_any_column_does_worse_than_a_rejection(row: Row) -> None:
    outcomes = [(spoilt, map_trade_row(spoilt)) for spoilt in rows.spoilt(row)]
    for spoilt, outcome in outcomes:
        if isinstance(outcome, Rejection):
            assert outcome.raw == spoilt
            assert outcome.reason
        else:
            assert_booked_as_told("Trade", spoilt, outcome)
    assert sum(isinstance(outcome, Rejection) for _, outcome in outcomes) > 100


@for_each("zone", ["America/New_York", "Asia/Tokyo"])
@for_each("stamp", ["99991231;235959", "00010101;000000", "20260521;143000 +9999"])
def test_a_moment_that_no_calendar_has_is_a_rejection(stamp: str, zone: str) -> None:
    row = trade(dateTime=stamp, tradeDate=stamp[:8], reportDate="20260520")
    outcome = map_trade_row(row, within=partial(context, zone=ZoneInfo(zone)))
    assert isinstance(outcome, Rejection) or outcome[0].date.tzinfo is dt.UTC
