"""The sections of a Flex query that move units and money, with every field that their booking reads."""

from __future__ import annotations

from typing import Final

from broker_sync.providers.ibkr.query_fields import (
    ACCOUNT,
    EXTRA_FACTS,
    NOT_BOOKED,
    SUMS,
    Level,
    SectionSpec,
    identity,
    instruments,
    optional,
    recommended,
    required,
)

__all__ = ["CASH", "CORPORATE", "DELIVERIES", "GRANTS", "TRADES", "TRANSFERS"]

_BOOKED_ON: Final = "a row is booked on the day of its event, which can lie months before"

TRADES: Final = SectionSpec(
    name="Trades",
    row="Trade",
    label="Trades",
    level=Level.REQUIRED,
    cost="no trade is booked, and every position drifts",
    option="Execution",
    wrong_levels=frozenset({"ORDER", "CLOSED_LOT", "SYMBOL_SUMMARY", "ASSET_SUMMARY", "WASH_SALE"}),
    level_cost="none of them is booked",
    fields=(
        *ACCOUNT,
        *required(
            "a corrected trade, which keeps its number, can be lost or booked twice",
            transactionID="Transaction ID",
        ),
        *required(
            NOT_BOOKED,
            assetCategory="Asset Class",
            currency="Currency",
            quantity="Quantity",
            symbol="Symbol",
            tradeDate=("Trade Date", "dateTime"),
        ),
        *recommended("a trade that is reported later counts on the wrong day", reportDate="Report Date"),
        *recommended("trades stand at noon of their day, in no order", dateTime=("Date/Time", "tradeTime")),
        *recommended("the money is worked out from the price", proceeds=("Proceeds", "tradeMoney")),
        *recommended(
            "futures and CFDs are not booked, and the money of other trades is not checked",
            netCash="Net Cash",
        ),
        *recommended("the price is worked out from the money", tradePrice="Trade Price"),
        *recommended("charges are not known", ibCommission="IB Commission", taxes="Taxes"),
        *recommended(
            "a commission in another currency counts in the wrong one, and conversions are rejected",
            ibCommissionCurrency="IB Commission Currency",
        ),
        *recommended(
            "cancellations can pass unrecognised", buySell="Buy/Sell", transactionType="Transaction Type"
        ),
        *recommended("assignments and expirations look like trades", notes=("Notes/Codes", "code")),
        *recommended("what was held before the first statement has an estimated cost", cost="Cost Basis"),
        *recommended("instruments are told apart by their symbols, which change", conid="Conid", isin="ISIN"),
        *recommended(
            "symbols can lack their exchange (VUAG, not VUAG.L)", listingExchange="Listing Exchange"
        ),
        *recommended("the size of options and futures is not known", multiplier="Multiplier"),
        *optional("bonds whose cash includes interest are rejected", accruedInt="Accrued Interest"),
        *optional("instruments can lack a name", description="Description"),
        *optional("sums are told from trades by their tags alone", levelOfDetail="Level of Detail"),
    ),
    stand_ins=frozenset({"exchange", "ibExecID", "tradeID"}),
)

CASH: Final = SectionSpec(
    name="CashTransactions",
    row="CashTransaction",
    label="Cash Transactions",
    level=Level.REQUIRED,
    cost="no dividend, tax, fee, interest, deposit or withdrawal is booked",
    option="all types, Detail",
    wrong_levels=frozenset({"SUMMARY"}),
    level_cost="the statement is refused, since sums have no identity of their own",
    fields=(
        *ACCOUNT,
        *identity(),
        *required(NOT_BOOKED, amount="Amount", currency="Currency", type="Type"),
        *required(_BOOKED_ON, reportDate="Report Date"),
        *recommended(SUMS, levelOfDetail="Level of Detail"),
        *recommended("the time zone of the account cannot be told", dateTime="Date/Time"),
        *recommended("a return of capital is taken for a dividend", description="Description"),
        *recommended("a dividend is not linked with its taxes", actionID="Action ID"),
        *instruments(),
    ),
    stand_ins=frozenset({"date", "exchange", "settleDate"}),
)

