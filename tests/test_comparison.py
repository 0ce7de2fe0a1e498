"""What can be compared is, by the day that the broker speaks of and by the tolerances that are set."""

import asyncio
import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from broker_sync.comparison import Comparison, compare
from broker_sync.contracts import Truth
from broker_sync.models import CashBalance, Nav, Position
from broker_sync.reconcile import Tolerances
from broker_sync.sinks.ledger import LedgerSink
from broker_sync.tracker_view import TrackerView
from tests.storage.samples import AAPL, ACCOUNT, buy

D = Decimal
LATER = dt.timedelta(days=9)


class Valuing(LedgerSink):
    """A ledger that knows what everything is worth."""

    async def valuation(self, account_id: str, *, as_of: dt.date) -> Nav | None:
        assert account_id == ACCOUNT.id
        return Nav(currency="GBP", day=as_of, total=D(990))


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[Valuing]:
    with Valuing(tmp_path) as found:
        asyncio.run(found.create(ACCOUNT, [buy(1)]))
        yield found


def truth(**changes: object) -> Truth:
    day = buy(1).booked_on
    told = Truth(
        account=ACCOUNT,
        first_day=day,
        last_day=day,
        document="1",
        positions=[Position(instrument=AAPL, quantity=D(12))],
        opening_positions=(),
        cash=[CashBalance(currency="USD", ending=D(5))],
        nav=Nav(currency="GBP", day=day, total=D(1000)),
    )
    return replace(told, **changes)  # type: ignore[arg-type]


def compared(told: Truth, view: TrackerView, **tolerances: Decimal) -> Comparison:
    return asyncio.run(compare([told], view, Tolerances(**tolerances)))


def test_everything_that_both_sides_say_is_compared(sink: Valuing) -> None:
    found = compared(
        truth(), TrackerView(sink=sink, account=ACCOUNT), shares=D(100), cash=D(1), nav=D("0.02")
    )
    assert found.nav is not None
    assert (found.nav.broker.total, found.nav.tracker.total, found.nav.tolerance) == (D(1000), D(990), D(20))
    assert found.positions is not None
    assert found.cash is not None
    assert {drift.tolerance for drift in found.positions} == {D(100)}
    assert {drift.tolerance for drift in found.cash} == {D(1)}
    assert not any(drift.exceeds() for drift in found.positions)


def test_what_one_side_does_not_say_is_not_compared(sink: Valuing, tmp_path: Path) -> None:
    mute = truth(positions=None, cash=None, nav=None)
    assert compared(mute, TrackerView(sink=sink, account=ACCOUNT)) == Comparison()
    with LedgerSink(tmp_path) as ledger:
        assert compared(truth(), TrackerView(sink=ledger, account=ACCOUNT)).nav is None


def test_where_two_statements_share_the_telling_each_side_is_as_of_the_last_that_has_it(
    sink: Valuing,
) -> None:
    asyncio.run(sink.create(ACCOUNT, [replace(buy(2), date=buy(2).date + LATER)]))
    day = buy(1).booked_on
    later = truth(first_day=day + LATER, last_day=day + LATER, cash=None, nav=None)
    found = asyncio.run(compare([truth(), later], TrackerView(sink=sink, account=ACCOUNT)))
    once, twice = (asyncio.run(sink.holdings(ACCOUNT.id, as_of=each)) for each in (day, day + LATER))
    assert found.positions is not None
    assert found.cash is not None
    assert found.nav is not None
    assert [drift.tracker for drift in found.positions if drift.tracker] == [each.quantity for each in twice]
    assert [each.quantity for each in once] != [each.quantity for each in twice]
    assert {drift.currency: drift.tracker for drift in found.cash if drift.tracker} == asyncio.run(
        sink.cash(ACCOUNT.id, as_of=day)
    )
    assert found.nav.tracker.day == day
