"""The system's keyring: asked late and last, and never a reason to go on without a word."""

from collections.abc import Callable, Iterator

import keyring
import keyring.backend
import keyring.errors
import pytest

from broker_sync.errors import SettingsError
from broker_sync.settings import catalogue as c
from broker_sync.settings import keyring as our_keyring
from broker_sync.settings import load_settings
from broker_sync.settings.keyring import entry_name, open_keyring
from tests.settings.helpers import Place


class Memory(keyring.backend.KeyringBackend):
    """A backend of the real library, in memory; locked when told so."""

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        self._check(username)
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._check(password)
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]

    def _check(self, text: str) -> None:
        if self.locked:
            raise keyring.errors.KeyringLocked(f"locked, while asked about {text}")


@pytest.fixture
def memory() -> Iterator[Memory]:
    before, backend = keyring.get_keyring(), Memory()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


def test_a_token_is_kept_and_found(memory: Memory, place: Place) -> None:
    open_keyring().set(entry_name(c.IBKR_FLEX_TOKEN), "made-up")
    assert memory.kept == {("broker-sync", "ibkr_flex_token"): "made-up"}
    settings = load_settings(place.environment("", {"BROKER_SYNC_KEYRING": "1"}))
    assert settings.secrets() == ["made-up"]


def test_a_locked_keyring_says_what_to_do_and_not_what_it_was_asked(memory: Memory) -> None:
    memory.locked = True
    asking: list[Callable[[], object]] = [
        lambda: open_keyring().get("made-up"),
        lambda: open_keyring().set("x", "made-up"),
    ]
    for ask in asking:
        with pytest.raises(SettingsError) as caught:
            ask()
        assert "(KeyringLocked): unlock it" in str(caught.value)
        assert "BROKER_SYNC_KEYRING=0" in str(caught.value)
        assert "made-up" not in str(caught.value)
        assert caught.value.__cause__ is None


def test_a_keyring_that_nobody_asked_for_is_not_opened(place: Place) -> None:
    def never() -> our_keyring.Keyring:
        raise AssertionError

    assert load_settings(place.environment("", {}), keyring=never).ibkr.flex_token is None
    everything = {"BROKER_SYNC_KEYRING": "1", "IBKR_FLEX_TOKEN": "made-up", "WF_PASSWORD": "made-up"}
    everything |= {
        "BROKER_SYNC_NOTIFY_URLS": "json://made-up",
        "BROKER_SYNC_PING_URL": "https://h.example/made-up",
    }
    load_settings(place.environment("", everything), keyring=never)


def test_a_missing_library_is_named() -> None:
    def not_installed(name: str) -> None:
        raise ImportError(name)

    with pytest.raises(SettingsError, match=r"install broker-sync\[keyring\]"):
        open_keyring(not_installed)
