from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker_sync.contracts import Rejection
from broker_sync.models import Activity, ActivityType
from broker_sync.providers.ibkr.formats import DayOrder
from broker_sync.providers.ibkr.mapping import map_record
from broker_sync.providers.ibkr.records_transfers import StockGrant, TradeTransfer

from . import corpus, rows
from .builders import (
    ACCOUNT,
    WIDGET,
    D,
    Row,
    booked,
    changed,
    context,
    one_statement,
    position,
    positions,
    read,
    rejected,
    section,
)
from .own_word import ZERO, added, cash_of, told, units_of

BUY, SELL, FEE = ActivityType.BUY, ActivityType.SELL, ActivityType.FEE
IN, OUT = ActivityType.TRANSFER_IN, ActivityType.TRANSFER_OUT
ADD, REMOVE = ActivityType.ADD_HOLDING, ActivityType.REMOVE_HOLDING

GRANTED = "Stock Award Grant for Cash Deposit"
RETURNED = "Stock Award Return for Cash Withdrawal"
VESTED = "Stock Award Vesting"

# --- grants ---


def grant(**changes: str | None) -> Row:
    """2.6454 shares for having brought money."""
    return changed(
        {
            "accountId": ACCOUNT,
            **WIDGET,
            "reportDate": "2026-05-12",
            "activityDescription": GRANTED,
            "awardDate": "2026-05-11",
            "vestingDate": "2027-05-11",
            "quantity": "2.6454",
            "price": "204.51",
            "value": "541.01",
        },
        changes,
    )


def granted(row: Row) -> list[Activity] | Rejection:
    return map_record("ibkr:stock-grant:1", "StockGrantActivities", StockGrant(row), context())


def test_a_grant_brings_shares_and_no_money() -> None:
    (given_shares,) = booked(granted(grant()))
    assert (given_shares.activity_type, given_shares.subtype) == (ADD, "STOCK_GRANT")
    assert (given_shares.quantity, given_shares.unit_price, given_shares.amount) == (
        D("2.6454"),
        D("204.51"),
        None,
    )
    assert (given_shares.symbol, given_shares.currency, given_shares.comment) == ("WDGT", "USD", GRANTED)
    assert (given_shares.booked_on, given_shares.fee) == (dt.date(2026, 5, 12), D(0))
    assert given_shares.instrument is not None
    assert given_shares.account_id == "tracker-1"
    assert cash_of([given_shares]) == {}


def test_money_that_leaves_early_takes_its_shares_along() -> None:
    (taken,) = booked(granted(grant(activityDescription=RETURNED, quantity="-1.2")))
    assert (taken.activity_type, taken.subtype, taken.quantity) == (REMOVE, "STOCK_GRANT_RETURN", D("1.2"))
    assert units_of([taken]) == D("-1.2")


def test_shares_are_held_from_their_grant_on_and_not_again_when_they_vest() -> None:
    vested = grant(activityDescription=VESTED, reportDate="2026-05-30")
    given_and_vested = section("StockGrantActivities", "StockGrantActivity", grant(), vested)
    found = read(one_statement(given_and_vested, positions(position(position="2.6454"))))
    assert found.counts["StockGrantActivities"] == (2, 1, 1, 0)
    assert found.opened_with == {}


@pytest.mark.parametrize("price", ["0", "--", None])
def test_a_price_that_is_not_told_is_not_zero(price: str | None) -> None:
    assert booked(granted(grant(price=price)))[0].unit_price is None


def test_without_a_report_date_the_day_is_that_of_the_award() -> None:
    assert booked(granted(grant(reportDate=None)))[0].booked_on == dt.date(2026, 5, 11)


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (
            grant(activityDescription="Employee Plan"),
            "stock grant activities called 'Employee Plan' are not known",
        ),
        (grant(activityDescription=None), "stock grant activities called '(nothing)' are not known"),
        (grant(quantity="-1"), f"{GRANTED} of -1 shares: the words and the sign contradict each other"),
        (grant(quantity="0"), f"{GRANTED} of 0 shares: the words and the sign contradict each other"),
        (
            grant(activityDescription=RETURNED),
            f"{RETURNED} of 2.6454 shares: the words and the sign contradict each other",
        ),
        (
            grant(activityDescription=RETURNED, quantity="0"),
            f"{RETURNED} of 0 shares: the words and the sign contradict each other",
        ),
        (grant(quantity=""), "the row has no quantity"),
        (grant(conid="", isin="", symbol=""), "the row names no instrument"),
        (grant(currency=""), "the row has no currency"),
        (grant(reportDate="", awardDate=""), "the row has neither reportDate nor awardDate"),
    ],
)
def test_a_grant_that_does_not_say_enough_is_not_booked(row: Row, text: str) -> None:
    outcome = rejected(granted(row))
    assert outcome.reason == text
    assert outcome.raw == row


@given(size=rows.SIZES, gives=st.booleans())
def test_a_booked_grant_moves_what_it_says(size: Decimal, *, gives: bool) -> None:
    quantity = size if gives else -size
    row = grant(quantity=rows.plain(quantity), activityDescription=GRANTED if gives else RETURNED)
    activities = booked(granted(row))
    assert (units_of(activities), cash_of(activities)) == (quantity, {})


