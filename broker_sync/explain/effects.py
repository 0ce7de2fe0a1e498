"""Arithmetic on effects, exact; and which side of the comparison an instrument belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Context, Decimal, localcontext
from typing import Final

from broker_sync.explain.cause import Effects
from broker_sync.explain.entry import Entry
from broker_sync.models import Instrument
from broker_sync.reconcile import Side, SideKind, names_of

__all__ = ["Sides", "less", "total"]

_EXACT: Final = Context(prec=60)
_ZERO: Final = Decimal(0)


def total(parts: Iterable[Effects]) -> dict[Side, Decimal]:
    """What `parts` add up to, zeros left out."""
    sums: dict[Side, Decimal] = {}
    with localcontext(_EXACT):
        for part in parts:
            for side, amount in part.items():
                sums[side] = sums.get(side, _ZERO) + amount
    return {side: amount for side, amount in sums.items() if amount}


def less(whole: Effects, part: Effects) -> dict[Side, Decimal]:
    """`whole` without `part`, zeros left out."""
    if whole == part:
        return {}
    return total([whole, {side: -amount for side, amount in part.items()}])


class Sides:
    """Names the sides of what entries do; one instrument is one side, whatever it is known by.

    The first of `instruments` by which one is recognised gives its name: those that are compared come first.
    """

    def __init__(self, instruments: Iterable[Instrument]) -> None:
        self._keys: dict[str, str] = {}
        self._learnt: dict[Instrument, Side] = {}
        for instrument in instruments:
            self.learn(instrument)

    def learn(self, instrument: Instrument) -> None:
        """Recognise others by the names of `instrument`, too."""
        if instrument not in self._learnt:
            side = self._learnt[instrument] = self.of(instrument)
            for name in names_of(instrument):
                self._keys.setdefault(name, side.name)

    @property
    def instruments(self) -> list[Instrument]:
        """All that were learnt, in that order."""
        return list(self._learnt)

    def of(self, instrument: Instrument) -> Side:
        """The side of an instrument."""
        learnt = self._learnt.get(instrument)
        if learnt is not None:
            return learnt
        known = (self._keys[name] for name in names_of(instrument) if name in self._keys)
        return Side(SideKind.POSITION, next(known, instrument.key))

    def effects(self, entry: Entry) -> dict[Side, Decimal]:
        """What `entry` does, zeros left out."""
        found: dict[Side, Decimal] = {}
        if entry.units and entry.instrument is not None:
            found[self.of(entry.instrument)] = entry.units
        if entry.cash:
            found[Side(SideKind.CASH, entry.currency)] = entry.cash
        return found

    def all_effects(self, entries: Iterable[Entry]) -> dict[Side, Decimal]:
        """What `entries` do together, zeros left out."""
        parts = [self.effects(entry) for entry in entries]
        return parts[0] if len(parts) == 1 else total(parts)
