"""``broker-sync ibkr`` into a Wealthfolio server, from the environment alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.standins.flex import FlexServer, FlexService
from tests.standins.wealthfolio import PASSWORD, Service, WealthfolioServer

from .conftest import Cli, Ran
from .nights import ACCOUNT, QUERY, TOKEN, Nights, Statements, life

DEMO = Path(__file__).parents[2] / "examples" / "ibkr-demo.xml"
LIFE = life(days=200, events=60)
NIGHT = dt.date(2024, 6, 12)


@pytest.fixture
def tracker(monkeypatch: pytest.MonkeyPatch) -> Iterator[WealthfolioServer]:
    with WealthfolioServer(Service(settle_after=0)) as server:
        monkeypatch.setenv("WF_BASE_URL", server.address)
        monkeypatch.setenv("WF_PASSWORD", PASSWORD)
        monkeypatch.setenv("WF_CREATE_ACCOUNT", "1")
        yield server


def told(ran: Ran) -> dict[str, Any]:
    (account,) = ran.result["accounts"]
    assert isinstance(account, dict)
    return account


def rows(tracker: WealthfolioServer) -> list[str]:
    """What the tracker has, by its own ids."""
    return sorted(each.id for each in tracker.service.store.rows.values())


def test_a_statement_is_booked_once_and_both_sides_agree(
    cli: Cli, tracker: WealthfolioServer, data_dir: Path
) -> None:
    first = cli("ibkr", "--file", DEMO, "--json")
    assert (first.status, first.result["outcome"]) == (0, "ok")
    account = told(first)
    assert account["sink"] == "wealthfolio"
    assert {each["drift"] for each in (*account["positions"], *account["cash"])} == {"0"}
    before = rows(tracker)
    again = told(cli("ibkr", "--file", DEMO, "--json"))
    assert (again["new"], again["updated"], again["deleted"]) == (0, 0, 0)
    assert rows(tracker) == before
    assert (data_dir / "wealthfolio_session.json").stat().st_mode & 0o077 == 0


@pytest.mark.slow
def test_without_its_memory_it_books_nothing_twice(
    cli: Cli, tracker: WealthfolioServer, data_dir: Path
) -> None:
    cli("ibkr", "--file", DEMO)
    before = rows(tracker)
    (data_dir / "sync.db").unlink()
    ran = cli("ibkr", "--file", DEMO, "--json")
    assert ran.result["outcome"] == "ok"
    assert rows(tracker) == before


@pytest.mark.slow
def test_night_after_night_both_sides_agree(
    tracker: WealthfolioServer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    service = FlexService(Statements(LIFE), token=TOKEN, query_id=QUERY)
    with FlexServer(service) as server:
        monkeypatch.setenv("IBKR_FLEX_TOKEN", TOKEN)
        monkeypatch.setenv("IBKR_FLEX_QUERY_ID", QUERY)
        monkeypatch.setenv("IBKR_ACCOUNT_ID_UPSTREAM", ACCOUNT)
        monkeypatch.setenv("IBKR_FLEX_BASE_URL", server.address)
        nights = Nights(service, server, capsys)
        for week in range(4):
            ran = nights.night(NIGHT + dt.timedelta(days=7 * week))
            assert ran.status == 0, ran.err
            account = told(ran)
            assert account["failed"] == 0
            assert {each["drift"] for each in (*account["positions"], *account["cash"])} == {"0"}
    assert tracker.seen


def test_an_account_is_made_only_if_that_is_wanted(
    cli: Cli, tracker: WealthfolioServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WF_CREATE_ACCOUNT")
    ran = cli("ibkr", "--file", DEMO)
    assert ran.status == 2
    assert "--create-account" in ran.err
    assert rows(tracker) == []


def test_a_wrong_password_is_said_and_nothing_is_tried_again(
    cli: Cli, tracker: WealthfolioServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WF_PASSWORD", "not this one")
    ran = cli("ibkr", "--file", DEMO)
    assert ran.status == 2
    assert "WF_PASSWORD" in ran.err
    assert "not this one" not in ran.err
    assert sum(each.path == "/auth/login" for each in tracker.seen) == 1


@pytest.mark.slow  # the client waits in between
def test_a_server_that_is_away_is_tried_another_time(cli: Cli, tracker: WealthfolioServer) -> None:
    tracker.stop()
    ran = cli("ibkr", "--file", DEMO)
    assert ran.status == 75
    assert "Traceback" not in ran.err


@pytest.mark.slow
def test_a_dry_run_writes_nothing_there_either(cli: Cli, tracker: WealthfolioServer, data_dir: Path) -> None:
    ran = cli("ibkr", "--file", DEMO, "--dry-run", "--json")
    assert ran.status == 0
    assert len(ran.result["plan"]) > 56
    assert rows(tracker) == []
    assert not data_dir.exists()
