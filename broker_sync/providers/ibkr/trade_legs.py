"""What all kinds of trades share: which way, when, how much money, and the legs of their charges.

Signs and identities of the columns: netCash = proceeds + taxes + ibCommission for what is paid in full.
https://www.ibkrguides.com/reportingreference/reportguide/trades_default.htm
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from broker_sync.models import Activity, ActivityType, AssetClass, Instrument
from broker_sync.providers.ibkr.context import Context, UnbookableError, needed
from broker_sync.providers.ibkr.records import Trade

__all__ = [
    "CANCELLATION",
    "COMMISSION",
    "LABELS",
    "REBATE",
    "Dealt",
    "charge_legs",
    "dealt_at",
    "gross_money",
    "instrument_of",
    "label",
    "money_leg",
    "signed_quantity",
    "size_of",
]

_ZERO: Final = Decimal(0)
_BY_CONTRACT: Final = frozenset({AssetClass.OPTION, AssetClass.FUTURE, AssetClass.FUTURE_OPTION})

CANCELLATION: Final = "CANCELLATION"
COMMISSION: Final = "COMMISSION"
REBATE: Final = "COMMISSION_REBATE"

LABELS: Final[Mapping[str, str]] = {"A": "ASSIGNMENT", "Ex": "EXERCISE", "Ep": "EXPIRATION"}
"""Note code of a trade -> what made it; the option's leg is at zero, the other at the strike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dealt:
    """When and on which booking day a trade was dealt."""

    at: dt.datetime
    booked_on: dt.date


def signed_quantity(row: Trade) -> Decimal:
    """Units added (positive) or taken, whichever way the file writes it; raises UnbookableError.

    Real files sign the quantity. Where a sale is written without a sign, its side is the sign; a purchase
    with a minus, or a cancellation with its original's sign, contradicts itself.
    """
    quantity = needed(row.quantity, "quantity")
    if not quantity:
        message = "the quantity is zero"
        raise UnbookableError(message)
    side = row.text("buySell")
    if side is None:
        return quantity
    adds = side.startswith("BUY") is not row.is_cancel
    if adds is (quantity > 0):
        return quantity
    if side == "SELL" and quantity > 0 and not row.is_cancel:
        return -quantity
    message = f"{side} of {quantity}: side and sign contradict each other"
    raise UnbookableError(message)


def dealt_at(row: Trade, context: Context) -> Dealt:
    """When the trade was dealt; raises UnbookableError."""
    at = context.clock.trade_moment(row)
    booked_on = context.clock.booked_on(row, "tradeDate", "dateTime")
    if at is None or booked_on is None:
        message = "the row has neither dateTime nor tradeDate"
        raise UnbookableError(message)
    return Dealt(at=at, booked_on=booked_on)


def instrument_of(row: Trade, context: Context) -> Instrument:
    """What was traded; raises UnbookableError where the row names nothing."""
    instrument = context.directory.resolve(row.raw)
    if instrument is None:
        message = "the row names no instrument"
        raise UnbookableError(message)
    return instrument


def label(row: Trade) -> str | None:
    """Why the trade came about, if it is not an ordinary one; that it is a cancellation goes first."""
    if row.is_cancel:
        return CANCELLATION
    return next((LABELS[code] for code in LABELS if code in row.codes), None)


def size_of(amount: Decimal) -> Decimal:
    """`amount` without its sign, which has been checked: it is the direction, and the type holds it."""
    return -amount if amount < 0 else amount


def gross_money(row: Trade, quantity: Decimal, instrument: Instrument) -> Decimal:
    """Money before charges, signed from the account's side; raises UnbookableError."""
    proceeds = row.proceeds
    if proceeds is not None:
        return proceeds
    money = row.trade_money
    if money is not None:
        # tradeMoney has the quantity's sign in signed files and none in the others.
        return size_of(money) if quantity < 0 else -size_of(money)
    price = needed(row.trade_price, "proceeds, tradeMoney or tradePrice")
    if price and instrument.asset_class in _BY_CONTRACT and row.multiplier is None:
        message = "the row has neither proceeds nor multiplier, so its money is not known"
        raise UnbookableError(message)
    return -quantity * price * instrument.multiplier


def charge_legs(main: Activity, charges: Mapping[str, Decimal], record_id: str) -> list[Activity]:
    """One FEE or CREDIT for each currency of `charges` (signed), at the moment of `main`."""
    return [
        money_leg(
            main,
            amount,
            external_id=f"{record_id}:{'fee' if amount < 0 else 'rebate'}{number + 1 if number else ''}",
            subtype=COMMISSION if amount < 0 else REBATE,
            currency=currency,
        )
        for number, (currency, amount) in enumerate(sorted(charges.items()))
        if amount
    ]


def money_leg(
    main: Activity,
    money: Decimal,
    *,
    external_id: str,
    subtype: str,
    currency: str | None = None,
    comes_in_as: ActivityType = ActivityType.CREDIT,
) -> Activity:
    """Signed `money` beside the main leg of a trade: a FEE when it goes out, `comes_in_as` when it comes in.

    It is in the currency of `main` unless `currency` says otherwise.
    """
    return Activity(
        external_id=external_id,
        account_id=main.account_id,
        account_type=main.account_type,
        date=main.date,
        activity_type=comes_in_as if money > 0 else ActivityType.FEE,
        currency=currency or main.currency,
        symbol=main.symbol,
        fee=_ZERO,
        amount=size_of(money),
        subtype=subtype,
        booked_on=main.booked_on,
        record_id=main.record_id,
        instrument=main.instrument,
        group_id=main.record_id,
    )
