"""Assets: made by themselves, or along with the first activity that names them."""

import re
from typing import Any

from tests.standins.wealthfolio.reading import Json, nested, text
from tests.standins.wealthfolio.replies import bad_body, refused
from tests.standins.wealthfolio.store import Asset, Store, stamp

__all__ = ["asset_json", "create", "edit", "remove", "resolve"]

_TYPES = ("EQUITY", "CRYPTO", "FX", "OPTION", "METAL", "BOND")
_ALSO = {
    "STOCK": "EQUITY",
    "ETF": "EQUITY",
    "FUTURE": "EQUITY",
    "CRYPTOCURRENCY": "CRYPTO",
    "COMMODITY": "METAL",
}
_COINS = {"BTC", "ETH", "DOT", "LINK", "UNI", "SOL", "COMP"}
_ENDINGS = {".L": "XLON", ".DE": "XETR", ".PA": "XPAR", ".TO": "XTSE", ".AS": "XAMS"}
_OSI = re.compile(r"[A-Z0-9.]{1,6} *\d{6}[CP]\d{8}")
NEEDS_ASSET = frozenset({"BUY", "SELL", "SPLIT", "DIVIDEND", "ADJUSTMENT"})


def asset_json(asset: Asset) -> Json:
    return {
        "id": asset.id,
        "kind": asset.kind,
        "name": asset.name,
        "displayCode": asset.code,
        "notes": asset.notes,
        "metadata": asset.metadata,
        "isActive": asset.is_active,
        "quoteMode": asset.quote_mode,
        "quoteCcy": asset.quote_ccy,
        "instrumentType": asset.type,
        "instrumentSymbol": asset.symbol,
        "instrumentExchangeMic": asset.mic,
        "instrumentKey": asset.key,
        "providerConfig": None,
        "exchangeName": None,
        "createdAt": stamp(asset.made, zone=False),
        "updatedAt": stamp(asset.changed, zone=False),
    }


def create(store: Store, fields: Json) -> Asset:
    """Make one; the one that has its key already is given back as it is."""
    kind, mode = text(fields, "kind", needed=True), text(fields, "quoteMode", needed=True)
    currency, sort = text(fields, "quoteCcy", needed=True), text(fields, "instrumentType")
    if sort is not None and sort not in _TYPES:
        raise bad_body(f"instrumentType: unknown variant `{sort}`")
    if not currency:
        raise refused("Invalid input: a currency is needed")
    symbol = text(fields, "instrumentSymbol")
    if kind == "INVESTMENT" and mode == "MARKET" and not symbol:
        raise refused("Invalid input: Investments with MARKET pricing require an instrument_symbol")
    return _kept(
        store,
        Asset(
            id=store.new_id(),
            kind=kind or "",
            quote_mode=mode or "",
            quote_ccy=currency,
            name=text(fields, "name"),
            code=text(fields, "displayCode") or symbol,
            type=sort,
            symbol=symbol,
            mic=text(fields, "instrumentExchangeMic"),
            notes=text(fields, "notes"),
            metadata=_plain(nested(fields, "metadata")),
            made=store.now(),
            changed=store.now(),
        ),
    )


def edit(store: Store, asset_id: str, fields: Json) -> Asset:
    if "notes" not in fields:
        raise bad_body("missing field `notes`")
    asset = _known(store, asset_id)
    asset.notes = text(fields, "notes")
    asset.name = text(fields, "name") or asset.name
    asset.code = text(fields, "displayCode") or asset.code
    asset.metadata = _plain(nested(fields, "metadata")) or asset.metadata
    asset.changed = store.now()
    return asset


def remove(store: Store, asset_id: str) -> None:
    if any(row.asset_id == asset_id for row in store.rows.values()):
        raise refused("Constraint violation: the asset has activities")
    store.assets.pop(asset_id, None)


def resolve(
    store: Store, asked: Json | None, *, activity: str, currency: str
) -> tuple[str | None, str | None]:
    """The asset that an activity names, made if need be, or why it cannot be; (None, None) for none."""
    symbol = text(asked, "symbol") if asked else None
    asset_id = text(asked, "id") if asked else None
    if not symbol:
        if asset_id:
            if asset_id not in store.assets:
                raise refused("Invalid input: Investments with MARKET pricing require an instrument_symbol")
            return asset_id, None
        if activity in NEEDS_ASSET:
            return None, "Activity error: Invalid data: Asset-backed activity needs symbol or asset_id"
        return None, None
    assert asked is not None
    return _by_symbol(store, asked, symbol, currency)


def _by_symbol(store: Store, asked: Json, symbol: str, currency: str) -> tuple[str | None, str | None]:
    mic, quote = text(asked, "exchangeMic"), text(asked, "quoteCcy")
    for ending, market in _ENDINGS.items():
        if symbol.endswith(ending):
            symbol, mic = symbol.removesuffix(ending), mic or market
    sort = _type_of(asked, symbol, mic)
    if sort in {"CRYPTO", "FX", "OPTION"}:
        mic = None
    asset = Asset(
        id=store.new_id(),
        kind="FX" if sort == "FX" else "INVESTMENT",
        quote_mode=(text(asked, "quoteMode") or "MARKET").upper(),
        quote_ccy=quote or currency,
        name=text(asked, "name"),
        code=symbol,
        type=sort,
        symbol=symbol.replace(" ", "") if sort == "OPTION" else symbol,
        mic=mic,
        made=store.now(),
        changed=store.now(),
    )
    known = {other.key: other.id for other in store.assets.values()}
    if asset.key in known:
        return known[asset.key], None
    if quote is None and asset.quote_mode != "MANUAL" and sort not in {"CRYPTO", "FX"}:
        return None, "Activity error: Invalid data: Quote currency is required"
    return _kept(store, asset).id, None


def _type_of(asked: Json, symbol: str, mic: str | None) -> str:
    said = (text(asked, "instrumentType") or "").upper()
    if said in _TYPES or said in _ALSO:
        return _ALSO.get(said, said)
    if (text(asked, "kind") or "").upper() in {"SECURITY", "INVESTMENT", "EQUITY"}:
        return "EQUITY"
    if symbol.upper().endswith(("-USD", "-EUR", "-GBP")):
        return "CRYPTO"
    if _OSI.fullmatch(symbol.upper()):
        return "OPTION"
    return "CRYPTO" if mic is None and symbol.upper() in _COINS else "EQUITY"


def _kept(store: Store, asset: Asset) -> Asset:
    for other in store.assets.values():
        if asset.key is not None and other.key == asset.key:
            return other
    store.assets[asset.id] = asset
    return asset


def _known(store: Store, asset_id: str) -> Asset:
    if asset_id not in store.assets:
        raise refused("Database operation failed: Record not found")
    return store.assets[asset_id]


def _plain(value: Any) -> Any:  # noqa: ANN401
    """JSON's numbers were read as decimals, which JSON cannot write."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if hasattr(value, "as_tuple"):
        return int(value) if value == int(value) else float(value)
    return value
