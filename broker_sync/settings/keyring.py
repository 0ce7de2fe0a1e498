"""The system's keyring, of which the library comes with the extra ``broker-sync[keyring]``."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from importlib import import_module
from typing import Any, Final, Protocol

from broker_sync.errors import SettingsError
from broker_sync.settings.catalogue import Setting
from broker_sync.settings.values import Origin, Raw, Source

__all__ = ["SERVICE", "Keyring", "KeyringSource", "entry_name", "open_keyring"]

SERVICE: Final = "broker-sync"
"""What the entries of the program are kept under."""


class Keyring(Protocol):
    """Texts kept by the system; both raise SettingsError if it does not give access."""

    def get(self, name: str) -> str | None:
        """The text of the entry `name`, None if there is no such entry."""

    def set(self, name: str, text: str) -> None:
        """Keep `text` as the entry `name`."""


def entry_name(setting: Setting[Any], account: str | None = None) -> str:
    """The entry for a setting, or for what it is in one account (the broker's id)."""
    return setting.name.lower() if account is None else f"{setting.name.lower()}:{account}"


class _SystemKeyring:
    """The keyring of the library `keyring`, and its error."""

    def __init__(self, library: Any, failure: type[Exception]) -> None:  # noqa: ANN401  # it may be missing
        self._library = library
        self._failure = failure

    def get(self, name: str) -> str | None:
        return self._asked(lambda: self._library.get_password(SERVICE, name))

    def set(self, name: str, text: str) -> None:
        self._asked(lambda: self._library.set_password(SERVICE, name, text))

    def _asked(self, question: Callable[[], str | None]) -> str | None:
        try:
            return question()
        except self._failure as error:
            # Its message is left out: it is another program's, and may show what was asked for.
            raise SettingsError(
                f"the keyring gives no access ({type(error).__name__}): unlock it, or install a backend for "
                "it, or set BROKER_SYNC_KEYRING=0 and keep the secret in a file"
            ) from None


def open_keyring(load: Callable[[str], Any] = import_module) -> Keyring:
    """The system's keyring, its library imported by `load`; raises SettingsError if it is not installed."""
    try:
        library, errors = load("keyring"), load("keyring.errors")
    except ImportError:
        raise SettingsError(
            "the keyring is asked for, but its library is not installed: install broker-sync[keyring], or "
            "set BROKER_SYNC_KEYRING=0"
        ) from None
    return _SystemKeyring(library, errors.KeyringError)


class KeyringSource:
    """Secrets in the keyring; it is opened when the first is looked for."""

    def __init__(self, opened: Callable[[], Keyring]) -> None:
        self._opened = opened

    @cached_property
    def _keyring(self) -> Keyring:
        return self._opened()

    def raw(self, setting: Setting[Any], account: str | None = None) -> Raw | None:
        """See :class:`~broker_sync.settings.sources.ValueSource`; with `account` the entry of that one."""
        if not setting.kind.is_secret:
            return None
        name = entry_name(setting, account)
        text = self._keyring.get(name)
        if not text:
            return None
        return Raw(
            text=text, origin=Origin(source=Source.KEYRING, told=lambda: f"{SERVICE}, {name} in the keyring")
        )
