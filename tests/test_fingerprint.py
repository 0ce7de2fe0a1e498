"""The fingerprint changes with what an activity does, and with nothing else."""

import dataclasses
import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given

from broker_sync.fingerprint import content_hash
from broker_sync.models import Activity, ActivityType
from tests.storage.samples import AAPL, START, VUAG, activities, buy, changed


@pytest.mark.parametrize(
    "change",
    [
        {"activity_type": ActivityType.SELL},
        {"date": START},
        {"booked_on": START.date()},
        {"currency": "EUR"},
        {"quantity": Decimal(3)},
        {"quantity": None},
        {"unit_price": Decimal(101)},
        {"fee": Decimal(2)},
        {"fee": None},
        {"amount": Decimal(202)},
        {"subtype": "DRIP"},
        {"instrument": AAPL},
        {"instrument": None},
        {"group_id": "ibkr:trade:9"},
    ],
    ids="-".join,
)
def test_what_an_activity_does_changes_its_fingerprint(change: dict[str, object]) -> None:
    assert content_hash(changed(buy(1), **change)) != content_hash(buy(1))


@pytest.mark.parametrize(
    "change",
    [
        {"external_id": "ibkr:trade:T2", "record_id": "ibkr:trade:T2"},
        {"account_id": "gia"},
        {"symbol": "VUAG"},
        {"comment": "rewritten"},
        {"instrument": dataclasses.replace(VUAG, name="Vanguard S&P 500", symbol="VUAG", exchange=None)},
        {"date": (START + dt.timedelta(days=1)).astimezone(dt.timezone(dt.timedelta(hours=8)))},
        {"quantity": Decimal("2.00"), "amount": Decimal("2.010E+2")},
    ],
    ids="-".join,
)
def test_how_an_activity_is_named_and_written_does_not(change: dict[str, object]) -> None:
    assert content_hash(changed(buy(1), **change)) == content_hash(buy(1))


@given(activities, activities)
def test_neighbouring_values_do_not_run_together(one: Activity, other: Activity) -> None:
    swapped = changed(one, subtype=f"{one.subtype},{one.group_id}", group_id=None)
    assert content_hash(swapped) != content_hash(one)
    assert (content_hash(one) == content_hash(other)) is (said(one) == said(other))


# A changed way to take fingerprints makes every booked activity look restated: that must be meant.
def test_fingerprints_stay_what_they_are_from_version_to_version() -> None:
    assert content_hash(buy(1)) == "d01cb0cedfa292f6b77f89dc169ffa7b93494cd80548ea2f4b30842ae5abf28b"


def said(activity: Activity) -> tuple[object, ...]:
    key = "" if activity.instrument is None else activity.instrument.key
    return (
        activity.activity_type,
        activity.date,
        activity.booked_on,
        activity.currency,
        (activity.quantity, activity.unit_price, activity.fee, activity.amount),
        activity.subtype,
        activity.group_id,
        key,
    )
