"""Which asset of Wealthfolio an instrument is, and what a new one is made of.

Wealthfolio tells assets apart by type, symbol and market; the same share with and without its market would be
two. So an instrument keeps the asset that was once made for it, whatever later statements call its symbol or
its home.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from broker_sync.models import AssetClass, Instrument
from broker_sync.sinks.wealthfolio.fields import JsonValue
from broker_sync.sinks.wealthfolio.markets import LONDON, market_of, without_ending
from broker_sync.sinks.wealthfolio.marks import asset_metadata
from broker_sync.sinks.wealthfolio.options import OsiOption, parse_osi
from broker_sync.values import Mic

__all__ = ["KnownAsset", "NewAsset", "choose", "in_own_money", "made_for", "new_asset"]

_ONE: Final = Decimal(1)
# No option listed in this form is for one share: a multiplier of one is one that the broker did not tell.
_STANDARD_OPTION: Final = Decimal(100)
_PENCE: Final[Mapping[str, str]] = {"GBP": "GBp"}
_MAJOR: Final[Mapping[str, str]] = {"GBp": "GBP", "GBX": "GBP", "ZAc": "ZAR", "ILA": "ILS", "KWF": "KWD"}

_TYPES: Final[Mapping[AssetClass, str]] = {AssetClass.BOND: "BOND", AssetClass.CRYPTO: "CRYPTO"}
# What no provider of prices has: the server is told so, and values it at the last price paid.
_UNQUOTED: Final = frozenset(
    {AssetClass.WARRANT, AssetClass.STRUCTURED, AssetClass.FUTURE_OPTION, AssetClass.COMMODITY}
)
_ISIN: Final = re.compile(r"[A-Z]{2}[A-Z0-9]{9}[0-9]")
_LEFTOVER: Final = re.compile(r"\d{14}\D.*|.+\.(?:OLD|NEW|TEMP)|\d+")
"""The broker's names for paper on its way out, and for what has no ticker at all."""
_DEAD: Final = "VALUE"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAsset:
    """An asset that the server has; `key` is that of the instrument it was made for, if we made it."""

    id: str
    type: str | None
    symbol: str | None
    mic: str | None
    currency: str
    multiplier: Decimal = _ONE
    isin: str | None = None
    key: str | None = None

    @property
    def money(self) -> str:
        """The currency that its price is in, whole units: pounds for pence."""
        return _MAJOR.get(self.currency, self.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAsset:
    """What an instrument is as an asset. `currency` is the one of its quotes: pence for most London lines."""

    type: str
    symbol: str
    mic: Mic | None
    currency: str
    quoted: bool
    name: str | None
    multiplier: Decimal
    isin: str | None
    metadata: dict[str, JsonValue]

    @property
    def money(self) -> str:
        """The currency, whole units."""
        return _MAJOR.get(self.currency, self.currency)

    @property
    def may_be_in_pence(self) -> bool:
        """Whether only a provider of quotes knows if its prices are pence or pounds."""
        return self.mic == LONDON and self.currency in _MAJOR and self.quoted


def new_asset(instrument: Instrument) -> NewAsset:
    """What the asset of `instrument` is to be."""
    option = parse_osi(instrument.symbol) if instrument.asset_class is AssetClass.OPTION else None
    if option is not None:
        return _option(instrument, option)
    type_ = _TYPES.get(instrument.asset_class, "EQUITY")
    symbol = _symbol(instrument, type_)
    mic = market_of(instrument.symbol, instrument.exchange) if type_ == "EQUITY" else None
    quoted = _is_quoted(instrument, mic)
    in_pence = quoted and mic == LONDON
    return NewAsset(
        type=type_,
        symbol=symbol,
        mic=mic,
        currency=_PENCE.get(instrument.currency, instrument.currency) if in_pence else instrument.currency,
        quoted=quoted,
        name=instrument.name,
        multiplier=_ONE,
        isin=instrument.isin,
        metadata=asset_metadata(instrument, {}),
    )


def in_own_money(wanted: NewAsset) -> NewAsset:
    """`wanted` under a name that no market has, for when its own stands for an asset in another currency."""
    return replace(
        wanted, symbol=f"{wanted.symbol} {wanted.money}", mic=None, currency=wanted.money, quoted=False
    )


def made_for(instrument: Instrument, known: Iterable[KnownAsset]) -> KnownAsset | None:
    """The asset among `known` that was made for `instrument`, whatever it is called by now."""
    return next((each for each in known if each.key == instrument.key), None)


def choose(instrument: Instrument, wanted: NewAsset, known: Iterable[KnownAsset]) -> KnownAsset | None:
    """The asset among `known` that `instrument` can be booked under; None if there is none.

    It is the one of the same type, symbol, market and currency, for which the server makes no second one: new
    paper in place of old, where both have one symbol, is one asset. Else it is the only one with its ISIN and
    currency whose market is the same or not told (a fund on two exchanges is two).
    """
    candidates = list(known)
    for each in candidates:
        named = (each.type, each.symbol, each.mic, each.money)
        if named == (wanted.type, wanted.symbol.upper(), wanted.mic, instrument.currency):
            return each
    same = [each for each in candidates if _is_same_paper(each, instrument, wanted)]
    return same[0] if len(same) == 1 else None


def _option(instrument: Instrument, option: OsiOption) -> NewAsset:
    multiplier = _STANDARD_OPTION if instrument.multiplier == _ONE else instrument.multiplier
    return NewAsset(
        type="OPTION",
        symbol=option.compact,
        mic=None,
        currency=instrument.currency,
        quoted=True,
        name=instrument.name,
        multiplier=multiplier,
        isin=instrument.isin,
        metadata=asset_metadata(instrument, {"option": option.specification(multiplier)}),
    )


def _is_same_paper(asset: KnownAsset, instrument: Instrument, wanted: NewAsset) -> bool:
    return (
        instrument.isin is not None
        and asset.isin == instrument.isin
        and asset.type == wanted.type
        and asset.money == instrument.currency
        and (asset.mic == wanted.mic or asset.mic is None or wanted.mic is None)
    )


def _symbol(instrument: Instrument, type_: str) -> str:
    if type_ == "BOND":
        return instrument.isin or instrument.symbol
    if type_ == "CRYPTO":
        # The broker's own form names the money as well: BTC.USD-PAXOS.
        return re.split(r"[.\-/]", instrument.symbol, maxsplit=1)[0]
    return without_ending(instrument.symbol)


def _is_quoted(instrument: Instrument, mic: Mic | None) -> bool:
    if instrument.asset_class is AssetClass.OPTION or instrument.asset_class in _UNQUOTED:
        return False
    if instrument.asset_class in _TYPES:
        return True
    symbol = instrument.symbol
    unusual = instrument.exchange == _DEAD or " " in symbol or not symbol or _LEFTOVER.fullmatch(symbol)
    return not unusual and (mic is not None or not _ISIN.fullmatch(symbol))
