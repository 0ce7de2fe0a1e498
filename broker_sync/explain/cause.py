"""What can part two sides, and one thing that may have done so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum, unique

from broker_sync.reconcile import Side, SideKind

__all__ = ["Candidate", "Effects", "Kind"]

Effects = Mapping[Side, Decimal]
"""Signed amounts: what is added to broker less tracker."""


@unique
class Kind(StrEnum):
    """Why two sides differ, the likeliest first where several would account for it."""

    WRONG_ACCOUNT = "wrong account"
    CANNOT_HOLD = "the tracker cannot hold it"
    REJECTED = "rejected"
    SPLIT_NOT_APPLIED = "split not applied"
    OPENING_BALANCE = "opening balance"
    CHANGED = "changed by hand"
    REMOVED = "removed by hand"
    RESTATED = "restated"
    NOT_IMPORTED = "not imported"
    IMPORTED_TWICE = "imported twice"
    CANCELLED = "cancelled later"
    ENTERED = "entered by hand"
    OUTSIDE_WINDOWS = "outside every window"
    MISCOUNTED = "miscounted by the tracker"
    PRICES = "prices"
    FOLLOWS = "follows from others"
    UNKNOWN = "unknown"

    @property
    def rank(self) -> int:
        """Its place among all: the lower, the likelier."""
        return _RANKS[self]


_RANKS = {kind: place for place, kind in enumerate(Kind)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One thing that may have made two sides part, and by how much (`effects`, zeros left out).

    `records` are the ids of what it is about, `subject` says that in words, `note` is a sentence more. `see`
    is the record to look at where that is another one. `is_certain` tells what is plainly so from what is
    only possible. `day` is when it happened, `until` the last day where that was not one. `remedy` is the
    command that mends it (see :mod:`.sentences`), "" where that is the usual one of the kind.
    """

    kind: Kind
    records: tuple[str, ...]
    effects: Effects
    subject: str
    note: str = ""
    see: str = ""
    day: dt.date = dt.date.min
    until: dt.date | None = None
    is_certain: bool = True
    remedy: str = ""

    @property
    def cash(self) -> dict[str, Decimal]:
        """Its effects on money, by currency."""
        return {side.name: amount for side, amount in self.effects.items() if side.kind is SideKind.CASH}

    @property
    def units(self) -> dict[str, Decimal]:
        """Its effects on positions, by the key of the instrument."""
        return {side.name: amount for side, amount in self.effects.items() if side.kind is SideKind.POSITION}
