"""Both sides are compared, whatever either of them holds."""

from decimal import Decimal

import pytest

from broker_sync.contracts import Holding
from broker_sync.models import CashBalance, Instrument, Position
from broker_sync.reconcile import reconcile_cash, reconcile_positions
from broker_sync.values import Isin

FULL = Instrument(symbol="WDGT", currency="USD", conid="1001", isin=Isin("US0000001001"))
BY_ISIN = Instrument(symbol="WDGT.X", currency="USD", isin=Isin("US0000001001"))
BY_SYMBOL = Instrument(symbol="WDGT", currency="USD")
OTHER = Instrument(symbol="ABC", currency="USD", conid="7")


def position(instrument: Instrument, quantity: str) -> Position:
    return Position(instrument=instrument, quantity=Decimal(quantity))


def holding(instrument: Instrument, quantity: str) -> Holding:
    return Holding(instrument=instrument, quantity=Decimal(quantity))


@pytest.mark.parametrize("broker", [FULL, BY_ISIN, BY_SYMBOL])
@pytest.mark.parametrize("tracker", [FULL, BY_ISIN, BY_SYMBOL])
def test_an_instrument_is_recognised_by_whatever_both_sides_know(
    broker: Instrument, tracker: Instrument
) -> None:
    if {broker, tracker} == {BY_ISIN, BY_SYMBOL}:
        pytest.skip("they have no name in common")
    (drift,) = reconcile_positions([position(broker, "10")], [holding(tracker, "9")])
    assert (drift.broker, drift.tracker) == (Decimal(10), Decimal(9))
    assert drift.drift == 1


def test_parts_known_by_different_names_are_added_up() -> None:
    (drift,) = reconcile_positions([position(FULL, "10")], [holding(FULL, "4"), holding(BY_SYMBOL, "6")])
    assert drift.drift == 0


def test_what_only_one_side_holds_is_a_drift() -> None:
    drifts = reconcile_positions([position(FULL, "10")], [holding(OTHER, "3")])
    assert [(drift.instrument.symbol, drift.drift) for drift in drifts] == [
        ("ABC", Decimal(-3)),
        ("WDGT", Decimal(10)),
    ]
    assert all(drift.exceeds() for drift in drifts)


def test_a_share_in_two_currencies_is_two() -> None:
    euro = Instrument(symbol="WDGT", currency="EUR", isin=Isin("US0000001001"))
    assert len(reconcile_positions([position(BY_ISIN, "1")], [holding(euro, "1")])) == 2


@pytest.mark.parametrize(("tracker", "exceeds"), [("10.0001", False), ("9.9999", False), ("10.00011", True)])
def test_a_fraction_that_brokers_round_is_no_drift(tracker: str, *, exceeds: bool) -> None:
    (drift,) = reconcile_positions([position(FULL, "10")], [holding(FULL, tracker)])
    assert drift.exceeds() is exceeds


def test_cash_is_compared_in_every_currency_of_either_side() -> None:
    drifts = reconcile_cash(
        [
            CashBalance(currency="USD", ending=Decimal("5.005")),
            CashBalance(currency="GBP", ending=Decimal(1)),
        ],
        {"USD": Decimal(5), "EUR": Decimal(2)},
    )
    assert [(drift.currency, drift.drift) for drift in drifts] == [
        ("EUR", -2),
        ("GBP", 1),
        ("USD", Decimal("0.005")),
    ]
    assert [drift.exceeds() for drift in drifts] == [True, True, False]
