"""From the broker's records to activities: one table, small functions.

For every row booked, the sum of :func:`broker_sync.accounting.cash_effect` over its activities is the row's
own cash, and the sum of :func:`~broker_sync.accounting.position_effect` its own quantity. A row that does not
say enough, contradicts itself, or is of a kind that is not booked yet becomes a
:class:`~broker_sync.contracts.Rejection` with all that the broker wrote; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from broker_sync.contracts import Rejection
from broker_sync.errors import ValueFormatError
from broker_sync.models import Activity
from broker_sync.providers.ibkr.context import Context, UnbookableError
from broker_sync.providers.ibkr.mapping_cash import map_cash
from broker_sync.providers.ibkr.mapping_charges import (
    is_single_fee,
    is_whole_charge,
    is_whole_tax,
    map_cfd_charge,
    map_client_fee,
    map_debit_card,
    map_sales_tax,
    map_transaction_tax,
)
from broker_sync.providers.ibkr.mapping_corporate import is_corporate_record, map_corporate
from broker_sync.providers.ibkr.mapping_funds import (
    has_own_money,
    is_only_word_on_money,
    map_funds_line,
    map_option_event,
)
from broker_sync.providers.ibkr.mapping_grants import map_stock_grant, map_trade_transfer, moves_shares
from broker_sync.providers.ibkr.mapping_trades import map_trade
from broker_sync.providers.ibkr.mapping_transfers import map_transfer
from broker_sync.providers.ibkr.records import CashTransaction, Record, Trade
from broker_sync.providers.ibkr.records_charges import (
    CFDCharge,
    ClientFee,
    DebitCardActivity,
    SalesTax,
    TransactionTax,
)
from broker_sync.providers.ibkr.records_corporate import CorporateAction
from broker_sync.providers.ibkr.records_funds import FundsLine, OptionEvent
from broker_sync.providers.ibkr.records_transfers import StockGrant, TradeTransfer, Transfer
from broker_sync.providers.ibkr.trade_legs import signed_quantity

__all__ = ["RECORDS", "RecordMapping", "map_record", "reject"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordMapping:
    """How the rows with one tag in one section are read and booked.

    `book` takes the external id, the row and its context; `is_record` tells a record from a row that says
    again what records say.
    """

    record: type[Record]
    book: Callable[[str, Any, Context], list[Activity]]
    is_record: Callable[[Any, Context], bool] = lambda _row, _context: True


def _is_execution(row: Trade, _: Context) -> bool:
    return row.level_of_detail.upper() in {"", "EXECUTION"}


def _is_detail(row: CashTransaction, _: Context) -> bool:
    return not row.is_summary


RECORDS: Final[Mapping[tuple[str, str], RecordMapping]] = {
    ("Trades", "Trade"): RecordMapping(record=Trade, book=map_trade, is_record=_is_execution),
    ("CashTransactions", "CashTransaction"): RecordMapping(
        record=CashTransaction, book=map_cash, is_record=_is_detail
    ),
    ("CorporateActions", "CorporateAction"): RecordMapping(
        record=CorporateAction, book=map_corporate, is_record=is_corporate_record
    ),
    ("StmtFunds", "StatementOfFundsLine"): RecordMapping(
        record=FundsLine, book=map_funds_line, is_record=has_own_money
    ),
    ("OptionEAE", "OptionEAE"): RecordMapping(
        record=OptionEvent, book=map_option_event, is_record=is_only_word_on_money
    ),
    ("Transfers", "Transfer"): RecordMapping(record=Transfer, book=map_transfer),
    ("TradeTransfers", "TradeTransfer"): RecordMapping(record=TradeTransfer, book=map_trade_transfer),
    ("StockGrantActivities", "StockGrantActivity"): RecordMapping(
        record=StockGrant, book=map_stock_grant, is_record=moves_shares
    ),
    ("SalesTaxes", "SalesTax"): RecordMapping(record=SalesTax, book=map_sales_tax),
    ("TransactionTaxes", "TransactionTax"): RecordMapping(
        record=TransactionTax, book=map_transaction_tax, is_record=is_whole_tax
    ),
    ("DebitCardActivities", "DebitCardActivity"): RecordMapping(
        record=DebitCardActivity, book=map_debit_card
    ),
    ("CFDCharges", "CFDCharge"): RecordMapping(
        record=CFDCharge, book=map_cfd_charge, is_record=is_whole_charge
    ),
    ("ClientFees", "ClientFee"): RecordMapping(
        record=ClientFee, book=map_client_fee, is_record=is_single_fee
    ),
}
"""Section and tag -> how its rows are booked. What is not here is informational or not booked yet."""


def map_record(record_id: str, section: str, row: Record, context: Context) -> list[Activity] | Rejection:
    """The activities of one record, or why it was not booked."""
    mapping = next((RECORDS[place] for place in RECORDS if place[0] == section), None)
    if mapping is None:
        return reject(record_id, section, row, context, reason=f"the section {section} is not booked yet")
    try:
        return mapping.book(record_id, row, context)
    except (UnbookableError, ValueFormatError) as error:
        return reject(record_id, section, row, context, reason=str(error))


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
        instrument=context.directory.resolve(row.raw, is_named=isinstance(row, Trade)),
        quantity=_told_quantity(row),
    )


def _told_quantity(row: Record) -> Decimal | None:
    try:
        if isinstance(row, CorporateAction):
            return row.quantity
        if not isinstance(row, Trade) or row.asset_category == "CASH":
            return None
        return signed_quantity(row)
    except (UnbookableError, ValueFormatError):
        return None
