"""The smallest sets are found, all of them, and only what adds up is called a set."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from broker_sync.explain.search import Found, smallest
from broker_sync.reconcile import Side, SideKind
from tests.tables import for_each

D = Decimal
A, B = Side(SideKind.CASH, "USD"), Side(SideKind.POSITION, "conid:1")


def vectors(*numbers: str) -> list[dict[Side, Decimal]]:
    """``3/1``: three of one side, one of the other."""
    return [
        {side: D(part) for side, part in zip((A, B), number.split("/"), strict=False) if D(part)}
        for number in numbers
    ]


def search(goal: str, *numbers: str, slack: str = "0", work: int = 10_000) -> Found:
    (target,) = vectors(goal)
    target = {side: target.get(side, D(0)) for side in (A, B)}
    return smallest(vectors(*numbers), target, tolerances={A: D(slack), B: D(slack)}, work=work)


@for_each(
    ("goal", "numbers", "sets"),
    [
        ("5", ["5", "2", "3"], [(0,)]),
        ("5", ["2", "3", "4", "1"], [(0, 1), (2, 3)]),
        ("6", ["1", "2", "3", "10"], [(0, 1, 2)]),
        ("-1", ["1.5", "-2.5", "7"], [(0, 1)]),
        ("10", ["1", "2", "3", "4", "100"], [(0, 1, 2, 3)]),
        ("15", ["1", "2", "3", "4", "5", "100"], [(0, 1, 2, 3, 4)]),
        ("5/1", ["5", "5/1", "0/1"], [(1,)]),
        ("5/0", ["5/1", "2/1", "3/-1"], [(1, 2)]),
        ("0.3", ["0.1", "0.2", "1e-9"], [(0, 1)]),
        ("4", ["2", "2", "2"], [(0, 1)]),
        ("0", ["1", "-1", "7"], [(0, 1)]),
        ("3", ["1", "5"], []),
        ("3", [], []),
        ("1", ["0/3", "0/1"], []),
        ("0/1", ["1/-2", "-1/2"], []),
        ("1e12", ["999999999999.999999999999", "0.000000000001"], [(0, 1)]),
    ],
)
def test_the_smallest_sets_that_add_up_are_found(
    goal: str, numbers: list[str], sets: list[tuple[int, ...]]
) -> None:
    assert list(search(goal, *numbers).sets) == sets


def test_what_is_alike_is_listed_once_and_named_whole() -> None:
    found = search("4", *["2"] * 30)
    assert found.sets == ((0, 1),)
    assert found.alike[0] == tuple(range(30))


def test_more_alike_than_a_set_can_be_do_not_multiply_the_work() -> None:
    assert search("7", *["2"] * 500).tried == 8


def test_a_rounding_within_tolerance_counts_only_where_nothing_is_exact() -> None:
    assert search("5", "4.995", "2", "3", slack="0.01").sets == ((1, 2),)
    assert search("5/1", "4.995/1", "2", "3.5", slack="0.01").sets == ((0,),)
    assert search("5/1", "4.995/2", "2/0.5", "3.004/0.5", slack="0.01").sets == ((1, 2),)
    assert search("5", "4.98", "6", slack="0.01").sets == ()
    assert search("5", "4.99", "6", slack="0.01").sets == ((0,),)
    assert search("5/1", "5.01/1", "6/1", slack="0.01").sets == ((0,),)


def test_work_that_would_be_too_much_is_left_and_it_says_so() -> None:
    numbers = [str(2**power) for power in range(40)]
    found = search("7", *numbers, work=500)
    assert (found.sets, found.tried) == ((), 2)
    assert search("7", *numbers, work=100_000).sets == ((0, 1, 2),)
    assert search("7", *numbers, work=0).tried == 0


def test_no_larger_sets_are_tried_than_were_asked_for() -> None:
    few = smallest(vectors("1", "2", "3"), {A: D(6)}, most=2)
    assert (few.sets, few.tried) == ((), 2)


def test_of_very_many_sets_some_are_enough() -> None:
    numbers = [*map(str, range(1, 300)), *(str(1000 - number) for number in range(1, 300))]
    assert len(search("1000", *numbers, work=10**6).sets) == 200


Numbers = st.lists(st.integers(min_value=-6, max_value=6).map(str), min_size=1, max_size=7)


@given(Numbers, st.integers(min_value=-8, max_value=8))
def test_no_smaller_set_adds_up(numbers: Sequence[str], goal: int) -> None:
    found = search(str(goal), *numbers)
    sizes = [
        size
        for size in range(1, len(numbers) + 1)
        for chosen in combinations(map(int, numbers), size)
        if sum(chosen) == goal and all(chosen)
    ]
    assert {len(each) for each in found.sets} == ({min(sizes)} if sizes else set())
    assert all(sum(int(numbers[index]) for index in each) == goal for each in found.sets)
