"""One table ``[[ibkr.accounts]]``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from broker_sync.errors import SettingsError
from broker_sync.settings import account_keys as keys
from broker_sync.settings import kinds
from broker_sync.settings.account_keys import AccountKey
from broker_sync.settings.answers import Problems
from broker_sync.settings.kind import T
from broker_sync.settings.secret import Secret
from broker_sync.settings.sources import Environment
from broker_sync.settings.toml_check import ACCOUNTS
from broker_sync.settings.toml_file import TomlFile
from broker_sync.settings.toml_lines import Keys
from broker_sync.settings.types import IBKRAccountSettings, IBKRSettings
from broker_sync.settings.values import Raw, value_of

__all__ = ["AccountTable", "OfKeyring", "account_tables"]

OfKeyring = Callable[[str], Raw | None]
"""Account at the broker -> its token in the keyring."""

_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountTable:
    """The table `number` (from 0) of `file`, and where its token may be."""

    file: TomlFile
    number: int
    environment: Environment
    of_keyring: OfKeyring
    problems: Problems

    def account(self, general: IBKRSettings) -> IBKRAccountSettings | None:
        """The account, what the table leaves open taken from `general`; None, and noted, if it has no id."""
        upstream = self._value(keys.ID)
        if upstream is None:
            self.problems.add(f"{self._here}: id is missing, the account at the broker such as U12345678")
            return None
        token = self.problems.tried(lambda: self._token(upstream))
        return IBKRAccountSettings(
            upstream_account_id=upstream,
            tracker_account_id=self._value(keys.TRACKER_ID),
            account_type=self._value(keys.ACCOUNT_TYPE) or general.account_type,
            time_zone=self._value(keys.TIME_ZONE) or general.time_zone,
            flex_token=token or general.flex_token,
            flex_query_ids=self._value(keys.QUERY_IDS) or general.flex_query_ids,
            flex_base_url=self._value(keys.BASE_URL) or general.flex_base_url,
            token_expires=self._value(keys.TOKEN_EXPIRES) or (None if token else general.token_expires),
            sink=self._value(keys.SINK),
            described_in=self._here,
        )

    @property
    def _keys(self) -> tuple[str | int, ...]:
        return ("ibkr", ACCOUNTS, self.number)

    @property
    def _here(self) -> str:
        return self.file.where(self._keys)

    def _value(self, key: AccountKey[T]) -> T | None:
        return self.problems.tried(lambda: self._read(key))

    def _read(self, key: AccountKey[T]) -> T | None:
        raw = self.file.raw_at((*self._keys, key.key), key.kind)
        return None if raw is None else value_of(raw, key.kind)

    def _token(self, upstream: str) -> Secret | None:
        raw = self._raw_token() or self.of_keyring(upstream)
        return None if raw is None else value_of(raw, keys.TOKEN.kind)

    def _raw_token(self) -> Raw | None:
        own = self.file.raw_at((*self._keys, keys.TOKEN.key), keys.TOKEN.kind)
        place: Keys = (*self._keys, "token_env")
        named = self.file.raw_at(place, kinds.TEXT)
        if named is None:
            return own
        if own is not None:
            raise SettingsError(f"both {self.file.place(place)} and {own.origin.name}: remove one of them")
        return self._of_variable(named)

    def _of_variable(self, named: Raw) -> Raw:
        variable = named.text.strip()
        if not _VARIABLE.fullmatch(variable):
            raise SettingsError(f"{named.origin.name} is not the name of an environment variable")
        text = self.environment.text(variable)
        if text is None:
            raise SettingsError(f"{named.origin.name}: the environment variable {variable} is not set")
        return Raw(text=text, origin=named.origin)


def account_tables(
    file: TomlFile, environment: Environment, of_keyring: OfKeyring, problems: Problems
) -> Iterator[AccountTable]:
    """The tables of `file`, in their order."""
    tables = file.at(("ibkr", ACCOUNTS))
    for number, table in enumerate(tables if isinstance(tables, list) else ()):
        if isinstance(table, dict):
            yield AccountTable(
                file=file,
                number=number,
                environment=environment,
                of_keyring=of_keyring,
                problems=problems,
            )
