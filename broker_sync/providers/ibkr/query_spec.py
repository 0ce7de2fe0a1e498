"""The Flex query that a sync needs: the one list that the doctor checks by and the guide is made from.

Names are those of Client Portal, Performance & Reports > Flex Queries > Activity Flex Query.
https://www.ibkrguides.com/reportingreference/reportguide/activity-flex-query-reference.htm
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from broker_sync.providers.ibkr.query_charges import (
    CARD,
    CFD,
    CLIENT_FEES,
    FUNDS,
    OPTIONS,
    SALES_TAXES,
    TRANSACTION_TAXES,
)
from broker_sync.providers.ibkr.query_fields import (
    ACCOUNT,
    Level,
    SectionSpec,
    optional,
    recommended,
    required,
)
from broker_sync.providers.ibkr.query_records import (
    CASH,
    CORPORATE,
    DELIVERIES,
    GRANTS,
    TRADES,
    TRANSFERS,
)

__all__ = ["GENERAL", "PORTAL_PAGE", "QUERY", "QUERY_DAYS", "RATES", "SETTINGS", "Setting", "spec_of"]

PORTAL_PAGE: Final = "Performance & Reports > Flex Queries"
GENERAL: Final = "General Configuration"
_DELIVERY: Final = "Delivery Configuration"
QUERY_DAYS: Final = 90
"""How many days the query is to cover: nights that are missed within them lose nothing."""

_UNKNOWN: Final = "the section is not used"

_INFORMATION: Final = SectionSpec(
    name="AccountInformation",
    row="AccountInformation",
    label="Account Information",
    level=Level.REQUIRED,
    cost="the base currency is not known, and an alias in place of the account id is not noticed",
    fields=(
        *required("a statement whose head does not say whose it is is refused", accountId="Account ID"),
        *required("the base currency is not known", currency="Currency"),
        *recommended("an alias in place of the account id is not noticed", acctAlias="Account Alias"),
        *recommended(
            "the first statement of a young account can pass for one that was cut short",
            dateOpened="Date Opened",
        ),
    ),
)

_POSITIONS: Final = SectionSpec(
    name="OpenPositions",
    row="OpenPosition",
    label="Open Positions",
    level=Level.REQUIRED,
    cost="positions cannot be reconciled, and what was held before the first statement is not opened",
    option="Summary",
    fields=(
        *ACCOUNT,
        *required(
            "positions cannot be compared",
            assetCategory="Asset Class",
            currency="Currency",
            position="Quantity",
            symbol=("Symbol", "conid"),
        ),
        *recommended("instruments are told apart by their symbols, which change", conid="Conid", isin="ISIN"),
        *recommended(
            "symbols can lack their exchange (VUAG, not VUAG.L)", listingExchange="Listing Exchange"
        ),
        *recommended("the size of options and futures is not known", multiplier="Multiplier"),
        *recommended("opening balances have no cost", costBasisMoney=("Cost Basis Money", "costBasisPrice")),
        *recommended("lots are taken for positions", levelOfDetail="Level of Detail"),
        *optional("positions have no price", markPrice="Mark Price"),
        *optional("of models that hold the same instrument only one is counted", model="Model"),
        *optional("instruments have no name", description="Description"),
    ),
    stand_ins=frozenset({"exchange"}),
)

_INSTRUMENTS: Final = SectionSpec(
    name="SecuritiesInfo",
    row="SecurityInfo",
    label="Financial Instrument Information",
    level=Level.REQUIRED,
    cost="an instrument is known only as well as the row that names it: exchange and ISIN can be missing",
    fields=(
        *required(_UNKNOWN, conid="Conid"),
        *recommended("instruments lack their names and numbers", isin="ISIN", symbol="Symbol"),
        *recommended(
            "symbols can lack their exchange (VUAG, not VUAG.L)", listingExchange="Listing Exchange"
        ),
        *recommended("the kind of an instrument is not known", assetCategory="Asset Class"),
        *recommended("the size of options and futures is not known", multiplier="Multiplier"),
        *optional("instruments have no name", description="Description"),
    ),
    stand_ins=frozenset({"currency", "exchange"}),
)

_CASH_REPORT: Final = SectionSpec(
    name="CashReport",
    row="CashReportCurrency",
    label="Cash Report",
    level=Level.RECOMMENDED,
    cost="cash cannot be reconciled, and the cash held before the first statement is not opened",
    option="Currency Breakout",
    wrong_levels=frozenset({"BASECURRENCY", "BASESUMMARY"}),
    level_cost="cash cannot be reconciled by currency",
    fields=(
        *ACCOUNT,
        *required("cash cannot be reconciled", currency="Currency", endingCash="Ending Cash"),
        *recommended("the opening cash is worked out backwards", startingCash="Starting Cash"),
        *optional("the sum in base currency is told by its name alone", levelOfDetail="Level of Detail"),
    ),
)

_VALUE: Final = SectionSpec(
    name="EquitySummaryInBase",
    row="EquitySummaryByReportDateInBase",
    label="Net Asset Value (NAV) in Base",
    level=Level.RECOMMENDED,
    cost="the value of the account cannot be compared",
    fields=(
        *ACCOUNT,
        *required(_UNKNOWN, reportDate="Report Date", total="Total"),
        *optional("the value is taken to be in the account's base currency", currency="Currency"),
        *optional("the cash within the value is not known", cash="Cash"),
    ),
)

RATES: Final = SectionSpec(
    name="ConversionRates",
    row="ConversionRate",
    label="Include Currency Rates?",
    level=Level.RECOMMENDED,
    cost="nothing held in another currency can be valued in base currency",
)
"""The one section that is ticked as a setting: see :data:`SETTINGS`."""

QUERY: Final = (
    _INFORMATION, TRADES, CASH, _POSITIONS, _INSTRUMENTS, _CASH_REPORT, CORPORATE, TRANSFERS, FUNDS, _VALUE,
    SALES_TAXES, TRANSACTION_TAXES, RATES, OPTIONS, DELIVERIES, GRANTS, CARD, CFD, CLIENT_FEES,
)  # fmt: skip
"""Every section that is booked from or compared with, the ones that matter most first."""

_BY_NAME: Final[Mapping[str, SectionSpec]] = {spec.name: spec for spec in QUERY}


def spec_of(section: str) -> SectionSpec | None:
    """The section by its XML name; None for one that nothing reads."""
    return _BY_NAME.get(section)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A setting of the query outside its sections: where it is, what to choose, and why."""

    place: str
    label: str
    choice: str
    reason: str


