"""What a statement says of the account at its end: cash, positions, equity, and what the things are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from tests.simulation.books import ZERO, Thing
from tests.simulation.broker import BASE
from tests.simulation.written import WHO, Columns, Line, Window, rate, what

_DAY = dt.timedelta(days=1)
_PLACES = Decimal("0.000000001")


def cash_report(window: Window) -> Iterator[Line]:
    """The base currency, then each currency that was there at either end or moved in between."""
    before, after = window.life.books(window.first - _DAY).cash, window.life.books(window.last).cash
    moved = {m.currency for row in window.life.within(window.first, window.last) for m in row.money}
    shown = sorted(
        {
            *moved,
            *(c for c, amount in before.items() if amount),
            *(c for c, amount in after.items() if amount),
        }
    )
    start = sum((before[currency] * rate(currency) for currency in shown), ZERO)
    end = sum((after[currency] * rate(currency) for currency in shown), ZERO)
    yield "CashReportCurrency", _balance(window, "BASE_SUMMARY", "BaseCurrency", start, end)
    for currency in shown:
        yield "CashReportCurrency", _balance(window, currency, "Currency", before[currency], after[currency])


def _balance(window: Window, currency: str, level: str, start: Decimal, end: Decimal) -> Columns:
    return {
        **WHO,
        "currency": currency,
        "levelOfDetail": level,
        "fromDate": window.first,
        "toDate": window.last,
        "startingCash": start,
        "startingCashSec": start,
        "endingCash": end,
        "endingCashSec": end,
        "endingSettledCash": end - 1,
    }


def positions(window: Window) -> Iterator[Line]:
    """What is held at the end: a sum for each thing, and its lots where the query has them."""
    books = window.life.books(window.last)
    levels = window.query.levels
    for conid, units in books.held().items():
        thing, cost = window.life.things[conid], books.cost[conid]
        if "PositionLotsOnly" not in levels:
            yield "OpenPosition", _position(window, thing, units, cost, "SUMMARY")
        if levels & {"PositionLots", "PositionLotsOnly"}:
            part = (units / 3).quantize(Decimal(1))
            part_cost = (cost / 3).quantize(Decimal(1))
            for lot, lot_cost in ((part, part_cost), (units - part, cost - part_cost)):
                if lot:
                    yield "OpenPosition", _position(window, thing, lot, lot_cost, "LOT")


def _position(window: Window, thing: Thing, units: Decimal, cost: Decimal, level: str) -> Columns:
    mark = window.life.mark(thing.conid, window.last)
    value = units * mark * thing.per_unit
    return {
        **WHO,
        **what(thing),
        "fxRateToBase": rate(thing.currency),
        "reportDate": window.last,
        "position": units,
        "markPrice": mark,
        "positionValue": value,
        "openPrice": (cost / units).quantize(_PLACES),
        "costBasisPrice": (cost / units / thing.per_unit).quantize(_PLACES),
        "costBasisMoney": cost,
        "fifoPnlUnrealized": value - cost,
        "side": "Long" if units > 0 else "Short",
        "levelOfDetail": level,
    }


def equity(window: Window) -> Iterator[Line]:
    """The value of the account on the last day."""
    books = window.life.books(window.last)
    cash = sum((amount * rate(currency) for currency, amount in books.cash.items()), ZERO)
    yield (
        "EquitySummaryByReportDateInBase",
        {**WHO, "currency": BASE, "reportDate": window.last, "cash": cash, "total": cash},
    )


def securities(window: Window) -> Iterator[Line]:
    """Everything that the rows of the window or its positions name."""
    rows = window.life.within(window.first, window.last)
    named = {row.thing.conid for row in rows if row.thing} | window.life.books(window.last).held().keys()
    for conid in sorted(named):
        yield "SecurityInfo", {**what(window.life.things[conid]), "accountId": ""}
