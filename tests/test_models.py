from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from broker_sync.models import Account, AccountType, Activity, ActivityType, AssetClass, Instrument, Nav
from broker_sync.values import CurrencyCode, Isin

NOON = dt.datetime(2026, 5, 20, 12, tzinfo=dt.UTC)


def deposit(
    *,
    date: dt.datetime = NOON,
    booked_on: dt.date | None = None,
    record_id: str | None = None,
    quantity: Decimal | None = None,
    fee: Decimal | None = None,
    amount: Decimal | None = None,
) -> Activity:
    activity = Activity(
        external_id="ibkr:cash:1",
        account_id="a",
        account_type=AccountType.GIA,
        date=date,
        activity_type=ActivityType.DEPOSIT,
        currency="GBP",
        quantity=quantity,
        fee=fee,
        amount=amount,
    )
    if booked_on is not None:
        activity = dataclasses.replace(activity, booked_on=booked_on)
    return activity if record_id is None else dataclasses.replace(activity, record_id=record_id)


def test_an_activity_without_a_time_zone_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="2026-05-20T12:00:00 has no time zone"):
        deposit(date=dt.datetime(2026, 5, 20, 12))  # noqa: DTZ001 - it is what is refused


def test_an_activity_stands_in_utc() -> None:
    london = dt.datetime(2026, 5, 20, 0, 30, tzinfo=ZoneInfo("Europe/London"))
    activity = deposit(date=london)
    assert activity.date.tzinfo is dt.UTC
    assert activity.date == london
    assert activity.booked_on == dt.date(2026, 5, 19)


def test_the_booking_day_is_the_brokers_where_it_says_one() -> None:
    assert deposit(booked_on=dt.date(2026, 5, 22)).booked_on == dt.date(2026, 5, 22)
    assert deposit().booked_on == dt.date(2026, 5, 20)


def test_an_activity_is_its_own_record_unless_it_is_a_leg() -> None:
    assert deposit().record_id == "ibkr:cash:1"
    assert deposit(record_id="ibkr:cash:0").record_id == "ibkr:cash:0"


def test_no_quantity_is_negative() -> None:
    with pytest.raises(ValueError, match="quantity -1 is negative"):
        deposit(quantity=Decimal(-1))


def test_no_fee_is_negative() -> None:
    with pytest.raises(ValueError, match=r"fee -0.01 is negative"):
        deposit(fee=Decimal("-0.01"))


def test_no_amount_is_negative() -> None:
    with pytest.raises(ValueError, match="amount -1 is negative; the direction belongs in the type"):
        deposit(amount=Decimal(-1))


def test_a_negative_zero_loses_its_sign() -> None:
    activity = deposit(quantity=Decimal("-0"), fee=Decimal("-0.00"), amount=Decimal("-0"))
    assert [str(activity.quantity), str(activity.fee), str(activity.amount)] == ["0", "0.00", "0"]


def test_an_activity_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        deposit().amount = Decimal(1)  # type: ignore[misc]


def test_an_activity_can_be_compared_copied_and_shown() -> None:
    first = deposit(amount=Decimal(1))
    assert first == deposit(amount=Decimal("1.00"))
    assert first != deposit(amount=Decimal(2))
    assert dataclasses.replace(first, currency="USD").currency == "USD"
    assert hash(first) == hash(deposit(amount=Decimal(1)))
    assert "ibkr:cash:1" in repr(first)


@pytest.mark.parametrize(
    ("instrument", "key"),
    [
        (Instrument(symbol="A", currency="USD", conid="1", isin=Isin("US0378331005")), "conid:1"),
        (Instrument(symbol="A", currency="USD", isin=Isin("US0378331005")), "isin:US0378331005:USD"),
        (Instrument(symbol="A", currency="USD"), "symbol:A:USD"),
        (Instrument(symbol="A", currency="USD", conid=""), "symbol:A:USD"),
    ],
)
def test_an_instrument_is_known_by_number_then_isin_then_symbol(instrument: Instrument, key: str) -> None:
    assert instrument.key == key


def test_an_instrument_is_a_share_dealt_one_by_one_unless_said_otherwise() -> None:
    share = Instrument(symbol="A", currency="USD")
    assert (share.asset_class, share.multiplier) == (AssetClass.STOCK, Decimal(1))


def test_the_promised_account_types_are_there() -> None:
    assert {"GIA", "ISA", "SIPP", "JISA", "LISA", "IRA", "401K"} <= {kind.value for kind in AccountType}


def test_an_account_says_both_names() -> None:
    account = Account(
        id="t",
        provider="ibkr",
        provider_account_id="U1",
        account_type=AccountType.ISA,
        currency=CurrencyCode("GBP"),
    )
    assert (account.id, account.provider_account_id) == ("t", "U1")


def test_two_nav_values_do_not_share_their_extras() -> None:
    one, two = (Nav(currency="GBP", day=dt.date(2026, 5, 1), total=Decimal(1)) for _ in range(2))
    assert one.extra is not two.extra
