"""Which attributes a Flex statement writes on each kind of row, in its order."""

from typing import Final

_WHO: Final = "accountId acctAlias model"
_WHAT: Final = """
    currency fxRateToBase assetCategory subCategory symbol description conid securityID securityIDType cusip
    isin figi listingExchange underlyingConid underlyingSymbol underlyingSecurityID underlyingListingExchange
    issuer issuerCountryCode
"""
_TERMS: Final = "multiplier strike expiry putCall principalAdjustFactor"
_GOODS: Final = "serialNumber deliveryType commodityType fineness weight"

_TRADE: Final = f"""
    {_WHO} {_WHAT} tradeID multiplier relatedTradeID strike reportDate expiry dateTime putCall tradeDate
    principalAdjustFactor settleDateTarget transactionType exchange quantity tradePrice tradeMoney proceeds
    taxes ibCommission ibCommissionCurrency netCash closePrice openCloseIndicator notes cost fifoPnlRealized
    mtmPnl origTradePrice origTradeDate origTradeID origOrderID origTransactionID buySell clearingFirmID
    ibOrderID transactionID ibExecID relatedTransactionID rtn brokerageOrderID orderReference
    volatilityOrderLink exchOrderId extExecID orderTime openDateTime holdingPeriodDateTime whenRealized
    whenReopened levelOfDetail changeInPrice changeInQuantity orderType traderID isAPIOrder accruedInt
    initialInvestment {_GOODS}
"""

_LONG_AND_SHORT: Final = """
    stock slbDirectSecuritiesBorrowed slbDirectSecuritiesLent options commodities bonds notes funds
    interestAccruals softDollars forexCfdUnrealizedPl cfdUnrealizedPl dividendAccruals
    fdicInsuredBankSweepAccountCashComponent fdicInsuredAccountInterestAccrualsComponent total
"""

_CASH: Final = """
    startingCash clientFees commissions referralFee commissionCreditsRedemption billableCommissions
    depositWithdrawals deposits withdrawals carbonCredits donations accountTransfers linkingAdjustments
    internalTransfers paxosTransfers excessFundSweep debitCardActivity billPay dividends
    insuredDepositInterest brokerInterest brokerFees bondInterest cashSettlingMtm realizedVm realizedForexVm
    cfdCharges netTradesSales netTradesPurchases advisorFees feesReceivables paymentInLieu transactionTax
    taxReceivables withholdingTax withholding871m withholdingCollectedTax salesTax billableSalesTax
    ipoSubscription fxTranslationGainLoss otherFees other endingCash endingSettledCash
    slbStartingCashCollateral slbNetSecuritiesLentActivity slbEndingCashCollateral slbNetCash
    slbNetSettledCash
"""
CASH_COMPONENTS: Final = tuple(_CASH.split())


def _in_three(names: str, *endings: str) -> str:
    return " ".join(f"{name}{ending}" for name in names.split() for ending in ("", *endings))


_ATTRIBUTES: Final = {
    "AccountInformation": f"""
        {_WHO} currency name accountType customerType accountCapabilities tradingPermissions accountRepName
        accountRepPhone dateOpened dateFunded dateClosed lastTradedDate street street2 city state country
        postalCode masterName ibEntity primaryEmail
    """,
    "EquitySummaryByReportDateInBase": f"""
        {_WHO} reportDate {_in_three("cash slbCashCollateral", "Long", "Short")}
        {_in_three(_LONG_AND_SHORT, "Long", "Short")}
    """,
    "CashReportCurrency": f"""
        {_WHO} currency levelOfDetail fromDate toDate {_in_three(_CASH, "Sec", "Com")}
    """,
    "OpenPosition": f"""
        {_WHO} {_WHAT} {_TERMS} reportDate position markPrice positionValue openPrice costBasisPrice
        costBasisMoney percentOfNAV fifoPnlUnrealized side levelOfDetail openDateTime holdingPeriodDateTime
        vestingDate code originatingOrderID originatingTransactionID accruedInt {_GOODS}
    """,
    "AssetSummary": _TRADE,
    "SymbolSummary": _TRADE,
    "Order": _TRADE,
    "Trade": _TRADE,
    "Lot": _TRADE,
    "CashTransaction": f"""
        {_WHO} {_WHAT} {_TERMS} dateTime settleDate availableForTradingDate amount type tradeID code
        transactionID reportDate exDate clientReference actionID levelOfDetail {_GOODS}
    """,
    "InterestAccrualsCurrency": f"""
        {_WHO} currency fromDate toDate startingAccrualBalance interestAccrued accrualReversal fxTranslation
        endingAccrualBalance
    """,
    "ChangeInDividendAccrual": f"""
        {_WHO} {_WHAT} {_TERMS} reportDate date exDate payDate quantity tax fee grossRate grossAmount
        netAmount code fromAcct toAcct
    """,
    "SecurityInfo": f"""
        {_WHAT.replace("fxRateToBase ", "")} {_TERMS} maturity issueDate underlyingCategory
        settlementPolicyMethod code {_GOODS}
    """,
    "ConversionRate": "reportDate fromCurrency toCurrency rate",
}

LAYOUT: Final = {tag: tuple(names.split()) for tag, names in _ATTRIBUTES.items()}
