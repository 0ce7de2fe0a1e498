"""When nothing is sent to IBKR any more, until when, and how that is written down."""

import datetime as dt
import json

import pytest

from broker_sync.providers.ibkr.breaker import (
    MOST_FAILURES,
    OVERRIDE,
    WITHIN,
    BreakerOpenError,
    BreakerState,
    Closed,
    Failure,
    LockOut,
    Open,
    Standing,
    after_failure,
    after_lockout,
    lockout_length,
    settled,
    standing,
)
from broker_sync.providers.ibkr.breaker_form import FormError, states_from, text_of
from tests.tables import for_each

NIGHT = dt.datetime(2026, 6, 1, 2, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
NOTHING = BreakerState()


def failure(hours: float = 0, why: str = "IBKR 1001") -> Failure:
    return Failure(at=NIGHT + hours * HOUR, why=why)


def failed(*hours: float) -> BreakerState:
    state = NOTHING
    for each in hours:
        state = after_failure(state, failure(each))
    return state


def at(state: BreakerState, hours: float) -> Standing:
    return standing(state, NIGHT + hours * HOUR)


def open_for(state: BreakerState, hours: float) -> float:
    """Hours from NIGHT until requests go out again, asked at `hours`."""
    found = at(state, hours)
    assert isinstance(found, Open)
    return (found.until - NIGHT) / HOUR


def test_at_first_requests_may_be_sent() -> None:
    assert at(NOTHING, 0) == Closed()


def test_a_lock_out_holds_for_twelve_hours() -> None:
    state = after_lockout(NOTHING, failure(why="IBKR 1025"))
    assert open_for(state, 0) == open_for(state, 11.99) == 12
    assert at(state, 12) == Closed()


def test_lock_outs_in_a_row_hold_longer_and_longer_up_to_three_days() -> None:
    assert [lockout_length(times) / HOUR for times in (1, 2, 3, 4, 5, 10_000)] == [12, 24, 48, 72, 72, 72]
    state = after_lockout(after_lockout(NOTHING, failure()), failure(13))
    assert open_for(state, 13) == 13 + 24


def test_few_failures_hold_nothing_up() -> None:
    assert at(failed(0, 0.1, 0.2, 0.3), 0.3) == Closed()


def test_five_failures_within_twelve_hours_hold_until_the_first_is_that_old() -> None:
    state = failed(0, 1, 2, 3, 4)
    assert MOST_FAILURES == 5
    assert open_for(state, 4) == WITHIN / HOUR == 12
    assert at(state, 12) == Closed()


def test_one_more_failure_after_that_holds_until_the_second_is_that_old() -> None:
    assert open_for(failed(0, 1, 2, 3, 4, 12), 12) == 13


def test_failures_of_several_nights_do_not_add_up() -> None:
    assert at(failed(0, 0.1, 24, 24.1, 48, 48.1), 48.1) == Closed()
    assert at(failed(0, 1, 2, 3, 12), 12) == Closed()


def test_only_the_latest_failures_are_kept() -> None:
    assert len(failed(*range(50)).failures) == MOST_FAILURES


def test_of_both_reasons_the_one_that_holds_longer_is_told() -> None:
    state = after_lockout(failed(0, 1, 2, 3, 4), failure(4, why="IBKR 1025"))
    found = at(state, 4)
    assert isinstance(found, Open)
    assert (found.until - NIGHT) / HOUR == 16
    assert "IBKR 1025" in found.why


def test_the_error_says_until_when_why_and_how_to_send_all_the_same() -> None:
    east = dt.timezone(dt.timedelta(hours=5))
    state = after_lockout(NOTHING, Failure(at=NIGHT.astimezone(east), why="IBKR 1025: too many"))
    found = at(state, 1)
    assert isinstance(found, Open)
    error = BreakerOpenError(found)
    assert error.exit_code == 75
    assert "until 2026-06-01 14:00 UTC" in str(error)
    assert "locked the account out at 2026-06-01 02:00 UTC (IBKR 1025: too many)" in str(error)
    assert f"set {OVERRIDE}=1" in str(error)
    assert (error.until, error.why) == (found.until, found.why)


def test_the_reason_for_too_many_failures_has_the_last_one_in_it() -> None:
    state = after_failure(failed(0, 1, 2, 3), failure(4, why="IBKR 1014: there is no such query"))
    found = at(state, 4)
    assert isinstance(found, Open)
    assert "5 requests for a statement failed within 12 hours" in found.why
    assert found.why.endswith("The last failed with: IBKR 1014: there is no such query.")


# --- clocks that jump ---


def test_what_lies_in_the_future_counts_as_happening_now() -> None:
    ahead = after_lockout(failed(-1, 100_000), failure(100_000))
    state = settled(ahead, NIGHT)
    assert [each.at for each in state.failures] == [NIGHT - HOUR, NIGHT]
    assert state.lockout == LockOut(at=NIGHT, why="IBKR 1001", times=1)
    assert open_for(state, 0) == 12


def test_what_lies_in_the_past_is_left_alone() -> None:
    for state in (NOTHING, failed(-3, 0), after_lockout(NOTHING, failure(-2))):
        assert settled(state, NIGHT) == state


# --- on paper ---


def test_what_is_written_is_read_again() -> None:
    states = {
        "aa": after_lockout(failed(0, 1), failure(2, why='quotes " and ё')),
        "bb": failed(3),
        "cc": after_lockout(NOTHING, failure()),
    }
    assert states_from(text_of(states)) == states


def test_nothing_is_written_of_a_token_without_failures() -> None:
    assert states_from(text_of({"aa": NOTHING})) == {}


def test_moments_are_written_in_utc() -> None:
    east = NIGHT.astimezone(dt.timezone(dt.timedelta(hours=5)))
    assert '"2026-06-01T02:00:00+00:00"' in text_of(
        {"aa": BreakerState(failures=(Failure(at=east, why=""),))}
    )


def spoilt(**changes: object) -> str:
    """A text with one thing changed in its only lock-out."""
    whole = json.loads(text_of({"aa": after_lockout(NOTHING, failure())}))
    whole["tokens"]["aa"]["lockout"].update(changes)
    return json.dumps(whole)


@for_each(
    ("text", "reason"),
    [
        ("", "it is not JSON"),
        ("{", "it is not JSON"),
        ("[]", "the whole is not an object"),
        ("{}", "its version is None"),
        ('{"version": 2, "tokens": {}}', "its version is 2"),
        ('{"version": 1}', "tokens is not an object"),
        ('{"version": 1, "tokens": {"aa": 1}}', "a token is not an object"),
        ('{"version": 1, "tokens": {"aa": {}}}', "failures is not a list"),
        ('{"version": 1, "tokens": {"aa": {"failures": [1]}}}', "a failure is not an object"),
        ('{"version": 1, "tokens": {"aa": {"failures": [{"at": 1, "why": ""}]}}}', "at or why"),
        ('{"version": 1, "tokens": {"aa": {"failures": [], "lockout": 1}}}', "lockout is not an object"),
        (spoilt(at="yesterday"), "'yesterday' is not a moment"),
        (spoilt(at="2026-06-01T02:00:00"), "does not name its time zone"),
        (spoilt(why=None), "at or why is not a text"),
        (spoilt(times=0), "times is 0"),
        (spoilt(times=True), "times is True"),
        (spoilt(times="1"), "times is '1'"),
    ],
)
def test_what_was_not_written_here_is_not_read(text: str, reason: str) -> None:
    with pytest.raises(FormError, match=reason):
        states_from(text)
