"""``broker-sync.toml``: parsed, with texts for settings taken out of it."""

from __future__ import annotations

import datetime as dt
import os
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from broker_sync.errors import SettingsError
from broker_sync.settings import kinds, places
from broker_sync.settings.catalogue import Setting
from broker_sync.settings.kind import Kind
from broker_sync.settings.text_files import read_text, without_line_end
from broker_sync.settings.toml_lines import Keys, line_of
from broker_sync.settings.toml_text import key_text
from broker_sync.settings.values import Origin, Raw, Source

__all__ = ["TomlFile", "dotted", "kind_of_value", "others_may_read", "read_toml"]

_NAMES: Final[Mapping[type, str]] = {
    str: "a text in quotes",
    bool: "true or false",
    int: "a whole number",
    Decimal: "a number",
    list: "a list",
    dict: "a table",
    dt.date: "a day",
    dt.time: "a time",
    dt.datetime: "a moment",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TomlFile:
    """A file that could be parsed; what it holds is in no repr."""

    path: Path
    text: str = field(repr=False)
    document: Mapping[str, Any] = field(repr=False)

    def where(self, keys: Keys) -> str:
        """Where `keys` stand, without the line."""
        return f"{dotted(keys)} in {self.path}"

    def place(self, keys: Keys) -> str:
        """Where `keys` stand, with the line if it can be told; the text is parsed again for that."""
        line = line_of(self.text, keys)
        return self.where(keys) + ("" if line is None else f", line {line}")

    def at(self, keys: Keys) -> Any:  # noqa: ANN401  # what TOML has there
        """The value at `keys`, or None."""
        found: Any = self.document
        for key in keys:
            if isinstance(key, str):
                found = found.get(key) if isinstance(found, dict) else None
            else:
                found = found[key] if isinstance(found, list) and key < len(found) else None
        return found

    def raw_at(self, keys: Keys, kind: Kind[Any]) -> Raw | None:
        """The text at `keys`; a secret may be in the file that the key with ``_file`` at its end names.

        Raises SettingsError for a value of the wrong type, and for a file that cannot be read.
        """
        own = self._text(keys, kind)
        path = self._text((*keys[:-1], f"{keys[-1]}_file"), places.FILE) if kind.is_secret else None
        if own is not None and path is not None:
            raise SettingsError(f"both {self.place(keys)} and {keys[-1]}_file are there: remove one of them")
        if path is not None:
            return self._of_file((*keys[:-1], f"{keys[-1]}_file"), Path(path))
        if own is None:
            return None
        return Raw(text=own, origin=Origin(source=Source.CONFIG_FILE, told=lambda: self.place(keys)))

    def raw(self, setting: Setting[Any]) -> Raw | None:
        """See :class:`~broker_sync.settings.sources.ValueSource`."""
        return None if setting.key is None else self.raw_at(setting.key, setting.kind)

    def holds_in_plain(self, keys: Keys) -> bool:
        """Whether there is a text at `keys`, or a list of them."""
        found = self.at(keys)
        texts = found if isinstance(found, list) else [found]
        return any(isinstance(text, str) and text.strip() for text in texts)

    def _text(self, keys: Keys, kind: Kind[Any]) -> str | None:
        value = self.at(keys)
        if value is None:
            return None
        if type(value) not in kind.written or (isinstance(value, list) and not _are_plain(value)):
            held = _NAMES[type(value)]
            raise SettingsError(f"{self.place(keys)} is {held}, but it must be {_wanted(kind)}")
        text = _as_text(value, kind)
        if not text.strip():
            return None
        return self._beside(text) if kind.is_path else text

    def _beside(self, path: str) -> str:
        """A relative path is so from where the file is, wherever the program is called."""
        return str(self.path.parent / os.path.expanduser(path.strip()))  # noqa: PTH111  # pathlib's raises without a home

    def _of_file(self, keys: Keys, path: Path) -> Raw:
        text = without_line_end(read_text(path, self.where(keys)))
        if not text.strip():
            raise SettingsError(f"{self.place(keys)}: {path} is empty")
        return Raw(
            text=text, origin=Origin(source=Source.CONFIG_FILE, told=lambda: f"{self.place(keys)} ({path})")
        )


def _are_plain(items: list[Any]) -> bool:
    return all(type(item) in {str, int} for item in items)


def _as_text(value: Any, kind: Kind[Any]) -> str:  # noqa: ANN401  # what TOML has
    match value:
        case bool():
            # Its variable asks by being there, so only nothing can stand for no.
            return "" if kind is kinds.PRESENCE and not value else str(value).lower()
        case Decimal():
            return format(value, "f")
        case dt.date():
            return value.isoformat()
        case list():
            return ",".join(str(item) for item in value)
        case _:
            return str(value)


def _wanted(kind: Kind[Any]) -> str:
    quoted = kind.written == (str,)
    return f"a text in quotes: {kind.title}" if quoted else kind.title


def kind_of_value(value: object) -> str:
    """What TOML calls `value`, for a message that must not show it."""
    return _NAMES[type(value)]


def dotted(keys: Keys) -> str:
    """`keys` as a person writes them: ``ibkr.accounts[1].token``, lists counted from 1."""
    text = ""
    for key in keys:
        text += f"[{key + 1}]" if isinstance(key, int) else f".{key_text(key)}"
    return text.removeprefix(".")


def read_toml(path: Path, named_by: str) -> TomlFile:
    """The file at `path`; raises SettingsError that names it, and the place where it is not TOML."""
    text = read_text(path, named_by).replace("\r\n", "\n")
    try:
        document = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not TOML: {error}") from None
    except RecursionError:
        raise SettingsError(f"{path} is not TOML: its brackets are nested too deep") from None
    return TomlFile(path=path, text=text, document=document)


def others_may_read(path: Path) -> bool:
    """Whether anybody on this machine may read the file."""
    return bool(path.stat().st_mode & stat.S_IROTH)
