"""What an anonymised statement keeps of each column; a column that is not here is masked.

So a column that the broker adds tomorrow, or one that nobody has thought of, gives nothing away. Names are
those of the attributes: https://www.ibkrguides.com/reportingreference/reportguide/activity-flex-query-reference.htm
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, unique
from typing import Final

__all__ = ["BY_TAG", "COLUMNS", "TOTALS", "TOTAL_ENDINGS", "Treatment", "treatment"]


@unique
class Treatment(Enum):
    """What becomes of the values of a column; the text says it to the owner of the statement."""

    WORD = "kept, if it looks like one of the broker's words"
    DAY = "kept, or moved by whole years"
    RATIO = "kept"
    PRICE = "kept; with other instruments multiplied by a second secret factor"
    MONEY = "multiplied by the secret factor"
    UNITS = "multiplied by the secret factor, the same one"
    ACCOUNT = "another account id, the same one wherever it stands"
    NUMBER = "another number, the same one wherever it stands"
    SYMBOL = "kept, or replaced by an invented symbol"
    PAPER = "kept, or replaced by an invented number"
    TITLE = "kept, or masked"
    SENTENCE = "kept, but for account ids and addresses; or its symbols replaced"
    TEXT = "the broker's own words are kept; others become xxx, digits 0"
    MASKED = "an invented word, the same one wherever it stands"


_LISTS: Final[Mapping[Treatment, str]] = {
    Treatment.WORD: """
        activityCode assetCategory buySell category code commissionCurrency commodityType count currency
        deliveredReceived deliveryType direction exchange fromCurrency functionalCurrency fxCurrency
        ibCommissionCurrency isAPIOrder issuerCountryCode levelOfDetail listingExchange notes
        openCloseIndicator orderType period putCall securityIDType settlementPolicyMethod side source status
        subCategory taxType toCurrency tradeCode transactionType type underlyingCategory
        underlyingListingExchange
    """,
    Treatment.DAY: """
        availableForTradingDate awardDate date dateOpened dateTime exDate fromDate holdingPeriodDateTime
        lotOpenDateTime openDateTime orderTime origTradeDate payDate postingDate reportDate settleDate
        settleDateTarget startDate toDate tradeDate tradeTime transactionDateTime valueDate vestingDate
        whenGenerated whenRealized whenReopened
    """,
    Treatment.RATIO: "fxRateToBase multiplier principalAdjustFactor rate taxRate",
    Treatment.PRICE: """
        closePrice costBasisPrice costPrice grossRate markPrice netTradePrice openPrice origTradePrice price
        strike tradePrice transferPrice
    """,
    Treatment.MONEY: """
        accruedInt amount balance capitalGainsPnl cashTransfer cost costBasis costBasisMoney credit debit
        expense fee fifoPnlRealized fifoPnlUnrealized fxPnl grossAmount ibCommission mtmPnl net netAmount
        netCash netTradeMoney netTradeMoneyInBase paid pnlAmount pnlAmountInBase positionAmount
        positionAmountInBase positionValue proceeds realizedPL realizedPnl received revenue salesTax tax
        taxAmount taxableAmount taxes tradeCommission tradeGross tradeMoney tradeTax unrealizedPL value
    """,
    Treatment.UNITS: "position quantity tradeQuantity",
    Treatment.ACCOUNT: "account accountId fromAcct payer toAcct",
    Treatment.NUMBER: """
        actionID brokerageOrderID exchOrderId extExecID ibExecID ibOrderID orderID origOrderID origTradeID
        origTransactionID originatingOrderID originatingTransactionID positionActionID relatedTradeID
        relatedTransactionID taxableTransactionID tradeID tradeId transactionID
    """,
    Treatment.SYMBOL: "symbol underlyingSymbol",
    Treatment.PAPER: "conid cusip figi isin securityID sedol underlyingConid underlyingSecurityID",
    Treatment.TITLE: "expiry issueDate issuer maturity",
    Treatment.SENTENCE: "actionDescription",
    Treatment.TEXT: "activityDescription description taxDescription taxableDescription",
}

COLUMNS: Final[Mapping[str, Treatment]] = {
    name: treatment for treatment, names in _LISTS.items() for name in names.split()
}
"""Column -> what becomes of it, whatever the tag of its row; all others are masked."""

_NAMED: Final = (
    "ChangeInDividendAccrual", "FIFOPerformanceSummaryUnderlying", "Lot", "MTMPerformanceSummaryUnderlying",
    "OpenDividendAccrual", "OpenPosition", "OptionEAE", "Order", "PriorPeriodPosition", "SecurityInfo",
    "StockGrantActivity", "Trade", "TradeTransfer",
)  # fmt: skip
_EQUITY: Final = "EquitySummaryByReportDateInBase"

BY_TAG: Final[Mapping[tuple[str, str], Treatment]] = {
    **{(tag, "description"): Treatment.TITLE for tag in _NAMED},
    ("CorporateAction", "description"): Treatment.SENTENCE,
    (_EQUITY, "notes"): Treatment.MONEY,
}
"""Tag and column -> what becomes of it there: descriptions of rows that name an instrument, for example."""

_CASH_REPORT: Final = """
    accountTransfers advisorFees billPay billableCommissions billableSalesTax bondInterest brokerFees
    brokerInterest carbonCredits cashSettlingMtm cfdCharges clientFees commissionCreditsRedemption
    commissions debitCardActivity depositWithdrawals deposits dividends donations endingCash
    endingSettledCash excessFundSweep feesReceivables fxTranslationGainLoss insuredDepositInterest
    internalTransfers ipoSubscription linkingAdjustments netTradesPurchases netTradesSales other otherFees
    otherIncome paxosTransfers paymentInLieu realizedForexVm realizedVm referralFee salesTax
    slbEndingCashCollateral slbNetCash slbNetSecuritiesLentActivity slbNetSettledCash
    slbStartingCashCollateral startingCash taxReceivables transactionTax withdrawals withholding871m
    withholdingCollectedTax withholdingTax
