"""What is done with each section of a Flex statement, in one table.

https://www.ibkrguides.com/reportingreference/reportguide/activity-flex-query-reference.htm
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, unique
from typing import Final

__all__ = ["BOOKED", "RECORD_KINDS", "SECTIONS", "Use", "use_of"]


@unique
class Use(Enum):
    """What becomes of the rows of a section."""

    BOOKED = "booked"
    REFERENCE = "read for reference and comparison"
    INFORMATIONAL = "informational: says again, or forecasts, what other sections book"
    NOT_YET = "not booked yet"
    UNKNOWN = "not known"


BOOKED: Final[Mapping[str, str]] = {
    "Trades": "Trade",
    "CashTransactions": "CashTransaction",
    "CorporateActions": "CorporateAction",
    "OptionEAE": "OptionEAE",
    "StmtFunds": "StatementOfFundsLine",
    "Transfers": "Transfer",
    "TradeTransfers": "TradeTransfer",
    "StockGrantActivities": "StockGrantActivity",
    "SalesTaxes": "SalesTax",
    "TransactionTaxes": "TransactionTax",
    "DebitCardActivities": "DebitCardActivity",
    "CFDCharges": "CFDCharge",
    "ClientFees": "ClientFee",
}
"""Section -> the tag of its rows that are records; rows with other tags sum these up or take them apart."""

_REFERENCE: Final = (
    "AccountInformation",
    "CashReport",
    "ConversionRates",
    "EquitySummaryInBase",
    "OpenPositions",
    "SecuritiesInfo",
)

_INFORMATIONAL: Final = (
    "ChangeInDividendAccruals",
    "ChangeInNAV",
    "ChangeInPositionValues",
    "ClientFeesDetail",
    "CommissionCredits",
    "ComplexPositions",
    "DepositsOnHold",
    "FIFOPerformanceSummaryInBase",
    "FdicInsuredDepositsByBank",
    "FxLots",
    "FxPositions",
    "FxTransactions",
    "HKIPOOpenSubscriptions",
    "HardToBorrowDetails",
    "HardToBorrowMarkupDetails",
    "IncentiveCouponAccrualDetails",
    "InterestAccruals",
    "MTDYTDPerformanceSummary",
    "MTMPerformanceSummaryInBase",
    "NetStockPositionSummary",
    "OpenDividendAccruals",
    "PendingExcercises",
    "PriorPeriodPositions",
    "RoutingCommissions",
    "SLBActivities",
    "SLBCollaterals",
    "SLBFees",
    "SLBOpenContracts",
    "SoftDollars",
    "TierInterestDetails",
    "TradeConfirms",
    "TradeConfirmations",
    "UnbookedTrades",
    "UnbundledCommissionDetails",
    "UnsettledTransfers",
)

_NOT_YET: Final = (
    "Adjustments",
    "HKIPOSubscriptionActivity",
    "IBGNoteTransactions",
)

SECTIONS: Final[Mapping[str, Use]] = {
    **dict.fromkeys(BOOKED, Use.BOOKED),
    **dict.fromkeys(_REFERENCE, Use.REFERENCE),
    **dict.fromkeys(_INFORMATIONAL, Use.INFORMATIONAL),
    **dict.fromkeys(_NOT_YET, Use.NOT_YET),
}
"""Every section that is known -> what is done with it."""

RECORD_KINDS: Final[Mapping[str, str]] = {
    "Trades": "trade",
    "CashTransactions": "cash",
    "CorporateActions": "corporate-action",
    "Transfers": "transfer",
    "TradeTransfers": "trade-transfer",
    "SalesTaxes": "sales-tax",
    "TransactionTaxes": "transaction-tax",
    "StockGrantActivities": "stock-grant",
    "DebitCardActivities": "debit-card",
    "ClientFees": "client-fee",
    "CFDCharges": "cfd-charge",
    "OptionEAE": "option-event",
    "StmtFunds": "funds",
    "Adjustments": "adjustment",
    "HKIPOSubscriptionActivity": "ipo-subscription",
    "IBGNoteTransactions": "note",
}
"""Section -> the middle part of the external ids of its records."""


def use_of(section: str) -> Use:
    """What is done with `section`."""
    return SECTIONS.get(section, Use.UNKNOWN)
