"""SIGTERM: whatever a run is waiting for, it ends within seconds, and the next one goes on from there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.standins.flex import FlexServer, FlexService
from tests.standins.flex.answers import drip
from tests.standins.flex.service import GET, SEND
from tests.standins.wealthfolio import PASSWORD, Service, Stalls, WealthfolioServer

from .conftest import Cli
from .nights import ACCOUNT, QUERY, TOKEN, Statements, life

DEMO = Path(__file__).parents[2] / "examples" / "ibkr-demo.xml"
GRACE = 5.0
"""Seconds; an orchestrator gives ten or more."""

# Each test starts a program of its own.
pytestmark = pytest.mark.slow


@contextmanager
def started(*arguments: str | Path, **settings: str) -> Iterator[subprocess.Popen[str]]:
    inherited = os.environ  # noqa: TID251  # for the child
    with subprocess.Popen(
        [sys.executable, "-m", "broker_sync", "ibkr", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**inherited, **settings},
    ) as child:
        try:
            yield child
        finally:
            child.kill()


def ended(child: subprocess.Popen[str], *, once: Callable[[], bool]) -> tuple[float, str]:
    """Asks `child` to end once it waits; how long it took, and what it said."""
    deadline = time.monotonic() + 60
    while not once():
        assert child.poll() is None, child.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)  # until another process has come so far
    asked_at = time.monotonic()
    child.send_signal(signal.SIGTERM)
    _, said = child.communicate(timeout=60)
    assert child.returncode == 128 + signal.SIGTERM
    return time.monotonic() - asked_at, said


@pytest.mark.parametrize("waits_for", ["a statement that is not ready", "an answer"])
def test_a_run_that_waits_for_the_broker_ends_at_once(waits_for: str) -> None:
    service = FlexService(Statements(life(days=60, events=30)), token=TOKEN, query_id=QUERY)
    if waits_for == "an answer":
        service.fail(SEND, drip(60))
    else:
        service.pending = 1000
    with (
        FlexServer(service) as server,
        started(
            IBKR_FLEX_TOKEN=TOKEN,
            IBKR_FLEX_QUERY_ID=QUERY,
            IBKR_FLEX_BASE_URL=server.address,
            IBKR_ACCOUNT_ID_UPSTREAM=ACCOUNT,
        ) as child,
    ):
        last = SEND if waits_for == "an answer" else GET
        took, said = ended(child, once=lambda: last in service.names())
    assert took < GRACE
    assert "asked to end" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("path", ["/auth/login", "/activities/bulk"])
def test_a_run_that_waits_for_the_tracker_ends_at_once_and_the_next_books_the_rest(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    with WealthfolioServer(Service(settle_after=0)) as tracker:
        for name, text in {
            "WF_BASE_URL": tracker.address, "WF_PASSWORD": PASSWORD, "WF_CREATE_ACCOUNT": "1",
        }.items():  # fmt: skip
            monkeypatch.setenv(name, text)
        tracker.faults.plan("POST", path, Stalls(seconds=60))
        with started("--file", DEMO) as child:
            took, said = ended(child, once=lambda: any(each.path == path for each in tracker.seen))
        assert took < GRACE
        assert "what was booked until then is kept" in said
        assert "Traceback" not in said
        ran = cli("ibkr", "--file", DEMO, "--json")
        assert (ran.status, ran.result["outcome"]) == (0, "ok"), ran.err
        (account,) = ran.result["accounts"]
        assert {side["drift"] for side in (*account["positions"], *account["cash"])} == {"0"}