"""
_EQUITY_SUMMARY: Final = """
    bondInterestAccrualsComponent bonds brokerCashComponent brokerFeesAccrualsComponent
    brokerInterestAccrualsComponent cash cfdUnrealizedPl commodities crypto dividendAccruals
    fdicInsuredAccountInterestAccruals fdicInsuredBankSweepAccount forexCfdUnrealizedPl funds
    interestAccruals ipoSubscription options physDel slbCashCollateral slbDirectSecuritiesBorrowed
    slbDirectSecuritiesLent softDollars stock total
"""
_CHANGE_IN_NAV: Final = """
    advisorFees assetTransfers brokerFees changeInDividendAccruals changeInInterestAccruals
    changeInUnrealized clientFees commissions corporateActionProceeds depositsWithdrawals dividends
    endingValue fxTranslation interest internalCashTransfers mtm netFxTrading other otherFees realized
    salesTax startingValue transactionTax withholdingTax
"""

TOTALS: Final[Mapping[str, frozenset[str]]] = {
    "CashReportCurrency": frozenset(_CASH_REPORT.split()),
    _EQUITY: frozenset(_EQUITY_SUMMARY.split()),
    "ChangeInNAV": frozenset(_CHANGE_IN_NAV.split()),
    "CFDCharge": frozenset({"total"}),
}
"""Tag -> its columns of money that have their meaning in rows of this tag only."""

TOTAL_ENDINGS: Final = ("Com", "Long", "MTD", "Sec", "Short", "YTD")
"""A column of :data:`TOTALS` may also be there for a part or another period, with one of these behind it."""


def treatment(tag: str, column: str) -> Treatment:
    """What becomes of `column` in elements of `tag`."""
    told = BY_TAG.get((tag, column))
    if told is not None:
        return told
    totals = TOTALS.get(tag, frozenset())
    if column in totals or any(column.removesuffix(ending) in totals for ending in TOTAL_ENDINGS):
        return Treatment.MONEY
    return COLUMNS.get(column, Treatment.MASKED)
