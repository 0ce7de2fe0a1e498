"""Why one thing differs, in words, and with the command that would mend it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from broker_sync.explain.cause import Candidate, Kind
from broker_sync.reconcile import CashDrift, PositionDrift
from broker_sync.results import NavDrift

__all__ = ["Drift", "Explanation", "Parting"]

Drift = PositionDrift | CashDrift | NavDrift


@dataclass(frozen=True, slots=True, kw_only=True)
class Parting:
    """Where two sides part: equal at the end of `agreed`, and no more at the end of `differs`.

    `agreed` is None where they differ in the first statement that there is.
    """

    agreed: dt.date | None
    differs: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why `drift` is there: `causes` account for it together, the likeliest kind first; none if unknown.

    `is_smallest` says that no smaller set of causes would do, `tried` of how many causes all sets were tried.
    `is_proven` is False where the numbers do not add up to the difference, or nothing is known at all.
    `accounts_for_rest` is False where the same causes would make other things differ that do not. `text` is
    one paragraph of plain sentences, `command` what would mend it or tell more, None where nothing of ours
    would.
    """

    drift: Drift
    kind: Kind
    causes: Sequence[Candidate] = ()
    text: str
    command: str | None = None
    is_smallest: bool = True
    is_proven: bool = True
    accounts_for_rest: bool = True
    tried: int = 0
    parting: Parting | None = None

    @property
    def records(self) -> tuple[str, ...]:
        """The ids of all records that account for it."""
        return tuple(dict.fromkeys(record for cause in self.causes for record in cause.records))
