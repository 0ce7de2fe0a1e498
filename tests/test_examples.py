"""The demo statement is what its generator writes, and its figures tie by plain arithmetic."""

import xml.etree.ElementTree as ET
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cache

import pytest

from examples.build_demo import OUTPUT, statement

ZERO = Decimal(0)
CURRENCIES = ("CHF", "EUR", "GBP", "HKD", "USD")

# What the account held before the window: a statement does not say it.
OPENING_QUANTITY = {"AAPL": Decimal(35), "KO": Decimal(60), "LLOY": Decimal(5000), "VWRL": Decimal(60)}
OPENING_COST = {
    "AAPL": Decimal("6969.51"),
    "KO": Decimal("3672.36"),
    "LLOY": Decimal("2761.5"),
    "VWRL": Decimal("6151.8"),
}
NOT_FLOWS = {
    "startingCash",
    "endingCash",
    "endingSettledCash",
    "depositWithdrawals",  # deposits and withdrawals once more
}


@cache
def demo() -> ET.Element:
    return ET.fromstring(OUTPUT.read_bytes())  # noqa: S314  # our own file


def rows(section: str, level: str | None = None) -> list[ET.Element]:
    found = list(demo().iterfind(f"FlexStatements/FlexStatement/{section}/*"))
    return [row for row in found if level in (None, row.get("levelOfDetail"))]


def text(row: ET.Element, name: str) -> str:
    return row.attrib[name]


def figure(row: ET.Element, name: str) -> Decimal:
    return Decimal(row.attrib[name])


def executions() -> list[ET.Element]:
    return rows("Trades", "EXECUTION")


def details() -> list[ET.Element]:
    return rows("CashTransactions", "DETAIL")


def is_conversion(row: ET.Element) -> bool:
    return text(row, "assetCategory") == "CASH"


def flows() -> Iterator[tuple[str, Decimal]]:
    for row in executions():
        if is_conversion(row):
            base, quote = text(row, "symbol").split(".")
            yield base, figure(row, "quantity")
            yield quote, figure(row, "proceeds")
            yield text(row, "ibCommissionCurrency"), figure(row, "ibCommission")
        else:
            yield text(row, "currency"), figure(row, "netCash")
    for row in details():
        yield text(row, "currency"), figure(row, "amount")


def cash_report(currency: str) -> ET.Element:
    (row,) = (row for row in rows("CashReport") if text(row, "currency") == currency)
    return row


def sums(found: Iterable[ET.Element], name: str, *, by: str = "symbol") -> dict[str, Decimal]:
    total: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for row in found:
        total[text(row, by)] += figure(row, name)
    return {key: amount for key, amount in total.items() if amount}


def with_opening(opening: dict[str, Decimal], moved: dict[str, Decimal]) -> dict[str, Decimal]:
    return {
        symbol: total
        for symbol in opening.keys() | moved.keys()
        if (total := opening.get(symbol, ZERO) + moved.get(symbol, ZERO))
    }


def rate(currency: str, day: str) -> Decimal:
    if currency == "GBP":
        return Decimal(1)
    known = {
        (text(r, "fromCurrency"), text(r, "reportDate")): figure(r, "rate") for r in rows("ConversionRates")
    }
    return known[currency, day]


def share_trades() -> list[ET.Element]:
    return [row for row in executions() if not is_conversion(row)]


def test_the_generator_writes_the_committed_file() -> None:
    assert statement().encode() == OUTPUT.read_bytes()


def test_the_report_names_the_currencies_that_moved_and_the_dust() -> None:
    reported = {text(row, "currency") for row in rows("CashReport")}

    assert reported == {"BASE_SUMMARY", *CURRENCIES}
    assert {currency for currency, _ in flows()} == set(CURRENCIES) - {"CHF"}
    assert ZERO < figure(cash_report("CHF"), "endingCash") < Decimal("0.01")


@pytest.mark.parametrize("currency", CURRENCIES)
def test_starting_cash_and_the_flows_are_the_ending_cash(currency: str) -> None:
    report = cash_report(currency)
    moved = sum((amount for moving, amount in flows() if moving == currency), ZERO)

    assert figure(report, "startingCash") + moved == figure(report, "endingCash")


@pytest.mark.parametrize("currency", ["BASE_SUMMARY", *CURRENCIES])
def test_the_columns_of_the_cash_report_add_up(currency: str) -> None:
    report = cash_report(currency)
    names = [name[:-3] for name in report.attrib if name.endswith("Sec")]
    moved = sum((figure(report, name) for name in names if name not in NOT_FLOWS), ZERO)

    assert figure(report, "startingCash") + moved == figure(report, "endingCash")
    assert all(figure(report, f"{n}Sec") + figure(report, f"{n}Com") == figure(report, n) for n in names)


def test_cash_differs_from_settled_cash_by_what_settles_after_the_window() -> None:
    late = [row for row in executions() if text(row, "settleDateTarget") > "20260529"]

    assert {text(row, "currency") for row in late} == {"GBP", "USD"}
    for currency, amount in sums(late, "netCash", by="currency").items():
        report = cash_report(currency)
        assert figure(report, "endingCash") - figure(report, "endingSettledCash") == amount


def test_opening_quantities_and_trades_are_the_open_positions() -> None:
    held = sums(rows("OpenPositions", "SUMMARY"), "position")

    assert with_opening(OPENING_QUANTITY, sums(share_trades(), "quantity")) == held
    assert "LLOY" not in held


def test_opening_cost_and_the_cost_of_trades_are_the_cost_of_the_positions() -> None:
    cost = sums(rows("OpenPositions", "SUMMARY"), "costBasisMoney")

    assert with_opening(OPENING_COST, sums(share_trades(), "cost")) == cost


