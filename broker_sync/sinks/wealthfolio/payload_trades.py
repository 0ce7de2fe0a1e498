"""Purchases and sales: quantity times price (times multiplier) and the fee come to the amount exactly."""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import Final

from broker_sync.models import Activity, ActivityType
from broker_sync.sinks.wealthfolio.kinds import Kind
from broker_sync.sinks.wealthfolio.numbers import ROOM, fitted
from broker_sync.sinks.wealthfolio.payload_cash import money_kind, noted_units
from broker_sync.sinks.wealthfolio.payload_parts import (
    MONEY_LEG,
    SHORT_LEG,
    Draft,
    UnsendableError,
    flow,
    row,
    unit_cost,
)
from broker_sync.sinks.wealthfolio.rows import AssetRef, Row

__all__ = ["trade_rows"]

_ZERO: Final = Decimal(0)
_EXPIRY: Final = "EXPIRATION"
_CENTISIMAL: Final = Decimal("0.00000001")


def trade_rows(draft: Draft) -> list[Row]:
    """One row for what the server counts, one for the money of what is done with less than nothing."""
    activity = draft.activity
    quantity, asset = activity.quantity, draft.asset
    if activity.amount is None or quantity is None or asset is None:
        raise UnsendableError("a trade needs a quantity, an amount and an instrument")
    short = min(draft.form.short, quantity)
    counted = quantity - short
    if asset.currency != activity.currency:
        return _in_other_money(draft, counted, activity.amount)
    if _expires_unsold(activity) and not short:
        return [row(draft, Kind("ADJUSTMENT", "OPTION_EXPIRY"), quantity=quantity)]
    fee = activity.fee or _ZERO  # none told is none charged, as accounting has it
    with localcontext(ROOM):
        share = counted / quantity
        amount = activity.amount if not short else (activity.amount * share).quantize(_CENTISIMAL)
        charges = fee if not short else (fee * share).quantize(_CENTISIMAL)
        rest = activity.amount - amount
    rows = []
    if counted:
        rows.append(_counted(draft, counted, amount, charges, asset))
    if short:
        rows.append(_uncounted(draft, short, rest, is_main=not rows))
    return rows


def _expires_unsold(activity: Activity) -> bool:
    is_expiry = activity.activity_type is ActivityType.SELL and activity.subtype == _EXPIRY
    return is_expiry and not activity.amount and not activity.fee


def _in_other_money(draft: Draft, quantity: Decimal, money: Decimal) -> list[Row]:
    """Units and money apart.

    A trade in other money than its asset's would need a rate, and without one the server passes over all of
    it, the cash too.
    """
    activity = draft.activity
    buys = activity.activity_type is ActivityType.BUY
    rows = [
        row(
            draft,
            Kind("TRANSFER_IN" if buys else "TRANSFER_OUT"),
            currency=None if draft.asset is None else draft.asset.currency,
            quantity=quantity,
            extra=flow(is_external=False),
        )
    ]
    kind = money_kind(-money if buys else money, "TRADE_MONEY")
    leg = MONEY_LEG if quantity else ""
    paid = row(draft, kind, leg=leg, has_asset=False, amount=money)
    return [*rows, paid] if quantity else [paid]


def _counted(draft: Draft, quantity: Decimal, amount: Decimal, fee: Decimal, asset: AssetRef) -> Row:
    activity = draft.activity
    gross = amount - fee if activity.activity_type is ActivityType.BUY else amount + fee
    if gross < 0:
        raise UnsendableError(f"the fee {fee} is more than the amount {amount}")
    return row(
        draft,
        Kind(activity.activity_type.value),
        quantity=quantity,
        unit_price=_price(activity, quantity, gross, asset),
        fee=fee,
        amount=amount,
    )


def _price(activity: Activity, quantity: Decimal, gross: Decimal, asset: AssetRef) -> Decimal:
    """The broker's price where it gives `gross` exactly, else the one that does, to 28 digits."""
    with localcontext(ROOM):
        units = quantity * asset.multiplier
        told = unit_cost(activity, asset)
        return told if told is not None and told * units == gross else fitted(gross / units)


def _uncounted(draft: Draft, units: Decimal, money: Decimal, *, is_main: bool) -> Row:
    activity = draft.activity
    sold = activity.activity_type is ActivityType.SELL
    kind = money_kind(money if sold else -money, "SHORT_SALE" if sold else "SHORT_COVER")
    if not money:
        kind = Kind("CREDIT", "POSITION_NOTE")
    return row(
        draft,
        kind,
        leg="" if is_main else SHORT_LEG,
        has_asset=False,
        amount=money,
        notes=noted_units(activity, units),
    )
