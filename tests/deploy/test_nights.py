"""Nights of ``broker-sync ibkr`` as a real Prometheus has them from a real Pushgateway."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from broker_sync.metrics import push_pushgateway
from tests.cli.conftest import Cli, Ran, cli, data_dir, write  # noqa: F401  # fixtures go by their names
from tests.cli.statements import ACCOUNT, good
from tests.deploy.watch import RULES, Watch
from tests.metrics.servers import eventually
from tests.metrics.test_exposition import HOSTILE
from tests.providers.ibkr.builders import (
    account_information,
    balance,
    balances,
    cash,
    cash_rows,
    one_statement,
    position,
    positions,
    sale,
    trade,
    trades,
)

pytestmark = pytest.mark.slow
if not RULES.is_file():
    pytest.skip("the alerts are in a checkout only", allow_module_level=True)

DRIFT = "ibkr_position_drift_shares"
SUCCESS = "ibkr_sync_last_success_timestamp_seconds"
HOSTILE_NAME = 'GDG"T\\Ü'


def now() -> float:
    # Prometheus goes by the clock, too.
    return dt.datetime.now(dt.UTC).timestamp()  # noqa: TID251


def drifted() -> str:
    """The broker no longer holds what the tracker has, and holds what nobody told the tracker of."""
    stranger = position(symbol=HOSTILE_NAME, conid="2002", isin=None, position="5")
    return one_statement(
        account_information(),
        trades(trade(), sale()),
        cash_rows(cash()),
        positions(stranger),
        balances(balance(startingCash="2000", endingCash="1450.5")),
    )


def sold_out() -> str:
    last = sale(
        transactionID="9003", tradeID="8003", ibExecID="0000aaac.01.01", quantity="-6", proceeds="660",
        netCash="659", dateTime="20260522;110000", tradeDate="20260522", reportDate="20260522",
    )  # fmt: skip
    return one_statement(
        account_information(),
        trades(trade(), sale(), last),
        cash_rows(cash()),
        positions(),
        balances(balance(startingCash="2000", endingCash="2109.5")),
    )


@pytest.fixture
def night(
    cli: Cli,  # noqa: F811
    write: Callable[..., Path],  # noqa: F811
    watch: Watch,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[str], Ran]:
    """Syncs a statement into the embedded ledger, and pushes what came of it."""
    monkeypatch.setenv("PUSHGATEWAY_URL", f"{watch.gateway}/metrics")

    def run(text: str) -> Ran:
        ran = cli("ibkr", "--file", write(text), "--strict", "--json")
        assert not ran.err, ran.err
        return ran

    return run


def test_two_nights_one_clean_and_one_with_a_drift_and_the_recovery(
    night: Callable[[str], Ran], watch: Watch
) -> None:
    began = now()
    assert night(good()).result["outcome"] == "ok"
    eventually(lambda: watch.ask(DRIFT), lambda found: found == {"WDGT": 0})
    (clean,) = watch.ask(SUCCESS).values()
    assert began <= clean <= now()
    eventually(watch.alerts, lambda alerts: not alerts)

    # A symbol that only the tracker has, and one that only the broker has, are in the result and out there.
    told = night(drifted()).result
    assert told["outcome"] == "drift"
    sides = {each["symbol"]: float(each["drift"]) for each in told["accounts"][0]["positions"]}
    assert sides == {"WDGT": -6, HOSTILE_NAME: 5}
    eventually(lambda: watch.ask(DRIFT), lambda found: found == sides)
    both = {("IBKRPositionDrift", symbol, "pending") for symbol in sides}
    eventually(watch.alerts, lambda alerts: alerts == both)
    eventually(watch.alerts, lambda alerts: {state for _, _, state in alerts} == {"firing"})
    assert len(watch.alerts()) == len(sides)
    (drifting,) = watch.ask(SUCCESS).values()
    assert drifting > clean

    assert night(good()).result["outcome"] == "ok"
    eventually(lambda: watch.ask(DRIFT), lambda found: found == {"WDGT": 0})
    eventually(watch.alerts, lambda alerts: not alerts)

    assert night(sold_out()).result["accounts"][0]["positions"] == []
    eventually(lambda: watch.ask(DRIFT), lambda found: found == {})
    eventually(lambda: watch.ask(SUCCESS), lambda found: [*found.values()] > [drifting])


def test_hostile_labels_arrive_intact(watch: Watch) -> None:
    texts = [text for text in HOSTILE if text]
    metrics = [(DRIFT, {"symbol": text, "account": ACCOUNT}, number) for number, text in enumerate(texts)]
    asyncio.run(push_pushgateway("broker-sync-ibkr", metrics, f"{watch.gateway}/metrics"))
    wanted = {text: float(number) for number, text in enumerate(texts)}
    eventually(lambda: watch.ask(DRIFT), lambda found: found == wanted)
