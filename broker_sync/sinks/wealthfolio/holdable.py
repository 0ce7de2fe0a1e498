"""What Wealthfolio can hold, and why it cannot hold the rest.

It counts units that are worth their price (times 100, or another number, for an option). Until 3.6 it knows
no less than none; later releases do, but not for what came in without a sale. What is not held keeps its
money exact in the tracker, and its position is named, not compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from broker_sync.models import AssetClass, Instrument

__all__ = ["SHORT", "CannotHold", "holdable", "reason_against"]

SHORT: Final = "it is short, and broker-sync shows no short positions in Wealthfolio"

_REASONS: Final[Mapping[AssetClass, str]] = {
    AssetClass.FUTURE: "a future is not worth its price, and Wealthfolio has no futures",
    AssetClass.CFD: "a contract for difference is not worth its price, and Wealthfolio has none",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CannotHold:
    """A position that the tracker cannot show: what our own activities add up to, and why it is not there."""

    instrument: Instrument
    quantity: Decimal
    reason: str


def reason_against(instrument: Instrument) -> str | None:
    """Why no quantity of `instrument` can be held; None if it can."""
    return _REASONS.get(instrument.asset_class)


def holdable(instrument: Instrument, quantity: Decimal) -> CannotHold | None:
    """Whether signed `quantity` of `instrument` can be held: None, or what cannot be and why."""
    reason = reason_against(instrument) or (SHORT if quantity < 0 else None)
    if reason is None:
        return None
    return CannotHold(instrument=instrument, quantity=quantity, reason=reason)
