from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from broker_sync.contracts import Rejection
from broker_sync.models import Position
from broker_sync.providers.ibkr.mapping import reject
from broker_sync.providers.ibkr.movements import Movements
from broker_sync.providers.ibkr.records import Trade
from broker_sync.providers.ibkr.survey import AccountSurvey
from broker_sync.providers.ibkr.truth import (
    Moved,
    cash_truth,
    nav_truth,
    opening_positions,
    position_truth,
    window,
)

from .builders import (
    ACCOUNT,
    D,
    Row,
    account_information,
    balance,
    balances,
    booked,
    context,
    conversion,
    document,
    instrument,
    map_trade_row,
    one_statement,
    position,
    positions,
    sale,
    section,
    statement,
    surveyed,
    trade,
)

OTHER = {"conid": "1002", "symbol": "OTHR", "isin": "US0000001002"}


def account(text: str) -> AccountSurvey:
    return surveyed(text).accounts[ACCOUNT]


def held(text: str) -> dict[str, tuple[Decimal, Decimal | None, Decimal | None]] | None:
    survey = surveyed(text)
    found = position_truth(survey.accounts[ACCOUNT], survey.directory, order=survey.order)
    if found is None:
        return None
    return {item.instrument.symbol: (item.quantity, item.cost, item.price) for item in found}


def money(text: str) -> list[tuple[str, Decimal | None, Decimal]] | None:
    found = cash_truth(account(text), order=None)
    return None if found is None else [(item.currency, item.starting, item.ending) for item in found]


# --- the window ---


def test_the_window_reaches_over_all_parts() -> None:
    text = document(
        statement("<Trades/>", fromDate="20260502", toDate="20260502"),
        statement("<Trades/>", fromDate="20260501", toDate="20260501"),
        statement("<Trades/>", fromDate="", toDate=""),
    )
    assert window(account(text), order=None) == (dt.date(2026, 5, 1), dt.date(2026, 5, 2))


@pytest.mark.parametrize("missing", ["fromDate", "toDate"])
def test_half_a_window_is_none(missing: str) -> None:
    assert window(account(one_statement("<Trades/>", **{missing: None})), order=None) is None


# --- positions ---


def test_a_position_comes_with_its_cost_and_price() -> None:
    assert held(one_statement(positions(position()))) == {"WDGT": (D(6), D("600.6"), D(112))}


def test_no_section_is_no_word_and_an_empty_one_is_nothing_held() -> None:
    assert held(one_statement("<Trades/>")) is None
    assert held(one_statement("<OpenPositions/>")) == {}


def test_lots_beside_their_sum_are_not_added_to_it() -> None:
    lots = [position(levelOfDetail="LOT", position="2"), position(levelOfDetail="LOT", position="4")]
    assert held(one_statement(positions(position(), *lots))) == {"WDGT": (D(6), D("600.6"), D(112))}


def test_lots_without_a_sum_are_added_up() -> None:
    lots = [
        position(levelOfDetail="LOT", position="2", costBasisMoney="200"),
        position(levelOfDetail="LOT", position="4", costBasisMoney="400.6"),
    ]
    assert held(one_statement(positions(*lots))) == {"WDGT": (D(6), D("600.6"), D(112))}


def test_equal_lots_are_all_counted() -> None:
    lot = position(levelOfDetail="LOT", position="2", costBasisMoney="200")
    assert held(one_statement(positions(lot, lot, lot))) == {"WDGT": (D(6), D(600), D(112))}


def test_a_cost_that_one_lot_does_not_say_is_not_known() -> None:
    known = position(levelOfDetail="LOT", position="2", costBasisMoney="200")
    unknown = position(levelOfDetail="LOT", position="4", costBasisMoney="", costBasisPrice="")
    for lots in ((known, unknown), (unknown, known)):
        assert held(one_statement(positions(*lots))) == {"WDGT": (D(6), None, D(112))}


def test_the_parts_of_a_model_portfolio_are_added_up() -> None:
    text = one_statement(
        positions(position(model="A"), position(model="B", position="4", costBasisMoney="400"))
    )
    assert held(text) == {"WDGT": (D(10), D("1000.6"), D(112))}


