"""Writes ibkr-demo.xml, the statement of an invented account: `python -m examples.build_demo`.

The statement has the sections, the kinds of rows and the attributes of a real one. Everything in it follows
from the tables of `demo.data` by books of its own, so that cash, lots and totals tie to the last decimal, and
the same tables give the same bytes.
"""

from collections.abc import Iterator
from pathlib import Path

from examples.demo.activity import cash_transactions, dividend_accruals, interest_accruals
from examples.demo.balances import cash_report, equity, positions
from examples.demo.books import instruments, replay
from examples.demo.data import ACCOUNT, BASE, FIRST_DAY, GENERATED, LAST_DAY
from examples.demo.rates import compact, days, foreign_currencies, rate
from examples.demo.rows import WHO, element, number, section, what
from examples.demo.trades import trades

OUTPUT = Path(__file__).with_name("ibkr-demo.xml")


def statement() -> str:
    """The whole document."""
    head = f'accountId="{ACCOUNT}" fromDate="{FIRST_DAY}" toDate="{LAST_DAY}" period=""'
    sections = (
        [_account()],
        section("EquitySummaryInBase", equity()),
        section("CashReport", cash_report()),
        section("OpenPositions", positions()),
        trades(),
        section("CashTransactions", cash_transactions()),
        section("InterestAccruals", interest_accruals()),
        section("ChangeInDividendAccruals", dividend_accruals()),
        section("SecuritiesInfo", _securities()),
        section("ConversionRates", _conversion_rates()),
    )
    lines = [
        '<FlexQueryResponse queryName="broker-sync-activity" type="AF">',
        '<FlexStatements count="1">',
        f'<FlexStatement {head} whenGenerated="{GENERATED}">',
        *(line for lines in sections for line in lines),
        "</FlexStatement>",
        "</FlexStatements>",
        "</FlexQueryResponse>",
    ]
    return "\n".join(lines) + "\n"


def _account() -> str:
    values = {
        "currency": BASE,
        "name": "Demo Account",
        "accountType": "Individual",
        "customerType": "Individual",
        "accountCapabilities": "Margin",
        "tradingPermissions": "Stocks,Forex",
        "dateOpened": "20240112",
        "dateFunded": "20240115",
        "lastTradedDate": replay().fills[-1].trade,
        "state": "GB",
        "country": "United Kingdom",
        "ibEntity": "IB-UK",
    }
    return element("AccountInformation", WHO | values)


def _securities() -> Iterator[str]:
    return (element("SecurityInfo", what(i)) for i in instruments().values() if not i.is_pair)


def _conversion_rates() -> Iterator[str]:
    for currency in foreign_currencies():
        for day in map(compact, days(FIRST_DAY, LAST_DAY)):
            values = {"reportDate": day, "fromCurrency": currency, "toCurrency": BASE}
            yield element("ConversionRate", values | {"rate": number(rate(currency, day))})


def main() -> None:
    """Write the statement beside this file."""
    OUTPUT.write_text(statement(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
