"""The table of all settings; the documentation, the schema and the checks are made from it.

To add a setting: make it here, list it in `SETTINGS`, read it in build.py, and run
``python -m scripts.settings_doc --write``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Generic

from broker_sync.reconcile import CASH_TOLERANCE, NAV_TOLERANCE, SHARE_TOLERANCE
from broker_sync.settings import kinds, notify, places
from broker_sync.settings.kind import Kind, T
from broker_sync.settings.types import MetricsMode, OnVanished

__all__ = ["SETTINGS", "Setting"]

PROGRAM: Final = "broker-sync"
"""The TOML table of what concerns the program as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting(Generic[T]):
    """One setting.

    `name` is its environment variable, `key` its table and key in TOML (None: it is not read there).
    `default` is the text of the value that it has otherwise, `otherwise` says in words what holds without
    one. `in_files` is False for what has to be known before any file can be looked for.
    """

    name: str
    key: tuple[str, str] | None
    kind: Kind[T]
    help: str
    default: str | None = None
    otherwise: str = "not set"
    in_files: bool = True


# --- where settings are ---

CONFIG: Final = Setting(
    name="BROKER_SYNC_CONFIG",
    key=None,
    kind=places.FILE,
    help="the TOML file to read",
    otherwise="the first that is there, see below",
    in_files=False,
)
SECRETS_DIR: Final = Setting(
    name="BROKER_SYNC_SECRETS_DIR",
    key=(PROGRAM, "secrets_dir"),
    kind=places.DIRECTORY,
    help="a directory with a file for each setting, named like its variable in small letters or in capitals",
    otherwise="`/run/secrets` if it is there",
    in_files=False,
)
KEYRING: Final = Setting(
    name="BROKER_SYNC_KEYRING",
    key=(PROGRAM, "keyring"),
    kind=kinds.FLAG,
    help="look for secrets in the system's keyring too",
    default="false",
    in_files=False,
)

# --- the program ---

DATA_DIR: Final = Setting(
    name="BROKER_SYNC_DATA_DIR",
    key=(PROGRAM, "data_dir"),
    kind=places.DATA_DIRECTORY,
    help="where everything is kept",
    otherwise="the platform's place for data",
)
NO_COLOR: Final = Setting(
    name="NO_COLOR",
    key=(PROGRAM, "no_color"),
    kind=kinds.PRESENCE,
    help="no colours, whatever the variable says",
    otherwise="colours on a terminal",
    in_files=False,
)
DEBUG: Final = Setting(
    name="BROKER_SYNC_DEBUG",
    key=None,
    kind=kinds.WISH,
    help="a traceback with the report of a bug",
    default="false",
    in_files=False,
)
ARCHIVE_KEEP_DAYS: Final = Setting(
    name="BROKER_SYNC_ARCHIVE_KEEP_DAYS",
    key=(PROGRAM, "archive_keep_days"),
    kind=kinds.whole(1, None, of="days"),
    help="days for which raw statements are kept",
    otherwise="for ever",
)
SHARE_TOLERANCE_SETTING: Final = Setting(
    name="BROKER_SYNC_SHARE_TOLERANCE",
    key=(PROGRAM, "share_tolerance"),
    kind=kinds.DECIMAL,
    help="units by which a position may differ and still count as equal",
    default=str(SHARE_TOLERANCE),
)
CASH_TOLERANCE_SETTING: Final = Setting(
    name="BROKER_SYNC_CASH_TOLERANCE",
    key=(PROGRAM, "cash_tolerance"),
    kind=kinds.DECIMAL,
    help="money by which a balance may differ and still count as equal, in its own currency",
    default=str(CASH_TOLERANCE),
)
NAV_TOLERANCE_SETTING: Final = Setting(
    name="BROKER_SYNC_NAV_TOLERANCE",
    key=(PROGRAM, "nav_tolerance"),
    kind=kinds.DECIMAL,
    help="part of the broker's net asset value by which the tracker's may differ (0.01 is one percent)",
    default=str(NAV_TOLERANCE),
)
ON_VANISHED: Final = Setting(
    name="BROKER_SYNC_ON_VANISHED",
    key=(PROGRAM, "on_vanished"),
    kind=kinds.choice(OnVanished),
    help="what becomes of a booked record that the broker no longer lists",
    default="report",
)

