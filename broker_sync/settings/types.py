"""What can be set, as the program has it once all of it has been read and checked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum, unique
from pathlib import Path
from zoneinfo import ZoneInfo

from broker_sync.models import AccountType, ActivityType
from broker_sync.reconcile import Tolerances
from broker_sync.settings.notify import NotifySettings
from broker_sync.settings.secret import Address, Secret

__all__ = [
    "CashType",
    "FlexDownload",
    "FlexSettings",
    "IBKRAccountSettings",
    "IBKRSettings",
    "MetricsMode",
    "NoMetrics",
    "OnVanished",
    "Settings",
    "ToPushgateway",
    "ToTextfile",
    "Tolerances",
    "WealthfolioSettings",
    "flex_downloads",
]


@unique
class OnVanished(StrEnum):
    """What becomes of a booked record that the broker no longer lists."""

    REPORT = "report"
    DELETE = "delete"


@unique
class MetricsMode(StrEnum):
    """Where metrics go."""

    PUSHGATEWAY = "pushgateway"
    TEXTFILE = "textfile"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoMetrics:
    """Metrics are kept to ourselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToPushgateway:
    """Metrics are pushed to the Pushgateway at `url`."""

    url: Address


@dataclass(frozen=True, slots=True, kw_only=True)
class ToTextfile:
    """Metrics are written to `path`, for the textfile collector of node_exporter."""

    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class CashType:
    """How a type of cash row is booked when money comes in, and when it goes out."""

    money_in: ActivityType
    money_out: ActivityType
    subtype_in: str | None = None
    subtype_out: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IBKRSettings:
    """What the environment says of one account, and what every account has that says nothing else.

    `account_id` is the tracker's name of the account (``IBKR_ACCOUNT_ID``), `account_id_upstream` the
    broker's (``IBKR_ACCOUNT_ID_UPSTREAM``, such as ``U12345678``). `time_zone` is the one of statement times
    that name none.
    """

    account_id: str | None
    account_id_upstream: str | None
    account_type: AccountType
    time_zone: ZoneInfo | None
    flex_token: Secret | None
    flex_query_ids: tuple[str, ...]
    flex_base_url: Address | None
    token_expires: dt.date | None

    @property
    def flex_query_id(self) -> str | None:
        """The first of the queries, which is most often the only one."""
        return self.flex_query_ids[0] if self.flex_query_ids else None


@dataclass(frozen=True, slots=True, kw_only=True)
class IBKRAccountSettings:
    """One account: its ids at the broker (`upstream_account_id`) and in the tracker, and how it is fetched.

    `upstream_account_id` is None when nobody has named the account: it is whichever the statements have.
    `tracker_account_id` is None when the tracker calls it as the broker does, `sink` when it goes to the
    same tracker as the others. `described_in` says, for messages, where the account stands. `cash_types` goes
    before the built-in table of cash rows; it is the same one for all accounts.
    """

    upstream_account_id: str | None
    tracker_account_id: str | None
    account_type: AccountType
    time_zone: ZoneInfo | None
    flex_token: Secret | None
    flex_query_ids: tuple[str, ...]
    flex_base_url: Address | None
    token_expires: dt.date | None
    sink: str | None
    described_in: str
    cash_types: Mapping[str, CashType] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlexDownload:
    """One query that is run once, for all of `accounts`."""

    token: Secret
    query_id: str
    base_url: Address | None
    accounts: tuple[IBKRAccountSettings, ...]


def flex_downloads(accounts: Iterable[IBKRAccountSettings]) -> tuple[FlexDownload, ...]:
    """What has to be downloaded for `accounts`, each query once, in their order.

    Accounts without a token or without a query have nothing that could be downloaded.
    """
    sharing: dict[tuple[Secret, str, Address | None], list[IBKRAccountSettings]] = {}
    for account in accounts:
        if account.flex_token is None:
            continue
        for query_id in account.flex_query_ids:
            sharing.setdefault((account.flex_token, query_id, account.flex_base_url), []).append(account)
    return tuple(
        FlexDownload(token=token, query_id=query_id, base_url=base_url, accounts=tuple(sharers))
        for (token, query_id, base_url), sharers in sharing.items()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FlexSettings:
    """How statements are downloaded, whatever the account.

    `overlap_days` are fetched again each time; `deadline_seconds` is the most that one download may take;
    `ignore_breaker` sends although the broker has locked us out; `cash_types` goes before the built-in table.
    """

    overlap_days: int
    deadline_seconds: int
    ignore_breaker: bool
    cash_types: Mapping[str, CashType]


@dataclass(frozen=True, slots=True, kw_only=True)
class WealthfolioSettings:
    """The Wealthfolio server to write to; no server is meant when `base_url` is None.

    `create_account` lets an account be made there that it has not, `adopt` lets rows be taken over that a
    person typed in for what the broker tells, too.
    """

    base_url: Address | None
    username: str | None
    password: Secret | None
    session_path: Path
    create_account: bool
    adopt: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be set.

    `data_dir` is absolute and need not be there yet. `config_path` is the file that was read, if there is
    one. `archive_keep_days` is None when statements are kept for ever. `warnings` are sentences for the log,
    about what was read and is not quite as it should be.
    """

    data_dir: Path
    config_path: Path | None
    ibkr: IBKRSettings
    ibkr_accounts: tuple[IBKRAccountSettings, ...]
    flex: FlexSettings
    wealthfolio: WealthfolioSettings
    metrics: NoMetrics | ToPushgateway | ToTextfile
    pushgateway_url: Address | None
    notify: NotifySettings
    tolerances: Tolerances
    on_vanished: OnVanished
    archive_keep_days: int | None
    no_color: bool
    warnings: tuple[str, ...]

    def secrets(self) -> list[str]:
        """All texts that must not be shown, each once."""
        return list(dict.fromkeys(self._held()))

    def _held(self) -> Iterator[str]:
        tokens = [account.flex_token for account in self.ibkr_accounts]
        for secret in (self.ibkr.flex_token, *tokens, self.wealthfolio.password):
            if secret is not None:
                yield secret.reveal()
        yield from self.notify.secrets()
        addresses = [account.flex_base_url for account in self.ibkr_accounts]
        for address in (self.wealthfolio.base_url, self.pushgateway_url, self.ibkr.flex_base_url, *addresses):
            if address is not None:
                yield from address.secrets()
