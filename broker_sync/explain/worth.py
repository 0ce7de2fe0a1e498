"""Why both sides put another value on the account."""

from __future__ import annotations

from collections.abc import Sequence

from broker_sync.explain.cause import Kind
from broker_sync.explain.explanation import Explanation
from broker_sync.reconcile import CashDrift, PositionDrift
from broker_sync.results import NavDrift
from broker_sync.values import decimal_text

__all__ = ["explain_nav"]


def explain_nav(
    nav: NavDrift | None,
    *,
    positions: Sequence[PositionDrift] | None,
    cash: Sequence[CashDrift] | None,
) -> Explanation | None:
    """Why `nav` differs by more than its tolerance; None if it does not.

    Where every position and all cash agree there is nothing left but prices and exchange rates. None for
    `positions` or `cash` means that they were not compared.
    """
    if nav is None or not nav.exceeds():
        return None
    off = f"{decimal_text(nav.drift)} {nav.broker.currency}"
    if positions is None or cash is None:
        return Explanation(
            drift=nav,
            kind=Kind.UNKNOWN,
            is_proven=False,
            text="Positions and cash were not both compared, so it may be them or the prices.",
        )
    if any(drift.exceeds() for drift in positions) or any(drift.exceeds() for drift in cash):
        text = f"Positions or cash differ, and the value with them ({off})."
        return Explanation(drift=nav, kind=Kind.FOLLOWS, text=text)
    return Explanation(
        drift=nav,
        kind=Kind.PRICES,
        text=(
            f"Every position and all cash agree, so it is prices: the tracker values what is held with other "
            f"prices or exchange rates than the broker does, or lacks what is due and not paid yet, which "
            f"the broker counts ({off} on {nav.broker.day})."
        ),
    )
