"""The settings, read from the environment and checked; nothing else in the program looks at the environment.

White space around a value is dropped (secrets mounted from files end in a newline), and a variable that is
empty counts as not set.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import platformdirs

from broker_sync.errors import SettingsError
from broker_sync.models import AccountType

__all__ = ["IBKRSettings", "Secret", "Settings", "WealthfolioSettings", "load_settings", "wants_tracebacks"]

_YES: Final = frozenset({"1", "true", "yes", "on"})
_NO: Final = frozenset({"0", "false", "no", "off"})
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """A text that no message, log or repr may show; ask for it with :meth:`reveal`."""

    _text: str

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(***)"


@dataclass(frozen=True, slots=True, kw_only=True)
class IBKRSettings:
    """Interactive Brokers.

    `account_id` is the tracker's name of the account (``IBKR_ACCOUNT_ID``), `account_id_upstream` the
    broker's (``IBKR_ACCOUNT_ID_UPSTREAM``, such as ``U12345678``). `time_zone` is the one of statement times
    that name none.
    """

    account_id: str | None
    account_id_upstream: str | None
    account_type: AccountType
    time_zone: ZoneInfo | None
    flex_token: Secret | None
    flex_query_id: str | None
    flex_base_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WealthfolioSettings:
    """The Wealthfolio server to write to; no server is meant when `base_url` is None."""

    base_url: str | None
    username: str | None
    password: Secret | None
    session_path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be set; `data_dir` is absolute and need not be there yet."""

    data_dir: Path
    ibkr: IBKRSettings
    wealthfolio: WealthfolioSettings
    pushgateway_url: str | None
    no_color: bool

    def secrets(self) -> list[str]:
        """All texts that must not be shown."""
        held = (self.ibkr.flex_token, self.wealthfolio.password)
        return [secret.reveal() for secret in held if secret is not None]


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings out of `environment` (None: this process's).

    Raises :class:`~broker_sync.errors.SettingsError` that names the variable, its value and what is accepted.
    """
    read = _Reader(os.environ if environment is None else environment)
    data_dir = read.checked("BROKER_SYNC_DATA_DIR", _directory) or _default_data_dir()
    return Settings(
        data_dir=data_dir,
        ibkr=_ibkr(read),
        wealthfolio=_wealthfolio(read, data_dir),
        pushgateway_url=read.checked("PUSHGATEWAY_URL", _address),
        no_color=read.text("NO_COLOR") is not None,
    )


def wants_tracebacks(environment: Mapping[str, str] | None = None) -> bool:
    """Whether ``BROKER_SYNC_DEBUG`` asks for the traceback of a bug; raises nothing, whatever it says."""
    text = _Reader(os.environ if environment is None else environment).text("BROKER_SYNC_DEBUG")
    return text is not None and text.lower() not in _NO


def _ibkr(read: _Reader) -> IBKRSettings:
    return IBKRSettings(
        account_id=read.text("IBKR_ACCOUNT_ID"),
        account_id_upstream=read.text("IBKR_ACCOUNT_ID_UPSTREAM"),
        account_type=read.checked("IBKR_ACCOUNT_TYPE", _account_type) or AccountType.GIA,
        time_zone=read.checked("IBKR_TIME_ZONE", _time_zone),
        flex_token=read.secret("IBKR_FLEX_TOKEN"),
        flex_query_id=read.text("IBKR_FLEX_QUERY_ID"),
        flex_base_url=read.checked("IBKR_FLEX_BASE_URL", _address),
    )


def _wealthfolio(read: _Reader, data_dir: Path) -> WealthfolioSettings:
    session_path = read.text("WF_SESSION_PATH")
    return WealthfolioSettings(
        base_url=read.checked("WF_BASE_URL", _address),
        username=read.text("WF_USERNAME"),
        password=read.secret("WF_PASSWORD"),
        session_path=Path(session_path) if session_path else data_dir / "wealthfolio_session.json",
    )


def _default_data_dir() -> Path:
    return platformdirs.user_data_path("broker-sync", appauthor=False).absolute()


class _Reader:
    """Takes variables out of an environment."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def text(self, name: str) -> str | None:
        return self._environment.get(name, "").strip() or None

    def secret(self, name: str) -> Secret | None:
        text = self.text(name)
        return None if text is None else Secret(text)

    def checked(self, name: str, check: Callable[[str], _T]) -> _T | None:
        """What `check` makes of the variable; its ValueError says what is accepted."""
        text = self.text(name)
        if text is None:
            return None
        try:
            return check(text)
        except ValueError as error:
            raise SettingsError(f"{name} is {_shown(text)!r}, but it must be {error}") from None


def _shown(text: str) -> str:
    """`text` without the name and password that an address can hold."""
    scheme, separator, rest = text.partition("://")
    return f"{scheme}://***@{rest.rpartition('@')[2]}" if separator and "@" in rest else text


def _directory(text: str) -> Path:
    path = Path(os.path.abspath(os.path.expanduser(text)))  # noqa: PTH100, PTH111  # drops ".." as a shell does
    if os.path.exists(path) and not os.path.isdir(path):  # noqa: PTH110, PTH112  # pathlib's raise if barred
        raise ValueError("a directory, or a path where one can be made; there is a file of that name")
    return path


def _account_type(text: str) -> AccountType:
    try:
        return AccountType(text.upper())
    except ValueError:
        raise ValueError(f"one of {', '.join(AccountType)}") from None


def _time_zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (KeyError, OSError, ValueError):
        raise ValueError("an IANA time zone, such as America/New_York or Europe/London") from None


def _address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("an address that begins with http:// or https://")
    return text
