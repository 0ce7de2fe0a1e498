"""Every exchange code: what it is, its market and its suffix."""

from __future__ import annotations

from broker_sync.providers.ibkr.exchanges import (
    EXCHANGES,
    Kind,
    is_execution_venue,
    listing,
    mic_of,
)
from tests.tables import for_each

# Typed from the markets' side, so that a slip in the table's rows shows here.
MARKETS = {
    "XNYS": ("NYSE", ""),
    "XNAS": ("NASDAQ", ""),
    "XASE": ("AMEX", ""),
    "ARCX": ("ARCA", ""),
    "BATS": ("BATS", ""),
    "OTCM": ("PINK", ""),
    "XTSE": ("TSE TSX", ".TO"),
    "XTSX": ("VENTURE", ".V"),
    "XMEX": ("MEXI", ".MX"),
    "BVMF": ("BOVESPA", ".SA"),
    "XLON": ("LSE LSEETF LSEIOB1", ".L"),
    "XDUB": ("ISED", ".IR"),
    "XAMS": ("AEB", ".AS"),
    "XBRU": ("ENEXT.BE", ".BR"),
    "XPAR": ("SBF", ".PA"),
    "XLIS": ("BVL", ".LS"),
    "XMIL": ("BVME BVME.ETF", ".MI"),
    "XMAD": ("BM", ".MC"),
    "XETR": ("IBIS IBIS2", ".DE"),
    "XFRA": ("FWB FWB2", ".F"),
    "XSTU": ("SWB SWB2", ".SG"),
    "XMUN": ("GETTEX GETTEX2", ".MU"),
    "XSWX": ("EBS SWX", ".SW"),
    "XWBO": ("VSE", ".VI"),
    "XSTO": ("SFB", ".ST"),
    "XOSL": ("OSE OMXNO", ".OL"),
    "XCSE": ("CPH KFB", ".CO"),
    "XHEL": ("HEX", ".HE"),
    "XRIS": ("N.RIGA", ".RG"),
    "XTAL": ("N.TALLINN", ".TL"),
    "XLIT": ("N.VILNIUS", ".VS"),
    "XWAR": ("WSE", ".WA"),
    "XPRA": ("PRA", ".PR"),
    "XBUD": ("BUX", ".BD"),
    "XHKG": ("SEHK", ".HK"),
    "XSHG": ("SEHKNTL SEHKSTAR", ".SS"),
    "XSHE": ("SEHKSZSE CHINEXT", ".SZ"),
    "XTAI": ("TWSE", ".TW"),
    "XTKS": ("TSEJ", ".T"),
    "XKRX": ("KRX", ".KS"),
    "XSES": ("SGX", ".SI"),
    "XNSE": ("NSE", ".NS"),
    "XASX": ("ASX", ".AX"),
    "XJSE": ("JSE", ".JO"),
}
LISTINGS = [(code, mic, suffix) for mic, (codes, suffix) in MARKETS.items() for code in codes.split()]
WITHOUT_QUOTES = ["VALUE", "CBOE", "CME", "EUREX"]
TRADING_CURRENCIES = {
    "USD": "NYSE NASDAQ AMEX ARCA BATS PINK VALUE CBOE CME LSEIOB1",
    "CAD": "TSE TSX VENTURE",
    "GBP": "LSE",
    "GBP USD EUR": "LSEETF",
    "CHF USD EUR": "EBS",
    "CHF": "SWX",
    "EUR": (
        "EUREX ISED AEB ENEXT.BE SBF BVL BVME BVME.ETF BM IBIS IBIS2 FWB FWB2 SWB SWB2 GETTEX GETTEX2 VSE HEX"
        " N.RIGA N.TALLINN N.VILNIUS"
    ),
    "SEK": "SFB",
    "NOK": "OSE OMXNO",
    "DKK": "CPH KFB",
    "PLN": "WSE",
    "CZK": "PRA",
    "HUF": "BUX",
    "HKD": "SEHK",
    "CNH": "SEHKNTL SEHKSTAR SEHKSZSE CHINEXT",
    "TWD": "TWSE",
    "JPY": "TSEJ",
    "KRW": "KRX",
    "SGD": "SGX",
    "INR": "NSE",
    "AUD": "ASX",
    "ZAR": "JSE",
    "MXN": "MEXI",
    "BRL": "BOVESPA",
}
_EXECUTION_ONLY = (
    "TGATE IDEALFX IDEAL ALLFUNDS ISLAND EDGX BYX DRCTEDGE IEX MEMX PEARL PSX NASDAQBX IBKRATS DARK IBDARK"
    " EDGEA CHX TRWBUKETF TRQXDE NITEEXST NYSENAT CBOE2 PHLX PSE ISE BOX NASDAQOM EMERALD SAPPHIRE MERCURY"
    " GEMINI MM GLOBEX NYMEX COMEX ECBOT DTB ICEEU UBSBOND IBUSCFDMS SMART --"
)
EXECUTION_ONLY = _EXECUTION_ONLY.split()
US_EXCHANGES = ["NYSE", "NASDAQ", "AMEX", "ARCA", "BATS"]
LIST_AND_FILL_OTHERS = [*US_EXCHANGES, "GETTEX", "GETTEX2"]