# --- metrics ---

METRICS: Final = Setting(
    name="BROKER_SYNC_METRICS",
    key=(PROGRAM, "metrics"),
    kind=kinds.choice(MetricsMode),
    help="where metrics go",
    otherwise="where the one of the next two says that is set, else nowhere",
)
PUSHGATEWAY_URL: Final = Setting(
    name="PUSHGATEWAY_URL",
    key=(PROGRAM, "pushgateway_url"),
    kind=kinds.ADDRESS,
    help="the Pushgateway for metrics",
)
TEXTFILE: Final = Setting(
    name="BROKER_SYNC_TEXTFILE",
    key=(PROGRAM, "textfile"),
    kind=places.PROM_FILE,
    help="the file for metrics, in the directory that node_exporter reads",
)

# --- notifications ---

NOTIFY_URLS: Final = Setting(
    name="BROKER_SYNC_NOTIFY_URLS",
    key=(notify.TABLE, "urls"),
    kind=notify.ADDRESSES,
    help="where to send a message when something is wrong",
    otherwise="nobody is told",
)
NOTIFY_REPEAT_DAYS: Final = Setting(
    name="BROKER_SYNC_NOTIFY_REPEAT_DAYS",
    key=(notify.TABLE, "repeat_days"),
    kind=kinds.whole(1, 365, of="days"),
    help="days after which what is still wrong is told again",
    default="7",
)
NOTIFY_TOKEN_DAYS: Final = Setting(
    name="BROKER_SYNC_NOTIFY_TOKEN_DAYS",
    key=(notify.TABLE, "token_days"),
    kind=kinds.whole(1, 365, of="days"),
    help="days before the end of a token from which it is told",
    default="14",
)
PING_URL: Final = Setting(
    name="BROKER_SYNC_PING_URL",
    key=(notify.TABLE, "ping_url"),
    kind=notify.PING_ADDRESS,
    help="the address of a healthchecks.io check, which is told of the start and the end of each run",
)

# --- Wealthfolio ---

WF_BASE_URL: Final = Setting(
    name="WF_BASE_URL",
    key=("wealthfolio", "base_url"),
    kind=kinds.ADDRESS,
    help="the Wealthfolio server to write to",
    otherwise="the embedded ledger",
)
WF_USERNAME: Final = Setting(
    name="WF_USERNAME",
    key=("wealthfolio", "username"),
    kind=kinds.TEXT,
    help="a user name, for servers and proxies that want one",
)
WF_PASSWORD: Final = Setting(
    name="WF_PASSWORD",
    key=("wealthfolio", "password"),
    kind=kinds.PASSWORD,
    help="the password of the server",
)
WF_SESSION_PATH: Final = Setting(
    name="WF_SESSION_PATH",
    key=("wealthfolio", "session_path"),
    kind=places.FILE,
    help="where the session is kept between runs",
    otherwise="`wealthfolio_session.json` in the data directory",
)

WF_CREATE_ACCOUNT: Final = Setting(
    name="WF_CREATE_ACCOUNT",
    key=("wealthfolio", "create_account"),
    kind=kinds.FLAG,
    help="make the account in Wealthfolio if it is not there",
    default="false",
)
WF_ADOPT: Final = Setting(
    name="WF_ADOPT",
    key=("wealthfolio", "adopt"),
    kind=kinds.FLAG,
    help="take over rows that a person typed into Wealthfolio for what the broker tells, too",
    default="false",
)

# --- Interactive Brokers ---

