"""What the table ``[[ibkr.accounts]]`` of one account can say; what it leaves open comes from ``[ibkr]``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Generic

from broker_sync.settings import kinds
from broker_sync.settings.kind import Kind, T

__all__ = ["ACCOUNT_KEYS", "AccountKey"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountKey(Generic[T]):
    """One key of the table; `otherwise` says in words what holds without it."""

    key: str
    kind: Kind[T]
    help: str
    otherwise: str


ID: Final = AccountKey(
    key="id",
    kind=kinds.TEXT,
    help="the account at the broker, such as `U12345678`",
    otherwise="must be there",
)
TRACKER_ID: Final = AccountKey(
    key="tracker_id", kind=kinds.TEXT, help="what the tracker calls the account", otherwise="the broker's id"
)
SINK: Final = AccountKey(
    key="sink",
    kind=kinds.TEXT,
    help="where it is booked: `ledger` or `wealthfolio`",
    otherwise="where everything is",
)
ACCOUNT_TYPE: Final = AccountKey(
    key="account_type", kind=kinds.ACCOUNT_TYPE, help="its tax wrapper", otherwise="that of `[ibkr]`"
)
TIME_ZONE: Final = AccountKey(
    key="time_zone",
    kind=kinds.TIME_ZONE,
    help="the zone of times that name none",
    otherwise="that of `[ibkr]`",
)
TOKEN: Final = AccountKey(
    key="token",
    kind=kinds.TOKEN,
    help="its own token; `token_file` names a file with it instead, `token_env` an environment variable",
    otherwise="the keyring's for this account, else that of `[ibkr]`",
)
TOKEN_EXPIRES: Final = AccountKey(
    key="token_expires", kind=kinds.DAY, help="the day on which this token ends", otherwise="that of `[ibkr]`"
)
QUERY_IDS: Final = AccountKey(
    key="query_ids",
    kind=kinds.QUERIES,
    help="the numbers of its Flex queries",
    otherwise="those of `[ibkr]`",
)
BASE_URL: Final = AccountKey(
    key="base_url", kind=kinds.ADDRESS, help="another Flex host", otherwise="that of `[ibkr]`"
)

ACCOUNT_KEYS: Final[tuple[AccountKey[Any], ...]] = (
    ID, TRACKER_ID, SINK, ACCOUNT_TYPE, TIME_ZONE, TOKEN, TOKEN_EXPIRES, QUERY_IDS, BASE_URL,
)  # fmt: skip
"""All keys, in the order in which they are shown."""
