"""The judgement on a week of nights, and how it is told."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

from broker_sync.report import plain_text
from broker_sync.report.soak_text import soak_blocks, soak_object
from broker_sync.soak import Found, NightState, Soak, judge
from tests.tables import for_each

NOW = dt.datetime(2026, 6, 8, 9, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
EQUAL = {"compared": {"positions": True}, "positions": [{"symbol": "A", "drift": "0"}], "cash": []}
DRIFT = {
    "compared": {"positions": True},
    "positions": [{"symbol": "A", "drift": "0"}, {"symbol": "B", "drift": "-2"}],
    "cash": [{"currency": "USD", "drift": "0.5"}],
}


def night(
    ago: int, outcome: str = "ok", body: object = EQUAL, *, account: str = "U1", hours: int = 2
) -> Found:
    at = dt.datetime.combine(NOW.date() - ago * DAY, dt.time(hours), tzinfo=dt.UTC)
    text = body if isinstance(body, str) else json.dumps(body)
    return Found(account=account, ended_at=at, outcome=outcome, body=text)


def judged(
    found: Sequence[Found], *, accounts: Sequence[str] = (), days: int = 7, now: dt.datetime = NOW
) -> Soak:
    return judge(sorted(found, key=lambda each: each.ended_at), accounts=accounts, days=days, now=now)


def told(soak: Soak) -> str:
    (account,) = soak.accounts
    return " ".join(account.reasons)


WEEK = [night(ago) for ago in range(7)]


def test_seven_good_nights_hold() -> None:
    assert judged(WEEK).holds


@for_each(("missing", "holds"), [((), True), ((3,), True), ((2, 3), False), ((6,), True), ((5, 6), False)])
def test_one_night_may_be_missing(*, missing: tuple[int, ...], holds: bool) -> None:
    soak = judged([night(ago) for ago in range(7) if ago not in missing])
    assert soak.holds is holds
    assert ("nights are complete, 6 must be" in told(soak)) is not holds


@for_each(("days", "needed"), [(1, 1), (6, 6), (7, 6), (14, 12), (30, 26)])
def test_of_other_numbers_of_nights_as_large_a_part_is_needed(days: int, needed: int) -> None:
    assert judged(WEEK, days=days).needed == needed


def test_a_night_that_failed_and_was_made_good_the_same_day_is_complete() -> None:
    again = [night(ago, "failed", {"failures": [1, 2]}, hours=1) for ago in range(7)]
    assert judged([*WEEK, *again]).holds


def test_what_ran_last_on_a_day_decides_whether_it_differs() -> None:
    before = [night(ago, "drift", DRIFT, hours=1) for ago in range(7)]
    after = [night(0, "drift", DRIFT, hours=3)]
    assert judged([*WEEK, *before]).holds
    assert not judged([*WEEK, *after]).holds


def test_a_drift_on_any_night_is_told_with_what_differs() -> None:
    soak = judged([*(night(ago) for ago in range(7) if ago != 4), night(4, "drift", DRIFT)])
    assert told(soak) == "On 2026-06-04 broker and tracker differed: B by -2, USD by 0.5."
    assert soak.accounts[0].complete == 7


def test_a_drift_that_its_night_does_not_tell_of_is_one_still() -> None:
    soak = judged([*(night(ago) for ago in range(7) if ago != 4), night(4, "drift", "[]")])
    assert "see the log of that night" in told(soak)


@for_each("body", [{}, {"compared": {"positions": False}}, "no JSON", "[]"])
def test_a_night_on_which_nothing_was_compared_does_not_do(body: object) -> None:
    soak = judged([*(night(ago) for ago in range(1, 7)), night(0, body=body)])
    assert soak.accounts[0].nights[-1].state is NightState.NOT_COMPARED
    assert "Positions were not compared on 2026-06-08" in told(soak)


@for_each(("hours", "holds"), [(0, True), (33, True), (34, True), (35, False)])
def test_the_last_night_must_be_fresh(*, hours: int, holds: bool) -> None:
    soak = judged(WEEK, now=dt.datetime(2026, 6, 8, 4, tzinfo=dt.UTC) + dt.timedelta(hours=hours))
    assert ("hours ago" not in told(soak)) is holds


def test_today_counts_once_something_has_ended_today() -> None:
    until_yesterday = [night(ago) for ago in range(1, 8)]
    assert judged(until_yesterday).last == NOW.date() - DAY
    assert judged(until_yesterday).holds
    assert judged([*until_yesterday, night(0, "failed", "{}")]).last == NOW.date()


def test_each_account_is_judged_and_a_run_that_came_to_none_counts_for_all() -> None:
    other = [night(ago, account="U2") for ago in range(7) if ago not in {1, 2}]
    whole = [
        night(ago, "failed", {"account": None, "error": "the broker is away"}, account="") for ago in (1, 2)
    ]
    soak = judged([*WEEK, *other, *whole], accounts=["U1", "U3"])
    states = {each.account: [night.state for night in each.nights] for each in soak.accounts}
    assert set(states) == {"U1", "U2", "U3"}
    assert states["U1"] == [NightState.EQUAL] * 7
    assert states["U2"][4:6] == [NightState.FAILED] * 2
    assert soak.accounts[1].nights[4].error == "the broker is away"
    assert "No night is complete" in " ".join(soak.accounts[2].reasons)


@for_each(
    ("body", "error"),
    [
        ({"error": "no such query"}, "no such query"),
        ({"failures": [1, 2]}, "2 records were not taken by the tracker"),
        ({"failures": []}, "failed"),
        ("no JSON", "failed"),
    ],
)
def test_a_night_that_failed_says_why(body: object, error: str) -> None:
    assert judged([night(0, "failed", body)]).accounts[0].nights[-1].error == error


def test_without_any_account_it_is_said_what_there_is() -> None:
    assert judged([]).reasons == ["There is no history yet: nothing was synced in these nights."]
    failed = judged([night(0, "refused", {"error": "it is CSV"}, account="")])
    assert failed.reasons == ["No run has come to an account yet. The last one ended with: it is CSV"]
    assert not failed.holds


def test_a_script_and_a_person_are_told_the_same() -> None:
    soak = judged([*(night(ago) for ago in range(7) if ago not in {0, 4}), night(4, "drift", DRIFT)])
    told: Any = soak_object(soak)
    assert (told["holds"], told["nights"]) == (False, {"from": "2026-06-01", "to": "2026-06-07", "needed": 6})
    (account,) = told["accounts"]
    assert account["last_success"] == "2026-06-07T02:00:00+00:00"
    assert account["nights"][3] == {
        "day": "2026-06-04",
        "state": "drift",
        "drifts": [{"name": "B", "drift": "-2"}, {"name": "USD", "drift": "0.5"}],
        "error": None,
    }
    text = plain_text(soak_blocks(soak))
    assert "2026-06-04    drift: B -2, USD 0.5" in text
    assert text.endswith("It does not hold.\n")
    assert "last success" in text


def test_what_holds_and_what_was_never_seen_is_told_too() -> None:
    assert "It holds: 6 or more of the nights from 2026-06-02 to 2026-06-08" in plain_text(
        soak_blocks(judged(WEEK))
    )
    never = judged([], accounts=["U1"])
    assert soak_object(never)["accounts"][0]["last_success"] is None
    assert "never" in plain_text(soak_blocks(never))
    assert plain_text(soak_blocks(judged([]))).startswith("There is no history yet")
