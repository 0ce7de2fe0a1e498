"""Both sides of one account at the end of a day, next to each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from broker_sync.abilities import Values
from broker_sync.contracts import Truth
from broker_sync.nav import reconcile_nav
from broker_sync.reconcile import (
    CASH_TOLERANCE,
    SHARE_TOLERANCE,
    CashDrift,
    PositionDrift,
    reconcile_cash,
    reconcile_positions,
)
from broker_sync.results import NavDrift
from broker_sync.tracker_view import TrackerView

__all__ = ["Comparison", "compare"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What was compared; None for what the broker (or, of the value, the tracker) does not say."""

    positions: Sequence[PositionDrift] | None = None
    cash: Sequence[CashDrift] | None = None
    nav: NavDrift | None = None


async def compare(
    truth: Truth,
    view: TrackerView,
    *,
    shares: Decimal = SHARE_TOLERANCE,
    cash: Decimal = CASH_TOLERANCE,
) -> Comparison:
    """What the broker says in `truth` against what `view` shows on the same day.

    Up to `shares` and `cash` both count as equal.
    """
    day = truth.last_day
    return Comparison(
        positions=None
        if truth.positions is None
        else reconcile_positions(truth.positions, await view.holdings(as_of=day), tolerance=shares),
        cash=None
        if truth.cash is None
        else reconcile_cash(truth.cash, await view.cash(as_of=day), tolerance=cash),
        nav=await _nav(truth, view),
    )


async def _nav(truth: Truth, view: TrackerView) -> NavDrift | None:
    # What a dry run would have written has no prices in the tracker.
    if truth.nav is None or view.planned or not isinstance(view.sink, Values):
        return None
    told = await view.sink.valuation(view.account.id, as_of=truth.nav.day)
    return reconcile_nav(truth.nav, told)
