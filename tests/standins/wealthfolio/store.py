"""What the stand-in has stored, and nothing of what it makes of it."""

import datetime as dt
import itertools
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from tests.standins.wealthfolio.clock import Clock

__all__ = ["Account", "Asset", "Row", "Store", "stamp"]


@dataclass(kw_only=True)
class Account:
    id: str
    name: str
    account_type: str
    currency: str
    is_default: bool
    is_active: bool
    made: dt.datetime
    changed: dt.datetime
    is_archived: bool = False
    tracking_mode: str = "NOT_SET"
    group: str | None = None
    account_number: str | None = None
    meta: str | None = None
    provider: str | None = None
    provider_account_id: str | None = None


@dataclass(kw_only=True)
class Asset:
    id: str
    kind: str
    quote_mode: str
    quote_ccy: str
    made: dt.datetime
    changed: dt.datetime
    name: str | None = None
    code: str | None = None
    type: str | None = None
    symbol: str | None = None
    mic: str | None = None
    notes: str | None = None
    metadata: dict[str, Any] | None = None
    is_active: bool = True

    @property
    def key(self) -> str | None:
        if self.type is None or not self.symbol:
            return None
        symbol = self.symbol.upper()
        if self.type in {"CRYPTO", "FX"}:
            return f"{self.type}:{symbol}/{self.quote_ccy.upper()}"
        return f"{self.type}:{symbol}@{self.mic.upper()}" if self.mic else f"{self.type}:{symbol}"

    @property
    def multiplier(self) -> Decimal:
        if self.type != "OPTION":
            return Decimal(1)
        option = (self.metadata or {}).get("option")
        if isinstance(option, dict) and "multiplier" in option:
            return Decimal(str(option["multiplier"]))
        return Decimal(100)


@dataclass(kw_only=True)
class Row:
    """An activity; numbers are None or not negative."""

    id: str
    account_id: str
    type: str
    date: dt.datetime
    currency: str
    made: dt.datetime
    changed: dt.datetime
    asset_id: str | None = None
    subtype: str | None = None
    status: str = "POSTED"
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    amount: Decimal | None = None
    fee: Decimal | None = None
    fx_rate: Decimal | None = None
    notes: str | None = None
    metadata: str | None = None
    source_system: str | None = "MANUAL"
    source_record_id: str | None = None
    source_group_id: str | None = None
    key: str | None = None
    needs_review: bool = False
    user_modified: bool = False
    destination: tuple[str, Decimal] | None = None


@dataclass(kw_only=True)
class Store:
    """Everything that survives a restart."""

    clock: Clock
    base_currency: str = "USD"
    time_zone: str = "UTC"
    accounts: dict[str, Account] = field(default_factory=dict)
    assets: dict[str, Asset] = field(default_factory=dict)
    rows: dict[str, Row] = field(default_factory=dict)
    quoted_in: dict[str, str] = field(default_factory=dict)
    rates: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    quotes: dict[str, dict[dt.date, Decimal]] = field(default_factory=dict)
    _count: "itertools.count[int]" = field(default_factory=itertools.count)

    @property
    def zone(self) -> dt.tzinfo:
        return ZoneInfo(self.time_zone) if self.time_zone else dt.UTC

    def day_of(self, moment: dt.datetime) -> dt.date:
        return moment.astimezone(self.zone).date()

    def today(self) -> dt.date:
        return self.day_of(self.clock.now())

    def now(self) -> dt.datetime:
        """No two calls give the same moment, as on the real one."""
        return self.clock.now() + dt.timedelta(microseconds=next(self._count) % 1000)

    def rows_of(self, accounts: Iterable[str]) -> list[Row]:
        """By moment, then in the order in which they were made."""
        wanted = set(accounts)
        return sorted(
            (row for row in self.rows.values() if row.account_id in wanted), key=lambda row: row.date
        )

    def keys(self) -> dict[str, str]:
        return {row.key: row.id for row in self.rows.values() if row.key is not None}

    @staticmethod
    def new_id() -> str:
        return str(uuid.uuid4())


def stamp(moment: dt.datetime, *, zone: bool = True) -> str:
    """A moment as the server writes it, to the nanosecond."""
    text = moment.strftime("%Y-%m-%dT%H:%M:%S.%f000")
    return f"{text}+00:00" if zone else text
