"""Net asset value, broker against tracker: only where both have one, of the same day, in one currency."""

from __future__ import annotations

from decimal import Decimal

from broker_sync.models import Nav
from broker_sync.results import NavDrift

__all__ = ["nav_exceeds", "nav_off", "reconcile_nav"]


def reconcile_nav(broker: Nav | None, tracker: Nav | None) -> NavDrift | None:
    """Both values side by side; None where one is missing, or where they are not of one day and currency."""
    if broker is None or tracker is None:
        return None
    if (broker.currency, broker.day) != (tracker.currency, tracker.day):
        return None
    return NavDrift(broker=broker, tracker=tracker)


def nav_off(nav: NavDrift) -> Decimal:
    """Broker less tracker, in base currency."""
    return nav.broker.total - nav.tracker.total


def nav_exceeds(nav: NavDrift, tolerance: Decimal) -> bool:
    """Whether they differ by more than `tolerance` in either direction."""
    return not -tolerance <= nav_off(nav) <= tolerance
