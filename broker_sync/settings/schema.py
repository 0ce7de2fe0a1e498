"""The JSON schema of ``broker-sync.toml``, for editors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

from broker_sync.settings import catalogue as c
from broker_sync.settings.account_keys import ACCOUNT_KEYS
from broker_sync.settings.cash_types import BOOKABLE
from broker_sync.settings.catalogue import SETTINGS, Setting
from broker_sync.settings.kind import ANY_TEXT, Kind

__all__ = ["schema"]

_DRAFT: Final = "http://json-schema.org/draft-07/schema#"  # the newest that editors for TOML know
_SUBTYPE: Final = {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"}
_Part = Mapping[str, object]


def schema() -> dict[str, object]:
    """The whole schema; a moment or a day of TOML counts as a text of ISO 8601."""
    tables = dict.fromkeys(each.key[0] for each in SETTINGS if each.key is not None)
    parts: dict[str, object] = {name: _closed(_of_table(name)) for name in tables}
    parts["ibkr"] = _closed(
        {**_of_table("ibkr"), "accounts": {"type": "array", "items": _account()}, "cash_types": _cash_types()}
    )
    return {"$schema": _DRAFT, "title": f"Settings of {c.PROGRAM}", **_closed(parts)}


def _closed(properties: _Part) -> dict[str, object]:
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _of_table(name: str) -> dict[str, object]:
    parts: dict[str, object] = {}
    for setting in SETTINGS:
        if setting.key is not None and setting.key[0] == name:
            default = {} if setting.default is None else {"default": _plain(setting)}
            parts |= _described(setting.key[1], setting.kind, f"{setting.help} ({setting.name})", default)
    return parts


def _described(key: str, kind: Kind[Any], words: str, default: _Part) -> dict[str, object]:
    described: dict[str, object] = {key: {**kind.schema, "description": words.replace("`", ""), **default}}
    if kind.is_secret:
        described[f"{key}_file"] = {**ANY_TEXT, "description": f"a file that holds {key}"}
    return described


def _plain(setting: Setting[Any]) -> object:
    """The default as JSON has it."""
    value = setting.kind.read(setting.default or "")
    return float(value) if isinstance(value, Decimal) else value


def _account() -> dict[str, object]:
    parts: dict[str, object] = {}
    for key in ACCOUNT_KEYS:
        parts |= _described(key.key, key.kind, f"{key.help}; otherwise: {key.otherwise}", {})
    parts["token_env"] = {**ANY_TEXT, "description": "the environment variable that holds the token"}
    return {**_closed(parts), "required": ["id"], **_at_most_one("token", "token_file", "token_env")}


def _at_most_one(*keys: str) -> dict[str, object]:
    pairs = [(one, other) for place, one in enumerate(keys) for other in keys[place + 1 :]]
    return {"allOf": [{"not": {"required": list(pair)}} for pair in pairs]}


def _cash_types() -> dict[str, object]:
    kind = {"type": "string", "enum": _names(BOOKABLE)}
    table = {**_closed({"type": kind, "subtype": _SUBTYPE}), "required": ["type"]}
    return {
        "type": "object",
        "description": "how types of cash rows are booked, by the broker's name of the type",
        "additionalProperties": {"anyOf": [kind, table]},
    }


def _names(kinds: Iterable[str]) -> list[str]:
    return [str(kind) for kind in kinds]
