"""The smallest sets of causes for everything that differs at once: a record that did two things does both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from broker_sync.explain.cause import Candidate, Effects
from broker_sync.explain.effects import less, total
from broker_sync.explain.search import WORK, smallest
from broker_sync.reconcile import Side

__all__ = ["Solution", "solve"]

_ZERO: Final = Decimal(0)
_FEW: Final = 3
"""Causes that come to nothing together are looked for up to so many at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """`causes` of what differs on `sides`; all sets of up to `tried` causes were tried.

    Without `is_joint` they account for one side alone, and would make others differ.
    """

    sides: tuple[Side, ...]
    causes: tuple[Candidate, ...]
    tried: int
    is_smallest: bool = True
    is_joint: bool = True


def solve(
    candidates: Sequence[Candidate],
    drifts: Effects,
    tolerances: Mapping[Side, Decimal],
    *,
    work: int = WORK,
) -> list[Solution]:
    """For each side of `drifts` that differs (is not zero) one solution that has it, with causes or without.

    Sides that were compared and are equal are in `drifts` with zero: causes must leave them so. Effects on
    what was not compared do not count.
    """
    solutions: list[Solution] = []
    for part in _parts(candidates, drifts):
        if any(part.target.values()):
            solutions += _Solver(part, tolerances, work).solutions()
    return solutions


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Sides that candidates hang together, and those candidates."""

    target: Effects
    candidates: tuple[Candidate, ...]


def _parts(candidates: Sequence[Candidate], drifts: Effects) -> list[_Part]:
    """`drifts` in parts that have no candidate in common, in the order of their first sides."""
    leader = {side: side for side in drifts}

    def find(side: Side) -> Side:
        while leader[side] != side:
            leader[side] = side = leader[leader[side]]
        return side

    touching = [[side for side in each.effects if side in leader] for each in candidates]
    for sides in touching:
        for side in sides[1:]:
            leader[find(side)] = find(sides[0])
    groups: dict[Side, list[Side]] = {}
    for side in sorted(drifts):
        groups.setdefault(find(side), []).append(side)
    members: dict[Side, list[Candidate]] = {root: [] for root in groups}
    for each, sides in zip(candidates, touching, strict=True):
        if sides:
            members[find(sides[0])].append(each)
    return [
        _Part(target={side: drifts[side] for side in sides}, candidates=tuple(members[root]))
        for root, sides in groups.items()
    ]


class _Solver:
    """Looks for what accounts for one part, the surest way first."""

    def __init__(self, part: _Part, tolerances: Mapping[Side, Decimal], work: int) -> None:
        self._target = part.target
        self._candidates = part.candidates
        self._certain = tuple(each for each in part.candidates if each.is_certain)
        self._tolerances = tolerances
        self._work = work
        self._differing = tuple(side for side, amount in part.target.items() if amount)

    def solutions(self) -> list[Solution]:
        """One for the whole part, or else one for each side of it that differs."""
        found = self._joint(self._candidates) or self._joint(self._certain) or self._whole()
        return [found] if found else [self._single(side) for side in self._differing]

    def _joint(self, candidates: Sequence[Candidate]) -> Solution | None:
        causes, tried = _best(candidates, self._target, self._tolerances, work=self._work)
        return Solution(sides=self._differing, causes=causes, tried=tried) if causes else None

    def _whole(self) -> Solution | None:
        """All that is certain, if it comes to what differs; less what comes to nothing by itself."""
        for kept in (self._certain, self._candidates):
            left = less(total(each.effects for each in kept), self._target)
            if kept and all(
                abs(left.get(side, _ZERO)) <= self._tolerances.get(side, _ZERO) for side in self._target
            ):
                causes = self._without_idle(kept)
                return Solution(sides=self._differing, causes=causes, tried=0, is_smallest=False)
        return None

    def _without_idle(self, causes: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
        nothing = dict.fromkeys(self._target, _ZERO)
        while True:
            idle, _ = _best(causes, nothing, {}, work=self._work, most=_FEW)
            if not idle:
                return causes
            causes = tuple(each for each in causes if each not in idle)

    def _single(self, side: Side) -> Solution:
        """What accounts for one side alone, doing the least to others."""
        touching = [each for each in self._candidates if side in each.effects]
        causes, tried = _best(
            touching,
            {side: self._target[side]},
            self._tolerances,
            work=self._work,
            rest={other: amount for other, amount in self._target.items() if other != side},
        )
        return Solution(sides=(side,), causes=causes, tried=tried, is_joint=False)


def _best(
    candidates: Sequence[Candidate],
    target: Effects,
    tolerances: Mapping[Side, Decimal],
    *,
    work: int,
    rest: Effects | None = None,
    most: int | None = None,
) -> tuple[tuple[Candidate, ...], int]:
    """Of the smallest sets the likeliest, and which size was tried.

    That is what is certain before what is possible, then what leaves the fewest of `rest` differing, then by
    kind, then the latest.
    """
    vectors = [each.effects for each in candidates]
    found = smallest(vectors, target, tolerances=tolerances, work=work, most=most)

    def key(index: int) -> tuple[bool, int, int, tuple[str, ...]]:
        each = candidates[index]
        return not each.is_certain, each.kind.rank, -each.day.toordinal(), each.records

    def left(causes: Iterable[Candidate]) -> int:
        return len(less(rest or {}, _on(total(each.effects for each in causes), rest or {})))

    choices = []
    for indices in found.sets:
        pools = {found.alike[index]: sorted(found.alike[index], key=key) for index in indices}
        picked = sorted((pools[found.alike[index]].pop(0) for index in indices), key=key)
        causes = tuple(candidates[index] for index in picked)
        keys = [key(index) for index in picked]
        uncertain = sum(not each.is_certain for each in causes)
        choices.append(((uncertain, left(causes), [k[1] for k in keys], keys), causes))
    return (min(choices, key=lambda choice: choice[0])[1] if choices else ()), found.tried


def _on(effects: Effects, sides: Effects) -> dict[Side, Decimal]:
    return {side: amount for side, amount in effects.items() if side in sides}
