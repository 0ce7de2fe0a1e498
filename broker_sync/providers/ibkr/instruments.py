"""Which instrument a row means: gathered from every section first, so that all rows agree.

A trade often lacks the home exchange that the position of the same instrument names, and a dividend lacks
both; the broker's number (conid) joins them.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from broker_sync.errors import ValueFormatError
from broker_sync.models import AssetClass, Instrument
from broker_sync.providers.ibkr.formats import is_null, number
from broker_sync.providers.ibkr.symbols import canonical_symbol, listing_exchange
from broker_sync.values import Isin

__all__ = ["ASSET_CLASSES", "Directory"]

ASSET_CLASSES: Final[Mapping[str, AssetClass]] = {
    "STK": AssetClass.STOCK,
    "ETF": AssetClass.STOCK,
    "FUND": AssetClass.FUND,
    "OPT": AssetClass.OPTION,
    "FOP": AssetClass.FUTURE_OPTION,
    "FSFOP": AssetClass.FUTURE_OPTION,
    "FSOPT": AssetClass.OPTION,
    "FUT": AssetClass.FUTURE,
    "WAR": AssetClass.WARRANT,
    "IOPT": AssetClass.STRUCTURED,
    "BOND": AssetClass.BOND,
    "BILL": AssetClass.BOND,
    "CFD": AssetClass.CFD,
    "FXCFD": AssetClass.CFD,
    "CRYPTO": AssetClass.CRYPTO,
    "CMDTY": AssetClass.COMMODITY,
}

_FACTS: Final = (
    "symbol", "assetCategory", "currency", "isin", "listingExchange", "exchange", "description", "multiplier",
)  # fmt: skip
_PER_CENT: Final = Decimal("0.01")
"""A bond's quantity is its face value and its price in percent of it."""

_TICKERED: Final = frozenset({AssetClass.STOCK, AssetClass.FUND, AssetClass.WARRANT, AssetClass.OTHER})


class Directory:
    """The instruments of one statement.

    `learn` takes rows in the order of trust (the first word on a fact stays); `resolve` then gives the one
    :class:`~broker_sync.models.Instrument` of a row. `by_conid` holds those that were resolved before.
    """

    __slots__ = ("_by_row", "_facts", "by_conid")

    def __init__(self) -> None:
        """Start with nothing known."""
        self._facts: dict[str, dict[str, str]] = {}
        self.by_conid: dict[str, Instrument] = {}
        self._by_row: dict[tuple[str | None, ...], Instrument | None] = {}

    def learn(self, raw: Mapping[str, str], *, is_dealt: bool, is_named: bool = True) -> None:
        """Note what `raw` says.

        Only a row that `is_dealt` (trade, position) says the dealing currency, and only in one that
        `is_named` is the description the instrument's name.
        """
        conid = raw.get("conid")
        if conid is None or is_null(conid):
            return
        known = self._facts.setdefault(conid, {})
        for name in _FACTS:
            text = raw.get(name)
            if (
                text
                and name not in known
                and not is_null(text)
                and _teaches(name, text, is_dealt=is_dealt, is_named=is_named)
            ):
                known[name] = text

    def settle(self) -> None:
        """Resolve all that was learnt; nothing more will be."""
        for conid in self._facts:
            self.resolve({"conid": conid})

    def resolve(self, raw: Mapping[str, str], *, is_named: bool = True) -> Instrument | None:
        """The instrument that `raw` means; None when it names none.

        `is_named` says whether the row's description is the name of the instrument.
        """
        conid = raw.get("conid")
        if conid is not None and not is_null(conid):
            known = self.by_conid.get(conid)
            if known is None:
                facts = {**_facts(raw, is_named=is_named), **self._facts.get(conid, {})}
                known = self.by_conid[conid] = _instrument(facts, conid=conid)
            return known
        if is_null(raw.get("symbol")) and is_null(raw.get("isin")):
            return None
        row = tuple(raw.get(name) for name in _FACTS if name != "description")
        if row not in self._by_row:
            self._by_row[row] = _instrument(_facts(raw, is_named=is_named), conid=None)
        return self._by_row[row]


def _facts(raw: Mapping[str, str], *, is_named: bool) -> dict[str, str]:
    return {
        name: raw[name]
        for name in _FACTS
        if not is_null(raw.get(name)) and (is_named or name != "description")
    }


def _teaches(name: str, text: str, *, is_dealt: bool, is_named: bool) -> bool:
    if name == "currency":
        return is_dealt
    if name == "description":
        return is_named
    # Where a share was dealt changes from fill to fill; only a venue that can be its home says anything.
    return name != "exchange" or listing_exchange(None, text) is not None


def _instrument(facts: Mapping[str, str], *, conid: str | None) -> Instrument:
    asset_class = ASSET_CLASSES.get(facts.get("assetCategory", ""), AssetClass.OTHER)
    isin = _isin(facts.get("isin"))
    symbol = facts.get("symbol", "").strip()
    exchange = listing_exchange(facts.get("listingExchange"), facts.get("exchange"))
    return Instrument(
        symbol=_symbol(symbol, asset_class=asset_class, isin=isin, exchange=exchange, facts=facts),
        currency=facts.get("currency", ""),
        asset_class=asset_class,
        isin=isin,
        conid=conid,
        exchange=exchange,
        name=facts.get("description") or None,
        multiplier=_multiplier(facts.get("multiplier"), asset_class),
        broker_symbol=symbol or None,
    )


def _symbol(
    symbol: str, *, asset_class: AssetClass, isin: Isin | None, exchange: str | None, facts: Mapping[str, str]
) -> str:
    # Bonds are known by ISIN, and so are funds whose "ticker" is a number of the fund platform.
    named_by_isin = asset_class is AssetClass.BOND or (asset_class is AssetClass.FUND and symbol.isdigit())
    if isin is not None and (named_by_isin or not symbol):
        return isin
    if asset_class in _TICKERED and symbol:
        return canonical_symbol(symbol, exchange=exchange, currency=facts.get("currency"))
    return symbol


def _isin(text: str | None) -> Isin | None:
    try:
        return None if text is None else Isin(text)
    except ValueFormatError:
        return None


def _multiplier(text: str | None, asset_class: AssetClass) -> Decimal:
    try:
        told = number(text)
    except ValueFormatError:
        told = None
    # Cash rows carry 0, which stands for "does not apply"; a real multiplier is positive.
    multiplier = told if told is not None and told > 0 else Decimal(1)
    return multiplier * _PER_CENT if asset_class is AssetClass.BOND else multiplier
