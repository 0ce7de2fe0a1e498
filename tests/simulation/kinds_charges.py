"""Taxes, card payments and financing in sections of their own."""

from __future__ import annotations

from decimal import Decimal

from tests.simulation.books import Money, Row, Thing, Value
from tests.simulation.broker import BASE, Broker, Kind


def _charged(
    broker: Broker,
    section: str,
    tag: str,
    values: dict[str, Value],
    amount: Decimal,
    currency: str,
    *,
    thing: Thing | None = None,
) -> Row:
    money = [Money(currency=currency, amount=amount, text=tag, code="OTHER")]
    return broker.book(section, tag, values, thing=thing, money=money)


def sales_tax(broker: Broker) -> None:
    """VAT on what the broker charges, or given back."""
    amount = -(broker.amount(0, 9, places=3) + Decimal("0.001")) * broker.pick((1, 1, 1, -1))
    values: dict[str, Value] = {
        "currency": BASE,
        "date": broker.today,
        "country": "Finland",
        "taxType": "VAT",
        "payer": "U7654321",
        "taxableDescription": "m****12:MARKET DATA (NP)",
        "taxableAmount": amount * 5,
        "taxRate": Decimal("0.2"),
        "salesTax": amount,
        "taxableTransactionID": broker.number(),
        "transactionID": broker.number(),
    }
    _charged(broker, "SalesTaxes", "SalesTax", values, amount, BASE)


def transaction_tax(broker: Broker) -> None:
    """A levy on a trade, charged apart from it; a detail beside it says the same."""
    held = broker.held()
    if not held:
        return
    thing = broker.pick(held)
    amount = -(broker.amount(0, 9, places=6) + Decimal("0.000001"))
    values: dict[str, Value] = {
        "date": broker.today,
        "reportDate": broker.today,
        "taxDescription": "French Transaction Tax",
        "quantity": Decimal(0),
        "taxAmount": amount,
        "tradeId": broker.number(),
        "tradePrice": "0.0000",
        "source": "STANDALONE",
        "levelOfDetail": "SUMMARY",
    }
    _charged(broker, "TransactionTaxes", "TransactionTax", values, amount, thing.currency, thing=thing)


def pay_by_card(broker: Broker) -> None:
    """A payment with the broker's card, in base currency."""
    amount = -(broker.amount(1, 90))
    values: dict[str, Value] = {
        "currency": broker.pick((BASE, "BASE_SUMMARY")),
        "status": "Settled",
        "reportDate": broker.today,
        "postingDate": broker.today,
        "transactionDateTime": broker.moment(),
        "category": "RETAIL",
        "merchantNameLocation": "CORNER SHOP",
        "amount": amount,
    }
    _charged(broker, "DebitCardActivities", "DebitCardActivity", values, amount, BASE)


KINDS = (
    Kind(name="sales-tax", happen=sales_tax),
    Kind(name="transaction-tax", happen=transaction_tax, builds_on="buy", weight=1),
    Kind(name="pay-by-card", happen=pay_by_card, weight=1),
)
