"""What Wealthfolio calls the money that our activities move: one table from our types to its own.

The promised form of an activity is plain (a withholding tax is a FEE); Wealthfolio has richer types, and its
reports of income, taxes and fees go by them. Nothing here depends on the server's version: every type is one
that all of them know, and a subtype is a label, except ``BONUS``, ``DRIP``, ``STAKING_REWARD`` and
``DIVIDEND_IN_KIND``, which would make the server book more than we say and are never sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from broker_sync.models import Activity, ActivityType

__all__ = ["CASH_KINDS", "Kind", "cash_kind"]


class Kind(NamedTuple):
    """A type of Wealthfolio's, and the subtype that goes with it."""

    type: str
    subtype: str | None = None


_REFUND: Final = Kind("CREDIT", "REFUND")

CASH_KINDS: Final[Mapping[tuple[ActivityType, str | None], Kind]] = {
    (ActivityType.FEE, "WITHHOLDING_TAX"): Kind("TAX", "WITHHOLDING"),
    (ActivityType.FEE, "SALES_TAX"): Kind("TAX", "SALES_TAX"),
    (ActivityType.FEE, "TRANSACTION_TAX"): Kind("TAX", "TRANSACTION_TAX"),
    (ActivityType.FEE, "INTEREST"): Kind("FEE", "INTEREST_CHARGE"),
    (ActivityType.FEE, "ACCRUED_INTEREST"): Kind("FEE", "INTEREST_CHARGE"),
    (ActivityType.CREDIT, "WITHHOLDING_TAX_REFUND"): _REFUND,
    (ActivityType.CREDIT, "SALES_TAX_REFUND"): _REFUND,
    (ActivityType.CREDIT, "TRANSACTION_TAX_REFUND"): _REFUND,
    (ActivityType.CREDIT, "FEE_REFUND"): _REFUND,
    (ActivityType.CREDIT, "INTEREST_REFUND"): _REFUND,
    (ActivityType.CREDIT, "COMMISSION_REBATE"): Kind("CREDIT", "REBATE"),
    (ActivityType.DIVIDEND, "INTEREST"): Kind("INTEREST"),
    (ActivityType.DIVIDEND, "ACCRUED_INTEREST"): Kind("INTEREST"),
}
"""Our type and subtype -> Wealthfolio's; what is not here keeps both, a dividend that is not of an asset
apart."""

_EXPANDED: Final = frozenset({"BONUS", "DRIP", "STAKING_REWARD", "DIVIDEND_IN_KIND", "OPTION_EXPIRY"})


def cash_kind(activity: Activity, *, has_asset: bool) -> Kind:
    """The type and subtype of an activity that moves money only."""
    known = CASH_KINDS.get((activity.activity_type, activity.subtype))
    if known is not None:
        return known
    if activity.activity_type is ActivityType.DIVIDEND and not has_asset:
        # The server takes no dividend that is not of an asset.
        return Kind("INTEREST", "DIVIDEND")
    subtype = None if activity.subtype in _EXPANDED else activity.subtype
    return Kind(activity.activity_type.value, subtype)
