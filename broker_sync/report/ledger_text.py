"""The ledger for a person to read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from broker_sync.accounting import cash_effect, position_effect
from broker_sync.models import Account, Activity
from broker_sync.report.blocks import Block, Cell, Column, Line, Table, Tone, aligned
from broker_sync.values import decimal_text

__all__ = ["activity_blocks"]

_COLUMNS: Final = (
    Column("account"),
    Column("booked on", whole=True),
    Column("activity"),
    Column("symbol", whole=True),
    Column("shares", right=True),
    Column("cash", right=True),
    Column("", whole=True),
    Column("id"),
)


def activity_blocks(booked: Iterable[tuple[Account, Activity]]) -> list[Block]:
    """One table of `booked`, in the order given, with signed effects; nothing for nothing."""
    entries = list(booked)
    if not entries:
        return []
    shares = aligned(_shares(activity) for _, activity in entries)
    cash = aligned(_cash(activity) for _, activity in entries)
    rows = [_row(*entry, *sides) for entry, *sides in zip(entries, shares, cash, strict=True)]
    # The account stands in every row only where there are several.
    first = 0 if len({account.id for account, _ in entries}) > 1 else 1
    return [Table(columns=_COLUMNS[first:], rows=[row[first:] for row in rows])]


def _row(account: Account, activity: Activity, shares: str, cash: str) -> list[Cell]:
    return [
        account.provider_account_id,
        activity.booked_on.isoformat(),
        _kind(activity),
        activity.symbol or "",
        shares,
        cash,
        activity.currency,
        Line(activity.external_id, Tone.FAINT),
    ]


def _kind(activity: Activity) -> str:
    kind = activity.activity_type.value
    return kind if activity.subtype is None else f"{kind} {activity.subtype}"


def _shares(activity: Activity) -> str:
    effect = position_effect(activity)
    return decimal_text(effect) if effect else ""


def _cash(activity: Activity) -> str:
    effect = cash_effect(activity)
    return " ".join(decimal_text(amount) for amount in effect.values())
