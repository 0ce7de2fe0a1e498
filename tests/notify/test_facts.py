"""What a run shows of what is wrong, and what it says nothing of."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from broker_sync.confirm import Standing
from broker_sync.explain import Explanation, Kind
from broker_sync.notify import RunFacts, Seen, Topic, TopicKind, seen_in
from broker_sync.reconcile import Side, SideKind
from broker_sync.report import AccountError, Run
from tests.report_samples import ACCOUNT, LAST, WIDGET, held, perfect, run, troubled
from tests.tables import for_each

NOW = dt.datetime(2026, 6, 1, 2, tzinfo=dt.UTC)
NAME = ACCOUNT.provider_account_id
FAILURE = Topic(TopicKind.FAILURE, "ibkr")
TOKEN = Topic(TopicKind.TOKEN, "ibkr")
DRIFT = Topic(TopicKind.DRIFT, f"{NAME} in ledger")


def look(of: Run, **more: Any) -> dict[Topic, Seen]:  # noqa: ANN401  # any of the facts
    told = {"status": 0, "ended": NOW, "token_days": 14, "mask": str, **more}
    found = seen_in(RunFacts(run=of, **told))
    assert len({each.topic for each in found}) == len(found)
    return {each.topic: each for each in found}


def failed(text: str, **more: Any) -> Seen:  # noqa: ANN401  # as above
    return look(Run(provider="ibkr", error=text), **{"status": 75, **more})[FAILURE]


def standing(runs: int, amount: str = "0.5", side: Side | None = None) -> Standing:
    return Standing(
        side=side or Side(SideKind.POSITION, WIDGET.key),
        label="WDGT",
        first_seen=dt.datetime(2026, 5, 30, tzinfo=dt.UTC),
        last_seen=NOW,
        runs=runs,
        amount=Decimal(amount),
    )


def drifting(found: Sequence[Standing], explanations: dict[str, Sequence[Explanation]] | None = None) -> Seen:
    return look(replace(run(perfect()), standings={NAME: found}, explanations=explanations))[DRIFT]


# --- failure ---


def test_a_run_that_goes_well_is_no_trouble() -> None:
    seen = look(run(perfect()))
    assert [*seen] == [FAILURE]
    assert seen[FAILURE].troubles == []
    assert seen[FAILURE].subjects == {"", NAME}
    assert seen[FAILURE].all_well == f"Synced: {NAME}."


def test_a_run_that_came_to_no_account_says_nothing_of_them() -> None:
    seen = failed("the broker is away")
    assert seen.subjects == {""}
    (trouble,) = seen.troubles
    assert trouble.text.startswith("the broker is away\nExit status 75: ")


def test_the_same_failure_at_another_time_is_the_same_cause() -> None:
    (first,) = failed("locked out until 2026-05-01 02:00, reference 991").troubles
    (second,) = failed("locked out until 2026-05-02 03:10, reference 17").troubles
    (other,) = failed("the token has expired").troubles
    (status,) = failed("locked out until 2026-05-01 02:00, reference 991", status=1).troubles
    assert first.cause == second.cause
    assert len({first.cause, other.cause, status.cause}) == 3


def test_a_failed_account_is_named_and_the_others_are_well() -> None:
    error = AccountError(account="U7654321", text="the tracker is away", exit_code=75)
    seen = look(replace(run(perfect()), errors=[error]))[FAILURE]
    (trouble,) = seen.troubles
    assert trouble.subject == "U7654321"
    assert trouble.text.startswith("Account U7654321: the tracker is away\nExit status 75: ")
    assert seen.subjects == {"", NAME, "U7654321"}


def test_a_run_of_which_nothing_came_but_errors_says_that_nothing_is_well() -> None:
    error = AccountError(account="U7654321", text="away", exit_code=75)
    assert look(Run(provider="ibkr", errors=[error]))[FAILURE].all_well == ""


def test_records_that_the_tracker_refused_are_a_failure() -> None:
    (trouble,) = look(run(troubled()))[FAILURE].troubles
    assert trouble.subject == "U7654321"
    assert "the tracker did not take 1 record: the ledger is full." in trouble.text
    assert "Exit status 1: " in trouble.text


def test_while_nothing_may_be_asked_nobody_is_told_that_the_next_run_helps() -> None:
    (trouble,) = failed("nothing was asked", held_up={"nothing was asked"}).troubles
    assert "Until then every run ends like this one." in trouble.text
    assert "next run" not in trouble.text


def test_a_secret_in_an_error_is_masked() -> None:
    (trouble,) = failed("GET /?t=made-up", mask=lambda text: text.replace("made-up", "***")).troubles
    assert "made-up" not in trouble.text
    assert "***" in trouble.text


# --- drift ---


def test_a_difference_is_told_once_it_is_confirmed() -> None:
    assert drifting([standing(1)]).troubles == []
    (trouble,) = drifting([standing(2)]).troubles
    assert trouble.text == (
        "WDGT: the tracker lacks 0.5, in 2 runs in a row since 2026-05-30. "
        "`broker-sync reconcile --explain` says why."
    )


def test_the_same_difference_in_another_amount_is_the_same_cause() -> None:
    (one,) = drifting([standing(2)]).troubles
    (other,) = drifting([standing(3, "-0.7")]).troubles
    assert one.key == other.key
    assert "the tracker has too much by 0.7, in 3 runs in a row" in other.text


def test_net_asset_value_is_called_so() -> None:
    value = replace(standing(2, side=Side(SideKind.NAV, "GBP")), label="GBP")
    (trouble,) = drifting([value]).troubles
    assert trouble.text.startswith("Net asset value in GBP: the tracker lacks 0.5")


@for_each("command", ["broker-sync explain ibkr:trade:1", None])
def test_whoever_is_told_learns_why(command: str | None) -> None:
    why = Explanation(
        drift=held(WIDGET, "2", "1.5"), kind=Kind.REJECTED, text="A record was rejected.", command=command
    )
    (trouble,) = drifting([standing(2)], {NAME: [why]}).troubles
    assert "2026-05-30. A record was rejected." in trouble.text
    assert (f"To do: {command}" in trouble.text) == (command is not None)


def test_an_account_that_was_not_compared_is_not_seen() -> None:
    assert DRIFT not in look(run(perfect()))


def test_what_is_equal_again_says_as_of_when() -> None:
    assert drifting([]).all_well == f"Compared as of {LAST}."
    never = replace(run(replace(perfect(), last_day=None)), standings={NAME: []})
    assert look(never)[DRIFT].all_well == ""


# --- token ---


@for_each(
    ("left", "cause"),
    [
        (dt.timedelta(days=15), None),
        (dt.timedelta(days=14, seconds=1), None),
        (dt.timedelta(days=14), "ends 2026-06-15"),
        (dt.timedelta(hours=30), "ends 2026-06-02"),
        (dt.timedelta(0), "ended"),
        (-dt.timedelta(days=1), "ended"),
    ],
)
def test_the_end_of_a_token_is_told_before_it_comes(left: dt.timedelta, cause: str | None) -> None:
    seen = look(run(perfect()), token_expires=NOW + left)[TOKEN]
    assert [trouble.cause for trouble in seen.troubles] == ([] if cause is None else [cause])
    if left == dt.timedelta(hours=30):
        assert "in 2 days" in seen.troubles[0].text


def test_a_token_of_which_nobody_knows_the_end_is_not_seen() -> None:
    assert TOKEN not in look(run(perfect()), token_expires=None)


def test_a_token_is_also_told_of_when_the_run_failed() -> None:
    seen = look(Run(provider="ibkr", error="x"), status=1, token_expires=NOW)
    assert [*seen] == [FAILURE, TOKEN]
