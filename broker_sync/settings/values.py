"""A text with where it comes from, before and after it has been read as a value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum, unique
from typing import Final, Generic

from broker_sync.errors import SettingsError
from broker_sync.settings.kind import Kind, T
from broker_sync.settings.secret import shown

__all__ = ["Found", "Origin", "Raw", "Source", "value_of"]

_LONGEST: Final = 80


@unique
class Source(StrEnum):
    """Where a value can come from, in the order in which they are asked: the first that has it counts."""

    COMMAND_LINE = "command line"
    ENVIRONMENT = "environment"
    FILE = "file"
    SECRETS_DIRECTORY = "secrets directory"
    CONFIG_FILE = "broker-sync.toml"
    KEYRING = "keyring"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where one value comes from.

    `told` makes the words for it, such as the line of a file, which are only worth finding when asked for.
    """

    source: Source
    told: Callable[[], str]

    @property
    def name(self) -> str:
        """What a person would look for, and where."""
        return self.told()


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """A text as a source has it, line ends at its end left out."""

    text: str = field(repr=False)
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Found(Generic[T]):
    """A value, and where it comes from."""

    value: T
    origin: Origin


def value_of(raw: Raw, kind: Kind[T]) -> T:
    """What `kind` makes of `raw`; raises SettingsError that says what is wrong, a secret left out."""
    try:
        return kind.read(raw.text)
    except ValueError as error:
        held = "not what it should be" if kind.is_secret else repr(_short(shown(raw.text)))
        raise SettingsError(
            f"{raw.origin.name} is {held}, but it must be {str(error) or kind.title}"
        ) from None


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