IBKR_ACCOUNT_ID_UPSTREAM: Final = Setting(
    name="IBKR_ACCOUNT_ID_UPSTREAM",
    key=None,
    kind=kinds.TEXT,
    help="the account at the broker, such as `U12345678`; any other is refused",
    otherwise="the accounts in the statements",
)
IBKR_ACCOUNT_ID: Final = Setting(
    name="IBKR_ACCOUNT_ID",
    key=None,
    kind=kinds.TEXT,
    help="what the tracker calls this account",
    otherwise="the broker's id",
)
IBKR_ACCOUNT_TYPE: Final = Setting(
    name="IBKR_ACCOUNT_TYPE",
    key=("ibkr", "account_type"),
    kind=kinds.ACCOUNT_TYPE,
    help="the tax wrapper of the account",
    default="GIA",
)
IBKR_TIME_ZONE: Final = Setting(
    name="IBKR_TIME_ZONE",
    key=("ibkr", "time_zone"),
    kind=kinds.TIME_ZONE,
    help="the zone of times that name none, such as `Europe/London`",
    otherwise="what the account's dividends tell, else `America/New_York`",
)
IBKR_FLEX_TOKEN: Final = Setting(
    name="IBKR_FLEX_TOKEN",
    key=("ibkr", "token"),
    kind=kinds.TOKEN,
    help="the token of the Flex Web Service",
)
IBKR_FLEX_QUERY_ID: Final = Setting(
    name="IBKR_FLEX_QUERY_ID",
    key=("ibkr", "query_ids"),
    kind=kinds.QUERIES,
    help="the number of the Flex query; several with commas between them",
)
IBKR_FLEX_BASE_URL: Final = Setting(
    name="IBKR_FLEX_BASE_URL",
    key=("ibkr", "base_url"),
    kind=kinds.ADDRESS,
    help="another Flex host",
    otherwise="the broker's",
)
IBKR_FLEX_OVERLAP_DAYS: Final = Setting(
    name="IBKR_FLEX_OVERLAP_DAYS",
    key=("ibkr", "overlap_days"),
    kind=kinds.whole(90, 360, of="days"),
    help="days before the last covered one that are fetched again, for what the broker corrects later",
    default="90",
)
IBKR_FLEX_DEADLINE_SECONDS: Final = Setting(
    name="IBKR_FLEX_DEADLINE_SECONDS",
    key=("ibkr", "deadline_seconds"),
    kind=kinds.whole(10, 86_400, of="seconds"),
    help="the most that one download may take, all its tries together",
    default="600",
)
IBKR_FLEX_IGNORE_BREAKER: Final = Setting(
    name="IBKR_FLEX_IGNORE_BREAKER",
    key=("ibkr", "ignore_breaker"),
    kind=kinds.FLAG,
    help="ask the broker although earlier failures say to wait; it may lock the account out for longer",
    default="false",
)
IBKR_TOKEN_EXPIRES: Final = Setting(
    name="IBKR_TOKEN_EXPIRES",
    key=("ibkr", "token_expires"),
    kind=kinds.DAY,
    help="the day on which the token ends, as Client Portal shows it",
)

SETTINGS: Final[tuple[Setting[Any], ...]] = (
    CONFIG, SECRETS_DIR, KEYRING,
    DATA_DIR, NO_COLOR, DEBUG, ARCHIVE_KEEP_DAYS,
    SHARE_TOLERANCE_SETTING, CASH_TOLERANCE_SETTING, NAV_TOLERANCE_SETTING, ON_VANISHED,
    METRICS, PUSHGATEWAY_URL, TEXTFILE,
    NOTIFY_URLS, NOTIFY_REPEAT_DAYS, NOTIFY_TOKEN_DAYS, PING_URL,
    WF_BASE_URL, WF_USERNAME, WF_PASSWORD, WF_SESSION_PATH, WF_CREATE_ACCOUNT, WF_ADOPT,
    IBKR_ACCOUNT_ID_UPSTREAM, IBKR_ACCOUNT_ID, IBKR_ACCOUNT_TYPE, IBKR_TIME_ZONE,
    IBKR_FLEX_TOKEN, IBKR_FLEX_QUERY_ID, IBKR_FLEX_BASE_URL,
    IBKR_FLEX_OVERLAP_DAYS, IBKR_FLEX_DEADLINE_SECONDS, IBKR_FLEX_IGNORE_BREAKER, IBKR_TOKEN_EXPIRES,
)  # fmt: skip
"""All settings, in the order in which they are shown."""
