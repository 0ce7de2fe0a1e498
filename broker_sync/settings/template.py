"""The text of a new ``broker-sync.toml``: every setting with its meaning, those not chosen commented out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap
from typing import Any, Final

from broker_sync.settings.account_keys import ACCOUNT_KEYS
from broker_sync.settings.catalogue import SETTINGS, Setting
from broker_sync.settings.kind import Kind
from broker_sync.settings.toml_text import quoted

__all__ = ["Chosen", "template"]

Chosen = Mapping[tuple[str, str], str]
"""Table and key -> the value as TOML writes it."""

_WIDTH: Final = 98
_HEAD: Final = """\
# Settings of broker-sync. What is commented out is the default, or an example where there is none.
# An environment variable goes before what stands here: its name is in brackets.
# `broker-sync config check` shows what is set, from where, and what is wrong.
"""
_ACCOUNTS: Final = """\
# One table for each account; what it leaves open is taken from [ibkr].
"""


def template(chosen: Chosen, accounts: Sequence[Mapping[str, str]] = ()) -> str:
    """The text, with the values of `chosen`, and a table for each of `accounts` (key -> value as TOML)."""
    tables = dict.fromkeys(each.key[0] for each in SETTINGS if each.key is not None)
    parts = [_HEAD, *("".join(_table(name, chosen)) for name in tables)]
    shown: Sequence[Mapping[str, str] | None] = accounts or [None]
    return "\n".join([*parts, _ACCOUNTS + "\n".join("".join(_account(each)) for each in shown)])


def _table(name: str, chosen: Chosen) -> Iterator[str]:
    yield f"[{name}]\n"
    for setting in SETTINGS:
        if setting.key is None or setting.key[0] != name:
            continue
        yield _comment(f"{_capital(setting.help)} ({setting.name}).")
        key = setting.key[1]
        secret = (name, f"{key}_file") if setting.kind.is_secret else setting.key
        if secret in chosen:
            yield f"{secret[1]} = {chosen[secret]}\n"
        else:
            yield f"# {_example(key, setting.kind, _default(setting))}\n"


def _example(key: str, kind: Kind[Any], value: str) -> str:
    return f'{key}_file = "secrets/{key}"' if kind.is_secret else f"{key} = {value}"


def _default(setting: Setting[Any]) -> str:
    if setting.default is None:
        return setting.kind.example
    return quoted(setting.default) if setting.kind.written == (str,) else setting.default


def _account(given: Mapping[str, str] | None) -> Iterator[str]:
    """One table; None is one that is only shown."""
    yield "[[ibkr.accounts]]\n" if given is not None else "# [[ibkr.accounts]]\n"
    for key in ACCOUNT_KEYS:
        yield _comment(f"{_capital(key.help)}; otherwise: {key.otherwise}.".replace("`", ""))
        value = None if given is None else given.get(key.key)
        own = f"# {_example(key.key, key.kind, key.kind.example)}"
        yield f"{own if value is None else f'{key.key} = {value}'}\n"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:].replace("`", "")


def _comment(text: str) -> str:
    return "".join(f"# {line}\n" for line in wrap(text, _WIDTH))