def test_a_position_said_twice_is_held_once() -> None:
    assert held(one_statement(positions(position(), position()))) == {"WDGT": (D(6), D("600.6"), D(112))}


def test_a_short_position_is_negative() -> None:
    text = one_statement(positions(position(position="-6", costBasisMoney="-600.6")))
    assert held(text) == {"WDGT": (D(-6), D("-600.6"), D(112))}


@pytest.mark.parametrize(
    "changes",
    [
        {"position": "0"},
        {"position": ""},
        {"assetCategory": "CASH", "symbol": "EUR.USD"},
        {"assetCategory": "FXCFD"},
        {"conid": "", "symbol": "", "isin": ""},
    ],
)
def test_what_is_no_holding_is_left_out(changes: Row) -> None:
    assert held(one_statement(positions(position(**changes), position(**OTHER)))) == {
        "OTHR": (D(6), D("600.6"), D(112))
    }


def test_of_several_days_the_last_counts() -> None:
    text = document(
        statement(positions(position(position="9")), toDate="20260503", fromDate="20260503"),
        statement(positions(position(position="5")), toDate="20260502", fromDate="20260502"),
    )
    assert held(text) == {"WDGT": (D(9), D("600.6"), D(112))}


def test_what_was_sold_on_the_last_day_is_not_held_from_an_earlier_one() -> None:
    text = document(
        statement(positions(position(), position(**OTHER)), toDate="20260502"),
        statement(positions(position()), toDate="20260503"),
    )
    assert set(held(text) or ()) == {"WDGT"}


def test_everything_sold_on_the_last_day_is_nothing_held() -> None:
    text = document(
        statement(positions(position()), toDate="20260502"),
        statement("<OpenPositions/>", toDate="20260503"),
    )
    assert held(text) == {}


# --- cash ---


def test_cash_is_by_currency_with_its_start() -> None:
    text = one_statement(
        balances(
            balance(currency="BASE_SUMMARY", levelOfDetail="BaseCurrency", endingCash="999"),
            balance(),
            balance(currency="GBP", startingCash="", endingCash="-5"),
        )
    )
    assert money(text) == [("GBP", None, D(-5)), ("USD", D(2000), D(1438))]


def test_the_sum_in_base_currency_alone_says_nothing() -> None:
    assert (
        money(one_statement(balances(balance(currency="BASE_SUMMARY", levelOfDetail="BaseCurrency")))) is None
    )
    assert money(one_statement("<Trades/>")) is None


def test_a_currency_without_an_end_is_left_out() -> None:
    assert money(one_statement(balances(balance(), balance(currency="GBP", endingCash="")))) == [
        ("USD", D(2000), D(1438))
    ]


def test_days_make_one_window_of_cash() -> None:
    text = document(
        statement(
            balances(balance(startingCash="7", endingCash="9")), fromDate="20260503", toDate="20260503"
        ),
        statement(
            balances(balance(startingCash="5", endingCash="7")), fromDate="20260502", toDate="20260502"
        ),
    )
    assert money(text) == [("USD", D(5), D(9))]


# --- net asset value ---

EQUITY = {"accountId": ACCOUNT, "reportDate": "20260531", "currency": "GBP", "cash": "100", "total": "1500.5"}


def equity(*rows: Row) -> str:
    return section("EquitySummaryInBase", "EquitySummaryByReportDateInBase", *rows)


def test_the_value_is_that_of_the_last_day() -> None:
    text = one_statement(equity(EQUITY, {**EQUITY, "reportDate": "20260530", "total": "1"}))
    found = nav_truth(account(text), order=None)
    assert found is not None
    assert (found.currency, found.day, found.total, found.cash) == (
        "GBP",
        dt.date(2026, 5, 31),
        D("1500.5"),
        D(100),
    )


def test_the_value_is_in_base_currency_where_its_row_does_not_say() -> None:
    text = one_statement(account_information(currency="CHF"), equity({**EQUITY, "currency": ""}))
    found = nav_truth(account(text), order=None)
    assert found is not None
    assert found.currency == "CHF"


