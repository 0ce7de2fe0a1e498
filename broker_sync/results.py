"""What a sync of one account came to; reports, exit codes and metrics are made of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from broker_sync.changes import Change, Conflict
from broker_sync.contracts import Refused, Rejection, SectionCount, Twin
from broker_sync.coverage import AccountCoverage
from broker_sync.models import Account, Activity, Instrument, Nav
from broker_sync.reconcile import CashDrift, PositionDrift, Side, SideKind
from broker_sync.vanished import Vanished

__all__ = ["NavDrift", "NotHeld", "SyncResult"]

_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class NavDrift:
    """Net asset value on both sides, in the account's base currency; `broker` is what the broker says.

    `drift` is broker less tracker, up to `tolerance` both count as equal.
    """

    broker: Nav
    tracker: Nav
    tolerance: Decimal = _ZERO

    @property
    def side(self) -> Side:
        """What it is that differs."""
        return Side(SideKind.NAV, self.broker.currency)

    @property
    def drift(self) -> Decimal:
        """Money that the tracker's value lacks; negative when it has too much."""
        return self.broker.total - self.tracker.total

    def exceeds(self) -> bool:
        """Whether the difference is more than the tolerance, in either direction."""
        return not -self.tolerance <= self.drift <= self.tolerance


@dataclass(frozen=True, slots=True, kw_only=True)
class NotHeld:
    """A position that the tracker cannot show: how much of it there should be, signed, and why not."""

    instrument: Instrument
    quantity: Decimal
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncResult:
    """What became of the records of one account, and how both sides compare.

    Counts are of broker records: ``fetched = new_after_dedup + known + updated + rejected`` and
    ``new_after_dedup = imported + failed``. `positions` and `cash` are None where the broker did not say what
    it holds. `openings` are the opening balances that stand now, `opening_changes` how many of them this run
    wrote. `planned` are the activities that a dry run would have written. `coverage` is which days have been
    booked by now, None where nobody knows. `vanished` are records that are booked and that the broker no
    longer lists; they are still there unless they are among `deleted`. `not_held` are positions that the
    tracker cannot show; they are compared by what was booked. `changes` are the activities in the tracker
    that were given another content or removed, `conflicts` those that a person has changed there against what
    the broker says, and about which nobody has decided; they were left as they are. `twins` are rows in the
    tracker that are not ours, and most likely stand for the same things as ours. `run_id` is the number of
    the run in the store of sync records, None where nothing is kept, `sink_version` the tracker's release.
    """

    account: Account
    sink: str
    first_day: dt.date | None = None
    last_day: dt.date | None = None
    fetched: int = 0
    new_after_dedup: int = 0
    known: int = 0
    imported: int = 0
    updated: int = 0
    deleted: int = 0
    failed: int = 0
    failures: Sequence[Refused] = ()
    rejected: Sequence[Rejection] = ()
    openings: Sequence[Activity] = ()
    opening_changes: int = 0
    positions: Sequence[PositionDrift] | None = None
    cash: Sequence[CashDrift] | None = None
    nav: NavDrift | None = None
    sections: Sequence[SectionCount] = ()
    notes: Sequence[str] = ()
    planned: Sequence[Activity] = ()
    coverage: AccountCoverage | None = None
    vanished: Sequence[Vanished] = ()
    changes: Sequence[Change] = ()
    conflicts: Sequence[Conflict] = ()
    not_held: Sequence[NotHeld] = ()
    twins: Sequence[Twin] = ()
    run_id: int | None = None
    sink_version: str | None = None

    @property
    def has_drift(self) -> bool:
        """Whether anything that both sides hold differs beyond tolerance."""
        positions = any(drift.exceeds() for drift in self.positions or ())
        return positions or any(drift.exceeds() for drift in self.cash or ())

    @property
    def outcome(self) -> str:
        """``failed`` if the sink refused anything, ``drift`` if the sides differ, else ``ok``."""
        if self.failures:
            return "failed"
        return "drift" if self.has_drift else "ok"