CORPORATE: Final = SectionSpec(
    name="CorporateActions",
    row="CorporateAction",
    label="Corporate Actions",
    level=Level.RECOMMENDED,
    cost="splits, mergers and spin-offs are not booked, and positions drift after each",
    option="Detail",
    wrong_levels=frozenset({"SUMMARY"}),
    level_cost="no corporate action is booked",
    fields=(
        *ACCOUNT,
        *identity(),
        *required(NOT_BOOKED, currency="Currency", quantity="Quantity"),
        *required(
            "the ratio of a split is not known", actionDescription=("Action Description", "description")
        ),
        *required(_BOOKED_ON, reportDate="Report Date"),
        *recommended("what an action paid in cash is lost", proceeds=("Proceeds", "amount")),
        *recommended("the kind is told by its description alone", type="Type"),
        *recommended("the rows of one action are not linked", actionID="Action ID"),
        *recommended("an action that is taken back looks like another one", code=("Code", "notes")),
        *recommended(SUMS, levelOfDetail="Level of Detail"),
        *recommended("actions stand at noon of their day", dateTime="Date/Time"),
        *instruments(),
    ),
    # No query that we have seen could tick the cost basis here; where one has it, new paper has a price.
    stand_ins=frozenset({"costBasis", "cusip", "date", "exchange", "securityID"}),
)

TRANSFERS: Final = SectionSpec(
    name="Transfers",
    row="Transfer",
    label="Transfers",
    level=Level.RECOMMENDED,
    cost="positions and money from or to other accounts are not booked",
    option="Transfer",
    wrong_levels=frozenset({"LOT"}),
    level_cost="no transfer is booked",
    fields=(
        *ACCOUNT,
        *identity(),
        *required(NOT_BOOKED, assetCategory="Asset Class", currency="Currency", quantity="Quantity"),
        *required("transfers of money are not booked", cashTransfer="Cash Transfer"),
        *required(_BOOKED_ON, reportDate=("Report Date", "date")),
        *recommended(
            "a transfer written without a sign can go the wrong way",
            direction="Direction",
            positionAmount="Position Amount",
        ),
        *recommended("a transfer that is taken back looks like another one", code=("Code", "notes")),
        *recommended(
            "its instruments are not joined with those of other sections",
            conid="Conid",
            symbol=("Symbol", "conid", "isin"),
        ),
        *optional(
            "an instrument that no other section has is known less well",
            isin="ISIN",
            listingExchange="Listing Exchange",
            multiplier="Multiplier",
        ),
        *optional("what arrives has no price of its own", transferPrice="Transfer Price"),
        *optional(
            "the report does not say where from or where to",
            account="Transfer Account",
            accountName="Account Name",
            company="Transfer Company",
            deliveringBroker="Delivering Broker",
            description="Description",
            type="Type",
        ),
    ),
    stand_ins=frozenset({"dateTime", "exchange", "settleDate"}),
)

DELIVERIES: Final = SectionSpec(
    name="TradeTransfers",
    row="TradeTransfer",
    label="Incoming/Outgoing Trade Transfers",
    level=Level.OPTIONAL,
    cost="trades made at another broker and delivered here are not booked",
    fields=(
        *(field for field in TRADES.fields if field.name not in {"buySell", "cost", "levelOfDetail"}),
        *recommended("a delivery can go the wrong way", deliveredReceived="Delivered/Received"),
        *optional("the report does not name the other broker", brokerName="Broker Name"),
        *optional("what the other broker charged is not told apart", tradeMoney="Trade Money"),
    ),
    stand_ins=TRADES.stand_ins | {"buySell"},
)

GRANTS: Final = SectionSpec(
    name="StockGrantActivities",
    row="StockGrantActivity",
    label="Grant Activity",
    level=Level.OPTIONAL,
    cost="shares given by the broker are not booked",
    fields=(
        *ACCOUNT,
        *required(
            NOT_BOOKED,
            activityDescription="Activity Description",
            currency="Currency",
            quantity="Quantity",
            reportDate=("Report Date", "awardDate"),
        ),
        *instruments(),
        *optional("granted shares have no price", price="Price"),
    ),
    stand_ins=EXTRA_FACTS | {"dateTime", "transactionID"},
)
