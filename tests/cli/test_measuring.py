"""Everything that there is a metric for is told by a real run."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from broker_sync import __version__
from broker_sync.metrics import CATALOGUE, metric_name
from broker_sync.metrics.exposition import parse
from broker_sync.sinks.ledger import LedgerSink
from tests.metrics.gateway import values
from tests.providers.ibkr.builders import (
    account_information,
    balance,
    balances,
    cash,
    cash_rows,
    one_statement,
    positions,
    section,
)
from tests.standins.flex import FlexServer, FlexService
from tests.standins.flex.answers import code
from tests.standins.flex.service import SEND
from tests.standins.wealthfolio import PASSWORD, Service, WealthfolioServer

from .conftest import Cli
from .nights import ACCOUNT, QUERY, TOKEN, Nights, Statements, life
from .statements import ACCOUNT as OURS
from .statements import good

pytestmark = pytest.mark.slow

LIFE = life(days=200, events=60)
NIGHT = dt.date(2024, 6, 12)
DAY = dt.timedelta(days=1)


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BROKER_SYNC_TEXTFILE", str(tmp_path / "ibkr.prom"))
    return tmp_path / "ibkr.prom"


@pytest.fixture
def nights(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Nights]:
    """Nights from a service into a Wealthfolio server."""
    service = FlexService(Statements(LIFE), token=TOKEN, query_id=QUERY)
    with FlexServer(service) as broker, WealthfolioServer(Service(settle_after=0)) as tracker:
        given = {
            "IBKR_FLEX_TOKEN": TOKEN,
            "IBKR_FLEX_QUERY_ID": QUERY,
            "IBKR_ACCOUNT_ID_UPSTREAM": ACCOUNT,
            "IBKR_FLEX_BASE_URL": broker.address,
            "WF_BASE_URL": tracker.address,
            "WF_PASSWORD": PASSWORD,
            "WF_CREATE_ACCOUNT": "1",
        }
        for name, text in given.items():
            monkeypatch.setenv(name, text)
        yield Nights(service, broker, capsys)


NAV = {"ibkr_nav_drift_amount", "ibkr_nav_drift_confirmed"}


def test_everything_is_told_night_after_night(nights: Nights, told: Path) -> None:
    ran = nights.night(NIGHT)
    assert ran.result["outcome"] == "ok"
    samples = parse(told.read_text("utf-8"))
    # The server has no prices of what this account holds, so nobody knows what it is worth there.
    all_of_them = {metric_name("ibkr", each.suffix) for each in CATALOGUE}
    assert all_of_them - {each.name for each in samples} == NAV

    def of(name: str) -> dict[tuple[tuple[str, str], ...], object]:
        return values(samples, f"ibkr_{name}")

    (account,) = ran.result["accounts"]
    whose = (("account", ACCOUNT),)
    assert set(of("cash_drift_amount").values()) == set(of("cash_drift_confirmed").values()) == {0}
    assert len(of("cash_drift_amount")) == len(account["cash"])
    assert of("sync_records")[*whose, ("outcome", "imported")] == account["new"]
    assert of("section_rows")[*whose, ("outcome", "booked"), ("section", "Trades")] > 0  # type: ignore[operator]
    assert set(of("rejected_records").values()) == {0}
    assert (of("sync_conflicts")[whose], of("coverage_gap_weekdays")[whose]) == (0, 0)
    assert {dict(labels)["stage"] for labels in of("sync_stage_duration_seconds")} == {"fetch", "sync"}
    assert of("sync_last_attempt_outcome") == {
        (("outcome", name),): int(name == "ok") for name in ("ok", "drift", "failed", "refused")
    }
    noon = dt.datetime.combine(NIGHT, dt.time(12), tzinfo=dt.UTC)
    year = (noon + dt.timedelta(days=365)).timestamp()
    assert of("flex_token_expires_timestamp_seconds")[()] == pytest.approx(year, abs=60)
    assert (of("flex_breaker_open")[()], of("flex_token_expired")[()]) == (0, 0)
    assert of("statement_end_timestamp_seconds")[whose] == (noon - dt.timedelta(hours=12)).timestamp()
    (tracker,) = of("tracker_info")
    assert dict(tracker)["tracker"] == "wealthfolio"
    assert dict(tracker)["version"]


def test_a_lock_out_opens_the_breaker_at_once(nights: Nights, told: Path) -> None:
    nights.service.fail(SEND, always=code(1025))
    assert nights.night(NIGHT).status == 75
    assert nights.night(NIGHT + DAY).status == 75
    samples = parse(told.read_text("utf-8"))
    assert values(samples, "ibkr_flex_last_error_code") == {(): 1025}
    assert values(samples, "ibkr_flex_breaker_open") == {(): 1}


def test_what_a_person_removed_is_a_conflict_and_confirmed_on_the_second_night(
    cli: Cli, write: Callable[..., Path], told: Path, data_dir: Path
) -> None:
    cli("ibkr", "--file", write(good()))
    with LedgerSink(data_dir / "portfolio.db") as ledger:
        account, _ = next(ledger.activities())
        asyncio.run(ledger.delete(account, ["ibkr:cash:7001"]))
    states = []
    for _ in range(2):
        cli("ibkr", "--file", write(good()))
        samples = parse(told.read_text("utf-8"))
        names = ("cash_drift_amount", "cash_drift_confirmed", "sync_conflicts")
        states.append([number for name in names for number in values(samples, f"ibkr_{name}").values()])
    assert states == [[12.5, 0, 1], [12.5, 1, 1]]
    (tracker,) = values(parse(told.read_text("utf-8")), "ibkr_tracker_info")
    assert dict(tracker) == {"tracker": "ledger", "version": __version__}


# --- what everything is worth ---


def worth(total: str) -> str:
    """An account that has 1000 USD and nothing else, and is worth `total`, by what the broker says."""
    equity = {"accountId": OURS, "currency": "USD", "reportDate": "20260531", "cash": "1000", "total": total}
    row = cash(type="Deposits/Withdrawals", amount="1000", currency="USD", symbol=None, conid=None, isin=None)
    return one_statement(
        account_information(currency="USD"),
        cash_rows(row),
        positions(),
        balances(balance(currency="USD", startingCash="0", endingCash="1000")),
        section("EquitySummaryInBase", "EquitySummaryByReportDateInBase", equity),
    )


@pytest.fixture
def tracker(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with WealthfolioServer(Service(settle_after=0)) as server:
        monkeypatch.setenv("WF_BASE_URL", server.address)
        monkeypatch.setenv("WF_PASSWORD", PASSWORD)
        monkeypatch.setenv("WF_CREATE_ACCOUNT", "1")
        yield


@pytest.mark.usefixtures("tracker")
def test_a_value_that_differs_alone_is_put_down_to_the_prices(
    cli: Cli, write: Callable[..., Path], told: Path
) -> None:
    (same,) = cli("ibkr", "--file", write(worth("1009")), "--json").result["accounts"]
    assert (same["nav"]["drift"], same["nav"]["cause"], same["standings"]) == ("9", None, [])
    ran = cli("ibkr", "--file", write(worth("1011")), "--explain")
    assert ran.status == 0
    assert "DRIFT, new: prices" in ran.out
    assert "Every position and all cash agree, so it is prices" in ran.out
    assert [*values(parse(told.read_text("utf-8")), "ibkr_nav_drift_amount").values()] == [11]
    again = cli("ibkr", "--file", write(worth("1011")), "--json").result
    assert (again["outcome"], again["accounts"][0]["nav"]["cause"]) == ("ok", "prices")
    assert [*values(parse(told.read_text("utf-8")), "ibkr_nav_drift_confirmed").values()] == [1]


def test_metrics_can_be_kept_to_oneself(
    cli: Cli, write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUSHGATEWAY_URL", "http://127.0.0.1:9")
    ran = cli("ibkr", "--file", write(good()), "--metrics", "none", "--strict")
    assert (ran.status, ran.err) == (0, "")
