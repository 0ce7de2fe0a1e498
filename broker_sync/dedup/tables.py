"""The tables of ``sync.db``. Times are ISO 8601 in UTC, days ISO 8601, numbers decimal, all as text."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    and_,
    bindparam,
    literal_column,
)

from broker_sync.storage import Schema

__all__ = [
    "IS_OPENING",
    "IS_UNSETTLED",
    "SCHEMA",
    "activities",
    "conflicts",
    "drifts",
    "history",
    "in_scope",
    "owners",
    "rejections",
    "results",
    "runs",
    "unverified",
    "windows",
]

_metadata = MetaData()

runs = Table(
    "runs",
    _metadata,
    Column("id", Integer, primary_key=True),
    Column("provider", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("started_at", Text, nullable=False),
    Column("ended_at", Text),
    Column("outcome", Text),
    Column("fetched", Integer),
    Column("new", Integer),
    Column("known", Integer),
    Column("updated", Integer),
    Column("imported", Integer),
    Column("failed", Integer),
    Column("rejected", Integer),
)

# What stands in `pending_*` becomes the content once the sink has confirmed an update. The external id comes
# first in the key, so that it can also be looked up alone.
activities = Table(
    "activities",
    _metadata,
    Column("external_id", Text, primary_key=True),
    Column("sink", Text, primary_key=True),
    Column("account_id", Text, primary_key=True),
    Column("provider", Text, nullable=False),
    Column("record_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("op", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("pending_hash", Text),
    Column("tracker_id", Text),
    Column("reason", Text),
    Column("booked_on", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("pending_payload", Text),
    Column("run_id", Integer, ForeignKey("runs.id"), nullable=False),
    Column("updated_at", Text, nullable=False),
    Column("why", Text),
    Index("activities_by_record", "record_id", "sink", "account_id"),
)
# The few rows that are asked for as a whole have small indexes of their own. A database uses such an index
# only for a query with the very same condition, so the values stand in the statement and are never bound.
IS_UNSETTLED: Final = activities.c.state == literal_column("'intent'")
IS_OPENING: Final = activities.c.kind == literal_column("'opening'")
for _name, _few in (("activities_unsettled", IS_UNSETTLED), ("activities_openings", IS_OPENING)):
    Index(_name, activities.c.sink, activities.c.account_id, sqlite_where=_few, postgresql_where=_few)

rejections = Table(
    "rejections",
    _metadata,
    Column("sink", Text, primary_key=True),
    Column("account_id", Text, primary_key=True),
    Column("external_id", Text, primary_key=True),
    Column("section", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("raw", Text, nullable=False),
    Column("booked_on", Text),
    Column("instrument", Text),
    Column("quantity", Text),
    Column("run_id", Integer, ForeignKey("runs.id"), nullable=False),
    Column("first_seen", Text, nullable=False),
    Column("last_seen", Text, nullable=False),
)

windows = Table(
    "windows",
    _metadata,
    Column("id", Integer, primary_key=True),
    Column("sink", Text, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("first_day", Text, nullable=False),
    Column("last_day", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("has_positions", Boolean, nullable=False),
    Column("has_cash", Boolean, nullable=False),
    Column("opening", Text, nullable=False),
    Column("run_id", Integer, ForeignKey("runs.id"), nullable=False),
    Column("made", Text),
    Column("lists", Text),
    UniqueConstraint("sink", "account_id", "first_day", "last_day", "document", name="windows_once"),
)

owners = Table(
    "owners",
    _metadata,
    Column("sink", Text, primary_key=True),
    Column("account_id", Text, primary_key=True),
    Column("provider", Text, nullable=False),
    Column("provider_account_id", Text, nullable=False),
)

drifts = Table(
    "drifts",
    _metadata,
    Column("sink", Text, primary_key=True),
    Column("account_id", Text, primary_key=True),
    Column("side", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("label", Text, nullable=False),
    Column("first_seen", Text, nullable=False),
    Column("last_seen", Text, nullable=False),
    Column("runs", Integer, nullable=False),
    Column("amount", Text, nullable=False),
)

results = Table(
    "results",
    _metadata,
    Column("run_id", Integer, ForeignKey("runs.id"), primary_key=True),
    Column("sink", Text, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("ended_at", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("body", Text, nullable=False),
    Index("results_by_account", "account", "ended_at"),
)

unverified = Table(
    "unverified",
    _metadata,
    Column("sink", Text, primary_key=True),
    Column("account_id", Text, primary_key=True),
    Column("record_id", Text, primary_key=True),
)

# What an activity said before it got another content or was removed; `new_payload` is empty for the latter.
history = Table(
    "history",
    _metadata,
    Column("id", Integer, primary_key=True),
    Column("sink", Text, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("record_id", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("new_payload", Text),
    Column("theirs", Text),
    Column("run_id", Integer, ForeignKey("runs.id"), nullable=False),
    Column("at", Text, nullable=False),
    Index("history_by_record", "record_id", "sink", "account_id"),
)

# `wanted` is empty where the activity is to go, `theirs` where a person has removed it.
conflicts = Table(
    "conflicts",
    _metadata,
    Column("sink", Text, primary_key=True),
    Column("account_id", Text, primary_key=True),
    Column("external_id", Text, primary_key=True),
    Column("record_id", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("wanted", Text),
    Column("wanted_hash", Text),
    Column("theirs", Text),
    Column("decision", Text),
    Column("run_id", Integer, ForeignKey("runs.id"), nullable=False),
    Column("first_seen", Text, nullable=False),
    Column("last_seen", Text, nullable=False),
)

SCHEMA: Final = Schema(name="sync", metadata=_metadata)


def in_scope(table: Table) -> ColumnElement[bool]:
    """What a row of `table` must fulfil to be of the account that a scope's key names."""
    return and_(table.c.sink == bindparam("of_sink"), table.c.account_id == bindparam("of_account"))
