"""Rows as the server keeps them, made short for tests."""

import datetime as dt
from decimal import Decimal
from typing import Any

from broker_sync.sinks.wealthfolio.wire import ActivityRow

__all__ = ["a_row", "at"]


def at(text: str) -> dt.datetime:
    """A moment of 2026 in UTC: ``01-05`` or ``01-05 15:30``."""
    day, _, time = text.partition(" ")
    return dt.datetime.fromisoformat(f"2026-{day}T{time or '12:00'}:00+00:00")


def a_row(kind: str, when: str = "01-05", quantity: str | None = None, **more: Any) -> ActivityRow:  # noqa: ANN401
    """A posted row of the asset ``one``; numbers in `more` may be text."""
    numbers = ("amount", "unit_price", "fee", "fx_rate")
    fields: dict[str, Any] = {
        "id": f"{kind} {when}",
        "account_id": "account",
        "status": "POSTED",
        "currency": "USD",
        "asset_id": "one",
        "symbol": "ONE",
        "created_at": at("06-01"),
        "updated_at": at("06-01"),
        **{name: Decimal(value) if name in numbers else value for name, value in more.items()},
    }
    return ActivityRow(
        activity_type=kind,
        date=at(when),
        quantity=None if quantity is None else Decimal(quantity),
        **fields,
    )
