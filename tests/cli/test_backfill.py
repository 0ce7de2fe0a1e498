"""Six years of an account, fetched window by window, and picked up where a run was cut off."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from broker_sync.cli.backfill import run_backfill
from tests.standins.flex import FlexServer, FlexService, NoStatementError
from tests.standins.flex.answers import code
from tests.standins.flex.service import SEND

from .conftest import Cli, Ran
from .nights import ACCOUNT, QUERY, TOKEN, Nights, Statements, life

pytestmark = pytest.mark.slow

LIFE = life(days=6 * 260, events=200)
OPENED = LIFE.first_day
TODAY = LIFE.last_day + dt.timedelta(days=1)
SINCE = dt.date(2019, 1, 1)


class Account(Statements):
    """What the broker has; there is no statement for days before the account was opened."""

    def __call__(self, first: dt.date | None, last: dt.date | None) -> bytes:
        if first is not None and first < OPENED:
            if last is not None and last < OPENED:
                raise NoStatementError
            first = OPENED
        return super().__call__(first, last)


@pytest.fixture
def nights(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Nights]:
    service = FlexService(Account(LIFE), token=TOKEN, query_id=QUERY)
    with FlexServer(service) as server:
        monkeypatch.setenv("IBKR_FLEX_TOKEN", TOKEN)
        monkeypatch.setenv("IBKR_FLEX_QUERY_ID", QUERY)
        monkeypatch.setenv("IBKR_ACCOUNT_ID_UPSTREAM", ACCOUNT)
        monkeypatch.setenv("IBKR_FLEX_BASE_URL", server.address)
        yield Nights(service, server, capsys)


def backfilled(nights: Nights) -> Ran:
    return nights.ran(
        lambda clock: run_backfill(since=SINCE, account=None, sink=None, as_json=True, clock=clock), TODAY
    )


def account(ran: Ran) -> dict[str, Any]:
    (only,) = ran.result["accounts"]
    assert isinstance(only, dict)
    return only


def assert_whole(ran: Ran, cli: Cli) -> None:
    """Zero drift, every day since the account was opened, every record once, and no opening balance."""
    told = account(ran)
    assert {side["drift"] for side in (*told["positions"], *told["cash"])} == {"0"}
    assert told["opening"]["positions"] == told["opening"]["cash"] == 0
    assert told["coverage"] == {**told["coverage"], "from": OPENED.isoformat(), "gaps": []}
    booked = cli("activities", "--json").objects
    assert not [each for each in booked if each["subtype"] == "OPENING_BALANCE"]
    assert len({each["external_id"] for each in booked}) == len(booked)


def test_history_replaces_opening_balances(nights: Nights, cli: Cli) -> None:
    before = account(nights.night(TODAY))
    assert before["opening"]["positions"] + before["opening"]["cash"] > 0
    ran = backfilled(nights)
    assert ran.status == 0
    assert_whole(ran, cli)
    # 6 windows of 360 days, newest first; the oldest is cut at the account's first day, where it ends.
    asked = nights.windows[1:]
    assert asked == sorted(asked, reverse=True)
    assert all(_days(window) <= 360 for window in asked)
    assert asked[-1][0] <= f"{OPENED:%Y%m%d}" <= asked[-1][1]


def _days(window: tuple[str, str]) -> int:
    first, last = (dt.datetime.strptime(day, "%Y%m%d").replace(tzinfo=dt.UTC) for day in window)
    return (last - first).days + 1


def test_a_backfill_without_any_night_before_it_begins_yesterday(nights: Nights, cli: Cli) -> None:
    ran = backfilled(nights)
    assert ran.status == 0
    assert_whole(ran, cli)
    assert nights.windows[0][1] == f"{LIFE.last_day:%Y%m%d}"


def test_a_backfill_that_failed_half_way_goes_on_from_there(nights: Nights, cli: Cli) -> None:
    nights.night(TODAY)
    served: list[object] = []
    whole = nights.service.source

    def three(first: dt.date | None, last: dt.date | None) -> bytes:
        served.append(first)
        if len(served) > 3:
            nights.service.fail(SEND, always=code(1020))
        return whole(first, last)

    nights.service.source = three
    assert backfilled(nights).status == 2
    nights.service.source = whole
    nights.service.fail(SEND)
    done = len(nights.windows)
    ran = backfilled(nights)
    assert ran.status == 0
    assert_whole(ran, cli)
    assert not set(nights.windows[1 : done - 1]) & set(nights.windows[done:])


def test_when_all_is_covered_nothing_is_asked(nights: Nights) -> None:
    nights.night(TODAY, since=OPENED, until=OPENED + dt.timedelta(days=300))
    sent = len(nights.sent)
    ran = nights.ran(
        lambda clock: run_backfill(since=OPENED, account=None, sink=None, as_json=True, clock=clock), TODAY
    )
    assert ran.status == 0
    assert len(nights.sent) == sent


_CHILD = """
import datetime as dt, sys
from broker_sync.cli.backfill import run_backfill
from tests.cli.nights import FakeTime
clock = FakeTime(dt.date.fromisoformat(sys.argv[1])).clock
run_backfill(since=dt.date.fromisoformat(sys.argv[2]), account=None, sink=None, as_json=True, clock=clock)
"""


@pytest.mark.parametrize("window", [1, 2, 4, 6])
def test_a_killed_backfill_goes_on_from_there(nights: Nights, cli: Cli, window: int) -> None:
    nights.night(TODAY)
    whole = nights.service.source
    served: list[object] = []
    children: list[subprocess.Popen[bytes]] = []

    def killing(first: dt.date | None, last: dt.date | None) -> bytes:
        served.append(first)
        if len(served) == window:
            children[0].send_signal(signal.SIGKILL)
            children[0].wait()
        return whole(first, last)

    nights.service.source = killing
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, TODAY.isoformat(), SINCE.isoformat()],
        env={**os.environ, "PYTHONPATH": os.getcwd()},  # noqa: PTH109, TID251  # as the test was run
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    children.append(child)
    assert child.wait(timeout=60) == -signal.SIGKILL
    nights.service.source = whole
    ran = backfilled(nights)
    assert ran.status == 0
    assert_whole(ran, cli)
