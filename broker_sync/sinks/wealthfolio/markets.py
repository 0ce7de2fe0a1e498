"""The markets that Wealthfolio knows, by the endings that canonical symbols have, and by the US homes."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from broker_sync.values import Mic

__all__ = ["LONDON", "market_of", "with_ending", "without_ending"]

LONDON: Final = Mic("XLON")

_ENDINGS: Final = """
.TO:XTSE .V:XTSX .CN:XCNQ .NE:XNEO .MX:XMEX .SA:BVMF .BA:XBUE .SN:XSGO
.L:XLON .IL:XLON_IL .IR:XDUB .DE:XETR .F:XFRA .SG:XSTU .HM:XHAM .DU:XDUS .MU:XMUN .BE:XBER
.HA:XHAN .PA:XPAR .AS:XAMS .BR:XBRU .LS:XLIS .MI:XMIL .MC:XMAD .AT:XATH .ST:XSTO .HE:XHEL
.CO:XCSE .OL:XOSL .IC:XICE .SW:XSWX .VI:XWBO .WA:XWAR .PR:XPRA .BD:XBUD .IS:XIST .RO:XBSE
.TL:XTAL .RG:XRIS .VS:XLIT .ZA:XZAG .LJ:XLJU
.SS:XSHG .SZ:XSHE .HK:XHKG .T:XTKS .KS:XKRX .KQ:XKOS .SI:XSES .BK:XBKK .JK:XIDX .KL:XKLS
.BO:XBOM .NS:XNSE .TW:XTAI .AX:XASX .NZ:XNZE .TA:XTAE .JO:XJSE
"""
_BY_ENDING: Final[Mapping[str, Mic]] = MappingProxyType(
    {ending: Mic(mic) for ending, _, mic in (pair.partition(":") for pair in _ENDINGS.split())}
)
"""Ending -> market, as the server has them."""
_BY_MARKET: Final[Mapping[str, str]] = MappingProxyType({str(mic): end for end, mic in _BY_ENDING.items()})

# Symbols of these homes have no ending. The codes are the ones under which brokers name them; where a broker
# has the market's own code (ISO 10383), that is taken as it is.
_US_HOMES: Final[Mapping[str, Mic]] = MappingProxyType(
    {
        code: Mic(mic)
        for code, mic in (
            ("NYSE", "XNYS"), ("NASDAQ", "XNAS"), ("AMEX", "XASE"), ("ARCA", "ARCX"), ("BATS", "BATS"),
            ("PINK", "OTCM"),
        )
    }
)  # fmt: skip
_US_MARKETS: Final = frozenset(_US_HOMES.values())


def market_of(symbol: str, exchange: str | None) -> Mic | None:
    """The market where the canonical `symbol` is listed, as its ending says, else as `exchange` does."""
    root, dot, ending = symbol.rpartition(".")
    if root:
        market = _BY_ENDING.get(dot + ending)
        if market is not None:
            return market
    if exchange is None:
        return None
    if exchange in _US_MARKETS or exchange in _BY_MARKET:
        return Mic(exchange)
    return _US_HOMES.get(exchange)


def without_ending(symbol: str) -> str:
    """The canonical `symbol` as its own market writes it: without the ending, where it is one of a market."""
    root, dot, ending = symbol.rpartition(".")
    return root if root and dot + ending in _BY_ENDING else symbol


def with_ending(symbol: str, mic: str | None) -> str:
    """The canonical form of `symbol`, which is written as its market `mic` does."""
    ending = _BY_MARKET.get(mic or "", "")
    return symbol if symbol.endswith(ending) else symbol + ending