SETTINGS: Final = (
    Setting(
        place=_DELIVERY,
        label="Accounts",
        choice="the accounts to sync",
        reason="one query may have several; each lands in its own account",
    ),
    Setting(place=_DELIVERY, label="Models", choice="none", reason="the account is wanted as a whole"),
    Setting(place=_DELIVERY, label="Format", choice="XML", reason="CSV is refused"),
    Setting(
        place=_DELIVERY,
        label="Period",
        choice=f"Last N Calendar Days, {QUERY_DAYS}",
        reason="a missed night loses nothing; what comes twice is booked once",
    ),
    Setting(place=GENERAL, label="Date Format", choice="yyyyMMdd", reason="it reads one way only"),
    Setting(place=GENERAL, label="Time Format", choice="HHmmss", reason="seconds keep trades in order"),
    Setting(place=GENERAL, label="Date/Time Separator", choice="; (semi-colon)", reason="it is unmistakable"),
    Setting(place=GENERAL, label="Profit and Loss", choice="Default", reason="it is not read"),
    Setting(
        place=GENERAL,
        label="Include Canceled Trades?",
        choice="Yes",
        reason="a trade that was taken back is taken back in the books too",
    ),
    Setting(place=GENERAL, label=RATES.label, choice="Yes", reason=f"without them {RATES.cost}"),
    Setting(place=GENERAL, label="Include Audit Trail Fields?", choice="No", reason="they are not read"),
    Setting(
        place=GENERAL,
        label="Display Account Alias in Place of Account ID?",
        choice="No",
        reason="an alias does not match the account that is configured, so the statement is refused",
    ),
    Setting(
        place=GENERAL,
        label="Breakout by Day?",
        choice="No",
        reason="both are read; with Yes the file is larger and says the same",
    ),
)
"""Every setting of the query, in the order of the page."""
