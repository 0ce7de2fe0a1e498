"""Writes the Flex statement of any window of a life."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from xml.sax.saxutils import escape

from tests.simulation.balances import cash_report, equity, positions, securities
from tests.simulation.books import Value
from tests.simulation.broker import ACCOUNT, BASE
from tests.simulation.funds import funds_lines
from tests.simulation.levels import cash_transactions, corporate_actions, trades
from tests.simulation.life import Life
from tests.simulation.query import Query
from tests.simulation.written import Line, Window, plain_rows

PLAIN = (
    "Transfers", "TradeTransfers", "StockGrantActivities", "SalesTaxes", "TransactionTaxes",
    "DebitCardActivities", "CFDCharges", "OptionEAE",
)  # fmt: skip
"""Sections that are written row by row."""

_SECTIONS = {
    "EquitySummaryInBase": equity,
    "CashReport": cash_report,
    "OpenPositions": positions,
    "Trades": trades,
    "CashTransactions": cash_transactions,
    "CorporateActions": corporate_actions,
    **{name: plain_rows(name) for name in PLAIN},
    "StmtFunds": funds_lines,
    "SecuritiesInfo": securities,
}
"""Section -> its lines, as (tag, columns)."""


@dataclass(slots=True)
class Statement:
    """The text of a statement, and how many rows each of its sections has."""

    text: str = ""
    rows: Counter[str] = field(default_factory=Counter)


def write(
    life: Life, query: Query, first: dt.date, last: dt.date, *, later: dt.timedelta = dt.timedelta()
) -> Statement:
    """The document of the window from `first` to `last`, both included; made so much `later` than usual."""
    statement = Statement()
    windows = _by_day(first, last) if query.by_day else [(first, last)]
    moment = made(query, last) + later
    parts = [
        _flex_statement(Window(life=life, query=query, first=start, last=end), statement, made=moment)
        for start, end in windows
    ]
    statement.text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<FlexQueryResponse queryName="simulated" type="AF">\n'
        f'<FlexStatements count="{len(parts)}">\n{"".join(parts)}</FlexStatements>\n</FlexQueryResponse>\n'
    )
    return statement


def made(query: Query, last: dt.date) -> dt.datetime:
    """When a document until `last` is made, all of its statements: in the night after it."""
    return dt.datetime.combine(last + dt.timedelta(days=1), dt.time(2, 14), tzinfo=query.zone)


def _by_day(first: dt.date, last: dt.date) -> list[tuple[dt.date, dt.date]]:
    days = [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]
    return [(day, day) for day in days if day.weekday() < 5] or [(first, last)]


def _flex_statement(window: Window, statement: Statement, *, made: dt.datetime) -> str:
    query = window.query
    head: dict[str, Value] = {
        "accountId": ACCOUNT,
        "fromDate": window.first,
        "toDate": window.last,
        "period": "",
        "whenGenerated": made,
    }
    information = {"accountId": ACCOUNT, "acctAlias": "", "currency": BASE, "accountType": "Individual"}
    names = list(_SECTIONS)
    names = names[query.order :] + names[: query.order]
    sections = [
        _section(name, _SECTIONS[name](window), query, statement)
        for name in names
        if name not in query.absent
    ]
    opened = _element("FlexStatement", head, query).removesuffix(" />\n")
    content = _element("AccountInformation", information, query) + "".join(sections)
    return f"{opened}>\n{content}</FlexStatement>\n"


def _section(name: str, lines: Iterator[Line], query: Query, statement: Statement) -> str:
    hidden = query.unticked.get(name, frozenset())
    texts = []
    for tag, columns in lines:
        shown = {column: value for column, value in columns.items() if column not in hidden}
        texts.append(_element(tag, shown, query))
    statement.rows[name] += len(texts)
    return f"<{name}>\n{''.join(texts)}</{name}>\n"


def _element(tag: str, columns: Mapping[str, Value], query: Query) -> str:
    attributes = " ".join([f'{name}="{_escaped(query.text(value))}"' for name, value in columns.items()])
    return f"<{tag} {attributes} />\n"


# The same few texts stand in most cells.
@lru_cache(maxsize=4096)
def _escaped(text: str) -> str:
    return escape(text, {'"': "&quot;"})
