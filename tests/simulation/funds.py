"""The Statement of Funds: every movement of cash in its own currency, and again in base currency."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from tests.simulation.books import ZERO, Money, Row
from tests.simulation.broker import BASE
from tests.simulation.written import WHO, Columns, Line, Window, rate, what

_DAY = dt.timedelta(days=1)
_TAG = "StatementOfFundsLine"


def funds_lines(window: Window) -> Iterator[Line]:
    """The ledgers, currency by currency, each between its balances; in them rows are in no order of time."""
    rows = window.life.within(window.first, window.last)
    before, after = window.life.books(window.first - _DAY).cash, window.life.books(window.last).cash
    currencies = sorted({m.currency for row in rows for m in row.money} | {c for c in before if before[c]})
    for currency in currencies:
        yield _TAG, _balance(window, currency, "Starting Balance", before[currency], window.first)
        balance = before[currency]
        for row, money in _moved(rows, currency):
            balance += money.amount
            yield _TAG, _line(row, money, currency, money.amount, balance, "Currency")
        yield _TAG, _balance(window, currency, "Ending Balance", after[currency], window.last)
    if "BaseFunds" in window.query.levels:
        for currency in currencies:
            for row, money in _moved(rows, currency):
                amount = money.amount * rate(currency)
                yield _TAG, _line(row, money, BASE, amount, ZERO, "BaseCurrency")


def _moved(rows: list[Row], currency: str) -> list[tuple[Row, Money]]:
    found = [(row, money) for row in rows for money in row.money if money.currency == currency]
    return sorted(found, key=lambda each: each[0].thing.category if each[0].thing else "")


def _line(row: Row, money: Money, currency: str, amount: Decimal, balance: Decimal, level: str) -> Columns:
    thing = what(row.thing) if row.thing else {}
    own = row.section == "StmtFunds"
    return {
        **WHO,
        **thing,
        "currency": currency,
        "fxRateToBase": rate(currency),
        "reportDate": row.booked_on,
        "date": row.values.get("date", row.booked_on) if own else row.booked_on,
        "settleDate": row.booked_on,
        "activityCode": money.code,
        "activityDescription": money.text,
        "tradeID": row.values.get("tradeID", ""),
        "debit": amount if amount < 0 else "",
        "credit": amount if amount > 0 else "",
        "amount": amount,
        "balance": balance,
        "levelOfDetail": level,
        "transactionID": row.values.get("transactionID", ""),
    }


def _balance(window: Window, currency: str, words: str, balance: Decimal, day: dt.date) -> Columns:
    return {
        **WHO,
        "currency": currency,
        "reportDate": day,
        "date": day,
        "activityCode": "",
        "activityDescription": words,
        "amount": ZERO,
        "balance": balance,
        "levelOfDetail": "Currency",
        "transactionID": "",
    }
