"""The rows that stand beside those that count: sums of them, and parts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import groupby

from tests.simulation.books import ZERO, Row
from tests.simulation.written import Columns, Line, Window, columns_of

_SUMMED = ("quantity", "tradeMoney", "proceeds", "taxes", "ibCommission", "netCash", "cost")
_LEVELS = {"Order": "ORDER", "SymbolSummary": "SYMBOL_SUMMARY", "AssetSummary": "ASSET_SUMMARY"}


def trades(window: Window) -> Iterator[Line]:
    """Sums over asset classes, symbols and orders, each before the executions; then closed lots."""
    rows = window.rows("Trades")
    levels = window.query.levels
    lines = [(row, columns_of(row, window)) for row in rows]
    for tag, column in (
        ("AssetSummary", "assetCategory"),
        ("SymbolSummary", "symbol"),
        ("Order", "ibOrderID"),
    ):
        if tag in levels:
            yield from _sums(tag, column, [columns for _, columns in lines])
    opened = [str(row.values["transactionID"]) for row in rows]
    for row, columns in lines:
        yield row.tag, columns
        if "C" in str(row.values["openCloseIndicator"]):
            yield from _closed(levels, columns, opened[0])


def _sums(tag: str, column: str, rows: Iterable[Columns]) -> Iterator[Line]:
    ordered = sorted(rows, key=lambda columns: str(columns[column]))
    for _, group in groupby(ordered, key=lambda columns: str(columns[column])):
        members = list(group)
        totals = {name: sum((_number(member[name]) for member in members), ZERO) for name in _SUMMED}
        blank = dict.fromkeys(("transactionID", "tradeID", "ibExecID"), "")
        yield tag, {**members[0], **totals, **blank, "levelOfDetail": _LEVELS[tag]}


def _number(value: object) -> Decimal:
    return value if isinstance(value, Decimal) else ZERO


def _closed(levels: frozenset[str], columns: Columns, opening: str) -> Iterator[Line]:
    # A closed lot repeats the number of the trade that opened it.
    for tag, level in (("Lot", "CLOSED_LOT"), ("WashSale", "WASH_SALE")):
        if tag in levels:
            yield tag, {**columns, "transactionID": opening, "ibExecID": "", "levelOfDetail": level}


def cash_transactions(window: Window) -> Iterator[Line]:
    """The rows, and where asked for the sum of those with one description."""
    lines = [(row, columns_of(row, window)) for row in window.rows("CashTransactions")]
    if "CashSummary" in window.query.levels:
        yield from _summaries(lines, "amount")
    for row, columns in lines:
        yield row.tag, columns


def corporate_actions(window: Window) -> Iterator[Line]:
    """The rows, and where asked for the sum of those of one action."""
    lines = [(row, columns_of(row, window)) for row in window.rows("CorporateActions")]
    if "CorporateSummary" in window.query.levels:
        yield from _summaries(lines, "quantity")
    for row, columns in lines:
        yield row.tag, columns


def _summaries(lines: Iterable[tuple[Row, Columns]], summed: str) -> Iterator[Line]:
    def key(line: tuple[Row, Columns]) -> tuple[str, ...]:
        return tuple(str(line[1].get(name)) for name in ("description", "currency", "reportDate", "conid"))

    for _, group in groupby(sorted(lines, key=key), key=key):
        members = list(group)
        row, columns = members[0]
        total = sum((_number(member[summed]) for _, member in members), ZERO)
        marks: Columns = {
            "accountId": "-",
            "acctAlias": "-",
            "model": "-",
            "transactionID": "",
            "dateTime": row.booked_on,
            "levelOfDetail": "SUMMARY",
            summed: total,
        }
        yield row.tag, {**columns, **marks}
