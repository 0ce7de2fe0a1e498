from __future__ import annotations

from decimal import Decimal

from broker_sync.models import AssetClass, Instrument
from broker_sync.providers.ibkr.instruments import ASSET_CLASSES, Directory
from tests.tables import for_each

from .builders import WIDGET, Row, changed


def share(**changes: str | None) -> Row:
    return changed({**WIDGET, "description": "WIDGET INC", "multiplier": "1"}, changes)


def taught(*lessons: tuple[Row, bool]) -> Directory:
    """A directory that has learnt from rows, of which some say what the instrument is dealt in."""
    directory = Directory()
    for raw, is_dealt in lessons:
        directory.learn(raw, is_dealt=is_dealt)
    return directory


def resolved(row: Row, *lessons: tuple[Row, bool]) -> Instrument:
    found = taught(*lessons).resolve(row)
    assert found is not None
    return found


def test_a_row_says_which_instrument_it_means() -> None:
    found = resolved(share())
    assert found == Instrument(
        symbol="WDGT",
        currency="USD",
        asset_class=AssetClass.STOCK,
        isin=found.isin,
        conid="1001",
        exchange="NASDAQ",
        name="WIDGET INC",
        multiplier=Decimal(1),
        broker_symbol="WDGT",
    )
    assert found.isin == "US0000001001"


def test_the_first_word_on_a_fact_stays() -> None:
    position = share(listingExchange="LSE", currency="GBP")
    fill = share(listingExchange="", exchange="DARK", currency="USD", description="other")
    found = resolved(fill, (position, True), (fill, True))
    assert (found.symbol, found.currency, found.name, found.exchange) == (
        "WDGT.L",
        "GBP",
        "WIDGET INC",
        "LSE",
    )


def test_all_rows_of_an_instrument_agree() -> None:
    directory = taught((share(listingExchange="LSE", currency="GBP"), True))
    fill = directory.resolve(share(listingExchange="", exchange="DARK", currency="GBP"))
    dividend = directory.resolve(share(listingExchange=None, currency="USD"))
    assert fill is dividend
    assert directory.by_conid == {"1001": fill}


def test_a_dividend_does_not_say_the_currency_a_share_is_dealt_in() -> None:
    dividend = share(currency="USD")
    position = share(currency="EUR")
    assert resolved(dividend, (dividend, False), (position, True)).currency == "EUR"
    assert resolved(dividend, (dividend, False)).currency == "USD"


def test_a_place_that_only_fills_orders_is_no_home() -> None:
    fill = share(listingExchange=None, exchange="IBKRATS", currency="EUR")
    later = share(listingExchange=None, exchange="SBF", currency="EUR")
    assert resolved(fill, (fill, True), (later, True)).symbol == "WDGT.PA"


@for_each("nothing", [None, "", "-", "--"])
def test_a_row_that_names_nothing_means_nothing(nothing: str | None) -> None:
    row = share(conid=None, symbol=nothing, isin=nothing)
    assert Directory().resolve(row) is None
    assert Directory().resolve({**row, "conid": ""}) is None


@for_each("nothing", ["-", "--", "N/A"])
def test_a_dash_is_no_number_of_an_instrument(nothing: str) -> None:
    assert Directory().resolve(share(conid=nothing, symbol="", isin="")) is None
    found = resolved(share(conid=nothing))
    assert found.conid is None


def test_without_a_number_the_isin_and_the_symbol_do() -> None:
    directory = taught((share(conid=None), True))
    by_isin = directory.resolve(share(conid=""))
    again = directory.resolve(share(conid="", description="said otherwise"))
    by_symbol = directory.resolve(share(conid=None, isin=None))
    assert by_isin is again
    assert by_isin is not None
    assert by_symbol is not None
    assert (by_isin.key, by_symbol.key) == ("isin:US0000001001:USD", "symbol:WDGT:USD")


def test_an_instrument_without_a_ticker_goes_by_its_isin() -> None:
    assert resolved(share(symbol="", conid=None)).symbol == "US0000001001"


def test_a_bond_goes_by_its_isin() -> None:
    bond = share(assetCategory="BOND", symbol="WDGT 5 05/21/30", isin="US0000001001")
    assert resolved(bond).symbol == "US0000001001"
    assert (
        resolved(share(assetCategory="BOND", symbol="WDGT 5 05/21/30", isin="")).symbol == "WDGT 5 05/21/30"
    )


def test_a_fund_known_by_a_number_goes_by_its_isin() -> None:
    assert resolved(share(assetCategory="FUND", symbol="009086587")).symbol == "US0000001001"
    assert resolved(share(assetCategory="FUND", symbol="009086587", isin="x")).symbol == "009086587"
    assert resolved(share(assetCategory="FUND", symbol="VFIAX")).symbol == "VFIAX"


def test_an_option_keeps_its_name() -> None:
    name = "WDGT  260619C00100000"
    found = resolved(share(assetCategory="OPT", symbol=name, isin="", multiplier="100"))
    assert (found.symbol, found.asset_class, found.multiplier) == (name, AssetClass.OPTION, Decimal(100))


@for_each(("category", "expected"), ASSET_CLASSES.items(), ids=ASSET_CLASSES)
def test_every_category_has_its_class(category: str, expected: AssetClass) -> None:
    assert resolved(share(assetCategory=category)).asset_class is expected


@for_each("category", ["", None, "NEW"])
def test_an_unknown_category_is_another_thing(category: str | None) -> None:
    assert resolved(share(assetCategory=category)).asset_class is AssetClass.OTHER


def test_what_a_row_says_of_a_payment_is_not_the_name() -> None:
    paid = share(description="WDGT CASH DIVIDEND")
    directory = Directory()
    directory.learn(paid, is_dealt=False, is_named=False)
    found = directory.resolve(paid, is_named=False)
    nameless = Directory().resolve(share(conid="", description="WDGT CASH DIVIDEND"), is_named=False)
    assert found is not None
    assert nameless is not None
    assert (found.name, nameless.name) == (None, None)


def test_all_that_was_learnt_can_be_settled_at_once() -> None:
    directory = taught((share(), True), (share(conid="1002", symbol="OTHR"), True))
    directory.settle()
    assert {conid: item.symbol for conid, item in directory.by_conid.items()} == {
        "1001": "WDGT",
        "1002": "OTHR",
    }


def test_a_bond_is_priced_in_percent() -> None:
    assert resolved(share(assetCategory="BOND")).multiplier == Decimal("0.01")


@for_each("text", [None, "", "0", "-1", "--", "many"])
def test_a_multiplier_that_says_nothing_is_one(text: str | None) -> None:
    assert resolved(share(multiplier=text)).multiplier == 1


@for_each("text", ["--", "", "US123", "Various"])
def test_what_is_no_isin_is_not_kept_as_one(text: str) -> None:
    assert resolved(share(isin=text)).isin is None


def test_a_lesson_without_a_number_teaches_nothing() -> None:
    directory = taught((share(conid=""), True), (share(conid=None), True))
    directory.settle()
    assert directory.by_conid == {}
