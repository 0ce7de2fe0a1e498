"""Asks the sources for settings, one after another, and collects what is wrong instead of stopping at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

from broker_sync.errors import SettingsError
from broker_sync.settings.catalogue import Setting
from broker_sync.settings.kind import T
from broker_sync.settings.sources import ValueSource
from broker_sync.settings.values import Found, Origin, Source, value_of

__all__ = ["Answers", "Problems"]


class Problems:
    """Sentences about what is wrong, each once, in the order in which it was seen."""

    def __init__(self) -> None:
        self._texts: dict[str, None] = {}

    def add(self, text: str) -> None:
        """Note that `text` is wrong."""
        self._texts[text] = None

    def tried(self, action: Callable[[], T | None]) -> T | None:
        """What `action` returns; when it raises SettingsError that is noted, and None returned."""
        try:
            return action()
        except SettingsError as error:
            self.add(str(error))
            return None

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)


class Answers:
    """The values of settings out of `sources`, the first of which counts; each is asked once."""

    def __init__(self, sources: Sequence[ValueSource], problems: Problems) -> None:
        self._sources = sources
        self._problems = problems
        self._found: dict[str, Found[Any] | None] = {}

    def found(self, setting: Setting[T]) -> Found[T] | None:
        """The value of `setting` and where it comes from; None if it has none, not even a default.

        A wrong value counts as not set, and is noted.
        """
        if setting.name not in self._found:
            self._found[setting.name] = self._problems.tried(lambda: self._asked(setting)) or _default(
                setting
            )
        return self._found[setting.name]

    def of(self, setting: Setting[T]) -> T | None:
        """The value of `setting`, or None."""
        found = self.found(setting)
        return None if found is None else found.value

    def sure(self, setting: Setting[T]) -> T:
        """The value of a setting that has a default."""
        return cast("Found[T]", self.found(setting)).value

    def is_set(self, setting: Setting[Any]) -> bool:
        """Whether somebody has set it."""
        found = self.found(setting)
        return found is not None and found.origin.source is not Source.DEFAULT

    def _asked(self, setting: Setting[T]) -> Found[T] | None:
        for source in self._sources:
            raw = source.raw(setting)
            if raw is not None:
                return Found(value=value_of(raw, setting.kind), origin=raw.origin)
        return None


def _default(setting: Setting[T]) -> Found[T] | None:
    if setting.default is None:
        return None
    origin = Origin(source=Source.DEFAULT, told=lambda: "default")
    return Found(value=setting.kind.read(setting.default), origin=origin)
