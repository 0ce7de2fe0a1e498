"""From the settings to the provider: how types of cash rows are booked."""

from __future__ import annotations

from broker_sync.providers.ibkr.cash_kind import CashKind
from broker_sync.settings import IBKRAccountSettings

__all__ = ["cash_kinds"]


def cash_kinds(account: IBKRAccountSettings) -> dict[str, CashKind]:
    """The broker's name of each type that the settings have -> how it is booked."""
    return {
        name: CashKind(
            money_in=given.money_in,
            money_out=given.money_out,
            subtype_in=given.subtype_in,
            subtype_out=given.subtype_out,
        )
        for name, given in account.cash_types.items()
    }
