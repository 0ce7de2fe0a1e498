"""The demo says that all is well only when it is."""

from pathlib import Path
from typing import Any

import pytest

from broker_sync import demo

SIDE = {"broker": "5", "tracker": "5", "drift": "0"}


def result(*, new: int = 0, drift: str = "0", outcome: str = "ok", cash: bool = True) -> dict[str, Any]:
    account = {
        "new": new,
        "positions": [{"symbol": "WDGT", **SIDE, "drift": drift}] if cash else [],
        "cash": [{"currency": "USD", **SIDE}] if cash else [],
    }
    return {"outcome": outcome, "accounts": [account]}


def test_a_perfect_result_is_told_in_one_sentence() -> None:
    good, text = demo.verdict(result())
    assert good
    assert text.startswith("Every drift is zero: 1 positions and 1 currencies")


@pytest.mark.parametrize(
    "told",
    [result(new=1), result(drift="0.00001"), result(outcome="drift"), result(cash=False)],
    ids=["something is new", "a small drift", "not ok", "nothing was compared"],
)
def test_anything_less_is_not_well(told: dict[str, Any]) -> None:
    good, text = demo.verdict(told)
    assert not good
    assert text.startswith("This is not as it should be")


def test_what_drifts_is_named() -> None:
    assert "drift in WDGT," in demo.verdict(result(drift="1"))[1]


@pytest.mark.slow
def test_the_demo_ends_well(capfd: pytest.CaptureFixture[str]) -> None:
    assert demo.main() == 0
    out, err = capfd.readouterr()
    assert err == ""
    assert out.count("$ broker-sync ibkr --file examples/ibkr-demo.xml\n") == 2
    assert "ibkr: fetched=56 new=56 imported=56 failed=0\n" in out
    assert "ibkr: fetched=56 new=0 imported=0 failed=0\n" in out
    assert out.rstrip().splitlines()[-1].startswith("Every drift is zero: ")


def test_outside_a_checkout_the_demo_says_what_it_needs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert demo.main(tmp_path) == 1
    assert "examples/ibkr-demo.xml" in capsys.readouterr().out
