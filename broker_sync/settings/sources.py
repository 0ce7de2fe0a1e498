"""The sources outside of ``broker-sync.toml``: command line, environment and its files, secrets directory."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

from broker_sync.errors import SettingsError
from broker_sync.settings.catalogue import Setting
from broker_sync.settings.text_files import read_text, without_line_end
from broker_sync.settings.values import Origin, Raw, Source

__all__ = [
    "DEFAULT_SECRETS_DIR",
    "CommandLine",
    "Environment",
    "SecretsDirectory",
    "ValueSource",
    "default_secrets_dir",
]

DEFAULT_SECRETS_DIR: Final = Path("/run/secrets")
"""Where Docker and Podman put secrets."""


class ValueSource(Protocol):
    """Something that may have a text for a setting."""

    def raw(self, setting: Setting[Any]) -> Raw | None:
        """Its text (never empty), or None; raises SettingsError if there is one that cannot be had."""


@dataclass(frozen=True, slots=True)
class CommandLine:
    """What options said, by the name of the setting."""

    given: Mapping[str, str] = field(repr=False)

    def raw(self, setting: Setting[Any]) -> Raw | None:
        """See :class:`ValueSource`."""
        text = self.given.get(setting.name)
        if text is None:
            return None
        return Raw(
            text=text,
            origin=Origin(source=Source.COMMAND_LINE, told=lambda: f"{setting.name} on the command line"),
        )


@dataclass(frozen=True, slots=True)
class Environment:
    """Environment variables, and the files that a variable ``NAME_FILE`` names."""

    variables: Mapping[str, str] = field(repr=False)

    def text(self, name: str) -> str | None:
        """The variable without white space around it; None if that leaves nothing."""
        return self.variables.get(name, "").strip() or None

    def raw(self, setting: Setting[Any]) -> Raw | None:
        """See :class:`ValueSource`."""
        text = self.text(setting.name)
        if setting.in_files:
            path = self.text(f"{setting.name}_FILE")
            if path is not None and text is not None:
                raise SettingsError(
                    f"both {setting.name} and {setting.name}_FILE are set: remove one of them"
                )
            if path is not None:
                return _of_file(f"{setting.name}_FILE", path)
        if text is None:
            return None
        return Raw(text=text, origin=Origin(source=Source.ENVIRONMENT, told=lambda: setting.name))


def _of_file(name: str, named: str) -> Raw:
    path = Path(os.path.expanduser(named))  # noqa: PTH111  # pathlib's raises where there is no home
    text = without_line_end(read_text(path, name))
    if not text.strip():
        raise SettingsError(f"{name}: {path} is empty")
    return Raw(text=text, origin=Origin(source=Source.FILE, told=lambda: f"{name} ({path})"))


@dataclass(frozen=True, slots=True)
class SecretsDirectory:
    """A directory with a file for each setting; a file that is empty counts as not there."""

    path: Path

    def raw(self, setting: Setting[Any]) -> Raw | None:
        """See :class:`ValueSource`."""
        if not setting.in_files:
            return None
        file = self._file(setting.name)
        if file is None:
            return None
        text = without_line_end(read_text(file, setting.name))
        if not text.strip():
            return None
        return Raw(text=text, origin=Origin(source=Source.SECRETS_DIRECTORY, told=lambda: str(file)))

    def _file(self, name: str) -> Path | None:
        # os.path's, because pathlib's raise where the directory may not be entered.
        small, capital = self.path / name.lower(), self.path / name
        there = [path for path in (small, capital) if os.path.lexists(path)]
        if len(there) == 2 and not (_same(small, capital)):
            raise SettingsError(f"both {small} and {capital} are there: remove one of them")
        return there[0] if there else None


def _same(one: Path, other: Path) -> bool:
    """Whether both names are of one file: not every file system tells small letters from capitals."""
    try:
        return os.path.samefile(one, other)  # noqa: PTH121  # as above
    except OSError:
        return False


def default_secrets_dir() -> Path | None:
    """`DEFAULT_SECRETS_DIR` if it is there and may be entered: nobody has asked for it."""
    may_enter = os.path.isdir(DEFAULT_SECRETS_DIR) and os.access(DEFAULT_SECRETS_DIR, os.X_OK)  # noqa: PTH112
    return DEFAULT_SECRETS_DIR if may_enter else None
