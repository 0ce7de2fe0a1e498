"""Net asset value, broker against tracker: only where both have one, of the same day, in one currency."""

from __future__ import annotations

from decimal import Decimal

from broker_sync.models import Nav
from broker_sync.reconcile import NAV_TOLERANCE
from broker_sync.results import NavDrift

__all__ = ["reconcile_nav"]


def reconcile_nav(
    broker: Nav | None, tracker: Nav | None, *, tolerance: Decimal = NAV_TOLERANCE
) -> NavDrift | None:
    """Both values side by side; None where one is missing, or where they are not of one day and currency.

    Up to the part `tolerance` of the broker's value (0.01 is one percent) both count as equal.
    """
    if broker is None or tracker is None:
        return None
    if (broker.currency, broker.day) != (tracker.currency, tracker.day):
        return None
    return NavDrift(broker=broker, tracker=tracker, tolerance=abs(broker.total) * tolerance)
