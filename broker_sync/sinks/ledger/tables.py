"""The tables of ``portfolio.db``. Times are ISO 8601 in UTC, days ISO 8601, numbers decimal, all as text."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, Table, Text, UniqueConstraint

from broker_sync.storage import Schema

__all__ = ["SCHEMA", "accounts", "activities"]

_metadata = MetaData()

accounts = Table(
    "accounts",
    _metadata,
    Column("id", Text, primary_key=True),
    Column("provider", Text, nullable=False),
    Column("provider_account_id", Text, nullable=False),
    Column("account_type", Text, nullable=False),
    Column("currency", Text),
)

# The id is never given out twice: it is what the sync records call an activity.
activities = Table(
    "activities",
    _metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", Text, ForeignKey("accounts.id"), nullable=False),
    Column("external_id", Text, nullable=False),
    Column("record_id", Text, nullable=False),
    Column("group_id", Text),
    Column("account_type", Text, nullable=False),
    Column("date", Text, nullable=False),
    Column("booked_on", Text, nullable=False),
    Column("activity_type", Text, nullable=False),
    Column("subtype", Text),
    Column("currency", Text, nullable=False),
    Column("symbol", Text),
    Column("quantity", Text),
    Column("unit_price", Text),
    Column("fee", Text),
    Column("amount", Text),
    Column("ratio", Text),
    Column("comment", Text),
    Column("instrument_symbol", Text),
    Column("instrument_currency", Text),
    Column("instrument_asset_class", Text),
    Column("instrument_isin", Text),
    Column("instrument_conid", Text),
    Column("instrument_exchange", Text),
    Column("instrument_name", Text),
    Column("instrument_multiplier", Text),
    Column("instrument_broker_symbol", Text),
    UniqueConstraint("account_id", "external_id", name="activities_once"),
    Index("activities_in_order", "account_id", "date", "external_id"),
    Index("activities_by_day", "booked_on"),
    sqlite_autoincrement=True,
)

SCHEMA: Final = Schema(name="portfolio", metadata=_metadata)
