"""``broker-sync wealthfolio check``: one screen, nothing written, and the exit status of a sync."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from broker_sync.cli.request import Request
from broker_sync.settings import load_settings
from tests.standins.wealthfolio import PASSWORD, Answers, Reply, Rules, Service, WealthfolioServer

from .conftest import Cli

DEMO = Path(__file__).parents[2] / "examples" / "ibkr-demo.xml"
ACCOUNT = "U1000001"


@pytest.fixture
def tracker(monkeypatch: pytest.MonkeyPatch) -> Iterator[WealthfolioServer]:
    with WealthfolioServer(Service(settle_after=0, rules=Rules(version="3.8.0"))) as server:
        monkeypatch.setenv("WF_BASE_URL", server.address)
        monkeypatch.setenv("WF_PASSWORD", PASSWORD)
        yield server


def findings(cli: Cli) -> tuple[int, dict[str, Any], dict[tuple[str, str], str]]:
    ran = cli("wealthfolio", "check", "--json")
    told = ran.result
    return ran.status, told, {(each["grade"], each["subject"]): each["text"] for each in told["findings"]}


def test_an_account_that_was_synced_is_found_by_its_mark(cli: Cli, tracker: WealthfolioServer) -> None:
    assert cli("ibkr", "--file", DEMO, "--create-account").status == 0
    store = tracker.service.store
    before = {id_: row.changed for id_, row in store.rows.items()}
    status, told, found = findings(cli)
    (account,) = told["accounts"]
    assert (status, account["broker"], account["found"]) == (0, ACCOUNT, "by its mark")
    assert account["rows"] == {"ours": len(before), "others": 0, "drafts": 0, "touched": 0}
    assert (told["version"], told["time_zone"], told["base_currency"]) == ("3.8.0", "UTC", "USD")
    assert told["login"] == "with the session of an earlier run"
    assert ("works", "keys of rows") in found
    assert ("works", "conversions") in found
    assert {id_: row.changed for id_, row in store.rows.items()} == before


def test_one_screen_says_it_to_people(cli: Cli, tracker: WealthfolioServer) -> None:
    ran = cli("wealthfolio", "check")
    lines = ran.out.splitlines()
    assert lines[:4] == [
        f"Wealthfolio 3.8.0 at {tracker.address}",
        "Login: with the password, just now",
        "Time zone: UTC",
        "Base currency: USD",
    ]
    assert len(lines) < 40
    assert "--create-account" in ran.out
    assert not tracker.service.store.accounts


def test_an_account_that_is_configured_and_not_there_ends_as_a_sync_would(
    cli: Cli, tracker: WealthfolioServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not tracker.service.store.accounts
    monkeypatch.setenv("IBKR_ACCOUNT_ID_UPSTREAM", ACCOUNT)
    status, told, found = findings(cli)
    assert (status, told["accounts"][0]["found"]) == (2, "absent")
    assert "--create-account" in found["fails", f"account {ACCOUNT}"]
    monkeypatch.setenv("WF_CREATE_ACCOUNT", "1")
    status, _, found = findings(cli)
    assert (status, found["care", f"account {ACCOUNT}"]) == (0, "it is not there; the next sync makes it")
    monkeypatch.setenv("IBKR_ACCOUNT_ID", "none of them")
    status, _, found = findings(cli)
    assert status == 2
    assert "IBKR_ACCOUNT_ID" in found["fails", f"account {ACCOUNT}"]


def test_a_configured_account_is_found_by_its_id(
    cli: Cli, tracker: WealthfolioServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IBKR_ACCOUNT_ID_UPSTREAM", ACCOUNT)
    cli("ibkr", "--file", DEMO, "--create-account")
    (account_id,) = tracker.service.store.accounts
    monkeypatch.setenv("IBKR_ACCOUNT_ID", account_id)
    status, told, _ = findings(cli)
    (account,) = told["accounts"]
    assert (status, account["found"], account["tracker"]) == (0, "by its id", account_id)


def test_a_server_that_is_not_set_up_is_told(cli: Cli, tracker: WealthfolioServer) -> None:
    tracker.service.store.base_currency = tracker.service.store.time_zone = ""
    status, told, found = findings(cli)
    assert (status, told["time_zone"], told["base_currency"], told["outcome"]) == (0, "", "", "care")
    assert {("care", "time zone"), ("care", "base currency")} <= set(found)


def test_a_refused_password_is_what_does_not_work(
    cli: Cli, tracker: WealthfolioServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WF_PASSWORD", "not this one")
    status, told, found = findings(cli)
    assert (status, told["version"], told["login"], told["outcome"]) == (2, None, None, "fails")
    assert "WF_PASSWORD" in found["fails", "server"]
    assert tracker.seen


def test_one_question_that_fails_does_not_hide_the_others(cli: Cli, tracker: WealthfolioServer) -> None:
    broken = Answers(reply=Reply.of({"code": 400, "message": "not so"}, status=400))
    tracker.faults.plan("POST", "/activities/import/check-duplicates", broken)
    status, told, found = findings(cli)
    assert status == 1
    assert "not so" in found["fails", "keys of rows"]
    assert told["accounts"]


def test_without_an_address_there_is_nothing_to_look_at(cli: Cli) -> None:
    ran = cli("wealthfolio", "check")
    assert (ran.status, "WF_BASE_URL" in ran.err) == (2, True)


def test_taking_rows_over_is_a_setting_that_an_option_turns_on() -> None:
    assert Request(files=(), adopt=True).overrides == {"WF_ADOPT": "1"}
    assert load_settings(overrides={"WF_ADOPT": "1"}).wealthfolio.adopt is True
    assert load_settings().wealthfolio.adopt is False
