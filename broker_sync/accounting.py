"""What an activity does to an account: the one source of truth for signs.

The embedded ledger, the reconciliation and the tests all use these two functions, so a sign error in a
mapping shows as a difference to the broker's own row.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from broker_sync.models import SPLIT_TAKES, Activity, ActivityType

__all__ = ["cash_effect", "position_effect", "total_cash", "total_positions"]

_CASH_SIGN: dict[ActivityType, int] = {
    ActivityType.BUY: -1,
    ActivityType.SELL: 1,
    ActivityType.DIVIDEND: 1,
    ActivityType.INTEREST: 1,
    ActivityType.DEPOSIT: 1,
    ActivityType.CREDIT: 1,
    ActivityType.TRANSFER_IN: 1,
    ActivityType.WITHDRAWAL: -1,
    ActivityType.FEE: -1,
    ActivityType.TAX: -1,
    ActivityType.TRANSFER_OUT: -1,
    ActivityType.SPLIT: 0,
    ActivityType.ADD_HOLDING: 0,
    ActivityType.REMOVE_HOLDING: 0,
}

_POSITION_SIGN: dict[ActivityType, int] = {
    ActivityType.BUY: 1,
    ActivityType.ADD_HOLDING: 1,
    ActivityType.TRANSFER_IN: 1,
    ActivityType.SPLIT: 1,
    ActivityType.SELL: -1,
    ActivityType.REMOVE_HOLDING: -1,
    ActivityType.TRANSFER_OUT: -1,
}

_MOVES_SHARES_NOT_MONEY = frozenset({ActivityType.TRANSFER_IN, ActivityType.TRANSFER_OUT})


def cash_effect(activity: Activity) -> dict[str, Decimal]:
    """Signed money by currency that `activity` adds to the account; empty when it moves none.

    A transfer of an instrument moves no money, a transfer without one does.
    """
    sign = _CASH_SIGN[activity.activity_type]
    moves_shares = activity.activity_type in _MOVES_SHARES_NOT_MONEY and activity.quantity is not None
    if not sign or moves_shares or not activity.amount:
        return {}
    return {activity.currency: activity.amount if sign > 0 else -activity.amount}


def position_effect(activity: Activity) -> Decimal:
    """Signed number of units of the activity's instrument that it adds; zero when it moves none."""
    sign = _POSITION_SIGN.get(activity.activity_type)
    if sign is None or activity.quantity is None:
        return Decimal(0)
    takes = sign < 0 or activity.subtype == SPLIT_TAKES
    return -activity.quantity if takes else activity.quantity


def total_cash(activities: Iterable[Activity]) -> dict[str, Decimal]:
    """Sum of :func:`cash_effect` by currency, currencies in the order in which they first moved."""
    totals: dict[str, Decimal] = {}
    for activity in activities:
        for currency, amount in cash_effect(activity).items():
            totals[currency] = totals.get(currency, Decimal(0)) + amount
    return totals


def total_positions(activities: Iterable[Activity]) -> dict[str, Decimal]:
    """Sum of :func:`position_effect` by :attr:`Instrument.key` of what the activities name."""
    totals: dict[str, Decimal] = {}
    for activity in activities:
        effect = position_effect(activity)
        if effect and activity.instrument is not None:
            key = activity.instrument.key
            totals[key] = totals.get(key, Decimal(0)) + effect
    return totals
