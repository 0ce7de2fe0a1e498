"""Finds the record that does the same as another."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final

from broker_sync.explain.cause import Effects
from broker_sync.explain.effects import Sides, less
from broker_sync.explain.entry import Entry
from broker_sync.reconcile import SideKind

__all__ = ["Twins"]

_NEAR: Final = dt.timedelta(days=5)
"""So far apart may be the days of two that stand for the same thing."""

_Done = frozenset[tuple[object, object]]


class Twins:
    """Looks for twins among `records`."""

    def __init__(self, records: Mapping[str, Sequence[Entry]], sides: Sides) -> None:
        self._records = records
        self._sides = sides

    # What is looked for is rare, and records are many: nothing is sorted before somebody asks.

    @cached_property
    def _ids(self) -> dict[str | None, str]:
        return {leg.external_id: name for name, legs in self._records.items() for leg in legs}

    @cached_property
    def _same(self) -> dict[_Done, list[str]]:
        return self._sorted(lambda effects: frozenset(effects.items()))

    @cached_property
    def _units(self) -> dict[_Done, list[str]]:
        return self._sorted(_moved)

    def _sorted(self, done: Callable[[Effects], _Done]) -> dict[_Done, list[str]]:
        found: dict[_Done, list[str]] = {}
        for name, legs in self._records.items():
            found.setdefault(done(self._sides.all_effects(legs)), []).append(name)
        return found

    def named(self, legs: Iterable[Entry]) -> str | None:
        """The record that has the id of one of `legs`."""
        ids = [leg.external_id for leg in legs if leg.external_id is not None]
        return next((self._ids[name] for name in ids if name in self._ids), None)

    def of(self, legs: Sequence[Entry], *, but: str = "") -> str | None:
        """The record that does the same at about the same time, the nearest (an opening balance has no time).

        Else one that moves the same units: who enters a trade once more may get its charges wrong.
        """
        effects = self._sides.all_effects(legs)
        same = self._same.get(frozenset(effects.items()), [])
        moved = _moved(effects)
        alike = self._units.get(moved, []) if moved else []
        for names in (same, alike):
            near = [name for name in names if name != but and self._is_near(name, legs)]
            if near:
                return min(near, key=lambda name: (self._distance(name, legs), name))
        return None

    def undone_by(self, legs: Sequence[Entry], *, but: str) -> str | None:
        """The record that `legs` undo, where they do nothing else; a late report may come after them."""
        undone = frozenset(less({}, self._sides.all_effects(legs)).items())
        return min((name for name in self._same.get(undone, []) if name != but), default=None)

    def _is_near(self, name: str, legs: Sequence[Entry]) -> bool:
        return self._records[name][0].is_opening or self._distance(name, legs) <= _NEAR

    def _distance(self, name: str, legs: Sequence[Entry]) -> dt.timedelta:
        return abs(self._records[name][0].day - legs[0].day)


def _moved(effects: Effects) -> _Done:
    return frozenset(each for each in effects.items() if each[0].kind is SideKind.POSITION)