# --- trades made at another broker ---


def delivery(**changes: str | None) -> Row:
    """100 WDGT bought at another broker and received against payment."""
    return changed(
        {
            "accountId": ACCOUNT,
            **WIDGET,
            "multiplier": "1",
            "tradeID": "8101",
            "transactionID": "4001",
            "transactionType": "DvpTrade",
            "direction": "From",
            "deliveredReceived": "Received",
            "quantity": "100",
            "tradePrice": "3.1",
            "tradeMoney": "310",
            "proceeds": "-320",
            "taxes": "0",
            "ibCommission": "-1",
            "ibCommissionCurrency": "USD",
            "netCash": "-321",
            "awayBrokerCommission": "10",
            "brokerName": "Elsewhere Clearing",
            "notes": "",
            "tradeDate": "2026-05-19",
            "dateTime": "2026-05-19;202000",
            "reportDate": "2026-05-20",
        },
        changes,
    )


def given_away(**changes: str | None) -> Row:
    """100 WDGT sold at another broker and delivered against payment."""
    sold = {
        "direction": "To", "deliveredReceived": "Delivered", "quantity": "-100", "tradeMoney": "-310",
        "proceeds": "300", "netCash": "299", "transactionID": "4002",
    }  # fmt: skip
    return changed(delivery(**sold), changes)


FREE: dict[str, str | None] = {"proceeds": "0", "netCash": "0", "ibCommission": "0", "tradeMoney": "0"}


def delivered(row: Row) -> list[Activity] | Rejection:
    return map_record("ibkr:trade-transfer:1", "TradeTransfers", TradeTransfer(row), context())


def test_shares_against_payment_are_bought() -> None:
    (bought,) = booked(delivered(delivery()))
    assert (bought.activity_type, bought.subtype) == (BUY, "DELIVERY_VERSUS_PAYMENT")
    assert (bought.quantity, bought.unit_price, bought.amount, bought.fee) == (
        D(100),
        D("3.1"),
        D(321),
        D(11),
    )
    assert (bought.booked_on, bought.comment) == (dt.date(2026, 5, 20), "Elsewhere Clearing")
    assert bought.date == dt.datetime(2026, 5, 20, 0, 20, tzinfo=dt.UTC)


@pytest.mark.parametrize(("quantity", "money"), [("-100", "-310"), ("100", "310")])
def test_shares_delivered_against_payment_are_sold(quantity: str, money: str) -> None:
    (sold,) = booked(delivered(given_away(quantity=quantity, tradeMoney=money)))
    assert (sold.activity_type, sold.quantity, sold.amount, sold.fee) == (SELL, D(100), D(299), D(11))
    assert cash_of([sold]) == {"USD": D(299)}


def test_a_delivery_taken_back_gives_the_money_back() -> None:
    row = delivery(quantity="-100", proceeds="320", ibCommission="0", netCash="320", notes="Ca")
    (taken_back,) = booked(delivered(row))
    assert (taken_back.activity_type, taken_back.subtype) == (SELL, "CANCELLATION")
    assert cash_of([taken_back]) == {"USD": D(320)}


@pytest.mark.parametrize("way", [None, "", "-"])
def test_the_way_need_not_be_ticked(way: str | None) -> None:
    assert units_of(booked(delivered(delivery(deliveredReceived=way)))) == 100
    assert units_of(booked(delivered(given_away(deliveredReceived=way)))) == -100


@pytest.mark.parametrize(
    ("changes", "fee"),
    [
        ({"tradeMoney": None}, 1),
        ({"tradeMoney": "320"}, 1),
        ({"tradeMoney": "330"}, 1),
    ],
)
def test_what_the_other_broker_charged_is_told_by_proceeds_and_price(
    changes: dict[str, str | None], fee: int
) -> None:
    (bought,) = booked(delivered(delivery(**changes)))
    assert (bought.amount, bought.fee) == (D(321), D(fee))


@pytest.mark.parametrize(
    "changes", [FREE, {**FREE, "proceeds": None, "ibCommission": None}, {**FREE, "netCash": None}]
)
def test_a_free_delivery_is_a_transfer(changes: dict[str, str | None]) -> None:
    (arrived,) = booked(delivered(delivery(**changes)))
    assert (arrived.activity_type, arrived.quantity, arrived.unit_price) == (IN, D(100), D("3.1"))
    assert (arrived.subtype, arrived.amount, arrived.comment) == ("FREE_DELIVERY", None, "Elsewhere Clearing")
    assert (arrived.booked_on, arrived.fee, arrived.symbol) == (dt.date(2026, 5, 20), D(0), "WDGT")
    assert arrived.currency == "USD"
    (left,) = booked(delivered(given_away(**changes)))
    assert (left.activity_type, left.quantity) == (OUT, D(100))


@pytest.mark.parametrize("price", ["0", "", "-1"])
def test_a_free_delivery_at_no_price_has_none(price: str) -> None:
    assert booked(delivered(delivery(**FREE, tradePrice=price)))[0].unit_price is None


