"""Money that comes and goes without a trade: deposits, interest, fees; and their kin with the other sign."""

from __future__ import annotations

from decimal import Decimal

from tests.simulation.books import Money, Thing, Value
from tests.simulation.broker import BASE, Broker, Kind

CURRENCIES = ("GBP", "USD", "EUR", "CHF", "HKD")

_BOTH_WAYS = ("Deposits/Withdrawals", "Deposits & Withdrawals")
_CHARGES = (
    "Other Fees", "Commission Adjustments", "Advisor Fees", "Broker Fees", "Fees", "Management Fees",
    "Price Adjustments", "Carbon Credits",
)  # fmt: skip


def cash_row(
    broker: Broker,
    kind: str,
    amount: Decimal,
    currency: str,
    description: str,
    *,
    thing: Thing | None = None,
    code: str = "",
    **values: Value,
) -> None:
    """Write one row of CashTransactions, reported today unless `values` say otherwise."""
    row: dict[str, Value] = {
        "type": kind,
        "amount": amount,
        "currency": currency,
        "description": description,
        "transactionID": broker.number(),
        "dateTime": broker.today,
        "settleDate": broker.today,
        "reportDate": broker.today,
        "tradeID": "",
        "code": "",
        "actionID": "",
        "levelOfDetail": "DETAIL",
        **values,
    }
    on = row["reportDate"]
    assert not isinstance(on, str | Decimal)
    money = Money(currency=currency, amount=amount, text=description, code=code)
    broker.book("CashTransactions", "CashTransaction", row, on=on, thing=thing, money=[money])


def deposit(broker: Broker) -> None:
    """Money from a bank, by any of the names that there are for it."""
    kind = broker.pick((*_BOTH_WAYS, "Deposits", "Cash Receipts"))
    words = "CASH RECEIPTS / ELECTRONIC FUND TRANSFERS"
    cash_row(broker, kind, broker.amount(50, 20_000), broker.pick(CURRENCIES), words, code="DEP")


def withdraw(broker: Broker) -> None:
    """Money to a bank, or to somebody who is paid."""
    words = "DISBURSEMENT INITIATED BY Account Holder"
    amount = -broker.amount(50, 5000)
    kind = broker.pick((*_BOTH_WAYS, "Withdrawals", "Bill Pay"))
    cash_row(broker, kind, amount, broker.pick(CURRENCIES), words, code="WITH")


def interest(broker: Broker) -> None:
    """Interest; a credit can be paid by the customer where rates are negative, and a debit given back."""
    kind = broker.pick(("Broker Interest Received", "Broker Interest Paid"))
    sign = 1 if kind.endswith("Received") else -1
    amount = broker.amount(0, 60) + Decimal("0.01")
    amount *= -sign if broker.chance(0.2) else sign
    currency = broker.pick(CURRENCIES)
    word = "CREDIT" if sign > 0 else "DEBIT"
    month = f"{broker.today:%b-%Y}".upper()
    cash_row(broker, kind, amount, currency, f"{currency} {word} INT FOR {month}", code="CINT")


def charge(broker: Broker) -> None:
    """A fee, or one given back; now and then the same one twice on one day."""
    kind = broker.pick(_CHARGES)
    amount = broker.amount(0, 30, places=broker.pick((2, 2, 5))) + Decimal("0.01")
    amount = amount if broker.chance(0.25) else -amount
    month = f"{broker.today:%b %Y}".upper()
    for _ in range(2 if broker.chance(0.2) else 1):
        cash_row(broker, kind, amount, BASE, f"SNAPSHOT {kind.upper()} FOR {month}", code="OFEE")


KINDS = (
    Kind(name="deposit", happen=deposit, weight=3),
    Kind(name="withdraw", happen=withdraw),
    Kind(name="interest", happen=interest, weight=3),
    Kind(name="charge", happen=charge, weight=3),
)
