"""Whose account one of the server's was made for, by the mark that it was given then."""

from __future__ import annotations

import json

from broker_sync.sinks.wealthfolio.wire import WireAccount

__all__ = ["made_for"]

_OURS = "broker_sync"


def made_for(account: WireAccount) -> str | None:
    """The broker's id of the account that `account` was made for; None if not by us."""
    try:
        meta = json.loads(account.meta or "null")
    except (ValueError, RecursionError):
        return None
    ours = meta.get(_OURS) if isinstance(meta, dict) else None
    number = ours.get("account") if isinstance(ours, dict) else None
    return number if isinstance(number, str) else None
