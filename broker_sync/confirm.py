"""Whether a difference has settled: it counts as confirmed in the second run in a row that finds it.

One run may look while the tracker is still reckoning, or before the broker has corrected itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from broker_sync.reconcile import Side, SideKind
from broker_sync.results import SyncResult

__all__ = ["Standing", "confirmed", "standings"]

_ENOUGH: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A difference as it stands: seen in so many `runs` in a row, first and last at those times (UTC).

    `amount` is broker less tracker in the last of them, `label` what people call the side.
    """

    side: Side
    label: str
    first_seen: dt.datetime
    last_seen: dt.datetime
    runs: int
    amount: Decimal

    @property
    def is_confirmed(self) -> bool:
        """Whether it was found in two runs in a row."""
        return self.runs >= _ENOUGH


def standings(before: Iterable[Standing], result: SyncResult, *, at: dt.datetime) -> list[Standing]:
    """What differs after the run of `result`, that ended `at`, sorted; `before` is what the last run left.

    What the run did not compare stands as it was.
    """
    known = {standing.side: standing for standing in before}
    found = [
        Standing(
            side=side,
            label=label,
            first_seen=known[side].first_seen if side in known else at,
            last_seen=at,
            runs=known[side].runs + 1 if side in known else 1,
            amount=amount,
        )
        for side, label, amount in _differing(result)
    ]
    kept = [standing for side, standing in known.items() if side.kind not in _compared(result)]
    return sorted([*found, *kept], key=lambda standing: standing.side)


def _differing(result: SyncResult) -> list[tuple[Side, str, Decimal]]:
    positions = [
        (drift.side, drift.instrument.symbol, drift.drift)
        for drift in result.positions or ()
        if drift.exceeds()
    ]
    cash = [(drift.side, drift.currency, drift.drift) for drift in result.cash or () if drift.exceeds()]
    values = [] if result.nav is None else [result.nav]
    worth = [(value.side, value.side.name, value.drift) for value in values if value.exceeds()]
    return [*positions, *cash, *worth]


def _compared(result: SyncResult) -> set[SideKind]:
    told = {
        SideKind.POSITION: result.positions,
        SideKind.CASH: result.cash,
        SideKind.NAV: result.nav,
    }
    return {kind for kind, found in told.items() if found is not None}


def confirmed(found: Sequence[Standing], kind: SideKind) -> frozenset[str]:
    """The names of the sides of `kind` (keys of instruments, currencies) whose difference is confirmed."""
    return frozenset(each.side.name for each in found if each.side.kind is kind and each.is_confirmed)
