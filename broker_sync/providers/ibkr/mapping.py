"""From the broker's records to activities: one table, small functions.

For every row booked, the sum of :func:`broker_sync.accounting.cash_effect` over its activities is the row's
own cash, and the sum of :func:`~broker_sync.accounting.position_effect` its own quantity. A row that does not
say enough, contradicts itself, or is of a kind that is not booked yet becomes a
:class:`~broker_sync.contracts.Rejection` with all that the broker wrote; nothing is guessed.
"""

from __future__ import annotations

from decimal import Decimal

from broker_sync.contracts import Rejection
from broker_sync.errors import ValueFormatError
from broker_sync.models import Activity
from broker_sync.providers.ibkr.context import Context, UnbookableError
from broker_sync.providers.ibkr.mapping_cash import map_cash
from broker_sync.providers.ibkr.mapping_trades import map_trade, signed_quantity
from broker_sync.providers.ibkr.records import CashTransaction, Record, Trade

__all__ = ["map_record", "reject"]


def map_record(record_id: str, section: str, row: Record, context: Context) -> list[Activity] | Rejection:
    """The activities of one record, or why it was not booked."""
    try:
        if isinstance(row, Trade):
            return map_trade(record_id, row, context)
        if isinstance(row, CashTransaction):
            return map_cash(record_id, row, context)
    except (UnbookableError, ValueFormatError) as error:
        return reject(record_id, section, row, context, reason=str(error))
    return reject(record_id, section, row, context, reason=f"the section {section} is not booked yet")


def reject(record_id: str, section: str, row: Record, context: Context, *, reason: str) -> Rejection:
    """The rejection of a record, with what the row itself says it did to a position."""
    try:
        booked_on = context.clock.booked_on(row, "tradeDate", "dateTime", "date", "settleDate")
    except ValueFormatError:
        booked_on = None
    return Rejection(
        external_id=record_id,
        section=section,
        reason=reason,
        raw=dict(row.raw),
        booked_on=booked_on,
        instrument=context.directory.resolve(row.raw),
        quantity=_told_quantity(row),
    )


def _told_quantity(row: Record) -> Decimal | None:
    if not isinstance(row, Trade) or row.asset_category == "CASH":
        return None
    try:
        return signed_quantity(row)
    except (UnbookableError, ValueFormatError):
        return None
