"""All that is known of where a record came from and what became of it; pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from broker_sync.changes import Change
from broker_sync.contracts import Rejection
from broker_sync.models import Activity
from broker_sync.received import Entry

__all__ = [
    "Absent",
    "InTracker",
    "NotAsked",
    "Present",
    "TracedChange",
    "TracedLeg",
    "TracedName",
    "TracedRecord",
    "TracedRejection",
    "TracedRow",
    "TracedStatement",
]


# --- what the tracker has now ---


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """It is there under `tracker_id`; `activity` is its content, None where the tracker was not asked for it.

    `is_as_booked` is whether the content, or else the id, is the one that was written down.
    """

    tracker_id: str
    activity: Activity | None
    is_as_booked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """It is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAsked:
    """The tracker could not be asked, or was not; `reason` says why."""

    reason: str


InTracker = Present | Absent | NotAsked


# --- what was booked, and of what ---


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedLeg:
    """One activity of a record: `state` and `operation` are how far it has come, `asked` see the store.

    `run` is the number of the run that last asked for something, `run_started_at` is when it began (UTC).
    """

    activity: Activity
    state: str
    operation: str
    tracker_id: str | None
    reason: str | None
    asked: Activity | None
    run: int
    run_version: str
    run_started_at: dt.datetime
    run_outcome: str | None
    updated_at: dt.datetime
    tracker: InTracker


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedChange:
    """A content that was there before: which run asked for another, and when that was done (UTC).

    `content_hash` is the fingerprint of what was there.
    """

    change: Change
    content_hash: str
    run: int
    at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedRow:
    """A row of a statement: its section, which of the rows there it is (from 1), and all that it says."""

    account: str
    section: str
    number: int
    raw: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedStatement:
    """A statement that covers the day, with the rows of it that are the record.

    `problem` says why there are none, where it could not be read.
    """

    entry: Entry
    rows: tuple[TracedRow, ...] = ()
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedRecord:
    """A record that was booked; `account` is the broker's, None where nothing says which it is.

    An opening balance is no record of the broker's: its one statement is that which it was worked out from.
    `history` is what its activities said before, the earliest first; of one that was removed `legs` is empty.
    """

    record_id: str
    is_opening: bool
    sink: str
    account_id: str
    account: str | None
    booked_on: dt.date
    legs: tuple[TracedLeg, ...]
    statements: tuple[TracedStatement, ...]
    history: tuple[TracedChange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedRejection:
    """A record that was not booked."""

    rejection: Rejection
    sink: str
    account_id: str
    run: int
    first_seen: dt.datetime
    last_seen: dt.datetime
    statements: tuple[TracedStatement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedName:
    """What goes by the name that somebody asked for."""

    asked: str
    records: tuple[TracedRecord, ...]
    rejections: tuple[TracedRejection, ...]
