"""From the broker's symbol to the one under which the same instrument is known elsewhere.

The form is Yahoo Finance's, because trackers look up prices there.
"""

from __future__ import annotations

import re
from types import MappingProxyType

from broker_sync.providers.ibkr.exchanges import EXCHANGES, Kind, is_execution_venue, listing

__all__ = ["canonical_symbol", "listing_exchange"]

_LONDON = ".L"

# Suffixes that Yahoo uses for markets, or parts of markets, that are not in the exchange table.
_OF_OTHERS = (".IL", ".KQ", ".TWO", ".CN", ".NE", ".DU", ".HM", ".HA", ".BE", ".AT", ".IS", ".TA", ".NZ")
_OF_THE_TABLE = {exchange.yahoo_suffix for exchange in EXCHANGES.values() if exchange.yahoo_suffix}
_SUFFIXES = (*_OF_OTHERS, *_OF_THE_TABLE)

# Bonds and European options are written with two spaces or more, a placeholder as dashes.
_TICKER = re.compile(r"[A-Za-z0-9]\S*(?: \S+)?")
_OSI_OPTION = re.compile(r"[A-Z0-9 ]{6}\d{6}[CP]\d{8}")

# IBKR tells its listings apart by a lower-case letter behind the exchange's ticker. Only these markets
# have it, and their tickers hold no lower-case letters of their own.
_GERMAN_LETTER = re.compile(r"(?<=[A-Z0-9])d\Z")
_LISTING_LETTERS = MappingProxyType(
    {
        ".DE": _GERMAN_LETTER,
        ".F": _GERMAN_LETTER,
        ".SG": _GERMAN_LETTER,
        ".MU": _GERMAN_LETTER,
        ".SW": re.compile(r"(?<=[A-Z0-9])z\Z"),
    }
)

# US tickers follow the tape's convention: the root, a space, then a class letter, or a word for the kind
# of paper with a series letter behind it (https://www.nasdaqtrader.com/Trader.aspx?id=CQSSymbolConvention,
# column CMS). Yahoo has its own words for the same kinds.
_US_SERIES = re.compile(r"(PR|WS|)([A-Z]?)")
_US_SERIES_WORDS = MappingProxyType({"PR": "P", "WS": "WT", "": ""})
_US_WORDS = MappingProxyType({"RT": "RI", "U": "UN"})


def canonical_symbol(symbol: str, *, exchange: str | None, currency: str | None) -> str:
    """Return Yahoo's form of the `symbol` that IBKR gives a share or fund.

    `exchange` is IBKR's code of the listing, in capitals (see :func:`listing_exchange`); a venue
    that only fills orders counts as none. With none, pounds mean London, dollars the form of a US share,
    and the symbol of any other currency is left alone. A symbol that has a suffix of Yahoo's already, an
    option in OSI form, what cannot be a ticker, and a symbol of an unknown exchange come back as they
    are, less outer space. Never raises.

    Applying the function to its own result changes nothing.
    """
    ticker = symbol.strip()
    if not _TICKER.fullmatch(ticker) or _OSI_OPTION.fullmatch(ticker) or _is_suffixed(ticker):
        return ticker
    suffix = _suffix(ticker, exchange=(exchange or "").strip(), currency=currency)
    if suffix is None:
        return ticker
    return _local_form(ticker, suffix) + suffix if suffix else _us_form(ticker)


def listing_exchange(listing: str | None, execution: str | None) -> str | None:
    """Return the code of an instrument's home from a row's ``listingExchange`` and ``exchange``.

    The home that the row names comes first, even when the code is unknown: a venue is no better
    witness than the broker's own word. Where the row names none (the field was not ticked, or it holds
    a routing code), the place of the fill counts if shares of other homes are not filled there. None
    when neither tells.
    """
    home = (listing or "").strip()
    if home and not _says_nothing_as_home(home):
        return home
    venue = (execution or "").strip()
    # Orders for any German listing end up at Tradegate and gettex, and the US exchanges fill each other's
    # shares. Frankfurt and Stuttgart may fill an order from elsewhere too, but they list shares of their
    # own by the thousand, and the symbol made from them is at least one that is quoted there.
    return venue if venue in EXCHANGES and EXCHANGES[venue].kind is Kind.LISTING else None


def _says_nothing_as_home(code: str) -> bool:
    exchange = EXCHANGES.get(code)
    return exchange is not None and exchange.kind is Kind.EXECUTION


def _is_suffixed(ticker: str) -> bool:
    # A dot alone proves nothing: `EIT.UN` is a class of unit, `EDCI.OLD` a share after a merger.
    return ticker.endswith(_SUFFIXES)


def _suffix(ticker: str, *, exchange: str, currency: str | None) -> str | None:
    """Return the suffix, "" for the US form, None where nothing may be changed."""
    home = listing(exchange)
    if home is not None and home.yahoo_suffix is not None:
        return home.yahoo_suffix
    if exchange and home is None and not is_execution_venue(exchange):
        return None
    # Also for VALUE, where dead shares go: a share must keep the symbol under which it was bought.
    if currency == "USD":
        return ""
    return _LONDON if currency == "GBP" and _may_be_in_london(ticker) else None


def _may_be_in_london(ticker: str) -> bool:
    # Rows without a listing are also funds, known by a number, and conversions (`EUR.GBP`, `GBP.USD`).
    return not ticker.isdecimal() and "GBP" not in ticker.split(".")


def _local_form(ticker: str, suffix: str) -> str:
    # London pads two-letter tickers with a dot (`BP.`).
    local = ticker.rstrip(". ")
    if suffix in _LISTING_LETTERS:
        local = _LISTING_LETTERS[suffix].sub("", local)
    if suffix == ".HK" and local.isdecimal():
        local = local.zfill(4)
    # Yahoo keeps the dot for the market: `VOLV B` is VOLV-B.ST, `EIT.UN` is EIT-UN.TO.
    return re.sub("[ .]", "-", local)


def _us_form(ticker: str) -> str:
    root, _, tail = ticker.partition(" ")
    if tail in _US_WORDS:
        return f"{root}-{_US_WORDS[tail]}"
    series = _US_SERIES.fullmatch(tail)
    if not tail or series is None:
        return ticker
    return f"{root}-{_US_SERIES_WORDS[series[1]]}{series[2]}"