@pytest.mark.parametrize("changes", [{"total": ""}, {"reportDate": ""}, {"currency": ""}])
def test_a_value_that_is_not_told_is_none(changes: Row) -> None:
    assert nav_truth(account(one_statement(equity({**EQUITY, **changes}))), order=None) is None


def test_without_the_section_there_is_no_value() -> None:
    assert nav_truth(account(one_statement("<Trades/>")), order=None) is None


# --- what was held before ---

WDGT, OTHR = instrument(), instrument("OTHR", conid="1002")
HELD = Position(instrument=WDGT, quantity=D(6), cost=D("600.6"), price=D(112))


def opened(
    *after: Position, moved: tuple[str, Decimal | None] | None = None
) -> dict[str, tuple[Decimal, Decimal | None]]:
    """What was held before, if `after` is held now and so much of WDGT was moved at that cost."""
    changes = {}
    if moved is not None:
        changes[WDGT.key] = Moved(instrument=WDGT, quantity=D(moved[0]), cost=moved[1])
    return {item.instrument.symbol: (item.quantity, item.cost) for item in opening_positions(after, changes)}


def test_what_did_not_move_was_held_before_at_its_cost() -> None:
    assert opened(HELD) == {"WDGT": (D(6), D("600.6"))}


def test_what_was_bought_meanwhile_was_not_held_before() -> None:
    assert opened(HELD, moved=("6", D("600.6"))) == {}
    assert opened(HELD, moved=("2", D(200))) == {"WDGT": (D(4), D("400.6"))}


def test_what_was_sold_meanwhile_was_held_before() -> None:
    assert opened(HELD, moved=("-4", D("-400"))) == {"WDGT": (D(10), D("1000.6"))}


def test_what_was_sold_off_was_held_before_at_the_cost_it_released() -> None:
    assert opened(moved=("-4", D("-400.4"))) == {"WDGT": (D(4), D("400.4"))}
    assert opened(moved=("-4", None)) == {"WDGT": (D(4), None)}


def test_a_cost_not_told_by_the_records_is_the_present_one_of_a_unit() -> None:
    assert opened(HELD, moved=("-6", None)) == {"WDGT": (D(12), D("1201.2"))}


def test_no_cost_told_at_all_is_none() -> None:
    unknown = Position(instrument=WDGT, quantity=D(6))
    assert opened(unknown, moved=("2", D(200))) == {"WDGT": (D(4), None)}


def test_a_position_sold_short_meanwhile_was_none_before() -> None:
    short = Position(instrument=WDGT, quantity=D(-3), cost=D(-300))
    assert opened(short, moved=("-3", D(-300))) == {}


# --- sums of movements ---


def test_movements_add_up_by_instrument_and_currency() -> None:
    moves = Movements()
    moves.add(booked(map_trade_row(trade())), cost=D(1001))
    moves.add(booked(map_trade_row(sale())), cost=D("-400.4"))
    moves.add(booked(map_trade_row(conversion())), cost=D(0))
    assert moves.cash == {"USD": D(-1662), "EUR": D(1000), "GBP": D(-2)}
    (moved,) = moves.positions.values()
    assert (moved.quantity, moved.cost) == (D(6), D("600.6"))


def test_a_cost_that_one_record_does_not_say_is_not_known() -> None:
    moves = Movements()
    moves.add(booked(map_trade_row(trade())), cost=None)
    moves.add(booked(map_trade_row(sale())), cost=D("-400.4"))
    assert [moved.cost for moved in moves.positions.values()] == [None]


def test_a_rejected_trade_still_moves_its_position() -> None:
    moves = Movements()
    outcome = map_trade_row(trade(assetCategory="NEW"))
    assert isinstance(outcome, Rejection)
    moves.add(outcome, cost=D(1001))
    assert [(moved.quantity, moved.cost) for moved in moves.positions.values()] == [(D(10), D(1001))]
    assert moves.cash == {}


def test_a_rejection_that_moves_nothing_moves_nothing() -> None:
    moves = Movements()
    moves.add(reject("x", "Trades", Trade(conversion()), context(), reason="r"), cost=None)
    moves.add(
        reject("x", "Trades", Trade(trade(conid="", symbol="", isin="")), context(), reason="r"), cost=None
    )
    assert moves.positions == {}
