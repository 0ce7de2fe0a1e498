"""Finding and making the assets that rows name, each once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from decimal import Decimal
from typing import Final

from broker_sync.errors import ValueFormatError
from broker_sync.models import Instrument
from broker_sync.sinks.wealthfolio.assets import (
    KnownAsset,
    NewAsset,
    choose,
    in_own_money,
    made_for,
    new_asset,
)
from broker_sync.sinks.wealthfolio.errors import (
    RequestRefusedError,
    ServerFaultError,
    TrackerAwayError,
    UnknownOutcomeError,
)
from broker_sync.sinks.wealthfolio.fields import Fields, JsonValue, objects
from broker_sync.sinks.wealthfolio.markets import LONDON
from broker_sync.sinks.wealthfolio.marks import instrument_key_of
from broker_sync.sinks.wealthfolio.rows import AssetRef
from broker_sync.sinks.wealthfolio.writing import Api
from broker_sync.values import exact

__all__ = ["Assets", "Memory", "parse_asset"]

Memory = Callable[[], Awaitable[Mapping[str, str]]]
"""Asked at the first need: the id of the asset that each instrument, by key, was booked under before."""

_STANDARD_OPTION: Final = Decimal(100)


class Assets:
    """The assets of one server, as far as they were asked for; what is made or found is remembered."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._known: list[KnownAsset] | None = None
        self._by_key: dict[str, KnownAsset] = {}

    async def refs(self, instruments: Iterable[Instrument], memory: Memory) -> dict[str, AssetRef | str]:
        """The asset of each of `instruments` by its key; a text says why the server would not make one.

        `memory` is asked which asset an instrument had before, where the assets themselves do not tell.
        """
        found: dict[str, AssetRef | str] = {}
        for instrument in {each.key: each for each in instruments}.values():
            try:
                asset = await self._asset(instrument, memory)
            except RequestRefusedError as error:
                found[instrument.key] = f"Wealthfolio makes no asset of {instrument.symbol}: {error.said}"
            else:
                found[instrument.key] = AssetRef(
                    id=asset.id, currency=asset.money, multiplier=asset.multiplier
                )
        return found

    async def _asset(self, instrument: Instrument, memory: Memory) -> KnownAsset:
        asset = self._by_key.get(instrument.key)
        if asset is None:
            asset = self._by_key[instrument.key] = await self._found(instrument, memory)
        return asset

    async def _found(self, instrument: Instrument, memory: Memory) -> KnownAsset:
        if self._known is None:
            self._known = await self._all()
        asset = made_for(instrument, self._known)
        if asset is None:
            before = (await memory()).get(instrument.key)
            asset = next((each for each in self._known if each.id == before), None)
        wanted = new_asset(instrument)
        if asset is None:
            asset = choose(instrument, wanted, self._known)
        if asset is None:
            asset = await self._made(instrument, wanted)
            if asset.money != instrument.currency:
                # The symbol is taken by an asset in other money, and a position in it would need a rate.
                asset = await self._made(instrument, in_own_money(wanted))
            self._known.append(asset)
        return asset

    async def _all(self) -> list[KnownAsset]:
        return [parse_asset(each) for each in objects(await self._api.get("/assets"), "the assets")]

    async def _made(self, instrument: Instrument, wanted: NewAsset) -> KnownAsset:
        currency = wanted.currency
        if wanted.may_be_in_pence:
            currency = await self._quoted_in(wanted)
        body: JsonValue = {
            "kind": "INVESTMENT",
            "name": wanted.name or instrument.symbol,
            "displayCode": wanted.symbol,
            "isActive": True,
            "quoteMode": "MARKET" if wanted.quoted else "MANUAL",
            "quoteCcy": currency,
            "instrumentType": wanted.type,
            "instrumentSymbol": wanted.symbol,
            "instrumentExchangeMic": wanted.mic,
            "metadata": wanted.metadata,
        }
        try:
            # The server gives back the asset that is there already, should somebody have made it meanwhile.
            return parse_asset(Fields.of(await self._api.post("/assets", body), "the new asset"))
        except UnknownOutcomeError:
            known = await self._all()
            asset = made_for(instrument, known) or choose(instrument, wanted, known)
            if asset is None:
                raise
            return asset

    async def _quoted_in(self, wanted: NewAsset) -> str:
        """Pence or pounds: what the source of quotes says, else what the market's lines usually are."""
        asked = {
            "symbol": wanted.symbol,
            "exchangeMic": LONDON,
            "instrumentType": wanted.type,
            "quoteCcy": wanted.currency,
        }
        try:
            answer = await self._api.get("/market-data/resolve-currency", asked)
        except (RequestRefusedError, ServerFaultError, TrackerAwayError):
            return wanted.currency
        told = Fields.of(answer, "the currency of quotes").maybe_text("currency")
        return told if told in {wanted.currency, wanted.money} else wanted.currency


def parse_asset(fields: Fields) -> KnownAsset:
    """An asset as the server has it."""
    metadata = fields.maybe_part("metadata")
    type_ = fields.maybe_text("instrumentType")
    identifiers = None if metadata is None else metadata.maybe_part("identifiers")
    return KnownAsset(
        id=fields.text("id"),
        type=type_,
        symbol=fields.maybe_text("instrumentSymbol"),
        mic=fields.maybe_text("instrumentExchangeMic"),
        currency=fields.text("quoteCcy"),
        multiplier=_multiplier(metadata) if type_ == "OPTION" else Decimal(1),
        isin=None if identifiers is None else identifiers.maybe_text("isin"),
        key=None if metadata is None else instrument_key_of(metadata.values),
    )


def _multiplier(metadata: Fields | None) -> Decimal:
    """What the server multiplies the price of an option with; where it notes nothing that is 100."""
    option = None if metadata is None else metadata.maybe_part("option")
    told = None if option is None else option.values.get("multiplier")
    if isinstance(told, str):
        try:
            return exact(told)
        except ValueFormatError:
            return _STANDARD_OPTION
    return Decimal(told) if isinstance(told, int | Decimal) else _STANDARD_OPTION
