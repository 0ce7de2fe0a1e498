"""What an activity does is all that is kept of it."""

from dataclasses import replace
from decimal import Decimal

from broker_sync.explain import Entry, entry_of
from tests.report_samples import GADGET, WIDGET, buy, opened_cash, opened_position

D = Decimal


def test_a_trade_moves_units_and_money() -> None:
    bought = buy()
    assert entry_of(bought) == Entry(
        external_id="ibkr:trade:9001",
        record_id="ibkr:trade:9001",
        day=bought.booked_on,
        what="BUY",
        instrument=WIDGET,
        units=D("2.5"),
        currency="USD",
        cash=D(-251),
    )
    assert entry_of(bought).text == "BUY, 2026-05-04, 2.5 WDGT, -251 USD"


def test_what_takes_back_another_is_known_by_its_subtype() -> None:
    subtypes = ["CANCELLATION", "SPLIT_ADDS_CANCELLED", "DIVIDEND_REVERSAL", "INTEREST", None]
    told = [entry_of(replace(buy(), subtype=subtype)).is_undoing for subtype in subtypes]
    assert told == [True, True, True, False, False]


def test_an_opening_balance_is_known_as_one() -> None:
    position, cash = entry_of(opened_position(GADGET, "5")), entry_of(opened_cash("GBP", "7"))
    assert (position.is_opening, position.units, position.cash, position.currency) == (True, D(5), D(0), "")
    assert (cash.is_opening, cash.units, cash.cash, cash.instrument) == (True, D(0), D(7), None)
