"""The cash transactions and the accruals of the demo statement."""

from collections.abc import Iterator

from examples.demo.books import ZERO, transaction_id
from examples.demo.cash import CashRow, Dividend, cash_rows, dividends, entries
from examples.demo.data import FIRST_DAY, LAST_DAY
from examples.demo.rates import rate
from examples.demo.rows import WHO, base_rate, element, number, what

_WINDOW = {"fromDate": FIRST_DAY, "toDate": LAST_DAY}


def cash_transactions() -> Iterator[str]:
    """Each summary before the details that it sums up."""
    groups: dict[tuple[str, ...], list[tuple[int, CashRow]]] = {}
    for place, row in enumerate(cash_rows()):
        key = (row.report, row.time, row.currency, row.type, row.description)
        groups.setdefault(key, []).append((place, row))
    for rows in groups.values():
        first = rows[0][1]
        day = first.time.partition(";")[0]
        total = sum((row.amount for _, row in rows), ZERO)
        summary = {"accountId": "-", "acctAlias": "-", "dateTime": day, "levelOfDetail": "SUMMARY"}
        yield element("CashTransaction", _cash_values(first) | summary | {"amount": number(total)})
        for place, row in rows:
            own = WHO | {"transactionID": transaction_id(row.report, 500 + place), "levelOfDetail": "DETAIL"}
            yield element("CashTransaction", _cash_values(row) | own)


def _cash_values(row: CashRow) -> dict[str, str]:
    return {
        **(what(row.instrument) if row.instrument else {"multiplier": "0"}),
        **base_rate(row.currency, row.report),
        "currency": row.currency,
        "description": row.description,
        "dateTime": row.time,
        "settleDate": row.time.partition(";")[0],
        "amount": number(row.amount),
        "type": row.type,
        "reportDate": row.report,
        "actionID": row.action,
    }


def interest_accruals() -> Iterator[str]:
    """What was paid in the window accrued in it too, so nothing is open at either end."""
    rows = [entry for entry in entries() if entry.component == "brokerInterest"]
    base = sum((e.amount * rate(e.currency, e.day) for e in rows), ZERO)
    found = {"BASE_SUMMARY": base}
    for entry in rows:
        found[entry.currency] = found.get(entry.currency, ZERO) + entry.amount
    for currency, paid in found.items():
        amounts = {"interestAccrued": number(paid), "accrualReversal": number(-paid), "fxTranslation": "0"}
        ends = {"startingAccrualBalance": "0", "endingAccrualBalance": "0"}
        row = WHO | {"currency": currency} | _WINDOW | ends | amounts
        yield element("InterestAccrualsCurrency", row)


def dividend_accruals() -> Iterator[str]:
    """Every dividend accrues on its ex-day and is reversed on the day on which it is paid."""
    changes = [(d.ex, "Po", 1, d) for d in dividends()] + [(d.paid, "Re", -1, d) for d in dividends()]
    for day, code, sign, dividend in sorted(changes, key=lambda change: change[:2]):
        yield _dividend_accrual(day, code, sign, dividend)


def _dividend_accrual(day: str, code: str, sign: int, dividend: Dividend) -> str:
    net = dividend.gross - dividend.tax - dividend.fee
    values = {
        **what(dividend.instrument),
        **base_rate(dividend.currency, day),
        "currency": dividend.currency,
        "reportDate": day,
        "date": day,
        "exDate": dividend.ex,
        "payDate": dividend.paid,
        "quantity": number(dividend.quantity),
        "tax": number(sign * dividend.tax),
        "fee": number(sign * dividend.fee),
        "grossRate": number(dividend.rate),
        "grossAmount": number(sign * dividend.gross),
        "netAmount": number(sign * net),
        "code": code,
    }
    return element("ChangeInDividendAccrual", WHO | values)
