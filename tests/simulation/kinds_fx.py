"""Conversions of currencies: ordered ones, automatic ones, and the sweeps of an evening."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from tests.simulation.books import ZERO, Money, Value
from tests.simulation.broker import BASE, Broker, Kind, after

PAIRS = {
    "EUR.USD": "1.0871", "GBP.USD": "1.2764", "USD.CHF": "0.8842", "EUR.GBP": "0.8519", "GBP.HKD": "9.9812",
    "USD.HKD": "7.8122", "EUR.CHF": "0.9611", "USD.CAD": "1.3611",
}  # fmt: skip


def _converted(
    broker: Broker,
    quantity: Decimal,
    *,
    commission: Decimal,
    notes: str = "",
    at: dt.datetime | None = None,
    pair: str = "",
    exec_id: str | None = None,
) -> None:
    symbol = pair or broker.pick(tuple(PAIRS))
    base, _, quote = symbol.partition(".")
    price = Decimal(PAIRS[symbol]) + broker.amount(-1, 1, places=4) / 100
    proceeds = -quantity * price
    report = broker.report_day(late=0.04)
    transaction = broker.number()
    values: dict[str, Value] = {
        "assetCategory": "CASH",
        "symbol": symbol,
        "conid": str(10_000_000 + list(PAIRS).index(symbol)),
        "description": symbol,
        "currency": quote,
        "transactionID": transaction,
        "tradeID": broker.number(),
        "ibExecID": broker.exec_id() if exec_id is None else exec_id,
        "ibOrderID": transaction,
        "transactionType": "ExchTrade",
        "buySell": "BUY" if quantity > 0 else "SELL",
        "exchange": "IDEALFX",
        "openCloseIndicator": "",
        "quantity": quantity,
        "tradePrice": price,
        "tradeMoney": -proceeds,
        "proceeds": proceeds,
        "taxes": ZERO,
        "ibCommission": commission,
        "ibCommissionCurrency": BASE,
        "netCash": ZERO,
        "closePrice": ZERO,
        "cost": ZERO,
        "accruedInt": ZERO,
        "notes": notes,
        "tradeDate": broker.today,
        "dateTime": at or broker.moment(),
        "orderTime": "",
        "orderType": "MKT",
        "settleDateTarget": after(broker.today, 2),
        "reportDate": report,
        "levelOfDetail": "EXECUTION",
        "multiplier": Decimal(1),
    }
    words = f"Forex Trade Net {symbol}"
    lines = (
        Money(currency=base, amount=quantity, text=words, code="FOREX"),
        Money(currency=quote, amount=proceeds, text=words, code="FOREX"),
        Money(currency=BASE, amount=commission, text=f"{words} Commission", code="FOREX"),
    )
    broker.book("Trades", "Trade", values, on=report, money=lines)


def convert(broker: Broker) -> None:
    """An order to convert, for a commission in base currency, which may be neither of the two."""
    quantity = broker.amount(100, 9000) * broker.pick((1, -1))
    _converted(broker, quantity, commission=-broker.amount(1, 3, places=5))


def convert_automatically(broker: Broker) -> None:
    """What the broker converts on its own after a trade, for nothing."""
    quantity = (broker.amount(1, 900, places=4) + 1) * broker.pick((1, -1))
    _converted(broker, quantity, commission=ZERO, notes="AFx")


def sweep(broker: Broker) -> None:
    """What is swept together in the evening, and counts as tomorrow's business: traded the night before."""
    evening = broker.moment(broker.today - dt.timedelta(days=1), first=17, last=18)
    quantity = (broker.amount(0, 50, places=8) + Decimal("0.01")) * broker.pick((1, -1))
    _converted(
        broker,
        quantity,
        commission=ZERO,
        at=evening,
        exec_id=f"CUSTHSFX{broker.rng.getrandbits(24):06x}",
    )


KINDS = (
    Kind(name="convert", happen=convert, weight=3),
    Kind(name="convert-automatically", happen=convert_automatically),
    Kind(name="sweep", happen=sweep),
)
