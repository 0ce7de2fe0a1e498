"""Finds what ``broker-sync.toml`` says and nobody would read: unknown tables and keys, and misplaced ones."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from typing import Final

from broker_sync.settings.account_keys import ACCOUNT_KEYS
from broker_sync.settings.catalogue import SETTINGS
from broker_sync.settings.kind import Kind
from broker_sync.settings.toml_file import TomlFile, kind_of_value
from broker_sync.settings.toml_lines import Keys

__all__ = ["ACCOUNT", "TABLES", "did_you_mean", "misplaced", "secret_keys"]

_Kinds = Mapping[str, Kind[object]]
ACCOUNTS: Final = "accounts"
CASH_TYPES: Final = "cash_types"
ACCOUNT: Final = "[ibkr.accounts]"
"""How a message calls the table of one account."""


def _table(name: str) -> _Kinds:
    return {each.key[1]: each.kind for each in SETTINGS if each.key is not None and each.key[0] == name}


TABLES: Final[Mapping[str, _Kinds]] = {
    name: _table(name) for name in dict.fromkeys(each.key[0] for each in SETTINGS if each.key is not None)
}
"""Name of each table -> its keys, those of files of secrets left out."""

_ACCOUNT: Final[_Kinds] = {each.key: each.kind for each in ACCOUNT_KEYS}


def _known(kinds: _Kinds) -> list[str]:
    return [*kinds, *(f"{key}_file" for key, kind in kinds.items() if kind.is_secret)]


_KEYS: Final[Mapping[str, Collection[str]]] = {
    **{name: _known(kinds) for name, kinds in TABLES.items()},
    "ibkr": [*_known(TABLES["ibkr"]), ACCOUNTS, CASH_TYPES],
    ACCOUNT: [*_known(_ACCOUNT), "token_env"],
}


def misplaced(file: TomlFile) -> Iterator[str]:
    """One sentence for each thing that is not known; values are not in them."""
    for name, value in file.document.items():
        if name not in TABLES:
            yield f"{file.place((name,))}: {_no_such(name, list(TABLES), 'table', '')}"
        elif not isinstance(value, dict):
            yield f"{file.place((name,))} is {kind_of_value(value)}, but it must be a table: [{name}]"
        else:
            yield from _keys(file, (name,), value, name)
    yield from _accounts(file)


def _accounts(file: TomlFile) -> Iterator[str]:
    accounts = file.at(("ibkr", ACCOUNTS))
    if accounts is None:
        return
    if not isinstance(accounts, list) or not all(isinstance(each, dict) for each in accounts):
        place = file.place(("ibkr", ACCOUNTS))
        yield f"{place} must be tables, one for each account, each below a line [[ibkr.accounts]]"
        return
    for number, each in enumerate(accounts):
        yield from _keys(file, ("ibkr", ACCOUNTS, number), each, ACCOUNT)


def _keys(file: TomlFile, above: Keys, table: Mapping[str, object], name: str) -> Iterator[str]:
    for key in table:
        if key not in _KEYS[name]:
            yield f"{file.place((*above, key))}: {_no_such(key, _KEYS[name], 'setting', name)}"


def _no_such(key: str, known: Collection[str], what: str, table: str) -> str:
    elsewhere = [f"[{name}]" for name, keys in _KEYS.items() if name != table and key in keys]
    hint = f"; it belongs into {' or '.join(elsewhere)}" if elsewhere else did_you_mean(key, known)
    return f"there is no such {what}{hint}" if hint else f"there is no such {what}; known: {', '.join(known)}"


def did_you_mean(name: str, known: Collection[str], *, cutoff: float = 0.6) -> str:
    """The end of a sentence that names the nearest of `known`; empty if none is near."""
    near = get_close_matches(name, known, n=1, cutoff=cutoff)
    return f"; did you mean {near[0]}?" if near else ""


def secret_keys(file: TomlFile) -> Iterator[Keys]:
    """Where the file may have secrets in plain text."""
    for name, kinds in TABLES.items():
        yield from ((name, key) for key, kind in kinds.items() if kind.is_secret)
    accounts = file.at(("ibkr", ACCOUNTS))
    for number in range(len(accounts) if isinstance(accounts, list) else 0):
        yield from (("ibkr", ACCOUNTS, number, key) for key, kind in _ACCOUNT.items() if kind.is_secret)
