"""Units that move without being traded, and splits."""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import Final

from broker_sync.accounting import position_effect
from broker_sync.models import OPENING_BALANCE, ActivityType
from broker_sync.sinks.wealthfolio.kinds import Kind
from broker_sync.sinks.wealthfolio.moments import wire_moment
from broker_sync.sinks.wealthfolio.numbers import ROOM, fitted
from broker_sync.sinks.wealthfolio.payload_cash import noted_units
from broker_sync.sinks.wealthfolio.payload_parts import (
    REST_LEG,
    SHORT_LEG,
    Draft,
    UnsendableError,
    flow,
    row,
    unit_cost,
)
from broker_sync.sinks.wealthfolio.rows import AssetRef, Row

__all__ = ["split_rows", "unit_rows"]

_ZERO: Final = Decimal(0)
_FROM_OUTSIDE: Final = frozenset({OPENING_BALANCE, "STOCK_GRANT", "STOCK_GRANT_RETURN"})
_TRANSFERS: Final = frozenset({ActivityType.TRANSFER_IN, ActivityType.TRANSFER_OUT})


def unit_rows(draft: Draft) -> list[Row]:
    """A transfer of units, which moves no cash, and a note of those that are below nothing.

    What comes from another broker, was there before, or is a gift crosses the border of the portfolio; the
    paper of a corporate action does not. It has no group: the server would hand the old paper's lots on, and
    with them its number of units.
    """
    activity, asset = draft.activity, draft.asset
    quantity = activity.quantity
    if quantity is None or asset is None:
        raise UnsendableError("it moves units and says not of what, or not how many")
    short = min(draft.form.short, quantity)
    rows = []
    if quantity > short:
        rows.append(_counted(draft, quantity - short, asset))
    if short:
        rows.append(
            row(
                draft,
                Kind("CREDIT", "POSITION_NOTE"),
                leg=SHORT_LEG if rows else "",
                has_asset=False,
                amount=_ZERO,
                notes=noted_units(activity, short),
            )
        )
    return rows


def _counted(draft: Draft, quantity: Decimal, asset: AssetRef) -> Row:
    activity = draft.activity
    comes_in = position_effect(activity) > 0
    price = unit_cost(activity, asset) if comes_in and asset.currency == activity.currency else None
    value = None
    if price is not None:
        with localcontext(ROOM):
            value = fitted(quantity * price * asset.multiplier)
    return row(
        draft,
        Kind("TRANSFER_IN" if comes_in else "TRANSFER_OUT"),
        # Another currency than that of the quotes would call for a rate of exchange.
        currency=asset.currency,
        quantity=quantity,
        unit_price=price,
        amount=value,
        extra=flow(is_external=activity.activity_type in _TRANSFERS or activity.subtype in _FROM_OUTSIDE),
    )


def split_rows(draft: Draft) -> list[Row]:
    """The ratio, new units for one old, in the amount; the server applies it to all days before.

    What the broker's own number of units has beyond the ratio comes or goes as a transfer.
    """
    activity, form = draft.activity, draft.form
    if activity.ratio is None or activity.ratio <= 0:
        raise UnsendableError("a split needs a ratio, new units for one old")
    if form.noted:
        notes = "A split that is counted together with another one of its day"
        return [row(draft, Kind("CREDIT", "POSITION_NOTE"), has_asset=False, amount=_ZERO, notes=notes)]
    ratio = activity.ratio if form.ratio is None else form.ratio
    rows = [row(draft, Kind("SPLIT"), amount=ratio)]
    if form.rest:
        rows.append(_rest(draft, ratio))
    return rows


def _rest(draft: Draft, ratio: Decimal) -> Row:
    """What comes or goes beyond the ratio, on the split's own day: in old units if the split is later."""
    rest, asset = draft.form.rest, draft.asset
    units = rest.copy_abs()  # the direction is in the type
    if draft.form.next_day:
        with localcontext(ROOM):
            units = fitted(units / ratio)
    return row(
        draft,
        Kind("TRANSFER_IN" if rest > 0 else "TRANSFER_OUT"),
        leg=REST_LEG,
        currency=None if asset is None else asset.currency,
        quantity=units,
        extra=flow(is_external=False),
        notes="What the split moves beyond its ratio",
        moment=wire_moment(draft.activity, draft.target.zone, takes=rest < 0),
    )
