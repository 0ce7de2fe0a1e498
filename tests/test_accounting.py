from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker_sync.accounting import cash_effect, position_effect, total_cash, total_positions
from broker_sync.models import AccountType, Activity, ActivityType, Instrument

MONEY = st.decimals(min_value=0, max_value=10**9, places=4)
WDGT = Instrument(symbol="WDGT", currency="USD", conid="1001")
TRANSFERS = {ActivityType.TRANSFER_IN, ActivityType.TRANSFER_OUT}


def activity(
    kind: ActivityType,
    *,
    amount: Decimal | None = None,
    quantity: Decimal | None = None,
    currency: str = "USD",
    instrument: Instrument | None = None,
) -> Activity:
    return Activity(
        external_id="x",
        account_id="a",
        account_type=AccountType.GIA,
        date=dt.datetime(2026, 5, 20, tzinfo=dt.UTC),
        activity_type=kind,
        currency=currency,
        amount=amount,
        quantity=quantity,
        instrument=instrument,
    )


@pytest.mark.parametrize(
    ("kind", "sign"),
    [
        (ActivityType.BUY, -1),
        (ActivityType.SELL, 1),
        (ActivityType.SPLIT, 0),
        (ActivityType.DIVIDEND, 1),
        (ActivityType.INTEREST, 1),
        (ActivityType.DEPOSIT, 1),
        (ActivityType.WITHDRAWAL, -1),
        (ActivityType.TRANSFER_IN, 1),
        (ActivityType.TRANSFER_OUT, -1),
        (ActivityType.ADD_HOLDING, 0),
        (ActivityType.REMOVE_HOLDING, 0),
        (ActivityType.FEE, -1),
        (ActivityType.TAX, -1),
        (ActivityType.CREDIT, 1),
    ],
)
def test_the_type_says_which_way_the_money_goes(kind: ActivityType, sign: int) -> None:
    effect = cash_effect(activity(kind, amount=Decimal("12.5")))
    assert effect == ({"USD": sign * Decimal("12.5")} if sign else {})


@pytest.mark.parametrize(
    ("kind", "sign"),
    [
        (ActivityType.BUY, 1),
        (ActivityType.ADD_HOLDING, 1),
        (ActivityType.TRANSFER_IN, 1),
        (ActivityType.SELL, -1),
        (ActivityType.REMOVE_HOLDING, -1),
        (ActivityType.TRANSFER_OUT, -1),
        (ActivityType.DIVIDEND, 0),
        (ActivityType.FEE, 0),
        (ActivityType.DEPOSIT, 0),
        (ActivityType.SPLIT, 1),
    ],
)
def test_the_type_says_which_way_the_units_go(kind: ActivityType, sign: int) -> None:
    assert position_effect(activity(kind, quantity=Decimal(7))) == 7 * sign


@given(st.sampled_from(ActivityType), MONEY)
def test_every_type_has_a_place_in_the_books(kind: ActivityType, amount: Decimal) -> None:
    effect = cash_effect(activity(kind, amount=amount))
    assert [abs(money) for money in effect.values()] in ([], [amount])


@pytest.mark.parametrize("kind", sorted(TRANSFERS))
def test_a_transfer_of_shares_moves_no_money(kind: ActivityType) -> None:
    moved = activity(kind, amount=Decimal(1000), quantity=Decimal(10))
    assert cash_effect(moved) == {}
    assert abs(position_effect(moved)) == 10


@pytest.mark.parametrize("amount", [None, Decimal(0), Decimal("0.00")])
def test_no_money_is_no_effect(amount: Decimal | None) -> None:
    assert cash_effect(activity(ActivityType.DEPOSIT, amount=amount)) == {}


def test_no_quantity_is_no_position() -> None:
    assert position_effect(activity(ActivityType.BUY)) == 0


def test_money_adds_up_by_currency_in_the_order_it_moved() -> None:
    totals = total_cash(
        [
            activity(ActivityType.DEPOSIT, amount=Decimal(100), currency="GBP"),
            activity(ActivityType.FEE, amount=Decimal(1)),
            activity(ActivityType.WITHDRAWAL, amount=Decimal(30), currency="GBP"),
        ]
    )
    assert list(totals.items()) == [("GBP", Decimal(70)), ("USD", Decimal(-1))]


def test_units_add_up_by_instrument() -> None:
    other = Instrument(symbol="OTHR", currency="USD", conid="1002")
    totals = total_positions(
        [
            activity(ActivityType.BUY, quantity=Decimal(10), instrument=WDGT),
            activity(ActivityType.SELL, quantity=Decimal("2.5"), instrument=WDGT),
            activity(ActivityType.SELL, quantity=Decimal(1), instrument=other),
            activity(ActivityType.BUY, quantity=Decimal(5)),
            activity(ActivityType.DIVIDEND, amount=Decimal(5), instrument=other),
        ]
    )
    assert totals == {"conid:1001": Decimal("7.5"), "conid:1002": Decimal(-1)}
