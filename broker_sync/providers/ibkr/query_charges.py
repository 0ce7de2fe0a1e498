"""The sections of a Flex query that move money alone, with every field that their booking reads."""

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

__all__ = ["CARD", "CFD", "CLIENT_FEES", "FUNDS", "OPTIONS", "SALES_TAXES", "TRANSACTION_TAXES"]

_INSTRUMENT: Final = EXTRA_FACTS | {
    "assetCategory", "conid", "isin", "listingExchange", "multiplier", "symbol",
}  # fmt: skip
"""What names an instrument, in sections that seldom have one."""

FUNDS: Final = SectionSpec(
    name="StmtFunds",
    row="StatementOfFundsLine",
    label="Statement of Funds",
    level=Level.RECOMMENDED,
    cost=(
        "the money of index options and the daily margin of futures are missing, "
        "and a drift in cash cannot be traced to its line"
    ),
    option="Currency Breakout",
    wrong_levels=frozenset({"BASECURRENCY", "BASESUMMARY"}),
    level_cost="the section is not used",
    fields=(
        *ACCOUNT,
        *identity(),
        *required(
            "the section is not used",
            activityDescription="Activity Description",
            amount="Amount",
            currency="Currency",
            levelOfDetail="Level of Detail",
            reportDate=("Report Date", "date"),
        ),
        *instruments(),
    ),
    stand_ins=EXTRA_FACTS | {"dateTime"},
)

SALES_TAXES: Final = SectionSpec(
    name="SalesTaxes",
    row="SalesTax",
    label="Sales Tax Details",
    level=Level.RECOMMENDED,
    cost="VAT and the like on data and fees is not booked, and cash drifts",
    fields=(
        *ACCOUNT,
        *identity(),
        *required(NOT_BOOKED, currency="Currency", date=("Date", "reportDate"), salesTax="Sales Tax"),
        *optional("the report does not say what was taxed", taxableDescription="Taxable Description"),
    ),
    stand_ins=_INSTRUMENT | {"dateTime"},
)

TRANSACTION_TAXES: Final = SectionSpec(
    name="TransactionTaxes",
    row="TransactionTax",
    label="Transaction Fees",
    level=Level.RECOMMENDED,
    cost="taxes charged apart from their trade, such as the French one on shares, are not booked",
    option="Summary",
    wrong_levels=frozenset({"DETAIL"}),
    level_cost="no tax is booked",
    fields=(
        *ACCOUNT,
        *required(
            NOT_BOOKED,
            currency="Currency",
            reportDate=("Report Date", "date"),
            source="Source",
            taxAmount="Tax Amount",
        ),
        *recommended(SUMS, levelOfDetail="Level of Detail"),
        *instruments(),
        *optional("the report does not say which tax it is", taxDescription="Tax Description"),
    ),
    stand_ins=EXTRA_FACTS | {"dateTime", "transactionID"},
)

OPTIONS: Final = SectionSpec(
    name="OptionEAE",
    row="OptionEAE",
    label="Option Exercises, Assignments and Expirations",
    level=Level.OPTIONAL,
    cost="the money of index options is missing where the Statement of Funds is not there either",
    fields=(
        *ACCOUNT,
        *required(
            NOT_BOOKED,
            currency="Currency",
            date=("Date", "reportDate", "dateTime"),
            proceeds="Proceeds",
            transactionType="Transaction Type",
        ),
        *instruments(),
        *optional("the report does not name the option", description="Description"),
    ),
    stand_ins=frozenset({"exchange", "transactionID"}),
)

CARD: Final = SectionSpec(
    name="DebitCardActivities",
    row="DebitCardActivity",
    label="Debit Card Activity",
    level=Level.OPTIONAL,
    cost="payments with the broker's card are not booked",
    fields=(
        *ACCOUNT,
        *required(
            NOT_BOOKED,
            amount="Amount",
            currency="Currency",
            reportDate=("Report Date", "postingDate", "transactionDateTime"),
        ),
        *recommended("a payment that is not settled is booked too early", status="Status"),
        *optional("the report does not say who was paid", merchantNameLocation="Merchant Name/Location"),
    ),
    stand_ins=_INSTRUMENT | {"dateTime", "transactionID"},
)

CFD: Final = SectionSpec(
    name="CFDCharges",
    row="CFDCharge",
    label="CFD Charges",
    level=Level.OPTIONAL,
    cost="the financing of CFDs is not booked",
    option="Detail",
    wrong_levels=frozenset({"SUMMARY"}),
    level_cost="no charge is booked",
    fields=(
        *ACCOUNT,
        *required(NOT_BOOKED, currency="Currency", date=("Date", "reportDate", "dateTime"), total="Total"),
        *recommended(SUMS, levelOfDetail="Level of Detail"),
        *instruments(),
        *optional("a charge is not held against its parts", paid="Paid", received="Received"),
        *optional("the report does not say what a charge is for", activityDescription="Activity Description"),
    ),
    stand_ins=EXTRA_FACTS | {"transactionID"},
)

CLIENT_FEES: Final = SectionSpec(
    name="ClientFees",
    row="ClientFee",
    label="Client Fees",
    level=Level.OPTIONAL,
    cost="what an adviser earns on a client is not booked",
    option="Detail",
    wrong_levels=frozenset({"ORDER", "SUMMARY"}),
    level_cost="no fee is booked",
    fields=(
        *ACCOUNT,
        *required(NOT_BOOKED, currency="Currency", date=("Date", "reportDate", "settleDate"), net="Net"),
        *recommended(SUMS, levelOfDetail="Level of Detail"),
        *optional("a fee is not held against its parts", expense="Expense", revenue="Revenue"),
        *optional("the report does not say what a fee is for", description="Description"),
    ),
    stand_ins=(_INSTRUMENT - {"description"}) | {"dateTime", "transactionID"},
)
