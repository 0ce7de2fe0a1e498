"""Cash transactions: the sign of the amount decides, never the name of the kind alone.

A withholding tax can be a refund, a dividend can be taken back, interest received can be negative.
https://www.ibkrguides.com/reportingreference/reportguide/cashtransactionsfq.htm
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from broker_sync.models import Activity, ActivityType
from broker_sync.providers.ibkr.cash_kind import CashKind
from broker_sync.providers.ibkr.context import Context, UnbookableError, currency_of, needed
from broker_sync.providers.ibkr.records import CashTransaction

__all__ = ["CASH_KINDS", "CashKind", "map_cash"]


_DIVIDEND: Final = CashKind(
    money_in=ActivityType.DIVIDEND, money_out=ActivityType.FEE, subtype_out="DIVIDEND_REVERSAL"
)
_IN_LIEU: Final = CashKind(
    money_in=ActivityType.DIVIDEND,
    subtype_in="PAYMENT_IN_LIEU",
    money_out=ActivityType.FEE,
    subtype_out="PAYMENT_IN_LIEU_REVERSAL",
)
_TAX: Final = CashKind(
    money_in=ActivityType.CREDIT,
    subtype_in="WITHHOLDING_TAX_REFUND",
    money_out=ActivityType.FEE,
    subtype_out="WITHHOLDING_TAX",
)
_CAPITAL: Final = CashKind(
    money_in=ActivityType.DIVIDEND,
    subtype_in="RETURN_OF_CAPITAL",
    money_out=ActivityType.FEE,
    subtype_out="RETURN_OF_CAPITAL_REVERSAL",
)
_INTEREST_RECEIVED: Final = CashKind(
    money_in=ActivityType.DIVIDEND,
    subtype_in="INTEREST",
    money_out=ActivityType.FEE,
    subtype_out="INTEREST_REVERSAL",
)
_INTEREST_PAID: Final = CashKind(
    money_in=ActivityType.CREDIT,
    subtype_in="INTEREST_REFUND",
    money_out=ActivityType.FEE,
    subtype_out="INTEREST",
)
# The name says neither paid nor received, so neither way is a reversal.
_INTEREST: Final = CashKind(
    money_in=ActivityType.DIVIDEND,
    subtype_in="INTEREST",
    money_out=ActivityType.FEE,
    subtype_out="INTEREST",
)
_FEE: Final = CashKind(money_in=ActivityType.CREDIT, subtype_in="FEE_REFUND", money_out=ActivityType.FEE)
_PRICE_ADJUSTMENT: Final = CashKind(
    money_in=ActivityType.CREDIT,
    subtype_in="PRICE_ADJUSTMENT",
    money_out=ActivityType.FEE,
    subtype_out="PRICE_ADJUSTMENT",
)
_CARBON_CREDIT: Final = CashKind(
    money_in=ActivityType.CREDIT,
    subtype_in="CARBON_CREDIT",
    money_out=ActivityType.FEE,
    subtype_out="CARBON_CREDIT",
)
_BILL_PAY: Final = CashKind(
    money_in=ActivityType.DEPOSIT,
    subtype_in="BILL_PAY",
    money_out=ActivityType.WITHDRAWAL,
    subtype_out="BILL_PAY",
)
_MONEY: Final = CashKind(money_in=ActivityType.DEPOSIT, money_out=ActivityType.WITHDRAWAL)

CASH_KINDS: Final[Mapping[str, CashKind]] = {
    "Dividends": _DIVIDEND,
    "Payment In Lieu Of Dividends": _IN_LIEU,
    "Withholding Tax": _TAX,
    "871(m) Withholding": _TAX,
    "Broker Interest Received": _INTEREST_RECEIVED,
    "Bond Interest Received": _INTEREST_RECEIVED,
    "Broker Interest Paid": _INTEREST_PAID,
    "Bond Interest Paid": _INTEREST_PAID,
    "Bond Interest": _INTEREST,
    "Commission Adjustments": _FEE,
    "Other Fees": _FEE,
    "Advisor Fees": _FEE,
    "Broker Fees": _FEE,
    "Fees": _FEE,
    "Management Fees": _FEE,
    "Price Adjustments": _PRICE_ADJUSTMENT,
    "Carbon Credits": _CARBON_CREDIT,
    "Bill Pay": _BILL_PAY,
    "Deposits & Withdrawals": _MONEY,
    "Deposits/Withdrawals": _MONEY,
    "Deposits": _MONEY,
    "Withdrawals": _MONEY,
    "Cash Receipts": _MONEY,
}
"""The broker's name of a kind -> how it is booked; a name that is not here is rejected, never guessed."""


def map_cash(record_id: str, row: CashTransaction, context: Context) -> list[Activity]:
    """The activity of one cash row; raises UnbookableError or ValueFormatError."""
    kind = _kind(row, context)
    amount = needed(row.amount, "amount")
    currency = currency_of(row.raw.get("currency"))
    booked_on = context.clock.booked_on(row, "dateTime", "date", "settleDate")
    if booked_on is None:
        message = "the row has neither reportDate nor dateTime"
        raise UnbookableError(message)
    # The sign of no money says nothing: a charge would have gone out, anything else come in.
    comes_in = amount > 0 or (not amount and kind.money_in is not ActivityType.CREDIT)
    instrument = context.directory.resolve(row.raw, is_named=False)
    return [
        Activity(
            external_id=record_id,
            account_id=context.account.id,
            account_type=context.account.account_type,
            date=context.clock.booked_moment(row, booked_on),
            activity_type=kind.money_in if comes_in else kind.money_out,
            currency=currency,
            symbol=None if instrument is None else instrument.symbol,
            fee=Decimal(0),
            amount=amount if amount > 0 else -amount,
            subtype=kind.subtype_in if comes_in else kind.subtype_out,
            booked_on=booked_on,
            instrument=instrument,
            group_id=_event(row),
            comment=row.text("description"),
        )
    ]


def _kind(row: CashTransaction, context: Context) -> CashKind:
    own = context.cash_kinds.get(row.type)
    if own is not None:
        return own
    kind = CASH_KINDS.get(row.type)
    if kind is None:
        message = f"cash transactions of type {row.type or '(none)'!r} are not known"
        raise UnbookableError(message)
    # The broker has no type of its own for it; the tracker must not count it as income.
    if kind is _DIVIDEND and "return of capital" in row.raw.get("description", "").lower():
        return _CAPITAL
    return kind


def _event(row: CashTransaction) -> str | None:
    """What links a dividend with its taxes and fees: the broker's action number."""
    action = row.text("actionID")
    return None if action is None else f"ibkr:action:{action}"
