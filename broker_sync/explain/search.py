"""The smallest sets of vectors that add up to a target: exact, and smallest by trial of all smaller ones.

Sets are tried by size. Those of one size are halves that meet in the middle: the sums of one half are kept in
a table, those of the other are looked up in it. A vector is one whole number, in which each of its places has
room enough for any sum, so that adding and comparing vectors is adding and comparing numbers.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact
from itertools import combinations
from math import comb
from typing import Final

from broker_sync.explain.cause import Effects
from broker_sync.reconcile import Side

__all__ = ["WORK", "Found", "smallest"]

WORK: Final = 300_000
"""Sums that are made in one search, at most."""

_MOST_FOUND: Final = 200
_MOST_ALIKE: Final = 8
_EXACT: Final = Context(prec=100, traps=[Inexact])
_ZERO: Final = Decimal(0)

_Vector = tuple[int, ...]
_Combination = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The smallest sets (indices in order), all of one size; all sets of up to `tried` were tried.

    Of vectors that are the same only one combination is listed: `alike` has for each index all that are like
    it.
    """

    sets: tuple[tuple[int, ...], ...]
    tried: int
    alike: Mapping[int, tuple[int, ...]]


def smallest(
    vectors: Sequence[Effects],
    target: Effects,
    *,
    tolerances: Mapping[Side, Decimal] | None = None,
    work: int = WORK,
    most: int | None = None,
) -> Found:
    """The smallest sets of `vectors` whose sum is `target` on each of its sides; other sides do not count.

    First without any tolerance, and only if nothing is found with `tolerances`. Sets of up to `most` are
    tried, and a size not at all if there would be more than `work` sums by then.
    """
    problem = _Problem.of(vectors, target, tolerances or {})
    largest = problem.most if most is None else min(most, problem.most)
    sets, tried = _by_size(problem, _exact, work, largest)
    if not sets and any(problem.slack):
        sets, tried = _by_size(problem, _near, work, largest)
    return Found(sets=sets, tried=tried, alike=problem.alike)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Problem:
    """`places` are indices of vectors, of those that are alike the first few; `rows` are those vectors.

    Up to sets of `most` none is left out by that.
    """

    places: tuple[int, ...]
    most: int
    rows: tuple[_Vector, ...]
    goal: _Vector
    slack: _Vector
    alike: Mapping[int, tuple[int, ...]]

    @classmethod
    def of(cls, vectors: Sequence[Effects], target: Effects, tolerances: Mapping[Side, Decimal]) -> _Problem:
        sides = sorted(target)
        scale = _scale([*vectors, target, tolerances])
        rows = [_row(vector, sides, scale) for vector in vectors]
        alike: dict[_Vector, list[int]] = {}
        for index, row in enumerate(rows):
            if any(row):
                alike.setdefault(row, []).append(index)
        places = [index for same in alike.values() for index in same[:_MOST_ALIKE]]
        is_whole = all(len(same) <= _MOST_ALIKE for same in alike.values())
        return cls(
            places=tuple(places),
            most=len(places) if is_whole else _MOST_ALIKE,
            rows=tuple(rows[index] for index in places),
            goal=_row(target, sides, scale),
            slack=_row(tolerances, sides, scale),
            alike={index: tuple(same) for same in alike.values() for index in same},
        )

    def canonical(self, combination: _Combination) -> tuple[int, ...]:
        """The indices of a combination of places, the same for all that are alike."""
        left = {same: list(same) for same in self.alike.values()}
        return tuple(sorted(left[self.alike[self.places[place]]].pop(0) for place in combination))


def _scale(vectors: Iterable[Effects]) -> int:
    """How many decimals there are at most."""
    exponents = (amount.as_tuple().exponent for vector in vectors for amount in vector.values())
    return -min((each for each in exponents if isinstance(each, int)), default=0)


def _row(vector: Effects, sides: Sequence[Side], scale: int) -> _Vector:
    return tuple(int(vector.get(side, _ZERO).scaleb(scale, _EXACT)) for side in sides)


_Match = Callable[[_Problem, int], Iterator[_Combination]]


def _by_size(
    problem: _Problem, match: _Match, work: int, largest: int
) -> tuple[tuple[tuple[int, ...], ...], int]:
    count = len(problem.places)
    for size in range(1, largest + 1):
        work -= comb(count, size // 2) + comb(count, size - size // 2)
        if work < 0:
            return (), size - 1
        found: dict[tuple[int, ...], None] = {}
        for combination in match(problem, size):
            found[problem.canonical(combination)] = None
            if len(found) >= _MOST_FOUND:
                break
        if found:
            return tuple(sorted(found)), size
    return (), largest


def _exact(problem: _Problem, size: int) -> Iterator[_Combination]:
    numbers, goal = _numbers(problem)
    table: dict[int, list[_Combination]] = {}
    for total, half in _sums(numbers, size // 2):
        table.setdefault(total, []).append(half)
    for total, half in _sums(numbers, size - size // 2):
        for other in table.get(goal - total, ()):
            # Each set is met once for every way to cut it: one of them is enough.
            if not other or other[-1] < half[0]:
                yield (*other, *half)


def _numbers(problem: _Problem) -> tuple[list[int], int]:
    """Every row as one number, and the goal; the sum of any rows is the number of their sum."""
    highest = sum(abs(part) for row in (*problem.rows, problem.goal) for part in row)
    base = 2 * highest + 1

    def number(vector: _Vector) -> int:
        total = 0
        for part in vector:
            total = total * base + part
        return total

    return [number(row) for row in problem.rows], number(problem.goal)


def _near(problem: _Problem, size: int) -> Iterator[_Combination]:
    # By the side on which most vectors do something; the others are looked at one by one.
    main = max(range(len(problem.goal)), key=lambda place: sum(bool(row[place]) for row in problem.rows))
    column = [row[main] for row in problem.rows]
    halves = sorted(_sums(column, size // 2))
    totals = [total for total, _ in halves]
    goal, slack = problem.goal[main], problem.slack[main]
    for total, half in _sums(column, size - size // 2):
        place = bisect_left(totals, goal - total - slack)
        while place < len(halves) and totals[place] <= goal - total + slack:
            other = halves[place][1]
            place += 1
            if (not other or other[-1] < half[0]) and _is_near(problem, (*other, *half)):
                yield (*other, *half)


def _is_near(problem: _Problem, combination: _Combination) -> bool:
    return all(
        abs(sum(problem.rows[place][side] for place in combination) - goal) <= slack
        for side, (goal, slack) in enumerate(zip(problem.goal, problem.slack, strict=True))
    )


def _sums(numbers: Sequence[int], size: int) -> Iterator[tuple[int, _Combination]]:
    for combination in combinations(range(len(numbers)), size):
        yield sum(numbers[place] for place in combination), combination
