"""The columns that rows of different sections share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from tests.simulation.books import Row, Thing, Value
from tests.simulation.broker import ACCOUNT, BASE
from tests.simulation.life import Life
from tests.simulation.query import Query

Columns = dict[str, Value]
Line = tuple[str, Columns]

_RATES = {
    "USD": "0.78",
    "EUR": "0.85",
    "CHF": "0.89",
    "HKD": "0.1",
    "CAD": "0.57",
    BASE: "1",
    "BASE_SUMMARY": "1",
}
WHO: Columns = {"accountId": ACCOUNT, "acctAlias": "", "model": ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which days of which life are written, and how."""

    life: Life
    query: Query
    first: dt.date
    last: dt.date

    def rows(self, section: str) -> list[Row]:
        """The rows of `section` that were reported within."""
        return [row for row in self.life.within(self.first, self.last) if row.section == section]


def rate(currency: str) -> Decimal:
    """What one unit is worth in base currency."""
    return Decimal(_RATES[currency])


def what(thing: Thing) -> Columns:
    """The columns that say what a row is about."""
    return {
        "currency": thing.currency,
        "assetCategory": thing.category,
        "subCategory": thing.sub_category,
        "symbol": thing.symbol,
        "description": thing.description,
        "conid": thing.conid,
        "securityID": thing.isin,
        "securityIDType": "ISIN" if thing.isin else "",
        "cusip": thing.isin[2:11] if thing.isin.startswith("US") else "",
        "isin": thing.isin,
        "listingExchange": thing.listing,
        "underlyingSymbol": thing.underlying,
        "multiplier": thing.multiplier,
        "strike": thing.strike,
        "expiry": thing.expiry,
        "putCall": thing.put_call,
    }


def columns_of(row: Row, window: Window) -> Columns:
    """All columns of a row; what the broker learns later (rates, marks) is blank on the day itself."""
    late: Columns = {}
    currency = str(row.values.get("currency") or (row.thing.currency if row.thing else BASE))
    late["fxRateToBase"] = "" if row.booked_on == window.last else rate(currency)
    if row.section == "Trades":
        late["mtmPnl"] = Decimal(0) if row.booked_on == window.last else Decimal("1.25")
    return {**WHO, **(what(row.thing) if row.thing else {}), **late, **row.values}


def plain_rows(section: str) -> Callable[[Window], Iterator[Line]]:
    """The lines of a section that has no sums beside its rows."""

    def lines(window: Window) -> Iterator[Line]:
        for row in window.rows(section):
            yield row.tag, columns_of(row, window)

    return lines