@for_each(("code", "mic", "suffix"), LISTINGS)
def test_a_listing_has_its_market_and_its_suffix(code: str, mic: str, suffix: str) -> None:
    exchange = listing(code)

    assert exchange is not None
    assert (exchange.code, exchange.mic, exchange.yahoo_suffix) == (code, mic, suffix)
    assert mic_of(code) == mic


@for_each("code", WITHOUT_QUOTES)
def test_a_listing_without_quotes_has_neither_market_nor_suffix(code: str) -> None:
    exchange = listing(code)

    assert exchange is not None
    assert (exchange.mic, exchange.yahoo_suffix) == (None, None)


@for_each("code", EXECUTION_ONLY)
def test_a_venue_that_only_fills_orders_is_no_listing(code: str) -> None:
    assert listing(code) is None
    assert is_execution_venue(code)
    assert EXCHANGES[code].yahoo_suffix is None


def test_no_code_is_left_out_of_these_tests() -> None:
    assert sorted(EXCHANGES) == sorted([*(code for code, _, _ in LISTINGS), *WITHOUT_QUOTES, *EXECUTION_ONLY])


@for_each(
    ("code", "currencies"),
    [(code, currencies) for currencies, codes in TRADING_CURRENCIES.items() for code in codes.split()],
)
def test_a_listing_names_the_currencies_it_trades_in(code: str, currencies: str) -> None:
    assert " ".join(EXCHANGES[code].currencies) == currencies


def test_every_listing_names_a_currency_and_no_mere_venue_does() -> None:
    assert {code for code in EXCHANGES if EXCHANGES[code].currencies} == set(EXCHANGES) - set(EXECUTION_ONLY)


def test_codes_that_list_and_also_fill_the_shares_of_others_are_known() -> None:
    assert {code for code in EXCHANGES if EXCHANGES[code].kind is Kind.BOTH} == set(LIST_AND_FILL_OTHERS)


@for_each("code", LIST_AND_FILL_OTHERS)
def test_a_listing_that_fills_the_shares_of_others_is_also_an_execution_venue(code: str) -> None:
    assert listing(code) is not None
    assert is_execution_venue(code)


@for_each("code", ["LSE", "IBIS", "FWB", "SEHK", "VALUE"])
def test_a_fill_at_a_mere_listing_shows_the_home(code: str) -> None:
    assert not is_execution_venue(code)


def test_tradegate_has_a_market_code_but_is_no_listing() -> None:
    assert mic_of("TGATE") == "XGAT"
    assert [code for code in EXECUTION_ONLY if mic_of(code)] == ["TGATE"]


def test_the_unusual_facts_are_kept_as_notes() -> None:
    assert ".IL" in EXCHANGES["LSEIOB1"].note
    assert "Toronto" in EXCHANGES["TSE"].note
    assert "unverified" in EXCHANGES["SWB2"].note
    assert all(exchange.note for exchange in EXCHANGES.values())


@for_each("code", ["", "NOWHERE", "lse", "LSE.L"])
def test_an_unknown_code_is_nothing(code: str) -> None:
    assert listing(code) is None
    assert mic_of(code) is None
    assert not is_execution_venue(code)


def test_space_around_a_code_does_not_matter() -> None:
    assert listing(" LSE ") is EXCHANGES["LSE"]
    assert mic_of(" LSE ") == "XLON"
    assert is_execution_venue(" TGATE ")
