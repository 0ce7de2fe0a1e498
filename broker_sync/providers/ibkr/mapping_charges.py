"""Taxes, card payments and fees that have sections of their own; none of them is a cash transaction.

The broker's Cash Report counts each in a column of its own (sales tax, transaction tax, debit card, CFD
charges, client fees), beside those of the cash transactions. As with those, the sign of the amount decides.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Final

from broker_sync.models import Activity, ActivityType
from broker_sync.providers.ibkr.context import Context, UnbookableError, currency_of, needed
from broker_sync.providers.ibkr.mapping_cash import CashKind
from broker_sync.providers.ibkr.records import Record
from broker_sync.providers.ibkr.records_charges import (
    CFDCharge,
    ClientFee,
    DebitCardActivity,
    SalesTax,
    TransactionTax,
)

__all__ = [
    "booked_day",
    "is_single_fee",
    "is_whole_charge",
    "is_whole_tax",
    "map_cfd_charge",
    "map_client_fee",
    "map_debit_card",
    "map_sales_tax",
    "map_transaction_tax",
]

_HALF_A_CENT: Final = Decimal("0.005")

_SALES_TAX: Final = CashKind(
    money_in=ActivityType.CREDIT,
    subtype_in="SALES_TAX_REFUND",
    money_out=ActivityType.FEE,
    subtype_out="SALES_TAX",
)
_TRANSACTION_TAX: Final = CashKind(
    money_in=ActivityType.CREDIT,
    subtype_in="TRANSACTION_TAX_REFUND",
    money_out=ActivityType.FEE,
    subtype_out="TRANSACTION_TAX",
)
_DEBIT_CARD: Final = CashKind(
    money_in=ActivityType.DEPOSIT,
    subtype_in="DEBIT_CARD_REFUND",
    money_out=ActivityType.WITHDRAWAL,
    subtype_out="DEBIT_CARD",
)
# A short position earns financing, so money that comes in need not be a refund.
_CFD_CHARGE: Final = CashKind(
    money_in=ActivityType.CREDIT,
    subtype_in="CFD_CHARGE",
    money_out=ActivityType.FEE,
    subtype_out="CFD_CHARGE",
)
_CLIENT_FEE: Final = CashKind(
    money_in=ActivityType.CREDIT,
    subtype_in="CLIENT_FEE",
    money_out=ActivityType.FEE,
    subtype_out="CLIENT_FEE",
)


def booked_day(row: Record, context: Context, *others: str) -> dt.date:
    """The row's ``reportDate``, else the first of `others` that it has; raises UnbookableError."""
    day = context.clock.booked_on(row, *others)
    if day is None:
        message = f"the row has neither reportDate nor {' nor '.join(others)}"
        raise UnbookableError(message)
    return day


def is_whole_tax(row: TransactionTax, _: Context) -> bool:
    """Whether the row is a tax, not the part of one that another row has."""
    return not row.is_detail


def is_whole_charge(row: CFDCharge, _: Context) -> bool:
    """Whether the row is a charge, not a sum of charges."""
    return not row.is_summary


def is_single_fee(row: ClientFee, _: Context) -> bool:
    """Whether the row is a fee, not a sum of fees."""
    return row.is_single


def map_sales_tax(record_id: str, row: SalesTax, context: Context) -> list[Activity]:
    """A tax on a charge of the broker; raises UnbookableError or ValueFormatError."""
    amount = needed(row.amount, "salesTax")
    booked_on = booked_day(row, context, "date")
    comment = row.text("taxableDescription")
    return [_money(record_id, row, context, kind=_SALES_TAX, amount=amount, on=booked_on, comment=comment)]


