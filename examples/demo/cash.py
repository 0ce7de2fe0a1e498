"""The cash of the demo account: dividends with tax and fee, other cash rows, and every movement of money.

Money is signed as the broker signs it: what comes in is positive.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import NamedTuple

from examples.demo import data
from examples.demo.books import ZERO, Fill, Instrument, instruments, replay
from examples.demo.rates import table

_CENT = Decimal("0.01")
_COMPONENTS = {
    "Dividends": "dividends",
    "Payment In Lieu Of Dividends": "paymentInLieu",
    "Withholding Tax": "withholdingTax",
    "Broker Interest Received": "brokerInterest",
    "Broker Interest Paid": "brokerInterest",
    "Other Fees": "otherFees",
}


@dataclass(frozen=True, kw_only=True)
class Dividend:
    """A dividend, or a payment in lieu of one; `tax` and `fee` are what it costs, positive."""

    instrument: Instrument
    currency: str
    quantity: Decimal
    rate: Decimal
    gross: Decimal
    tax: Decimal
    fee: Decimal
    ex: str
    paid: str
    in_lieu: bool
    label: str

    @property
    def action(self) -> str:
        """The actionID that joins its rows."""
        return str(170_400_000 + int(self.ex[4:]) * 101 + int(self.instrument.conid[-2:]))


class CashRow(NamedTuple):
    """One DETAIL row of the cash section."""

    report: str
    time: str
    currency: str
    amount: Decimal
    instrument: Instrument | None
    type: str
    description: str
    action: str


class Entry(NamedTuple):
    """Money that moved; `component` is the column of the cash report that counts it."""

    currency: str
    component: str
    amount: Decimal
    day: str
    settles: str


@cache
def dividends() -> list[Dividend]:
    """The dividends in the order of their table."""
    return [_dividend(line) for line in table(data.DIVIDENDS)]


def _dividend(line: dict[str, str]) -> Dividend:
    quantity, rate = Decimal(line["quantity"]), Decimal(line["rate"])
    return Dividend(
        instrument=instruments()[line["symbol"]],
        currency=line["currency"],
        quantity=quantity,
        rate=rate,
        gross=quantity * rate,
        tax=(quantity * rate * Decimal(line["tax"])).quantize(_CENT, ROUND_HALF_UP),
        fee=quantity * Decimal(line["fee"]),
        ex=line["ex"],
        paid=line["paid"],
        in_lieu=bool(line["in lieu"]),
        label=line["label"],
    )


def _dividend_rows(paid: Dividend) -> Iterator[CashRow]:
    """The row of the payment, then its tax and its fee where there is one."""
    stock = paid.instrument
    text = f"{stock.symbol}({stock.isin}) CASH DIVIDEND {paid.currency} {paid.rate} PER SHARE"
    if paid.in_lieu:
        text = f"{stock.symbol}({stock.isin}) PAYMENT IN LIEU OF DIVIDEND"
    for amount, name, ending in (
        (paid.gross, "Payment In Lieu Of Dividends" if paid.in_lieu else "Dividends", f"({paid.label})"),
        (-paid.tax, "Withholding Tax", f"- {stock.country} TAX"),
        (-paid.fee, "Other Fees", "- FEE"),
    ):
        if amount:
            row = (paid.currency, amount, stock, name, f"{text} {ending}", paid.action)
            yield CashRow(paid.paid, f"{paid.paid};202000", *row)


def _other_row(line: dict[str, str]) -> CashRow:
    instrument = instruments()[line["symbol"]] if line["symbol"] else None
    row = (line["currency"], Decimal(line["amount"]), instrument, line["type"], line["description"])
    return CashRow(line["report"], line["time"], *row, action=line["action"])


@cache
def cash_rows() -> list[CashRow]:
    """All rows of the cash section by day of booking."""
    rows = [row for paid in dividends() for row in _dividend_rows(paid)]
    rows += [_other_row(line) for line in table(data.CASH)]
    return sorted(rows, key=lambda row: row.report)


def _trade_entries(fill: Fill) -> Iterator[Entry]:
    when, currency = (fill.trade, fill.settle), fill.instrument.currency
    legs = [(currency, fill.proceeds)]
    if fill.instrument.is_pair:
        legs.append((fill.instrument.symbol.partition(".")[0], fill.quantity))
    for leg, amount in legs:
        yield Entry(leg, "netTradesSales" if amount > 0 else "netTradesPurchases", amount, *when)
    yield Entry(currency, "transactionTax", fill.taxes, *when)
    yield Entry(fill.commission_currency, "commissions", fill.commission, *when)


@cache
def entries() -> list[Entry]:
    """Every movement of money in the window."""
    moved = [entry for fill in replay().fills for entry in _trade_entries(fill)]
    for row in cash_rows():
        transfer = "deposits" if row.amount > 0 else "withdrawals"
        component = transfer if row.type == "Deposits/Withdrawals" else _COMPONENTS[row.type]
        moved.append(Entry(row.currency, component, row.amount, row.report, row.report))
    return moved


@cache
def opening_cash() -> dict[str, Decimal]:
    """Money before the first day, by currency."""
    return {line["currency"]: Decimal(line["amount"]) for line in table(data.OPENING_CASH)}


@cache
def closing_cash() -> dict[str, Decimal]:
    """Money at the end of the last day, by currency, unsettled trades counted."""
    return {currency: amount + moved(currency) for currency, amount in opening_cash().items()}


def moved(currency: str, *, after: str = "") -> Decimal:
    """All that moved in `currency`; with `after`, only what settles later than that day."""
    return sum((e.amount for e in entries() if e.currency == currency and e.settles > after), ZERO)


def components(currency: str) -> dict[str, Decimal]:
    """What moved in `currency`, by column of the cash report."""
    found: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for entry in entries():
        if entry.currency == currency:
            found[entry.component] += entry.amount
    return found
