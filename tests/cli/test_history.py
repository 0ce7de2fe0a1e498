"""What each run found is kept: since when something differs, and what became of nights that failed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from broker_sync.archive import Archive
from broker_sync.cli.explaining import with_explanations
from broker_sync.cli.history import remember_failure, remembered
from broker_sync.dedup import PastResult, SyncRecordStore
from broker_sync.errors import TransientError
from broker_sync.report import Run
from broker_sync.settings import Settings, load_settings
from tests.providers.ibkr.builders import balance, balances, cash, cash_rows, one_statement
from tests.report_samples import perfect, troubled
from tests.standins.flex.answers import code
from tests.standins.flex.service import SEND
from tests.standins.wealthfolio import Service, WealthfolioServer
from tests.test_confirm import MONDAY

from .conftest import Cli
from .nights import Nights
from .statements import ACCOUNT, OTHER, drifting, good, two_accounts

# The fixtures are taken over by their names.
from .test_nightly import DAY, FIRST_NIGHT, nights, statements  # noqa: F401

Write = Callable[..., Path]


def kept(data_dir: Path) -> list[PastResult]:
    with SyncRecordStore.read_only(data_dir) as store:
        return store.results()


def bodies(data_dir: Path) -> list[dict[str, Any]]:
    return [json.loads(each.body) for each in kept(data_dir)]


def states(standings: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [(each["of"], each["label"], each["state"]) for each in standings]


def test_what_a_run_found_is_kept_as_it_was_told(cli: Cli, write: Write, data_dir: Path) -> None:
    (told,) = cli("ibkr", "--file", write(drifting()), "--json").result["accounts"]
    (found,) = kept(data_dir)
    assert (found.account, found.account_id, found.sink, found.outcome) == (
        ACCOUNT,
        ACCOUNT,
        "ledger",
        "drift",
    )
    assert json.loads(found.body) == told
    assert states(told["standings"]) == [("cash", "USD", "new")]


def test_a_difference_is_new_at_first_and_confirmed_by_the_second_run(cli: Cli, write: Write) -> None:
    bad = write(drifting())
    first = cli("ibkr", "--file", bad).out
    assert "DRIFT, new" in first
    second = cli("ibkr", "--file", bad)
    assert "DRIFT, confirmed since 20" in second.out
    (told,) = cli("ibkr", "--file", bad, "--json").result["accounts"]
    assert states(told["standings"]) == [("cash", "USD", "confirmed")]
    assert told["standings"][0]["runs"] == 3
    assert told["standings"][0]["drift"] == "-1429"


def test_what_is_mended_no_longer_stands(cli: Cli, write: Write, data_dir: Path) -> None:
    cli("ibkr", "--file", write(drifting()))
    cli("ibkr", "--file", write(good(), "good.xml"))
    with SyncRecordStore.read_only(data_dir) as store:
        assert store.drifts("ledger", ACCOUNT) == []


def test_a_statement_of_days_that_are_past_says_nothing_of_how_things_stand(
    cli: Cli, write: Write, data_dir: Path
) -> None:
    cli("ibkr", "--file", write(drifting()))
    with SyncRecordStore.read_only(data_dir) as store:
        before = store.drifts("ledger", ACCOUNT)
    old = good().replace("20260531", "20260530")
    cli("ibkr", "--file", write(old, "old.xml"))
    with SyncRecordStore.read_only(data_dir) as store:
        assert store.drifts("ledger", ACCOUNT) == before
    assert len(kept(data_dir)) == 2


def test_a_dry_run_keeps_nothing(cli: Cli, write: Write, data_dir: Path) -> None:
    cli("ibkr", "--file", write(good()))
    (told,) = cli("ibkr", "--file", write(drifting()), "--json", "--dry-run").result["accounts"]
    assert told["standings"] == []
    assert len(kept(data_dir)) == 1


def test_each_account_has_its_own_history(cli: Cli, write: Write, data_dir: Path) -> None:
    cli("ibkr", "--file", write(two_accounts()))
    assert {each.account for each in kept(data_dir)} >= {ACCOUNT, OTHER}
    assert len({each.run_id for each in kept(data_dir)}) == len(kept(data_dir))


# --- why ---


def test_a_sync_says_why_both_sides_differ_if_it_is_asked(cli: Cli, write: Write, data_dir: Path) -> None:
    rows = cash_rows(cash(), cash(transactionID="8000", type="Gift Voucher", amount="30"))
    voucher = write(one_statement(rows, balances(balance(startingCash="0", endingCash="42.5"))))
    silent = cli("ibkr", "--file", voucher)
    assert "Why" not in silent.out
    told = cli("ibkr", "--file", voucher, "--explain").out
    assert "USD +30: rejected\n" in told
    assert "Found in 2 runs in a row since" in told
    assert told.splitlines()[-1].startswith("ibkr: fetched=2 ")
    (account,) = cli("ibkr", "--file", voucher, "--explain", "--json").result["accounts"]
    (why,) = account["explanations"]
    assert (why["cause"], why["records"], why["confirmed"]) == ("rejected", ["ibkr:cash:8000"], True)
    without, _, with_reasons = bodies(data_dir)
    assert "explanations" not in without
    assert with_reasons["explanations"] == [why]


def test_what_would_differ_after_a_dry_run_is_explained_too(cli: Cli, write: Write, data_dir: Path) -> None:
    rows = cash_rows(cash(), cash(transactionID="8000", type="Gift Voucher", amount="30"))
    voucher = write(one_statement(rows, balances(balance(startingCash="0", endingCash="42.5"))))
    (account,) = cli("ibkr", "--file", voucher, "--explain", "--json", "--dry-run").result["accounts"]
    assert [each["cause"] for each in account["explanations"]] == ["rejected"]
    assert not data_dir.exists()


def test_reasons_that_cannot_be_found_out_do_not_undo_a_sync(
    data_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = unusable(data_dir)
    run = Run(provider="ibkr", results=[troubled()])
    archive = Archive(data_dir, now=lambda: MONDAY)
    assert asyncio.run(with_explanations(run, {}, settings, archive)) == run
    assert "why both sides differ could not be found out" in caplog.text


# --- nights that fail ---


@pytest.mark.slow
def test_a_night_on_which_the_broker_does_not_answer_is_one_that_failed(
    nights: Nights,  # noqa: F811
    data_dir: Path,
    cli: Cli,
) -> None:
    nights.night(FIRST_NIGHT)
    nights.service.fail(SEND, always=code(1012))
    assert nights.night(FIRST_NIGHT + DAY).status != 0
    good_night, bad_night = kept(data_dir)
    assert (good_night.outcome, bad_night.outcome, bad_night.account) == ("ok", "failed", "")
    assert bad_night.ended_at.date() == FIRST_NIGHT + DAY
    assert "1012" in json.loads(bad_night.body)["error"]
    assert [run["outcome"] for run in cli("ibkr", "status", "--json").result["runs"]] == ["failed", "ok"]


@pytest.mark.slow
def test_a_night_whose_statement_is_refused_is_one_that_was_refused(nights: Nights, data_dir: Path) -> None:  # noqa: F811
    nights.service.collapses = True
    assert nights.night(FIRST_NIGHT).status == 3
    (found,) = kept(data_dir)
    assert found.outcome == "refused"
    assert "asked for were" in json.loads(found.body)["error"]


def test_a_night_on_which_the_tracker_takes_nothing_is_one_that_failed(
    cli: Cli, write: Write, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with WealthfolioServer(Service(settle_after=0)) as server:
        monkeypatch.setenv("WF_BASE_URL", server.address)
        monkeypatch.setenv("WF_PASSWORD", "not the one")
        ran = cli("ibkr", "--file", write(two_accounts()))
    assert ran.status != 0
    found = kept(data_dir)
    assert [(each.account, each.outcome) for each in found] == [
        (ACCOUNT, "failed"),
        (OTHER, "failed"),
    ]
    assert ["refused the password" in each["error"] for each in bodies(data_dir)] == [True, True]
    with SyncRecordStore.read_only(data_dir) as store:
        runs = store.latest_runs("ibkr")
    assert [(run.outcome, run.ended_at is None) for run in runs] == [("failed", False)] * 2


def unusable(data_dir: Path) -> Settings:
    """Settings with a data directory in which nothing can be kept."""
    (data_dir / "sync.db").mkdir(parents=True)
    return load_settings()


def test_what_cannot_be_kept_is_an_error_of_the_account(data_dir: Path) -> None:
    run = Run(provider="ibkr", results=[replace(perfect(), run_id=1)])
    told = remembered(run, unusable(data_dir), at=MONDAY)
    assert [(each.account, each.exit_code) for each in told.errors] == [(ACCOUNT, 1)]
    assert told.results == run.results


def test_a_failure_that_cannot_be_kept_is_told_as_it_was(
    data_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    remember_failure("ibkr", TransientError("the broker is away"), unusable(data_dir), at=MONDAY)
    assert "the failure could not be written down" in caplog.text


def test_a_failure_is_no_reason_to_make_the_data_directory(data_dir: Path) -> None:
    remember_failure("ibkr", TransientError("the broker is away"), load_settings(), at=MONDAY)
    assert not data_dir.exists()
