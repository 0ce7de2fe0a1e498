"""What ``broker-sync config init`` asks, and what follows from the answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from broker_sync.errors import SettingsError
from broker_sync.settings import account_keys
from broker_sync.settings import catalogue as c
from broker_sync.settings.catalogue import Setting
from broker_sync.settings.kind import Kind
from broker_sync.settings.secret import Secret
from broker_sync.settings.toml_text import quoted

__all__ = ["Answered", "Asker", "ask_all"]

_TRIES: Final = 3


class Asker(Protocol):
    """Somebody at a terminal."""

    def line(self, question: str) -> str:
        """The answer, as it was typed."""

    def hidden(self, question: str) -> str:
        """The answer, which nobody saw being typed."""

    def say(self, text: str) -> None:
        """Tell `text`."""


@dataclass(slots=True, kw_only=True)
class Answered:
    """Values for the file, as TOML writes them, and secrets with where to keep them."""

    values: dict[tuple[str, str], str] = field(default_factory=dict)
    account: dict[str, str] = field(default_factory=dict)
    in_files: dict[Setting[Any], Secret] = field(default_factory=dict)
    in_keyring: dict[Setting[Any], Secret] = field(default_factory=dict)


def ask_all(asker: Asker, *, with_keyring: bool) -> Answered:
    """Ask everything that a first file needs; an empty answer leaves a thing out.

    Raises SettingsError when an answer is wrong time and again.
    """
    answered = Answered()
    asker.say("Press Enter for what is in brackets, or to leave something out.")
    _setting(asker, answered, c.DATA_DIR, "Directory for data [the platform's place for data]")
    _setting(asker, answered, c.IBKR_FLEX_QUERY_ID, "Number of the Flex query (several with commas)")
    _secret(asker, answered, c.IBKR_FLEX_TOKEN, "Token of the Flex Web Service", with_keyring=with_keyring)
    _account(asker, answered)
    if _setting(asker, answered, c.WF_BASE_URL, "Address of Wealthfolio [the embedded ledger]"):
        _setting(asker, answered, c.WF_USERNAME, "User name there, if it wants one")
        _secret(asker, answered, c.WF_PASSWORD, "Password there", with_keyring=with_keyring)
    _setting(asker, answered, c.PUSHGATEWAY_URL, "Address of a Pushgateway, for metrics")
    return answered


def _setting(asker: Asker, answered: Answered, setting: Setting[Any], question: str) -> bool:
    """Whether there was an answer."""
    text = _valid(asker, question, setting.kind)
    if text and setting.key is not None:
        answered.values[setting.key] = quoted(text)
    return bool(text)


def _account(asker: Asker, answered: Answered) -> None:
    questions: Mapping[account_keys.AccountKey[Any], str] = {
        account_keys.ID: "Account at the broker, such as U12345678 [all that the statements have]",
        account_keys.TRACKER_ID: "What the tracker calls it [as the broker does]",
        account_keys.ACCOUNT_TYPE: "Its tax wrapper, such as ISA or SIPP [GIA]",
    }
    for key, question in questions.items():
        text = _valid(asker, question, key.kind)
        if text:
            answered.account[key.key] = quoted(text)
        elif key is account_keys.ID:
            return


def _secret(
    asker: Asker, answered: Answered, setting: Setting[Any], question: str, *, with_keyring: bool
) -> None:
    text = _valid(asker, question, setting.kind)
    if not text:
        return
    where = answered.in_files
    if with_keyring and _chosen(asker, "Keep it in a file or in the keyring? [file]", ("file", "keyring")):
        where = answered.in_keyring
    where[setting] = Secret(text)


def _chosen(asker: Asker, question: str, names: tuple[str, str]) -> bool:
    """Whether it is the second of `names`; the first letters will do."""
    for _ in range(_TRIES):
        answer = asker.line(question).strip().lower()
        for name in names:
            if name.startswith(answer):
                return name == names[1]
        asker.say(f"It must be {' or '.join(names)}.")
    raise SettingsError(f"none of {_TRIES} answers was {' or '.join(names)}; nothing was written")


def _valid(asker: Asker, question: str, kind: Kind[Any]) -> str:
    """An answer that `kind` accepts, or an empty one."""
    ask = asker.hidden if kind.is_secret else asker.line
    for _ in range(_TRIES):
        text = ask(question).rstrip("\r\n")
        if not text.strip():
            return ""
        try:
            kind.read(text)
        except ValueError as error:
            asker.say(f"It must be {str(error) or kind.title}.")
        else:
            return text
    raise SettingsError(f"none of {_TRIES} answers was {kind.title}; nothing was written")
