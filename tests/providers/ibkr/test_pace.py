"""How fast requests follow each other."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from broker_sync.providers.ibkr.pace import Pace, poll_wait


def turns(arrivals: list[float]) -> list[float]:
    pace = Pace()
    return [now + pace.book(now) for now in arrivals]


def test_the_first_request_need_not_wait() -> None:
    assert turns([100.0]) == [100.0]


def test_ten_at_once_go_out_a_second_apart_and_the_eleventh_waits_for_the_minute() -> None:
    assert turns([0.0] * 22) == [*range(10), *range(60, 70), 120, 121]


def test_what_comes_late_enough_does_not_wait() -> None:
    assert turns([0, 1.5, 90]) == [0, 1.5, 90]


@given(st.lists(st.integers(0, 20), max_size=40))
def test_no_second_has_two_and_no_minute_eleven(steps: list[int]) -> None:
    arrivals = [float(sum(steps[: n + 1])) for n in range(len(steps))]
    found = turns(arrivals)
    assert all(later - earlier >= 1 for earlier, later in pairwise(found))
    assert all(later - earlier >= 60 for earlier, later in zip(found, found[10:], strict=False))
    assert all(turn >= arrival for turn, arrival in zip(found, arrivals, strict=True))


def test_polls_wait_from_five_to_thirty_seconds() -> None:
    assert [poll_wait(n, jitter=0) for n in (1, 2, 3, 6, 1000)] == [5, 7.5, 11.25, 30, 30]
    assert [poll_wait(n, jitter=1) for n in (1, 2, 1000)] == [6, 9, 30]
