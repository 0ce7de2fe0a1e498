"""The outcomes that a run or an account can have, as samples."""

from __future__ import annotations

from typing import Final

from broker_sync.metrics.telling import Row

__all__ = ["OUTCOMES", "outcome_rows"]

OUTCOMES: Final = ("ok", "drift", "failed", "refused")


def outcome_rows(outcome: str) -> list[Row]:
    """1 for `outcome` and 0 for the others, so that none of them ever stops being there."""
    return [({"outcome": each}, int(each == outcome)) for each in OUTCOMES]
