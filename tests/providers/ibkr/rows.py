"""Rows as a broker could write them, right and wrong, for the property tests."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from hypothesis import strategies as st

from .builders import Row, cash, conversion, trade

D = Decimal

CURRENCIES = st.sampled_from(["GBP", "USD", "EUR", "CHF", "HKD"])
NULLS = st.sampled_from(["", "-", "--", "N/A"])
MONEY = st.decimals(min_value="0.0001", max_value=10**6, places=4)
SIZES = st.decimals(min_value="0.0001", max_value=10**5, places=4)
SMALL = st.decimals(min_value=-50, max_value=0, places=4)
DAYS = st.dates().map(lambda day: day.replace(year=2026).strftime("%Y%m%d") if day.day < 29 else "20260520")
TIMES = st.times().map(lambda time: time.strftime("%H%M%S"))
JUNK = [
    "", "-", "--", "x", "0", "-0", "1", "-1", "NaN", "1,00", "-2,000", "1e999", "-1e-999", "Infinity",
    "0.0 ()", "\u0663", "BUY", "SELL", "BUY (Ca.)", "Ca", "TradeCancel", "20261301", "05/06/2026",
    "MULTI", "99991231;235959", "00010101;000000", "99991231", "20260521;143000 +9999",
    "20260520;25:00:00", "20260520;14.548", "GBX", "BASE_SUMMARY", "usd", "EUR", "EUR.", ".USD",
    "EUR.USD", "USD.USD", "OPT", "CASH", "STK", "Withholding Tax", " ",
]  # fmt: skip
"""What a column never should hold, most of them where they stand."""


def plain(number: Decimal) -> str:
    return format(number, "f")


@st.composite
def share_trades(draw: st.DrawFn) -> Row:
    """Purchases and sales of shares, cancelled or not, with the columns that a query may leave out."""
    buys = draw(st.booleans())
    cancels = draw(st.sampled_from([False, False, False, True]))
    size, price = draw(SIZES), draw(MONEY)
    quantity = size if buys is not cancels else -size
    proceeds = -(quantity * price).quantize(D("0.0001")) or -quantity * price
    taxes = draw(st.one_of(st.just(D(0)), SMALL))
    commission = draw(st.one_of(SMALL, st.just(D(0)), MONEY.map(lambda rebate: rebate / 10000)))
    currency = draw(CURRENCIES)
    charged_in = draw(st.one_of(st.just(currency), st.none(), CURRENCIES, st.just("")))
    own = commission if charged_in in {None, "", currency} else D(0)
    rounding = draw(st.sampled_from([D(0), D(0), D("0.004"), D("-0.003")]))
    day, time = draw(DAYS), draw(TIMES)
    row = trade(
        assetCategory=draw(st.sampled_from(["STK", "STK", "STK", "ETF", "FUND"])),
        currency=currency,
        buySell=("BUY" if buys else "SELL") + (" (Ca.)" if cancels and draw(st.booleans()) else ""),
        transactionType="TradeCancel"
        if cancels
        else draw(st.sampled_from(["ExchTrade", "FracShare", "BookTrade"])),
        quantity=plain(quantity),
        tradePrice=plain(price),
        proceeds=plain(proceeds),
        taxes=plain(taxes),
        ibCommission=plain(commission),
        ibCommissionCurrency=charged_in,
        netCash=plain(proceeds + taxes + own + rounding),
        dateTime=f"{day};{time}",
        tradeDate=day,
        reportDate=draw(st.one_of(st.just(day), DAYS, NULLS)),
        notes=draw(st.sampled_from(["", "P", "O;P", "Ca" if cancels else "Co"])),
    )
    if draw(st.integers(0, 9)) == 0 and not buys and not cancels:
        row["quantity"] = plain(size)
    for column in draw(
        st.sets(st.sampled_from(["taxes", "netCash", "proceeds", "tradePrice", "multiplier", "cost"]))
    ):
        how = draw(st.sampled_from(["absent", "", "-", "--"]))
        if how == "absent":
            del row[column]
        else:
            row[column] = how
    return row


@st.composite
def conversions(draw: st.DrawFn) -> Row:
    """Conversions in both directions, the commission in any currency."""
    base, quote = draw(st.lists(CURRENCIES, min_size=2, max_size=2, unique=True))
    size, rate = draw(SIZES), draw(MONEY)
    buys = draw(st.booleans())
    quantity = size if buys else -size
    return conversion(
        symbol=f"{base}.{quote}",
        currency=quote,
        buySell="BUY" if buys else "SELL",
        quantity=plain(quantity),
        tradePrice=plain(rate),
        proceeds=plain(-quantity * rate),
        taxes=draw(st.sampled_from(["0", "", "-0.25"])),
        ibCommission=plain(draw(SMALL)),
        ibCommissionCurrency=draw(CURRENCIES),
    )


CASH_TYPES = [
    "Dividends", "Payment In Lieu Of Dividends", "Withholding Tax", "871(m) Withholding",
    "Broker Interest Received", "Bond Interest Received", "Broker Interest Paid", "Bond Interest Paid",
    "Commission Adjustments", "Other Fees", "Advisor Fees", "Broker Fees", "Deposits & Withdrawals",
    "Deposits/Withdrawals",
]  # fmt: skip


@st.composite
def cash_rows(draw: st.DrawFn) -> Row:
    """Cash rows of every known type, either sign."""
    amount = draw(MONEY) * draw(st.sampled_from([1, -1, 0]))
    return cash(
        type=draw(st.sampled_from(CASH_TYPES)),
        amount=draw(st.sampled_from([plain(amount), f"{amount:,f}"])),
        currency=draw(CURRENCIES),
        reportDate=draw(st.one_of(DAYS, NULLS)),
        dateTime=draw(st.one_of(DAYS, st.builds("{};{}".format, DAYS, TIMES))),
    )


def spoilt(row: Row) -> Iterator[Row]:
    """The row with each of its columns, one at a time, holding each text that it never should."""
    for column in row:
        for text in JUNK:
            yield {**row, column: text}
