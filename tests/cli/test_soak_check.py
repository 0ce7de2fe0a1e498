"""Nights in a row against the stand-ins of both sides, and what ``soak-check`` says of them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from broker_sync.cli.soak_check import run_soak_check
from broker_sync.dedup import SyncRecordStore
from tests.standins.flex import FlexServer, FlexService, NoStatementError
from tests.standins.wealthfolio import PASSWORD, Service, WealthfolioServer

from .conftest import Cli, Ran
from .nights import ACCOUNT, QUERY, TOKEN, Nights, Statements, life

LIFE = life(days=60, events=30)
DAY = dt.timedelta(days=1)
FIRST = dt.date(2024, 3, 5)


def nothing(_first: dt.date | None, _last: dt.date | None) -> bytes:
    raise NoStatementError


class Week:
    """Nights of one account between both stand-ins, counted from 0."""

    def __init__(self, nights: Nights) -> None:
        self._nights = nights
        self._statements = nights.service.source

    def night(self, number: int, *, fails: bool = False) -> None:
        self._nights.service.source = nothing if fails else self._statements
        assert (self._nights.night(FIRST + number * DAY).status == 0) is not fails

    def check(self, number: int, *, as_json: bool = True) -> Ran:
        """What is said in the night of this number."""
        return self._nights.ran(
            lambda clock: run_soak_check(days=7, as_json=as_json, clock=clock), FIRST + number * DAY
        )

    def hold_more(self) -> None:
        """From now on the broker says that it holds more of everything."""
        statements = self._statements
        self._statements = lambda first, last: re.sub(
            rb'(<OpenPosition [^>]*\bposition=")', rb"\g<1>9", statements(first, last)
        )


@pytest.fixture
def week(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Week]:
    service = FlexService(Statements(LIFE), token=TOKEN, query_id=QUERY)
    with FlexServer(service) as broker, WealthfolioServer(Service(settle_after=0)) as tracker:
        for name, text in {
            "IBKR_FLEX_TOKEN": TOKEN, "IBKR_FLEX_QUERY_ID": QUERY, "IBKR_FLEX_BASE_URL": broker.address,
            "IBKR_ACCOUNT_ID_UPSTREAM": ACCOUNT, "WF_BASE_URL": tracker.address, "WF_PASSWORD": PASSWORD,
            "WF_CREATE_ACCOUNT": "1",
        }.items():  # fmt: skip
            monkeypatch.setenv(name, text)
        yield Week(Nights(service, broker, capsys))


def test_a_week_with_one_night_that_failed_passes_until_a_second_one_fails(week: Week) -> None:
    week.night(0)
    early = week.check(0)
    assert early.status == 1
    assert "1 of 7 nights are complete, 6 must be" in early.out
    for number in range(1, 7):
        week.night(number, fails=number == 3)
    passed = week.check(6)
    assert passed.status == 0, passed.out
    (account,) = passed.result["accounts"]
    assert (passed.result["holds"], account["complete"], account["reasons"]) == (True, 6, [])
    assert [night["state"] for night in account["nights"]] == ["equal"] * 3 + ["failed"] + ["equal"] * 3
    text = week.check(6, as_json=False).out
    assert "2024-03-08    failed: IBKR 1003" in text
    assert text.endswith("the last one is fresh, and nothing differs.\n")
    stale = week.check(8)
    assert stale.status == 1
    assert "The last complete night is 47 hours ago, it must not be more than 36." in stale.out
    week.night(7, fails=True)
    twice = week.check(7)
    assert twice.status == 1
    assert "5 of 7 nights are complete" in twice.out


def test_a_week_does_not_pass_with_a_drift(week: Week) -> None:
    for number in range(7):
        if number == 6:
            week.hold_more()
        week.night(number)
    differs = week.check(6)
    assert differs.status == 1
    (account,) = differs.result["accounts"]
    assert account["complete"] == 7
    assert account["nights"][-1]["state"] == "drift"
    assert account["nights"][-1]["drifts"]
    (reason,) = account["reasons"]
    assert reason.startswith("On 2024-03-11 broker and tracker differed: ")


def test_without_a_history_it_says_so_and_makes_none(cli: Cli, data_dir: Path) -> None:
    ran = cli("soak-check")
    assert ran.status == 1
    assert ran.out == "There is no history yet: nothing was synced in these nights.\nIt does not hold.\n"
    assert not data_dir.exists()


def test_a_run_into_another_tracker_is_no_night(
    cli: Cli, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli("ibkr", "--file", Path(__file__).parents[2] / "examples" / "ibkr-demo.xml")
    assert cli("soak-check", "--json").result["accounts"]
    with SyncRecordStore.read_only(data_dir) as store:
        assert store.results()
    monkeypatch.setenv("WF_BASE_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("WF_PASSWORD", PASSWORD)
    assert cli("soak-check", "--json").result["accounts"] == []
