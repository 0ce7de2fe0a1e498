"""What the tracker holds on a day, seen past its own opening balances."""

import asyncio
import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from broker_sync.models import OPENING_BALANCE, Activity, ActivityType
from broker_sync.opening import BookedBefore, Window
from broker_sync.sinks.ledger import LedgerSink
from broker_sync.tracker_view import TrackerView
from tests.storage.samples import ACCOUNT, buy, changed, deposit

OPENED = changed(
    buy(1),
    external_id="ibkr:opening:position:x",
    activity_type=ActivityType.ADD_HOLDING,
    subtype=OPENING_BALANCE,
    amount=None,
)
SOLD = changed(buy(2), activity_type=ActivityType.SELL)


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[LedgerSink]:
    with LedgerSink(tmp_path) as sink:
        yield sink


def window(first: dt.date, *, is_told: bool) -> Window:
    return Window(
        first_day=first,
        last_day=first + dt.timedelta(days=60),
        document="a",
        opening_positions=() if is_told else None,
        starting_cash={} if is_told else None,
    )


def before(sink: LedgerSink, *booked: Activity, openings: tuple[Activity, ...] = ()) -> BookedBefore:
    """What is found to be booked before a window with positions, after an earlier one without them."""
    asyncio.run(sink.create(ACCOUNT, [*booked, *openings]))
    days = [activity.booked_on for activity in booked]
    mute = window(min(days) - dt.timedelta(days=5), is_told=False)
    telling = window(max(days) + dt.timedelta(days=5), is_told=True)
    view = TrackerView(sink=sink, account=ACCOUNT)
    positions, cash = asyncio.run(view.booked_before([mute, telling], openings=openings))
    assert positions == cash
    return positions


def units(found: BookedBefore) -> list[Decimal]:
    return [position.quantity for position in found.positions if position.quantity]


def test_what_records_did_before_the_word_is_found(sink: LedgerSink) -> None:
    found = before(sink, buy(2), deposit(3, "500", "USD"))
    assert units(found) == [buy(2).quantity]


def test_what_was_opened_is_not_what_records_did(sink: LedgerSink) -> None:
    assert units(before(sink, deposit(3, "500", "USD"), openings=(OPENED,))) == []


def test_what_was_opened_and_sold_since_was_sold(sink: LedgerSink) -> None:
    quantity = SOLD.quantity
    assert quantity is not None
    assert units(before(sink, SOLD, openings=(OPENED,))) == [-quantity]


def test_where_the_earliest_window_has_the_word_the_tracker_is_not_asked(sink: LedgerSink) -> None:
    view = TrackerView(sink=sink, account=ACCOUNT)
    told = window(dt.date(2026, 5, 1), is_told=True)
    assert asyncio.run(view.booked_before([told], openings=())) == (BookedBefore(), BookedBefore())
    assert asyncio.run(view.booked_before([], openings=())) == (BookedBefore(), BookedBefore())