def map_transaction_tax(record_id: str, row: TransactionTax, context: Context) -> list[Activity]:
    """A tax charged apart from its trade; raises UnbookableError or ValueFormatError.

    A tax of another source can be in the money of its trade already (``taxes``), where booking it here would
    charge it twice: such a row is not booked.
    """
    if row.source != "STANDALONE":
        message = (
            f"the source of the tax is {row.source or '(none)'}, not STANDALONE, "
            "so the money of its trade may have it already"
        )
        raise UnbookableError(message)
    amount = needed(row.amount, "taxAmount")
    booked_on = booked_day(row, context, "date")
    comment = row.text("taxDescription")
    return [
        _money(record_id, row, context, kind=_TRANSACTION_TAX, amount=amount, on=booked_on, comment=comment)
    ]


def map_debit_card(record_id: str, row: DebitCardActivity, context: Context) -> list[Activity]:
    """A settled payment with the card; raises UnbookableError or ValueFormatError."""
    if row.status not in {None, "Settled"}:
        message = f"a card payment whose status is {row.status} has not moved money yet"
        raise UnbookableError(message)
    amount = needed(row.amount, "amount")
    booked_on = booked_day(row, context, "postingDate", "transactionDateTime")
    comment = row.text("merchantNameLocation")
    paid = _money(record_id, row, context, kind=_DEBIT_CARD, amount=amount, on=booked_on, comment=comment)
    return [paid]


def map_cfd_charge(record_id: str, row: CFDCharge, context: Context) -> list[Activity]:
    """The financing of contracts for difference; raises UnbookableError or ValueFormatError."""
    amount = _checked(row.total, row.parts, "total", lambda received, paid: (received + paid,))
    booked_on = booked_day(row, context, "date", "dateTime")
    comment = row.text("activityDescription")
    return [_money(record_id, row, context, kind=_CFD_CHARGE, amount=amount, on=booked_on, comment=comment)]


def map_client_fee(record_id: str, row: ClientFee, context: Context) -> list[Activity]:
    """What a master account earns on a client, or loses; raises UnbookableError or ValueFormatError."""
    # The broker calls the net "the difference"; whether the expense has a sign is told nowhere.
    amount = _checked(row.net, row.parts, "net", lambda revenue, cost: (revenue + cost, revenue - cost))
    booked_on = booked_day(row, context, "date", "settleDate")
    comment = row.text("description")
    return [_money(record_id, row, context, kind=_CLIENT_FEE, amount=amount, on=booked_on, comment=comment)]


def _checked(
    told: Decimal | None,
    parts: tuple[Decimal | None, Decimal | None],
    name: str,
    sums: Callable[[Decimal, Decimal], tuple[Decimal, ...]],
) -> Decimal:
    """`told`, held against its parts where the row has both of them."""
    amount = needed(told, name)
    first, second = parts
    if first is None or second is None:
        return amount
    if any(-_HALF_A_CENT <= amount - total <= _HALF_A_CENT for total in sums(first, second)):
        return amount
    message = f"{name} {amount} is not what {first} and {second} come to"
    raise UnbookableError(message)


def _money(
    record_id: str,
    row: Record,
    context: Context,
    *,
    kind: CashKind,
    amount: Decimal,
    on: dt.date,
    comment: str | None,
) -> Activity:
    comes_in = amount > 0
    instrument = context.directory.resolve(row.raw)
    return Activity(
        external_id=record_id,
        account_id=context.account.id,
        account_type=context.account.account_type,
        date=context.clock.booked_moment(row, on),
        activity_type=kind.money_in if comes_in else kind.money_out,
        currency=_currency(row, context),
        symbol=None if instrument is None else instrument.symbol,
        fee=Decimal(0),
        amount=amount if comes_in else -amount,
        subtype=kind.subtype_in if comes_in else kind.subtype_out,
        booked_on=on,
        instrument=instrument,
        comment=comment,
    )


def _currency(row: Record, context: Context) -> str:
    # The card is charged in the base currency, and its rows name that by this word.
    base = context.account.currency
    if isinstance(row, DebitCardActivity) and row.is_in_base_currency and base is not None:
        return base
    return currency_of(row.raw.get("currency"))
