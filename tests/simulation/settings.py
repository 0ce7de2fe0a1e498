"""Draws the settings of a query that loses nothing of a life."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from tests.simulation.life import Life
from tests.simulation.query import CLOCK_FORMATS, DAY_FORMATS, LEVELS, NEW_YORK, SEPARATORS, ZONES, Query

_OPTIONAL_SECTIONS = frozenset({"StmtFunds"})
_SUMS_OF_TRADES = frozenset({"Order", "SymbolSummary", "AssetSummary", "Lot", "WashSale"})

_TICKED_AT_WILL = {
    "Trades": (
        "listingExchange", "isin", "description", "ibExecID", "notes", "cost", "multiplier", "exchange",
        "levelOfDetail", "tradeMoney", "closePrice", "orderTime", "openCloseIndicator", "buySell",
        "transactionType", "securityID", "cusip", "settleDateTarget",
    ),
    "CashTransactions": (
        "description", "settleDate", "listingExchange", "symbol", "isin", "actionID", "code", "tradeID",
    ),
    "CorporateActions": ("actionDescription", "amount", "value", "isin", "listingExchange", "mtmPnl"),
    "Transfers": ("settleDate", "dateTime", "company", "account", "transferPrice", "listingExchange"),
    "OpenPositions": ("listingExchange", "isin", "costBasisMoney", "costBasisPrice", "description"),
    "SecuritiesInfo": ("listingExchange", "isin"),
    "StmtFunds": ("balance", "debit", "credit", "tradeID"),
}  # fmt: skip
"""Columns that a query may lack without loss, by section."""


def draw_query(rng: Random, life: Life) -> Query:
    """Settings of all kinds; now and then those that IBKR proposes."""
    absent = _OPTIONAL_SECTIONS - life.needs
    if rng.random() < 0.3:
        return Query(absent=absent)
    levels = frozenset(rng.sample(LEVELS, k=rng.randint(0, len(LEVELS))))
    return Query(
        days=rng.choice(DAY_FORMATS),
        clock=rng.choice(CLOCK_FORMATS),
        separator=rng.choice(SEPARATORS),
        zone=rng.choice((NEW_YORK, NEW_YORK, *ZONES)),
        names_zone=rng.random() < 0.3,
        levels=levels,
        unticked={
            section: _unticked(rng, section, columns, levels) for section, columns in _TICKED_AT_WILL.items()
        },
        absent=frozenset() if rng.random() < 0.5 else absent,
        by_day=rng.random() < 0.2,
        order=rng.randrange(11),
    )


def draw_numbers(rng: Random, query: Query) -> Query:
    """The same settings without some of the columns that say which row is which."""
    lost = rng.choice(
        (("transactionID",), ("transactionID", "ibExecID"), ("tradeID", "transactionID", "ibExecID"))
    )
    sections = {*_TICKED_AT_WILL, "TradeTransfers", "SalesTaxes", "CFDCharges"} - {"OpenPositions"}
    unticked = {name: query.unticked.get(name, frozenset()) | set(lost) for name in sections}
    return replace(query, unticked={**query.unticked, **unticked})


def _unticked(rng: Random, section: str, columns: Sequence[str], levels: frozenset[str]) -> frozenset[str]:
    hidden = set(rng.sample(columns, k=rng.randint(0, len(columns)))) if rng.random() < 0.6 else set()
    # A sum is told from what it sums up by its tag alone, but not where a query writes both with one tag.
    if section == "Trades" and levels & _SUMS_OF_TRADES:
        hidden.discard("levelOfDetail")
    return frozenset(hidden)
