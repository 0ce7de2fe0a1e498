"""The broker's symbols become the symbols under which trackers look up prices."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from broker_sync.providers.ibkr.exchanges import EXCHANGES, Kind
from broker_sync.providers.ibkr.symbols import canonical_symbol, listing_exchange
from tests.tables import for_each

SUFFIXES = {
    ".TO": "TSE TSX",
    ".V": "VENTURE",
    ".MX": "MEXI",
    ".SA": "BOVESPA",
    ".L": "LSE LSEETF LSEIOB1",
    ".IR": "ISED",
    ".AS": "AEB",
    ".BR": "ENEXT.BE",
    ".PA": "SBF",
    ".LS": "BVL",
    ".MI": "BVME BVME.ETF",
    ".MC": "BM",
    ".DE": "IBIS IBIS2",
    ".F": "FWB FWB2",
    ".SG": "SWB SWB2",
    ".MU": "GETTEX GETTEX2",
    ".SW": "EBS SWX",
    ".VI": "VSE",
    ".ST": "SFB",
    ".OL": "OSE OMXNO",
    ".CO": "CPH KFB",
    ".HE": "HEX",
    ".RG": "N.RIGA",
    ".TL": "N.TALLINN",
    ".VS": "N.VILNIUS",
    ".WA": "WSE",
    ".PR": "PRA",
    ".BD": "BUX",
    ".HK": "SEHK",
    ".SS": "SEHKNTL SEHKSTAR",
    ".SZ": "SEHKSZSE CHINEXT",
    ".TW": "TWSE",
    ".T": "TSEJ",
    ".KS": "KRX",
    ".SI": "SGX",
    ".NS": "NSE",
    ".AX": "ASX",
    ".JO": "JSE",
}
SUFFIXED = [(code, suffix) for suffix, codes in SUFFIXES.items() for code in codes.split()]
UNSUFFIXED = sorted(set(EXCHANGES) - {code for code, _ in SUFFIXED})
US = ["NYSE", "NASDAQ", "AMEX", "ARCA", "BATS", "PINK"]
FILLS_OTHERS = ["NYSE", "NASDAQ", "AMEX", "ARCA", "BATS", "GETTEX", "GETTEX2"]
EXECUTION_ONLY = sorted(code for code in EXCHANGES if EXCHANGES[code].kind is Kind.EXECUTION)


@for_each(
    ("symbol", "exchange", "currency", "canonical"),
    [
        ("VUAG", "LSE", "GBP", "VUAG.L"),
        ("AAPL", "NASDAQ", "USD", "AAPL"),
        ("VUAG", None, "GBP", "VUAG.L"),
        ("VUAG.L", "LSE", "GBP", "VUAG.L"),
        ("BRK B", "NYSE", "USD", "BRK-B"),
        ("700", "SEHK", "HKD", "0700.HK"),
        ("BMWd", "IBIS", "EUR", "BMW.DE"),
        ("CHSPIz", "EBS", "CHF", "CHSPI.SW"),
        ("BP.", "LSE", "GBP", "BP.L"),
    ],
)
def test_the_promised_examples_hold(symbol: str, exchange: str | None, currency: str, canonical: str) -> None:
    assert canonical_symbol(symbol, exchange=exchange, currency=currency) == canonical


@for_each(("exchange", "suffix"), SUFFIXED)
def test_a_listing_gives_its_suffix_whatever_the_currency(exchange: str, suffix: str) -> None:
    for currency in ("GBP", "USD", "EUR", None):
        assert canonical_symbol("ABC", exchange=exchange, currency=currency) == f"ABC{suffix}"


@for_each("exchange", UNSUFFIXED)
def test_every_other_code_gives_no_suffix(exchange: str) -> None:
    for currency in ("USD", "EUR", None):
        assert canonical_symbol("ABC", exchange=exchange, currency=currency) == "ABC"


@for_each("exchange", US)
@for_each("currency", ["USD", "GBP"])
def test_us_symbols_pass_unchanged(exchange: str, currency: str) -> None:
    for symbol in ("AAPL", "TSLAd", "ABCz", "EDCI.OLD", "BRK.B", "ABC.", "123"):
        assert canonical_symbol(symbol, exchange=exchange, currency=currency) == symbol


@for_each("exchange", [None, "", " ", "VALUE", *EXECUTION_ONLY])
def test_without_a_known_listing_pounds_mean_london(exchange: str | None) -> None:
    assert canonical_symbol("VUAG", exchange=exchange, currency="GBP") == "VUAG.L"


@for_each("exchange", [None, "", *EXECUTION_ONLY])
def test_without_a_known_listing_no_other_currency_means_a_market(exchange: str | None) -> None:
    for currency in ("EUR", "CHF", "SEK", "HKD", "gbp", "", None):
        for symbol in ("BMW", "BMWd", "CHSPIz", "VOLV B", "700", "EIT.UN"):
            assert canonical_symbol(symbol, exchange=exchange, currency=currency) == symbol


@for_each("exchange", ["NOWHERE", "lse", "LSE2", "ENEXT"])
@for_each("currency", ["GBP", "USD", None])
def test_an_unknown_exchange_leaves_the_symbol_alone(exchange: str, currency: str | None) -> None:
    for symbol in ("VUAG", "BRK B", "BP."):
        assert canonical_symbol(symbol, exchange=exchange, currency=currency) == symbol


@for_each("exchange", [None, "NOWHERE", *EXCHANGES])
def test_a_symbol_with_a_suffix_keeps_it_everywhere(exchange: str | None) -> None:
    for symbol in ("VUAG.L", "0700.HK", "700.HK", "BMW.DE", "SMSN.IL", "035720.KQ", "VOLV-B.ST"):
        assert canonical_symbol(symbol, exchange=exchange, currency="GBP") == symbol


def test_space_around_symbol_and_exchange_does_not_matter() -> None:
    assert canonical_symbol(" VUAG ", exchange=" LSE ", currency="GBP") == "VUAG.L"


@for_each(
    ("symbol", "exchange", "canonical"),
    [
        ("BT.A", "LSE", "BT-A.L"),
        ("EIT.UN", "TSE", "EIT-UN.TO"),
        ("RCI.B", "TSE", "RCI-B.TO"),
        ("VOLV B", "SFB", "VOLV-B.ST"),
        ("NOVO B", "CPH", "NOVO-B.CO"),
        ("NDA FI", "HEX", "NDA-FI.HE"),
        ("ABC WS", "TSE", "ABC-WS.TO"),
    ],
)
def test_a_class_of_shares_is_set_off_by_a_hyphen(symbol: str, exchange: str, canonical: str) -> None:
    assert canonical_symbol(symbol, exchange=exchange, currency=None) == canonical


@for_each(
    ("symbol", "exchange", "canonical"),
    [
        ("1151", "SEHK", "1151.HK"),
        ("5", "SEHK", "0005.HK"),
        ("80700", "SEHK", "80700.HK"),
        ("0050", "TWSE", "0050.TW"),
        ("50", "KRX", "50.KS"),
        ("7203", "TSEJ", "7203.T"),
        ("600519", "SEHKNTL", "600519.SS"),
        ("MCX", "SEHK", "MCX.HK"),
    ],
)
def test_numeric_symbols_are_padded_in_hong_kong_only(symbol: str, exchange: str, canonical: str) -> None:
    assert canonical_symbol(symbol, exchange=exchange, currency=None) == canonical


@for_each("exchange", ["IBIS", "IBIS2", "FWB", "FWB2", "SWB", "SWB2", "GETTEX", "GETTEX2"])
def test_german_listings_lose_the_letter_d(exchange: str) -> None:
    suffix = EXCHANGES[exchange].yahoo_suffix

    assert canonical_symbol("EXXWd", exchange=exchange, currency="EUR") == f"EXXW{suffix}"
    assert canonical_symbol("H5Ed", exchange=exchange, currency="EUR") == f"H5E{suffix}"
    assert canonical_symbol("ABCz", exchange=exchange, currency="EUR") == f"ABCz{suffix}"
    assert canonical_symbol("ABCD", exchange=exchange, currency="EUR") == f"ABCD{suffix}"
    assert canonical_symbol("d", exchange=exchange, currency="EUR") == f"d{suffix}"


@for_each("exchange", ["EBS", "SWX"])
def test_swiss_listings_lose_the_letter_z(exchange: str) -> None:
    assert canonical_symbol("CHSPIz", exchange=exchange, currency="CHF") == "CHSPI.SW"
    assert canonical_symbol("ABCd", exchange=exchange, currency="CHF") == "ABCd.SW"
    assert canonical_symbol("ABZ", exchange=exchange, currency="CHF") == "ABZ.SW"


@for_each("exchange", ["LSE", "AEB", "SFB", "VSE"])
def test_other_listings_keep_lower_case_letters(exchange: str) -> None:
    suffix = EXCHANGES[exchange].yahoo_suffix

    assert canonical_symbol("ABCd", exchange=exchange, currency="EUR") == f"ABCd{suffix}"
    assert canonical_symbol("ABCz", exchange=exchange, currency="EUR") == f"ABCz{suffix}"


def test_a_currency_glued_to_the_ticker_is_not_cut_off() -> None:
    assert canonical_symbol("DBKEUR", exchange="IBIS", currency="EUR") == "DBKEUR.DE"


def test_a_padded_london_ticker_loses_its_dot_without_a_listing_too() -> None:
    assert canonical_symbol("BP.", exchange=None, currency="GBP") == "BP.L"


@for_each("exchange", [*US, None, "ISLAND", "VALUE"])
@for_each(
    ("symbol", "canonical"),
    [
        ("BRK B", "BRK-B"),
        ("BAC PRL", "BAC-PL"),
        ("TY PR", "TY-P"),
        ("OXY WS", "OXY-WT"),
        ("TDW WSA", "TDW-WTA"),
        ("CELG RT", "CELG-RI"),
        ("GRP U", "GRP-UN"),
    ],
)
def test_us_share_classes_preferreds_warrants_rights_and_units_take_yahoos_words(
    symbol: str, canonical: str, exchange: str | None
) -> None:
    assert canonical_symbol(symbol, exchange=exchange, currency="USD") == canonical


@for_each("symbol", ["ABC PRACL", "ABC WI", "ABC UA", "ABC 7", "ABC b"])
def test_a_us_ending_of_unknown_meaning_is_left_alone(symbol: str) -> None:
    assert canonical_symbol(symbol, exchange="NYSE", currency="USD") == symbol


@for_each("exchange", [None, "CBOE", "NYSE", "LSE", "TSE", "IBIS"])
@for_each(
    "symbol",
    ["AAPL  240119C00150000", "GOOGL 240119P00150000", "GOOGL1240119P00150000", "V     240119C00150000"],
)
def test_options_keep_the_osi_symbol_as_written(symbol: str, exchange: str | None) -> None:
    assert canonical_symbol(symbol, exchange=exchange, currency="GBP") == symbol


@for_each("exchange", [None, "EUREX", "LSE", "ICEEU"])
@for_each("symbol", ["P ODAX 20230915 15500 M", "UKT 4 1/4 06/07/32", "--", "", ".L"])
def test_what_cannot_be_a_ticker_is_left_alone(symbol: str, exchange: str | None) -> None:
    assert canonical_symbol(symbol, exchange=exchange, currency="GBP") == symbol


def test_a_conversion_or_a_fund_number_in_pounds_is_not_a_london_share() -> None:
    assert canonical_symbol("EUR.GBP", exchange="IDEALFX", currency="GBP") == "EUR.GBP"
    assert canonical_symbol("GBP.USD", exchange=None, currency="GBP") == "GBP.USD"
    assert canonical_symbol("009086587", exchange="ALLFUNDS", currency="GBP") == "009086587"


@for_each(
    ("home", "venue"),
    [("NASDAQ", "ISLAND"), ("LSEETF", "TRWBUKETF"), ("FWB", "TGATE"), ("IBIS", "FWB"), ("VALUE", "NYSE")],
)
def test_the_listing_comes_before_the_place_of_the_fill(home: str, venue: str) -> None:
    assert listing_exchange(home, venue) == home


@for_each("venue", ["LSE", "IBIS", "FWB", "SWB", "AEB", "SEHK"])
def test_without_a_listing_a_fill_at_a_home_market_tells_the_listing(venue: str) -> None:
    for home in (None, "", "  ", "SMART", "--", "TGATE"):
        assert listing_exchange(home, venue) == venue


@for_each("venue", [None, "", "NOWHERE", *EXECUTION_ONLY, *FILLS_OTHERS])
def test_a_fill_where_many_listings_meet_tells_nothing(venue: str | None) -> None:
    assert listing_exchange(None, venue) is None


def test_an_unknown_listing_is_not_overruled_by_the_place_of_the_fill() -> None:
    assert listing_exchange("NOWHERE", "LSE") == "NOWHERE"


def test_space_around_the_exchanges_of_a_row_does_not_matter() -> None:
    assert listing_exchange(" LSE ", " TGATE ") == "LSE"
    assert listing_exchange(None, " LSE ") == "LSE"


def test_a_fill_at_tradegate_alone_does_not_become_a_xetra_symbol() -> None:
    assert canonical_symbol("MMM", exchange=listing_exchange(None, "TGATE"), currency="EUR") == "MMM"
    assert canonical_symbol("MMM", exchange=listing_exchange("FWB", "TGATE"), currency="EUR") == "MMM.F"


@for_each("venue", [None, "NYSE", "ISLAND", "NASDAQ", "BATS", "DARK"])
def test_a_us_share_has_one_symbol_wherever_it_was_filled(venue: str | None) -> None:
    assert canonical_symbol("BRK B", exchange=listing_exchange(None, venue), currency="USD") == "BRK-B"


SYMBOLS = st.text(alphabet="ABd zPRWSUTL.07-/", max_size=8) | st.text(
    alphabet=st.characters(max_codepoint=255), max_size=8
)
PLACES = st.sampled_from([None, "", "NOWHERE", *EXCHANGES])
CURRENCIES = st.sampled_from([None, "GBP", "USD", "EUR", "HKD"])


@given(symbol=SYMBOLS, exchange=PLACES, currency=CURRENCIES)
def test_a_canonical_symbol_is_canonical(symbol: str, exchange: str | None, currency: str | None) -> None:
    once = canonical_symbol(symbol, exchange=exchange, currency=currency)

    assert canonical_symbol(once, exchange=exchange, currency=currency) == once


@given(
    symbol=st.from_regex(r"[A-Z0-9]{1,5}([ .][A-Z]{1,2})?", fullmatch=True),
    exchange=st.sampled_from([code for code, _ in SUFFIXED]),
)
def test_a_canonical_symbol_holds_no_space_and_its_dot_belongs_to_the_market(
    symbol: str, exchange: str
) -> None:
    canonical = canonical_symbol(symbol, exchange=exchange, currency=None)

    assert " " not in canonical
    assert canonical.count(".") == 1
