"""Money that no other section has: options that settle in cash, and the margin of futures held over night.

It is in the Statement of Funds where the query has that by currency; the settlement of options is in
OptionEAE too, which is asked only where the other is missing.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from broker_sync.models import Activity, ActivityType
from broker_sync.providers.ibkr.context import Context, UnbookableError, currency_of, needed
from broker_sync.providers.ibkr.mapping_margin import VARIATION_MARGIN
from broker_sync.providers.ibkr.records import Record
from broker_sync.providers.ibkr.records_funds import FundsLine, OptionEvent

__all__ = ["has_own_money", "is_only_word_on_money", "map_funds_line", "map_option_event"]

OPTION_CASH_SETTLEMENT: Final = "OPTION_CASH_SETTLEMENT"


def has_own_money(row: FundsLine, _: Context) -> bool:
    """Whether the line is money that no other section has."""
    return row.is_in_own_currency and (row.is_option_settlement or row.is_position_margin)


def is_only_word_on_money(row: OptionEvent, context: Context) -> bool:
    """Whether the row is a cash settlement that the Statement of Funds does not have."""
    return row.is_cash_settlement and not context.has_cash_ledger


def map_funds_line(record_id: str, row: FundsLine, context: Context) -> list[Activity]:
    """The money of the line; raises UnbookableError or ValueFormatError."""
    subtype = OPTION_CASH_SETTLEMENT if row.is_option_settlement else VARIATION_MARGIN
    amount = needed(row.amount, "amount")
    return [_money(record_id, row, context, amount=amount, subtype=subtype, comment=row.description)]


def map_option_event(record_id: str, row: OptionEvent, context: Context) -> list[Activity]:
    """The money of a cash settlement; raises UnbookableError or ValueFormatError."""
    amount = needed(row.proceeds, "proceeds")
    comment = row.text("description")
    return [_money(record_id, row, context, amount=amount, subtype=OPTION_CASH_SETTLEMENT, comment=comment)]


def _money(
    record_id: str, row: Record, context: Context, *, amount: Decimal, subtype: str, comment: str | None
) -> Activity:
    booked_on = context.clock.booked_on(row, "date", "dateTime")
    if booked_on is None:
        message = "the row has neither reportDate nor date"
        raise UnbookableError(message)
    instrument = context.directory.resolve(row.raw)
    return Activity(
        external_id=record_id,
        account_id=context.account.id,
        account_type=context.account.account_type,
        date=context.clock.booked_moment(row, booked_on),
        activity_type=ActivityType.CREDIT if amount > 0 else ActivityType.FEE,
        currency=currency_of(row.raw.get("currency")),
        symbol=None if instrument is None else instrument.symbol,
        fee=Decimal(0),
        amount=amount if amount > 0 else -amount,
        subtype=subtype,
        booked_on=booked_on,
        instrument=instrument,
        comment=comment,
    )
