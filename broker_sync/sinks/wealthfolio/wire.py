"""What the server sends, read into values: accounts, activities, holdings, valuations, settings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from broker_sync.sinks.wealthfolio.errors import AnswerError
from broker_sync.sinks.wealthfolio.fields import Fields, JsonValue, objects

__all__ = [
    "ActivityPage",
    "ActivityRow",
    "HeldAsset",
    "HeldCash",
    "Holdings",
    "ServerSettings",
    "Valuation",
    "WireAccount",
    "parse_account",
    "parse_accounts",
    "parse_holdings",
    "parse_page",
    "parse_quote_days",
    "parse_row",
    "parse_settings",
    "parse_snapshot_days",
    "parse_valuations",
]

_POSTED: Final = "POSTED"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """`time_zone` decides on which day a moment lies, `zone_name` is what is set, empty if nothing is.

    `base_currency` is None on a server that is not set up yet.
    """

    time_zone: ZoneInfo
    base_currency: str | None
    zone_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WireAccount:
    """An account of the server; `meta` is a text of whoever made it, and cannot be changed later.

    `created_at` is in UTC.
    """

    id: str
    name: str
    account_type: str
    currency: str
    tracking_mode: str
    is_active: bool
    is_archived: bool
    created_at: dt.datetime
    meta: str | None = None
    provider_account_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityRow:
    """An activity as the server keeps it. No number is negative; the direction is in the type.

    `date` is in UTC. `symbol` is the code that is shown, not an ISIN. `amount` is filled in by some versions
    (quantity times price) where none was stored. `created_at` and `updated_at` are in UTC.
    """

    id: str
    account_id: str
    activity_type: str
    status: str
    date: dt.datetime
    currency: str
    subtype: str | None = None
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    fee: Decimal | None = None
    tax: Decimal | None = None
    amount: Decimal | None = None
    fx_rate: Decimal | None = None
    asset_id: str | None = None
    symbol: str | None = None
    asset_name: str | None = None
    exchange_mic: str | None = None
    instrument_type: str | None = None
    comment: str | None = None
    source_system: str | None = None
    source_record_id: str | None = None
    source_group_id: str | None = None
    idempotency_key: str | None = None
    needs_review: bool = False
    is_user_modified: bool = False
    metadata: Mapping[str, JsonValue] = field(default_factory=dict)
    created_at: dt.datetime
    updated_at: dt.datetime

    @property
    def counts(self) -> bool:
        """Whether the server reckons with it: drafts, pending and void ones it only shows."""
        return self.status == _POSTED


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityPage:
    """One page of a search; `total` is the number of all rows that match."""

    rows: tuple[ActivityRow, ...]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldAsset:
    """How much of an asset is held; `symbol` is the code that is shown, `currency` that of its quotes."""

    asset_id: str
    symbol: str
    quantity: Decimal
    currency: str
    exchange_mic: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldCash:
    """A balance, negative when borrowed."""

    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """What an account holds; zero quantities and balances are left out. Quantities passed through floats."""

    assets: tuple[HeldAsset, ...] = ()
    cash: tuple[HeldCash, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Valuation:
    """What an account was worth at the end of `day`, in `currency`, that of the account.

    `rate_to_base` turns it into `base_currency`. `calculated_at`, in UTC, is when the server worked it out.
    """

    day: dt.date
    currency: str
    base_currency: str
    rate_to_base: Decimal
    cash: Decimal
    total: Decimal
    calculated_at: dt.datetime


def parse_settings(value: JsonValue) -> ServerSettings:
    """The answer of ``/settings``. A server without a zone, or with one that is none, reckons in UTC."""
    fields = Fields.of(value, "the settings")
    name = (fields.maybe_text("timezone") or "").strip()
    try:
        zone = ZoneInfo(name or "UTC")
    except (KeyError, OSError, ValueError):
        zone = ZoneInfo("UTC")
    return ServerSettings(
        time_zone=zone, base_currency=fields.maybe_text("baseCurrency") or None, zone_name=name
    )


def parse_accounts(value: JsonValue) -> list[WireAccount]:
    """The answer of ``/accounts``."""
    return [parse_account(each) for each in objects(value, "the accounts")]


def parse_account(fields: Fields) -> WireAccount:
    """One account."""
    return WireAccount(
        id=fields.text("id"),
        name=fields.text("name"),
        account_type=fields.text("accountType"),
        currency=fields.text("currency"),
        tracking_mode=fields.text("trackingMode"),
        is_active=fields.flag("isActive"),
        is_archived=fields.flag("isArchived"),
        created_at=fields.moment("createdAt"),
        meta=fields.maybe_text("meta"),
        provider_account_id=fields.maybe_text("providerAccountId"),
    )


def parse_page(value: JsonValue) -> ActivityPage:
    """The answer of ``/activities/search``."""
    fields = Fields.of(value, "a page of activities")
    return ActivityPage(
        rows=tuple(parse_row(each) for each in fields.parts("data")),
        total=fields.part("meta").count("totalRowCount"),
    )


def parse_row(fields: Fields) -> ActivityRow:
    """One row of a page."""
    metadata = fields.maybe_part("metadata")
    return ActivityRow(
        id=fields.text("id"),
        account_id=fields.text("accountId"),
        activity_type=fields.text("activityType"),
        subtype=fields.maybe_text("subtype"),
        status=fields.text("status"),
        date=fields.moment("date"),
        quantity=fields.maybe_number("quantity"),
        unit_price=fields.maybe_number("unitPrice"),
        fee=fields.maybe_number("fee"),
        tax=fields.maybe_number("tax"),
        amount=fields.maybe_number("amount"),
        fx_rate=fields.maybe_number("fxRate"),
        currency=fields.text("currency"),
        asset_id=fields.maybe_text("assetId") or None,
        symbol=fields.maybe_text("assetSymbol") or None,
        asset_name=fields.maybe_text("assetName"),
        exchange_mic=fields.maybe_text("exchangeMic"),
        instrument_type=fields.maybe_text("instrumentType"),
        comment=fields.maybe_text("comment"),
        source_system=fields.maybe_text("sourceSystem"),
        source_record_id=fields.maybe_text("sourceRecordId"),
        source_group_id=fields.maybe_text("sourceGroupId"),
        idempotency_key=fields.maybe_text("idempotencyKey"),
        needs_review=fields.flag("needsReview"),
        is_user_modified=fields.flag("isUserModified"),
        metadata={} if metadata is None else metadata.values,
        created_at=fields.moment("createdAt"),
        updated_at=fields.moment("updatedAt"),
    )


def parse_holdings(value: JsonValue) -> Holdings:
    """The answer of ``/holdings`` or ``/snapshots/holdings``."""
    assets: list[HeldAsset] = []
    cash: list[HeldCash] = []
    for each in objects(value, "the holdings"):
        quantity = each.number("quantity")
        if not quantity:
            continue
        if each.text("holdingType") == "cash":
            cash.append(HeldCash(currency=each.text("localCurrency"), amount=quantity))
        else:
            assets.append(_held(each.part("instrument"), quantity))
    return Holdings(assets=tuple(assets), cash=tuple(cash))


def _held(instrument: Fields, quantity: Decimal) -> HeldAsset:
    return HeldAsset(
        asset_id=instrument.text("id"),
        symbol=instrument.text("symbol"),
        quantity=quantity,
        currency=instrument.text("currency"),
        exchange_mic=instrument.maybe_text("exchangeMic"),
        name=instrument.maybe_text("name"),
    )


def parse_snapshot_days(value: JsonValue) -> list[dt.date]:
    """The days, ascending, for which ``/snapshots`` has holdings: those on which something happened."""
    return sorted(each.day("snapshotDate") for each in objects(value, "the snapshots"))


def parse_valuations(value: JsonValue, account_id: str) -> list[Valuation]:
    """The answer of ``/valuations/latest`` or ``/valuations/history`` for one account, by day."""
    found = [_valuation(each, account_id) for each in objects(value, "the valuations")]
    return sorted(found, key=lambda valuation: valuation.day)


def _valuation(fields: Fields, account_id: str) -> Valuation:
    if fields.text("accountId") != account_id:
        found = fields.text("accountId")
        raise AnswerError(f"Wealthfolio sent the value of account {found}, not of {account_id}.")
    return Valuation(
        day=fields.day("valuationDate"),
        currency=fields.text("accountCurrency"),
        base_currency=fields.text("baseCurrency"),
        rate_to_base=fields.number("fxRateToBase"),
        cash=fields.number("cashBalance"),
        total=fields.number("totalValue"),
        calculated_at=fields.moment("calculatedAt"),
    )


def parse_quote_days(value: JsonValue) -> dict[str, dt.date]:
    """The answer of ``/market-data/quotes/latest``: by asset the day of its latest price."""
    quotes = Fields.of(value, "the latest prices")
    return {asset: quotes.part(asset).day("quoteDate") for asset in quotes.values}
