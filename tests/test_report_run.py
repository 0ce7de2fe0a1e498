"""The outcome and the exit status of a run over one or several accounts."""

from dataclasses import replace

import pytest

from broker_sync.contracts import Refused
from broker_sync.report import AccountError, Run
from tests.report_samples import GADGET, held, money, perfect, rejection, run, troubled, worth

BUSY = AccountError(account="U1", text="the tracker is busy", exit_code=75)
BROKEN = AccountError(account="U2", text="the disk is full", exit_code=1)


def test_where_all_is_well_the_outcome_is_ok() -> None:
    assert run(perfect()).outcome == "ok"
    assert run(perfect()).exit_status(strict=True) == 0


def test_a_drift_is_told_and_is_a_failure_only_when_strict() -> None:
    off = run(perfect(), replace(perfect(), cash=[money("GBP", "1", "2")]))
    assert off.outcome == "drift"
    assert (off.exit_status(strict=False), off.exit_status(strict=True)) == (0, 4)


def test_a_rounding_of_a_fraction_is_no_drift() -> None:
    close = run(replace(perfect(), positions=[held(GADGET, "5", "4.99995")]))
    assert (close.outcome, close.exit_status(strict=True)) == ("ok", 0)


def test_a_rejected_record_is_a_failure_only_when_strict() -> None:
    rejected = run(replace(perfect(), rejected=[rejection(1)]))
    assert rejected.outcome == "ok"
    assert (rejected.exit_status(strict=False), rejected.exit_status(strict=True)) == (0, 4)


def test_what_the_tracker_refuses_is_a_failure_always() -> None:
    assert run(perfect(), troubled()).outcome == "failed"
    assert run(perfect(), troubled()).exit_status(strict=True) == 1


def test_a_refused_change_or_opening_balance_is_a_failure_too() -> None:
    refused = run(replace(perfect(), failures=[Refused(external_id="ibkr:opening:cash:GBP", reason="no")]))
    assert (refused.outcome, refused.exit_status(strict=False)) == ("failed", 1)


@pytest.mark.parametrize(
    ("errors", "status"), [([BUSY], 75), ([BUSY, BUSY], 75), ([BROKEN], 1), ([BUSY, BROKEN], 1)]
)
def test_an_error_gives_its_status_where_it_is_all_that_went_wrong(
    errors: list[AccountError], status: int
) -> None:
    stopped = Run(provider="ibkr", results=[perfect()], errors=errors)
    assert (stopped.outcome, stopped.exit_status(strict=False)) == ("failed", status)
    both = Run(provider="ibkr", results=[troubled()], errors=errors)
    assert both.exit_status(strict=False) == 1


def test_a_run_that_did_nothing_says_why() -> None:
    assert Run(provider="ibkr", error="no such setting").outcome == "failed"
    assert Run(provider="ibkr", error="not a statement", refused=True).outcome == "refused"


def test_a_net_asset_value_alone_is_no_drift() -> None:
    assert run(replace(perfect(), nav=worth("1", "2"))).outcome == "ok"
