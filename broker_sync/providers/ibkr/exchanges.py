"""What Interactive Brokers' exchange codes mean: which market, and which suffix Yahoo gives its symbols.

A code can name the home of an instrument (``listingExchange``), the place of a fill (``exchange``), or
either. Only a home says anything about the symbol: the same share is filled on many venues.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from broker_sync.values import CurrencyCode, Mic

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["EXCHANGES", "Exchange", "Kind", "is_execution_venue", "listing", "mic_of"]


class Kind(StrEnum):
    """What a code says about an instrument when it stands in a statement."""

    LISTING = "listing"
    EXECUTION = "execution"
    BOTH = "listing/execution"


@dataclass(frozen=True, kw_only=True, slots=True)
class Exchange:
    """One exchange code of Interactive Brokers.

    `yahoo_suffix` begins with a dot; it is ``""`` where Yahoo writes the bare symbol, and None where
    Yahoo has no quotes or the code lists nothing. `currencies` are those that listings are known to
    trade in, most usual first; the list is not complete, so it must not be used to refuse one.
    """

    code: str
    kind: Kind
    mic: Mic | None = None
    yahoo_suffix: str | None = None
    currencies: tuple[CurrencyCode, ...] = ()
    note: str = ""


# code, MIC, Yahoo suffix, currencies, note; a dash stands for "none".
_LISTINGS = (
    ("PINK", "OTCM", "", "USD", "over the counter"),
    ("VALUE", "-", "-", "USD", "no market: a delisted or worthless instrument"),
    ("CBOE", "-", "-", "USD", "options"),
    ("CME", "-", "-", "USD", "futures"),
    ("EUREX", "-", "-", "EUR", "options and futures"),
    ("TSE", "XTSE", ".TO", "CAD", "Toronto; Tokyo is TSEJ"),
    ("TSX", "XTSE", ".TO", "CAD", "Toronto; not seen in a statement yet"),
    ("VENTURE", "XTSX", ".V", "CAD", "TSX Venture"),
    ("MEXI", "XMEX", ".MX", "MXN", "Mexico"),
    ("BOVESPA", "BVMF", ".SA", "BRL", "B3, Sao Paulo"),
    ("LSE", "XLON", ".L", "GBP", "London; IBKR's prices are pounds, Yahoo's are pence"),
    ("LSEETF", "XLON", ".L", "GBP USD EUR", "London, exchange-traded funds"),
    # Yahoo files the order book under .IL. This project promises .L for every London line.
    ("LSEIOB1", "XLON", ".L", "USD", "London, International Order Book; Yahoo's own suffix is .IL"),
    ("ISED", "XDUB", ".IR", "EUR", "Euronext Dublin"),
    ("AEB", "XAMS", ".AS", "EUR", "Euronext Amsterdam"),
    ("ENEXT.BE", "XBRU", ".BR", "EUR", "Euronext Brussels"),
    ("SBF", "XPAR", ".PA", "EUR", "Euronext Paris"),
    ("BVL", "XLIS", ".LS", "EUR", "Euronext Lisbon"),
    ("BVME", "XMIL", ".MI", "EUR", "Milan"),
    ("BVME.ETF", "XMIL", ".MI", "EUR", "Milan, exchange-traded funds"),
    ("BM", "XMAD", ".MC", "EUR", "Madrid"),
    ("IBIS", "XETR", ".DE", "EUR", "Xetra"),
    ("IBIS2", "XETR", ".DE", "EUR", "Xetra, exchange-traded funds"),
    ("FWB", "XFRA", ".F", "EUR", "Frankfurt floor, not Xetra"),
    ("FWB2", "XFRA", ".F", "EUR", "Frankfurt floor"),
    ("SWB", "XSTU", ".SG", "EUR", "Stuttgart"),
    ("SWB2", "XSTU", ".SG", "EUR", "Stuttgart; by analogy with FWB2, unverified"),
    ("EBS", "XSWX", ".SW", "CHF USD EUR", "SIX Swiss Exchange"),
    ("SWX", "XSWX", ".SW", "CHF", "SIX Swiss Exchange"),
    ("VSE", "XWBO", ".VI", "EUR", "Vienna; elsewhere VSE is Vilnius"),
    ("SFB", "XSTO", ".ST", "SEK", "Stockholm"),
    ("OSE", "XOSL", ".OL", "NOK", "Oslo"),
    ("OMXNO", "XOSL", ".OL", "NOK", "Oslo"),
    ("CPH", "XCSE", ".CO", "DKK", "Copenhagen"),
    ("KFB", "XCSE", ".CO", "DKK", "Copenhagen, older code"),
    ("HEX", "XHEL", ".HE", "EUR", "Helsinki"),
    ("N.RIGA", "XRIS", ".RG", "EUR", "Riga"),
    ("N.TALLINN", "XTAL", ".TL", "EUR", "Tallinn"),
    ("N.VILNIUS", "XLIT", ".VS", "EUR", "Vilnius"),
    ("WSE", "XWAR", ".WA", "PLN", "Warsaw"),
    ("PRA", "XPRA", ".PR", "CZK", "Prague"),
    ("BUX", "XBUD", ".BD", "HUF", "Budapest"),
    ("SEHK", "XHKG", ".HK", "HKD", "Hong Kong"),
    ("SEHKNTL", "XSHG", ".SS", "CNH", "Shanghai by way of Hong Kong"),
    ("SEHKSTAR", "XSHG", ".SS", "CNH", "Shanghai STAR by way of Hong Kong"),
    ("SEHKSZSE", "XSHE", ".SZ", "CNH", "Shenzhen by way of Hong Kong"),
    ("CHINEXT", "XSHE", ".SZ", "CNH", "Shenzhen ChiNext by way of Hong Kong"),
    ("TWSE", "XTAI", ".TW", "TWD", "Taiwan"),
    ("TSEJ", "XTKS", ".T", "JPY", "Tokyo"),
    ("KRX", "XKRX", ".KS", "KRW", "Korea; Yahoo files KOSDAQ shares under .KQ"),
    ("SGX", "XSES", ".SI", "SGD", "Singapore"),
    ("NSE", "XNSE", ".NS", "INR", "National Stock Exchange of India"),
    ("ASX", "XASX", ".AX", "AUD", "Australia"),
    ("JSE", "XJSE", ".JO", "ZAR", "Johannesburg"),
)

# Homes of instruments that also fill orders in instruments listed elsewhere.
_LISTINGS_THAT_FILL_OTHERS = (
    ("NYSE", "XNYS", "", "USD", "New York"),
    ("NASDAQ", "XNAS", "", "USD", "Nasdaq"),
    ("AMEX", "XASE", "", "USD", "NYSE American"),
    ("ARCA", "ARCX", "", "USD", "NYSE Arca"),
    ("BATS", "BATS", "", "USD", "Cboe BZX"),
    ("GETTEX", "XMUN", ".MU", "EUR", "Munich; unverified"),
    ("GETTEX2", "XMUN", ".MU", "EUR", "Munich; seen as the place of a fill only, suffix unverified"),
)

_EXECUTION_VENUES = MappingProxyType(
    {
        "shares": (
            "ISLAND EDGX EDGEA BYX DRCTEDGE IEX MEMX PEARL PSX NASDAQBX NYSENAT IBKRATS DARK IBDARK CHX"
            " TRWBUKETF TRQXDE NITEEXST"
        ),
        "Tradegate: fills shares of every German listing, so it proves none": "TGATE",
        "options": "CBOE2 PHLX PSE ISE BOX NASDAQOM EMERALD SAPPHIRE MERCURY GEMINI MM",
        "futures and their options": "GLOBEX NYMEX COMEX ECBOT DTB ICEEU",
        "bonds": "UBSBOND",
        "contracts for difference": "IBUSCFDMS",
        "currencies": "IDEALFX IDEAL",
        "funds, whose symbol is a number": "ALLFUNDS",
        "routing: the broker chose the venue": "SMART",
        "no venue: a booking without a fill": "--",
    }
)

_EXECUTION_MICS = MappingProxyType({"TGATE": Mic("XGAT")})


def _exchanges() -> Iterator[Exchange]:
    for kind, rows in ((Kind.LISTING, _LISTINGS), (Kind.BOTH, _LISTINGS_THAT_FILL_OTHERS)):
        for code, mic, suffix, currencies, note in rows:
            yield Exchange(
                code=code,
                kind=kind,
                mic=None if mic == "-" else Mic(mic),
                yahoo_suffix=None if suffix == "-" else suffix,
                currencies=tuple(CurrencyCode(currency) for currency in currencies.split()),
                note=note,
            )
    for note, codes in _EXECUTION_VENUES.items():
        for code in codes.split():
            yield Exchange(code=code, kind=Kind.EXECUTION, mic=_EXECUTION_MICS.get(code), note=note)


EXCHANGES: Mapping[str, Exchange] = MappingProxyType({exchange.code: exchange for exchange in _exchanges()})


def listing(code: str) -> Exchange | None:
    """Return the exchange that `code` names as the home of an instrument, None if it is none or unknown.

    `code` is IBKR's, in capitals; space around it does not matter.
    """
    exchange = EXCHANGES.get(code.strip())
    return None if exchange is None or exchange.kind is Kind.EXECUTION else exchange


def is_execution_venue(code: str) -> bool:
    """Tell whether a fill at `code` leaves open where the instrument is listed; False for unknown codes."""
    exchange = EXCHANGES.get(code.strip())
    return exchange is not None and exchange.kind is not Kind.LISTING


def mic_of(code: str) -> Mic | None:
    """Return the market identifier code (ISO 10383) of `code`, None where there is none or it is unknown."""
    exchange = EXCHANGES.get(code.strip())
    return None if exchange is None else exchange.mic
