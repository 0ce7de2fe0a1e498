"""Both sides of one account at the end of a day, next to each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from broker_sync.abilities import Values
from broker_sync.contracts import Truth
from broker_sync.nav import reconcile_nav
from broker_sync.reconcile import (
    CashDrift,
    PositionDrift,
    Tolerances,
    reconcile_cash,
    reconcile_positions,
)
from broker_sync.results import NavDrift
from broker_sync.tracker_view import TrackerView

__all__ = ["Comparison", "compare"]

_USUAL: Final = Tolerances()


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What was compared; None for what the broker (or, of the value, the tracker) does not say."""

    positions: Sequence[PositionDrift] | None = None
    cash: Sequence[CashDrift] | None = None
    nav: NavDrift | None = None


async def compare(truths: Sequence[Truth], view: TrackerView, tolerances: Tolerances = _USUAL) -> Comparison:
    """What the broker says in `truths` against what `view` shows, each as of the last statement that has it.

    `truths` are in order of time. Two queries may share the telling: one has the positions, another the cash.
    """
    held = _last(truths, lambda truth: truth.positions)
    paid = _last(truths, lambda truth: truth.cash)
    return Comparison(
        positions=None if held is None else await _positions(held, view, tolerances),
        cash=None if paid is None else await _cash(paid, view, tolerances),
        nav=await _nav(_last(truths, lambda truth: truth.nav), view, tolerances),
    )


def _last(truths: Sequence[Truth], said: Callable[[Truth], object]) -> Truth | None:
    return next((truth for truth in reversed(truths) if said(truth) is not None), None)


async def _positions(truth: Truth, view: TrackerView, tolerances: Tolerances) -> list[PositionDrift]:
    there = await view.holdings(as_of=truth.last_day)
    return reconcile_positions(truth.positions or (), there, tolerance=tolerances.shares)


async def _cash(truth: Truth, view: TrackerView, tolerances: Tolerances) -> list[CashDrift]:
    there = await view.cash(as_of=truth.last_day)
    return reconcile_cash(truth.cash or (), there, tolerance=tolerances.cash)


async def _nav(truth: Truth | None, view: TrackerView, tolerances: Tolerances) -> NavDrift | None:
    if truth is None or truth.nav is None or not isinstance(view.sink, Values):
        return None
    told = await view.sink.valuation(view.account.id, as_of=truth.nav.day)
    return reconcile_nav(truth.nav, told, tolerance=tolerances.nav)
