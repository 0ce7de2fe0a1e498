"""Invented activities of every kind that is booked, by what they show; all sums come out even."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from broker_sync.models import (
    OPENING_BALANCE,
    SPLIT_ADDS,
    SPLIT_TAKES,
    Account,
    AccountType,
    Activity,
    ActivityType,
    AssetClass,
    Instrument,
)
from broker_sync.values import CurrencyCode, Isin

__all__ = [
    "ACCOUNT",
    "APPLE",
    "BOND",
    "BOND_BY_CUSIP",
    "BRITISH",
    "CALL",
    "COIN",
    "EUROPEAN_OPTION",
    "FUND",
    "FUTURE",
    "FUTURE_OPTION",
    "GOLD",
    "SCENARIOS",
    "SMALL_CALL",
    "WARRANT",
    "act",
    "at",
    "buy",
    "cash",
    "conversion",
    "sell",
    "split",
    "units",
]

ACCOUNT = Account(
    id="acc",
    provider="ibkr",
    provider_account_id="U1234567",
    account_type=AccountType.GIA,
    currency=CurrencyCode("USD"),
)

APPLE = Instrument(
    symbol="AAPL",
    currency="USD",
    isin=Isin("US0378331005"),
    conid="265598",
    exchange="NASDAQ",
    name="APPLE INC",
)
BRITISH = Instrument(
    symbol="VOD.L",
    currency="GBP",
    isin=Isin("GB00BH4HKS39"),
    conid="148155075",
    exchange="LSE",
    name="VODAFONE GROUP PLC",
)
SPLIT_PAPER, EVENING_PAPER, REVERSE_PAPER, AFTER_HOURS_PAPER, ROUNDED_PAPER, OFTEN_PAPER, LATE_PAPER = (
    Instrument(symbol=f"SPLT{letter}", currency="USD", conid=f"9001{ord(letter)}", exchange="NYSE")
    for letter in "ABCDEFG"
)
NEW_PAPER = Instrument(symbol="NEWCO", currency="USD", conid="900001", exchange="NYSE")
CALL = Instrument(
    symbol="AAPL  270115C00250000",
    currency="USD",
    asset_class=AssetClass.OPTION,
    conid="700001",
    multiplier=Decimal(100),
)
SMALL_CALL = Instrument(
    symbol="MINI  270115P00010500",
    currency="USD",
    asset_class=AssetClass.OPTION,
    conid="700002",
    multiplier=Decimal(10),
)
EUROPEAN_OPTION = Instrument(
    symbol="P BAS  20271217 50 M",
    currency="EUR",
    asset_class=AssetClass.OPTION,
    conid="700003",
    multiplier=Decimal(100),
)
FUTURE_OPTION = Instrument(
    symbol="EW3H7 P4950",
    currency="USD",
    asset_class=AssetClass.FUTURE_OPTION,
    conid="700004",
    multiplier=Decimal(50),
)
BOND = Instrument(
    symbol="US91282CAB12",
    currency="USD",
    asset_class=AssetClass.BOND,
    isin=Isin("US91282CAB12"),
    conid="800001",
    multiplier=Decimal("0.01"),
)
BOND_BY_CUSIP = Instrument(
    symbol="91282CAC9",
    currency="USD",
    asset_class=AssetClass.BOND,
    conid="800002",
    multiplier=Decimal("0.01"),
)
FUND = Instrument(
    symbol="IE00B4L5Y983",
    currency="EUR",
    asset_class=AssetClass.FUND,
    isin=Isin("IE00B4L5Y983"),
    conid="800003",
)
WARRANT = Instrument(
    symbol="WRNT WS", currency="USD", asset_class=AssetClass.WARRANT, conid="800004", multiplier=Decimal(1)
)
COIN = Instrument(symbol="BTC.USD-PAXOS", currency="USD", asset_class=AssetClass.CRYPTO, conid="800005")
GOLD = Instrument(symbol="XAUUSD", currency="USD", asset_class=AssetClass.COMMODITY, conid="800006")
FUTURE = Instrument(
    symbol="ESZ6", currency="USD", asset_class=AssetClass.FUTURE, conid="600001", multiplier=Decimal(50)
)
CFD = Instrument(symbol="IBUS500", currency="USD", asset_class=AssetClass.CFD, conid="600002")

_DAY = dt.date(2026, 3, 2)
_numbers = iter(range(1, 100_000))


def at(day: int, hour: int = 15, minute: int = 0, second: int = 0) -> dt.datetime:
    """A moment in March 2026, in UTC."""
    return dt.datetime(2026, 3, day, hour, minute, second, tzinfo=dt.UTC)


def act(kind: ActivityType, date: dt.datetime, currency: str = "USD", **more: Any) -> Activity:  # noqa: ANN401
    """An activity; numbers may be text."""
    for name in ("quantity", "unit_price", "fee", "amount", "ratio"):
        if isinstance(more.get(name), str):
            more[name] = Decimal(more[name])
    instrument = more.get("instrument")
    if instrument is not None:
        more.setdefault("symbol", instrument.symbol)
    more.setdefault("external_id", f"ibkr:test:{next(_numbers)}")
    return Activity(
        account_id=ACCOUNT.id,
        account_type=ACCOUNT.account_type,
        date=date,
        activity_type=kind,
        currency=currency,
        **more,
    )


def buy(instrument: Instrument, date: dt.datetime, quantity: str, price: str, fee: str = "0") -> Activity:
    """A purchase; the amount follows."""
    gross = Decimal(quantity) * Decimal(price) * instrument.multiplier
    return act(
        ActivityType.BUY,
        date,
        instrument.currency,
        instrument=instrument,
        quantity=quantity,
        unit_price=price,
        fee=fee,
        amount=gross + Decimal(fee),
    )


def sell(instrument: Instrument, date: dt.datetime, quantity: str, price: str, fee: str = "0") -> Activity:
    """A sale; the amount follows."""
    gross = Decimal(quantity) * Decimal(price) * instrument.multiplier
    return act(
        ActivityType.SELL,
        date,
        instrument.currency,
        instrument=instrument,
        quantity=quantity,
        unit_price=price,
        fee=fee,
        amount=gross - Decimal(fee),
    )


def cash(kind: ActivityType, day: int, amount: str, subtype: str | None = None, **more: Any) -> Activity:  # noqa: ANN401
    """Money at noon of a day in March."""
    currency = more.pop("currency", "USD")
    return act(kind, at(day, 12), currency, amount=amount, fee="0", subtype=subtype, **more)


def units(
    kind: ActivityType,
    day: int,
    instrument: Instrument,
    quantity: str,
    price: str | None = None,
    **more: Any,  # noqa: ANN401
) -> Activity:
    """Units that move at noon of a day in March."""
    hour = more.pop("hour", 12)
    return act(
        kind,
        at(day, hour),
        instrument.currency,
        instrument=instrument,
        quantity=quantity,
        unit_price=price,
        fee="0",
        **more,
    )


def conversion(day: int, sold: tuple[str, str], bought: tuple[str, str], name: str) -> list[Activity]:
    legs = ((ActivityType.TRANSFER_OUT, sold, "out"), (ActivityType.TRANSFER_IN, bought, "in"))
    return [
        act(
            kind,
            at(day, 14),
            currency,
            amount=amount,
            fee="0",
            subtype="CONVERSION",
            external_id=f"{name}:{leg}",
            record_id=name,
            group_id=name,
        )
        for kind, (currency, amount), leg in legs
    ]


def split(day: int, instrument: Instrument, quantity: str, ratio: str, hour: int = 12) -> Activity:
    new, old = (Decimal(part) for part in ratio.split(":"))
    return act(
        ActivityType.SPLIT,
        at(day, hour),
        instrument.currency,
        instrument=instrument,
        quantity=quantity,
        ratio=new / old,
        subtype=SPLIT_ADDS if new > old else SPLIT_TAKES,
    )


SCENARIOS: dict[str, list[Activity]] = {
    "trades": [
        buy(APPLE, at(2), "10", "250.10", "1.05"),
        buy(APPLE, at(2, 16), "0.3333", "251.333333", "0.35"),
        sell(APPLE, at(3), "4", "260", "1.0000123"),
    ],
    "price does not come out even": [
        act(
            ActivityType.BUY,
            at(2),
            instrument=APPLE,
            quantity="3",
            unit_price="33.33",
            fee="0.35",
            amount="100.35",
        )
    ],
    "pence": [buy(BRITISH, at(2), "1000", "0.7123", "3"), sell(BRITISH, at(3), "400", "0.72", "3")],
    "options": [
        buy(CALL, at(2), "2", "5.25", "1.3"),
        sell(CALL, at(3), "1", "6", "0.65"),
        buy(SMALL_CALL, at(2), "3", "0.5", "1"),
        buy(EUROPEAN_OPTION, at(2), "2", "1.5", "2"),
        buy(FUTURE_OPTION, at(2), "1", "12.25", "2"),
    ],
    "option expires": [
        buy(CALL, at(2), "2", "5.25", "1.3"),
        act(
            ActivityType.SELL,
            at(20, 20),
            instrument=CALL,
            quantity="2",
            unit_price="0",
            fee="0",
            amount="0",
            subtype="EXPIRATION",
        ),
    ],
    "option is exercised": [
        buy(CALL, at(2), "1", "5.25", "1.3"),
        act(
            ActivityType.SELL,
            at(20, 20),
            instrument=CALL,
            quantity="1",
            unit_price="0",
            fee="0",
            amount="0",
            subtype="EXERCISE",
        ),
        act(
            ActivityType.BUY,
            at(20, 20),
            instrument=APPLE,
            quantity="100",
            unit_price="250",
            fee="0",
            amount="25000",
            subtype="EXERCISE",
        ),
    ],
    "option is written and expires": [
        sell(CALL, at(2), "1", "5.25", "1.3"),
        act(
            ActivityType.BUY,
            at(20, 20),
            instrument=CALL,
            quantity="1",
            unit_price="0",
            fee="0",
            amount="0",
            subtype="EXPIRATION",
        ),
    ],
    "bonds": [
        buy(BOND, at(2), "10000", "98.755", "2"),
        buy(BOND_BY_CUSIP, at(2), "5000", "101.2", "2"),
        cash(ActivityType.FEE, 2, "31.25", "ACCRUED_INTEREST", instrument=BOND),
        cash(ActivityType.DIVIDEND, 15, "212.5", "INTEREST", instrument=BOND),
        sell(BOND, at(16), "4000", "99.1", "1"),
    ],
    "other paper": [
        buy(FUND, at(2), "12.3456", "81.23", "4.95"),
        buy(WARRANT, at(2), "100", "1.1", "1"),
        buy(COIN, at(2), "0.01234567", "91234.56", "1.75"),
        buy(GOLD, at(2), "2", "4200.5", "2"),
    ],
    "income and taxes": [
        buy(APPLE, at(2), "10", "250", "1"),
        cash(ActivityType.DIVIDEND, 4, "2.6", instrument=APPLE),
        cash(ActivityType.FEE, 4, "0.39", "WITHHOLDING_TAX", instrument=APPLE),
        cash(ActivityType.DIVIDEND, 5, "1.3", "PAYMENT_IN_LIEU", instrument=APPLE),
        cash(ActivityType.DIVIDEND, 6, "0.5", "RETURN_OF_CAPITAL", instrument=APPLE),
        cash(ActivityType.DIVIDEND, 7, "11.11", "INTEREST"),
        cash(ActivityType.FEE, 8, "3.21", "INTEREST"),
        cash(ActivityType.FEE, 9, "1.5", "SALES_TAX"),
        cash(ActivityType.FEE, 10, "0.77", "TRANSACTION_TAX", instrument=APPLE),
        cash(ActivityType.TAX, 11, "0.01"),
        cash(ActivityType.INTEREST, 11, "0.02"),
    ],
    "reversals": [
        buy(APPLE, at(2), "10", "250", "1"),
        cash(ActivityType.FEE, 4, "2.6", "DIVIDEND_REVERSAL", instrument=APPLE),
        cash(ActivityType.CREDIT, 4, "0.39", "WITHHOLDING_TAX_REFUND", instrument=APPLE),
        cash(ActivityType.FEE, 5, "1.3", "PAYMENT_IN_LIEU_REVERSAL", instrument=APPLE),
        cash(ActivityType.FEE, 6, "11.11", "INTEREST_REVERSAL"),
        cash(ActivityType.CREDIT, 7, "3.21", "INTEREST_REFUND"),
        cash(ActivityType.CREDIT, 8, "0.35", "COMMISSION_REBATE", instrument=APPLE),
        cash(ActivityType.CREDIT, 9, "4", "FEE_REFUND"),
        act(
            ActivityType.SELL,
            at(2, 15),
            instrument=APPLE,
            quantity="10",
            unit_price="250",
            fee="0",
            amount="2500",
            subtype="CANCELLATION",
        ),
    ],
    "fees and money": [
        cash(ActivityType.DEPOSIT, 2, "10000"),
        cash(ActivityType.WITHDRAWAL, 3, "250.5"),
        cash(ActivityType.FEE, 4, "10"),
        cash(ActivityType.FEE, 5, "1.25", "PRICE_ADJUSTMENT"),
        cash(ActivityType.CREDIT, 5, "1.26", "CARBON_CREDIT"),
        cash(ActivityType.DEPOSIT, 6, "20", "DEBIT_CARD_REFUND"),
        cash(ActivityType.WITHDRAWAL, 6, "99.99", "DEBIT_CARD", currency="EUR"),
        cash(ActivityType.TRANSFER_IN, 7, "500", "INTERNAL", currency="GBP"),
        cash(ActivityType.TRANSFER_OUT, 8, "100", "INTERNAL", currency="GBP"),
        cash(ActivityType.DIVIDEND, 9, "1", None),
    ],
    "conversions": [
        cash(ActivityType.DEPOSIT, 2, "1000", currency="GBP"),
        *conversion(3, ("GBP", "1000"), ("USD", "1270.33"), "fx-1"),
        cash(ActivityType.FEE, 3, "2", "COMMISSION"),
        *conversion(4, ("USD", "100"), ("EUR", "91.5"), "fx-2"),
        *conversion(5, ("EUR", "50"), ("CHF", "47.123456789"), "fx-3"),
    ],
    "corporate actions": [
        buy(APPLE, at(2), "10", "250", "1"),
        units(ActivityType.REMOVE_HOLDING, 5, APPLE, "10", subtype="MERGER", group_id="ca-1"),
        units(ActivityType.ADD_HOLDING, 5, NEW_PAPER, "25", subtype="MERGER", group_id="ca-1"),
        cash(ActivityType.CREDIT, 5, "12.5", "MERGER", instrument=APPLE),
        units(ActivityType.ADD_HOLDING, 6, BRITISH, "7", "0.7", subtype="SPIN_OFF"),
    ],
    "units from elsewhere": [
        units(ActivityType.ADD_HOLDING, 1, APPLE, "5", "200", subtype=OPENING_BALANCE),
        cash(ActivityType.TRANSFER_IN, 1, "1000", OPENING_BALANCE),
        units(ActivityType.TRANSFER_IN, 3, APPLE, "3", "210", subtype="ACATS"),
        units(ActivityType.TRANSFER_OUT, 4, APPLE, "2", subtype="FOP"),
        units(ActivityType.ADD_HOLDING, 5, APPLE, "1", "220", subtype="STOCK_GRANT"),
        units(ActivityType.ADD_HOLDING, 1, CALL, "2", "3", subtype=OPENING_BALANCE),
        units(ActivityType.ADD_HOLDING, 1, BOND, "1000", "99", subtype=OPENING_BALANCE),
    ],
    "split": [
        buy(SPLIT_PAPER, at(2), "10", "250", "1"),
        split(5, SPLIT_PAPER, "30", "4:1"),
        buy(SPLIT_PAPER, at(5, 16), "1", "63", "1"),
    ],
    "split after the trades of its day": [
        buy(EVENING_PAPER, at(2), "10", "250", "1"),
        buy(EVENING_PAPER, at(5, 16), "2", "250", "1"),
        split(5, EVENING_PAPER, "36", "4:1", hour=23),
        buy(EVENING_PAPER, at(6, 16), "1", "63", "1"),
    ],
    "split after hours": [
        buy(AFTER_HOURS_PAPER, at(5, 16), "2", "250", "1"),
        split(5, AFTER_HOURS_PAPER, "6", "4:1", hour=23),
    ],
    "splits of one day": [
        buy(OFTEN_PAPER, at(2), "10", "25", "1"),
        split(5, OFTEN_PAPER, "10", "2:1", hour=10),
        split(5, OFTEN_PAPER, "10", "1:2", hour=11),
        split(5, OFTEN_PAPER, "30", "4:1"),
    ],
    "split that is rounded and after hours": [
        buy(LATE_PAPER, at(5, 16), "10", "25", "1"),
        split(5, LATE_PAPER, "7", "1:3", hour=22),
        buy(LATE_PAPER, at(6), "2", "75", "1"),
    ],
    "split that is rounded": [
        buy(ROUNDED_PAPER, at(2), "10", "25", "1"),
        split(5, ROUNDED_PAPER, "7", "1:3"),
        cash(ActivityType.CREDIT, 5, "24.9", "REVERSE_SPLIT", instrument=ROUNDED_PAPER),
        buy(ROUNDED_PAPER, at(6), "2", "75", "1"),
    ],
    "reverse split with a fraction": [
        buy(REVERSE_PAPER, at(2), "100", "2.5", "1"),
        split(5, REVERSE_PAPER, "66.66666667", "1:3"),
        sell(REVERSE_PAPER, at(5, 16), "0.33333333", "7.5"),
    ],
    "short shares": [
        sell(APPLE, at(2), "100", "250", "1.05"),
        buy(APPLE, at(3), "40", "240", "1"),
    ],
    "long, short, and long again": [
        buy(APPLE, at(2), "100", "250", "1"),
        sell(APPLE, at(3), "150", "260", "1.5"),
        buy(APPLE, at(4), "80", "255", "0.77"),
    ],
    "opening found out later": [
        sell(APPLE, at(2), "100", "250", "1.05"),
        buy(APPLE, at(3), "40", "240", "1"),
        units(ActivityType.ADD_HOLDING, 1, APPLE, "100", "200", subtype=OPENING_BALANCE),
    ],
    "short from before": [
        units(ActivityType.REMOVE_HOLDING, 1, APPLE, "50", subtype=OPENING_BALANCE),
        units(ActivityType.TRANSFER_IN, 3, APPLE, "70", "240", subtype="FOP"),
    ],
    "futures": [
        units(ActivityType.ADD_HOLDING, 2, FUTURE, "1", "5100.25"),
        cash(ActivityType.CREDIT, 2, "112.5", "VARIATION_MARGIN", instrument=FUTURE),
        cash(ActivityType.FEE, 2, "2.25", "COMMISSION", instrument=FUTURE),
        units(ActivityType.REMOVE_HOLDING, 3, CFD, "3", "5100"),
        cash(ActivityType.FEE, 3, "0.11", "CFD_CHARGE", instrument=CFD),
        cash(ActivityType.DIVIDEND, 4, "0.7", instrument=CFD),
    ],
    "sold and bought in the same second": [
        sell(APPLE, at(2, 15, 0, 1), "10", "250"),
        buy(APPLE, at(2, 15, 0, 1), "10", "249"),
        buy(APPLE, at(2, 15, 0, 2), "5", "249"),
    ],
    "booked on another day": [
        act(
            ActivityType.BUY,
            at(2, 23, 30),
            instrument=APPLE,
            quantity="1",
            unit_price="250",
            fee="0",
            amount="250",
            booked_on=_DAY,
        ),
        act(
            ActivityType.SELL,
            at(3, 3, 30),
            instrument=APPLE,
            quantity="1",
            unit_price="251",
            fee="0",
            amount="251",
            booked_on=_DAY,
        ),
    ],
}
"""What is shown -> the activities that show it, in the order in which they are written."""
