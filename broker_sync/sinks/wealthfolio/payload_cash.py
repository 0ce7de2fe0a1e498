"""Rows that move money only: their amount is the cash, and they have neither fee nor tax of their own.

Up to 3.7 the server takes a fee off the amount, from 3.8 on it does not; without one both book the same.
"""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import Final

from broker_sync.accounting import cash_effect, position_effect
from broker_sync.models import Activity, ActivityType
from broker_sync.sinks.wealthfolio.forms import is_conversion
from broker_sync.sinks.wealthfolio.kinds import Kind, cash_kind
from broker_sync.sinks.wealthfolio.numbers import ROOM, fitted
from broker_sync.sinks.wealthfolio.payload_parts import Draft, UnsendableError, flow, row
from broker_sync.sinks.wealthfolio.rows import Row
from broker_sync.values import decimal_text

__all__ = ["cash_rows", "money_kind", "noted_rows", "noted_units"]

_ZERO: Final = Decimal(0)
_TRANSFERS: Final = frozenset({ActivityType.TRANSFER_IN, ActivityType.TRANSFER_OUT})
_NOTE: Final = Kind("CREDIT", "POSITION_NOTE")


def cash_rows(draft: Draft) -> list[Row]:
    """One row with the cash of the activity."""
    activity = draft.activity
    if activity.amount is None:
        raise UnsendableError("it says neither how many units nor how much money moved")
    if is_conversion(activity):
        return [_conversion_leg(draft, activity.amount)]
    kind = cash_kind(activity, has_asset=draft.asset is not None)
    return [
        row(
            draft,
            kind,
            amount=activity.amount,
            extra=flow(is_external=True) if activity.activity_type in _TRANSFERS else None,
        )
    ]


def _conversion_leg(draft: Draft, amount: Decimal) -> Row:
    """A leg of a linked pair.

    The rate makes both legs cancel in the account's net contribution up to 3.7. From 3.8 on, the server takes
    a pair for neutral when both legs carry the amounts of both, as those of its own import do.
    """
    activity, against = draft.activity, draft.form.against
    if against is None:
        return row(draft, Kind(activity.activity_type.value), amount=amount, extra=flow(is_external=False))
    own = (activity.currency, decimal_text(fitted(amount)))
    other = (against.currency, decimal_text(fitted(against.amount)))
    goes_out = activity.activity_type is ActivityType.TRANSFER_OUT
    source, destination = (own, other) if goes_out else (other, own)
    rate = None
    if against.currency == draft.target.currency:
        with localcontext(ROOM):
            rate = fitted(against.amount / amount, decimals=20)
    return row(
        draft,
        Kind(activity.activity_type.value),
        amount=amount,
        fx_rate=rate,
        group_id=activity.record_id,
        extra={
            **flow(is_external=False),
            "fx": {
                "sourceCurrency": source[0],
                "sourceAmount": source[1],
                "destinationCurrency": destination[0],
                "destinationAmount": destination[1],
                "rateSource": "implied_from_import",
            },
        },
    )


def money_kind(money: Decimal, subtype: str) -> Kind:
    """What stands for signed `money` that no type of its own fits."""
    return Kind("CREDIT" if money >= 0 else "FEE", subtype)


def noted_units(activity: Activity, units: Decimal) -> str:
    """What a row says of units that the tracker does not count."""
    verb = "Came in" if position_effect(activity) > 0 else "Went out"
    name = activity.symbol or "units"
    price = "" if activity.unit_price is None else f" at {decimal_text(activity.unit_price)}"
    own = f" ({activity.comment})" if activity.comment else ""
    return f"{verb}, not counted here: {decimal_text(units)} {name}{price}{own}"


def noted_rows(draft: Draft) -> list[Row]:
    """One row for units that the tracker cannot hold: their money, which may be none, and a note of them."""
    activity = draft.activity
    money = cash_effect(activity).get(activity.currency, _ZERO)
    kind = money_kind(money, "POSITION_MONEY") if money else _NOTE
    units = _ZERO if activity.quantity is None else activity.quantity
    return [row(draft, kind, amount=abs(money), has_asset=False, notes=noted_units(activity, units))]
