"""What the demo statement says of the account as a whole: equity, cash and positions."""

from collections.abc import Iterator
from decimal import Decimal

from examples.demo.books import ZERO, Instrument, Lot, instruments, opening_lots, replay
from examples.demo.cash import closing_cash, components, entries, moved, opening_cash
from examples.demo.data import FIRST_DAY, LAST_DAY
from examples.demo.layout import CASH_COMPONENTS
from examples.demo.rates import rate
from examples.demo.rows import WHO, base_rate, element, number, price, what

_WINDOW = {"fromDate": FIRST_DAY, "toDate": LAST_DAY}
_CENT = Decimal("0.01")


def _in_base(amounts: dict[str, Decimal], day: str) -> list[Decimal]:
    return [amount * rate(currency, day) for currency, amount in amounts.items()]


def _worth(held: dict[str, list[Lot]], day: str) -> Decimal:
    """Value of `held` at the closing prices of `day`, in the base currency."""
    found = [(instruments()[symbol], lots) for symbol, lots in held.items()]
    marks = ((i, i.first if day == FIRST_DAY else i.last, lots) for i, lots in found)
    return sum((Decimal(m) * _units(lots) * rate(i.currency, day) for i, m, lots in marks), ZERO)


def _units(lots: list[Lot]) -> Decimal:
    return sum((lot.quantity for lot in lots), ZERO)


def equity() -> Iterator[str]:
    """The first and the last day; nothing accrued is open on either."""
    # Nothing is booked on the first day, so that day ends as the account was before it.
    for day, money, held in (
        (FIRST_DAY, opening_cash(), opening_lots()),
        (LAST_DAY, closing_cash(), replay().held),
    ):
        cash, stock = _in_base(money, day), _worth(held, day)
        owned, owed = (sum((c for c in cash if (c > 0) == sign), ZERO) for sign in (True, False))
        figures = {"cashLong": owned, "cashShort": owed, "cash": owned + owed, "stock": stock}
        figures |= {"stockLong": stock, "totalLong": owned + stock, "totalShort": owed}
        figures["total"] = owned + owed + stock
        values = {name: number(figure) for name, figure in figures.items()}
        row = WHO | {"acctAlias": "", "model": "", "reportDate": day} | values
        yield element("EquitySummaryByReportDateInBase", row, blank="0")


def cash_report() -> Iterator[str]:
    """The base currency, then every currency; the securities segment holds it all."""
    start = sum(_in_base(opening_cash(), FIRST_DAY), ZERO)
    end = sum(_in_base(closing_cash(), LAST_DAY), ZERO)
    unsettled = {currency: moved(currency, after=LAST_DAY) for currency in closing_cash()}
    flows: dict[str, Decimal] = {}
    for entry in entries():
        worth = entry.amount * rate(entry.currency, entry.day)
        flows[entry.component] = flows.get(entry.component, ZERO) + worth
    # What the base currency's own movement against the others did to the sum.
    flows["fxTranslationGainLoss"] = end - start - sum(flows.values(), ZERO)
    settled = end - sum(_in_base(unsettled, LAST_DAY), ZERO)
    yield _cash_row("BASE_SUMMARY", flows, start, end, settled)
    for currency, amount in closing_cash().items():
        opened = opening_cash()[currency]
        yield _cash_row(currency, components(currency), opened, amount, amount - unsettled[currency])


def _cash_row(
    currency: str, flows: dict[str, Decimal], start: Decimal, end: Decimal, settled: Decimal
) -> str:
    transfers = flows.get("deposits", ZERO) + flows.get("withdrawals", ZERO)
    ends = {"startingCash": start, "endingCash": end, "endingSettledCash": settled, "slbNetCash": ZERO}
    figures = flows | ends | {"depositWithdrawals": transfers}
    values = {name: number(figures.get(name, ZERO)) for name in CASH_COMPONENTS}
    values |= {f"{name}Sec": text for name, text in values.items()}
    level = "BaseCurrency" if currency == "BASE_SUMMARY" else "Currency"
    head = WHO | {"acctAlias": "", "model": "", "currency": currency, "levelOfDetail": level} | _WINDOW
    return element("CashReportCurrency", head | values, blank="0")


def positions() -> Iterator[str]:
    """What is held on the last day: each summary before the lots that it sums up."""
    total = _worth(replay().held, LAST_DAY) + sum(_in_base(closing_cash(), LAST_DAY), ZERO)
    for symbol, lots in replay().held.items():
        instrument = instruments()[symbol]
        cost = sum((lot.cost for lot in lots), ZERO)
        share = _worth({symbol: lots}, LAST_DAY) / total * 100
        summary = {"percentOfNAV": number(share.quantize(_CENT)), "levelOfDetail": "SUMMARY"}
        yield _position(instrument, _units(lots), cost, summary)
        for lot in lots:
            values = {"levelOfDetail": "LOT", "openDateTime": lot.opened, "holdingPeriodDateTime": lot.opened}
            values |= {"originatingOrderID": lot.order, "originatingTransactionID": lot.transaction}
            yield _position(instrument, lot.quantity, lot.cost, values)


def _position(instrument: Instrument, quantity: Decimal, cost: Decimal, more: dict[str, str]) -> str:
    value = quantity * Decimal(instrument.last)
    values = {
        **what(instrument),
        **base_rate(instrument.currency, LAST_DAY),
        "reportDate": LAST_DAY,
        "position": number(quantity),
        "markPrice": instrument.last,
        "positionValue": number(value),
        "openPrice": price(cost, quantity),
        "costBasisPrice": price(cost, quantity),
        "costBasisMoney": number(cost),
        "fifoPnlUnrealized": number(value - cost),
        "side": "Long",
    }
    return element("OpenPosition", WHO | values | more)