@pytest.mark.parametrize("name", ["position", "positionValue", "costBasisMoney", "fifoPnlUnrealized"])
def test_lots_add_up_to_their_position(name: str) -> None:
    assert sums(rows("OpenPositions", "LOT"), name) == sums(rows("OpenPositions", "SUMMARY"), name)


def test_net_cash_is_proceeds_taxes_and_commission() -> None:
    for row in share_trades():
        parts = figure(row, "proceeds") + figure(row, "taxes") + figure(row, "ibCommission")
        assert figure(row, "netCash") == parts
        assert figure(row, "netCash") + figure(row, "cost") == figure(row, "fifoPnlRealized")
        assert figure(row, "proceeds") == -figure(row, "quantity") * figure(row, "tradePrice")


def test_closed_lots_add_up_to_the_sales() -> None:
    sales = [row for row in share_trades() if text(row, "buySell") == "SELL"]
    lots = rows("Trades", "CLOSED_LOT")

    assert sums(lots, "fifoPnlRealized") == sums(sales, "fifoPnlRealized")
    for name in ("quantity", "cost"):
        assert sums(lots, name) == {symbol: -total for symbol, total in sums(sales, name).items()}


def test_sales_use_up_the_oldest_lots() -> None:
    held = [(text(row, "symbol"), text(row, "openDateTime")) for row in rows("OpenPositions", "LOT")]

    for lot in rows("Trades", "CLOSED_LOT"):
        kept = [opened for symbol, opened in held if symbol == text(lot, "symbol")]
        assert all(text(lot, "openDateTime") <= opened for opened in kept)


@pytest.mark.parametrize("level", ["ORDER", "SYMBOL_SUMMARY"])
@pytest.mark.parametrize("name", ["quantity", "proceeds", "taxes", "ibCommission", "netCash", "cost"])
def test_orders_and_summaries_repeat_the_executions(level: str, name: str) -> None:
    assert sums(rows("Trades", level), name) == sums(executions(), name)


def test_cash_summaries_repeat_the_details() -> None:
    summaries = rows("CashTransactions", "SUMMARY")

    assert sums(summaries, "amount", by="description") == sums(details(), "amount", by="description")
    assert len(summaries) < len(details())
    assert {(text(row, "accountId"), text(row, "transactionID")) for row in summaries} == {("-", "")}


@pytest.mark.parametrize("place", [0, -1])
def test_equity_is_cash_and_shares_at_the_rates_of_the_day(place: int) -> None:
    equity = rows("EquitySummaryInBase")[place]
    day, column = text(equity, "reportDate"), ("startingCash", "endingCash")[place]
    cash = sum((figure(cash_report(c), column) * rate(c, day) for c in CURRENCIES), ZERO)

    assert figure(equity, "cash") == cash
    assert figure(equity, "cash") + figure(equity, "stock") == figure(equity, "total")
    assert figure(cash_report("BASE_SUMMARY"), column) == cash


def test_shares_are_worth_their_price_on_the_last_day() -> None:
    positions = rows("OpenPositions", "SUMMARY")
    worth = [figure(row, "position") * figure(row, "markPrice") for row in positions]
    in_base = zip(worth, (rate(text(row, "currency"), "20260529") for row in positions), strict=True)

    assert worth == [figure(row, "positionValue") for row in positions]
    assert sum(value * at for value, at in in_base) == figure(rows("EquitySummaryInBase")[-1], "stock")


def test_every_booked_row_has_an_id_of_its_own() -> None:
    ids = [text(row, "transactionID") for row in [*executions(), *details()]]

    assert all(ids)
    assert len(ids) == len(set(ids))
    assert all(len({text(row, name) for row in executions()}) == 31 for name in ("tradeID", "ibExecID"))


def test_a_closed_lot_repeats_the_id_of_its_purchase() -> None:
    purchases = {text(row, "transactionID") for row in share_trades()}

    assert purchases & {text(row, "transactionID") for row in rows("Trades", "CLOSED_LOT")}


def test_what_accrued_was_paid() -> None:
    accruals = rows("ChangeInDividendAccruals")
    paid = [row for row in accruals if text(row, "code") == "Re"]
    kinds = ("Dividends", "Payment In Lieu Of Dividends")
    booked = [row for row in details() if text(row, "type") in kinds]

    assert sums(accruals, "netAmount") == {}
    assert {key: -total for key, total in sums(paid, "grossAmount").items()} == sums(booked, "amount")


def test_the_statement_shows_what_it_is_meant_to_show() -> None:
    twins = Counter((text(r, "dateTime"), text(r, "symbol"), text(r, "quantity")) for r in share_trades())
    orders = Counter(text(row, "ibOrderID") for row in executions())
    symbols = {text(row, "symbol") for row in executions()}

    assert twins["20260518;045107", "BP.", "200"] == 2
    assert max(orders.values()) == 3
    assert {"BP.", "BRK B", "BMWd", "EXS1d", "700", "GBP.USD", "GBP.HKD", "EUR.GBP"} <= symbols
    assert any(text(row, "quantity") == "0.7315" for row in executions())
    assert any(figure(row, "ibCommission") > 0 for row in executions())
    assert any(text(row, "notes") == "AFx" for row in executions())
    assert any(text(row, "tradeDate") != text(row, "dateTime")[:8] for row in executions())
    gains = {text(row, "type") for row in details() if figure(row, "amount") > 0}
    assert {"Withholding Tax", "Other Fees", "Deposits/Withdrawals"} <= gains


def test_the_account_is_invented() -> None:
    accounts = {row.get("accountId") for row in demo().iter() if row.get("accountId")}

    assert accounts == {"U1000001", "-"}
    assert {row.get("name") for row in demo().iter("AccountInformation")} == {"Demo Account"}
