"""How a kind of cash row is booked."""

from __future__ import annotations

from dataclasses import dataclass

from broker_sync.models import ActivityType

__all__ = ["CashKind"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CashKind:
    """How a kind of cash row is booked when money comes in, and when it goes out."""

    money_in: ActivityType
    money_out: ActivityType
    subtype_in: str | None = None
    subtype_out: str | None = None
