"""Accounts and activities as rows of the ledger, and back."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Row, Select, select

from broker_sync.codec import activity_from_fields, activity_to_fields
from broker_sync.models import Account, AccountType, Activity
from broker_sync.sinks.ledger.tables import accounts, activities
from broker_sync.values import CurrencyCode

__all__ = [
    "ACCOUNTS",
    "ACTIVITIES",
    "account_from_row",
    "account_to_row",
    "activity_from_row",
    "activity_to_row",
]

ACCOUNTS: Final[Select[Any]] = select(accounts)
"""The query whose rows :func:`account_from_row` reads."""

_NAMES: Final = [column.name for column in activities.c if column.name != "id"]
ACTIVITIES: Final[Select[Any]] = select(*[activities.c[name] for name in _NAMES])
"""The query whose rows :func:`activity_from_row` reads."""


def account_to_row(account: Account) -> dict[str, Any]:
    """The values of an account's row."""
    return {
        "id": account.id,
        "provider": account.provider,
        "provider_account_id": account.provider_account_id,
        "account_type": account.account_type.value,
        "currency": account.currency,
    }


def account_from_row(row: Row[Any]) -> Account:
    """The account that :func:`account_to_row` wrote."""
    return Account(
        id=row.id,
        provider=row.provider,
        provider_account_id=row.provider_account_id,
        account_type=AccountType(row.account_type),
        currency=None if row.currency is None else CurrencyCode(row.currency),
    )


def activity_to_row(activity: Activity) -> dict[str, Any]:
    """The values of an activity's row; its id is the database's to give."""
    return activity_to_fields(activity)


def activity_from_row(row: Row[Any]) -> Activity:
    """The activity that :func:`activity_to_row` wrote; what stands after its columns is not looked at."""
    return activity_from_fields(dict(zip(_NAMES, row, strict=False)))