@pytest.mark.parametrize(
    ("changes", "cash"),
    [
        ({"ibCommission": "-1", "netCash": "-1"}, {"USD": D(-1)}),
        ({"ibCommission": "-1", "taxes": "-2", "netCash": None}, {"USD": D(-3)}),
        ({"ibCommission": "-1", "ibCommissionCurrency": "GBP"}, {"GBP": D(-1)}),
        ({"ibCommission": "-1", "ibCommissionCurrency": None, "netCash": "-1"}, {"USD": D(-1)}),
    ],
)
def test_a_free_delivery_may_cost_a_fee(changes: dict[str, str | None], cash: dict[str, Decimal]) -> None:
    activities = booked(delivered(delivery(**{**FREE, **changes})))
    assert cash_of(activities) == cash
    assert [leg.activity_type for leg in activities] == [IN, FEE]


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (delivery(proceeds="", netCash="--"), "the row has no proceeds or netCash"),
        (delivery(deliveredReceived="Lost"), "units that are 'Lost' are neither Delivered nor Received"),
        (delivery(quantity="-100"), "BUY of -100: side and sign contradict each other"),
        (
            delivery(proceeds="320", netCash="319"),
            "a quantity of 100 with proceeds of 320: the signs contradict each other",
        ),
        (delivery(netCash="-300"), "netCash -300 is not proceeds -320 plus taxes and commission -1"),
        (delivery(**{**FREE, "netCash": "-5"}), "netCash -5 is not what taxes and commission come to: 0"),
        (delivery(**FREE, quantity="0"), "the quantity is zero"),
    ],
)
def test_a_delivery_that_contradicts_itself_is_not_booked(row: Row, text: str) -> None:
    outcome = rejected(delivered(row))
    assert outcome.reason == text
    assert outcome.raw == row


def test_a_delivery_is_known_by_its_number() -> None:
    found = read(one_statement(section("TradeTransfers", "TradeTransfer", delivery())))
    assert found.ids == ["ibkr:trade-transfer:4001"]
    assert found.counts == {"TradeTransfers": (1, 1, 0, 0)}


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[Row, Decimal, Decimal]:
    """A delivery, its units and its cash; the quantity of a sale may lack its sign."""
    size, price, charge, away = draw(rows.SIZES), draw(rows.MONEY), draw(rows.SMALL), draw(rows.SMALL)
    buys, signed = draw(st.booleans()), draw(st.booleans())
    quantity = size if buys else -size
    proceeds = -quantity * price + away
    row = (delivery if buys else given_away)(
        quantity=rows.plain(quantity if signed else size),
        tradePrice=rows.plain(price),
        tradeMoney=rows.plain(quantity * price),
        proceeds=rows.plain(proceeds),
        ibCommission=rows.plain(charge),
        netCash=rows.plain(proceeds + charge),
    )
    return row, quantity, proceeds + charge


@given(deliveries())
def test_a_booked_delivery_does_what_it_says(drawn: tuple[Row, Decimal, Decimal]) -> None:
    row, quantity, cash = drawn
    outcome = delivered(row)
    if isinstance(outcome, Rejection):
        # Charged more elsewhere than the sale brought: its proceeds contradict its units.
        assert quantity < 0
        assert D(row["proceeds"]) <= 0
    else:
        assert cash_of(outcome) == added([("USD", cash)])
        assert units_of(outcome) == quantity


# --- whatever the row ---


@pytest.mark.parametrize("row", [delivery(), given_away(), delivery(**FREE)])
def test_no_text_in_any_column_of_a_delivery_does_worse_than_a_rejection(row: Row) -> None:
    for spoilt in rows.spoilt(row):
        outcome = delivered(spoilt)
        assert not isinstance(outcome, Rejection) or outcome.raw == spoilt


def test_no_text_in_any_column_of_a_grant_does_worse_than_a_rejection() -> None:
    for spoilt in rows.spoilt(grant()):
        outcome = granted(spoilt)
        assert not isinstance(outcome, Rejection) or outcome.raw == spoilt


# --- other people's statements ---


def others(tag: str) -> Iterator[Row]:
    for name in corpus.readable():
        for row in corpus.tree(name).iter(tag):
            yield dict(row.attrib)


@pytest.mark.corpus
def test_every_grant_of_the_corpus_brings_what_it_says() -> None:
    for raw in others("StockGrantActivity"):
        row = StockGrant(raw, DayOrder.MONTH_FIRST)
        activities = booked(map_record("ibkr:x:1", "StockGrantActivities", row, context()))
        assert (units_of(activities), cash_of(activities)) == (told(raw, "quantity"), {})


@pytest.mark.corpus
def test_every_delivery_of_the_corpus_does_what_it_says() -> None:
    for raw in others("TradeTransfer"):
        row = TradeTransfer(raw, DayOrder.MONTH_FIRST)
        activities = booked(map_record("ibkr:x:1", "TradeTransfers", row, context()))
        assert units_of(activities) == told(raw, "quantity")
        assert cash_of(activities) == added([(raw["currency"], told(raw, "netCash") or ZERO)])
