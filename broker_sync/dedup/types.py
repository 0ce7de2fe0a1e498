"""What goes into the store of sync records and what comes out of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum, unique

from broker_sync.changes import Conflict, Keep, Why
from broker_sync.contracts import Rejection, WriteOutcome
from broker_sync.errors import TransientError
from broker_sync.models import Activity

__all__ = [
    "Adopted",
    "Intent",
    "Kind",
    "Known",
    "Operation",
    "Pending",
    "RunConflictError",
    "RunCounts",
    "SavedConflict",
    "SavedRejection",
    "Settlement",
    "State",
    "ToCreate",
    "ToDelete",
    "ToRecreate",
    "ToUpdate",
]


@unique
class Kind(StrEnum):
    """Where an activity comes from: a record of the broker, or an opening balance that we derived."""

    RECORD = "record"
    OPENING = "opening"


@unique
class State(StrEnum):
    """How far an activity has come; `FAILED` means that the sink refused to create it."""

    INTENT = "intent"
    CONFIRMED = "confirmed"
    FAILED = "failed"


@unique
class Operation(StrEnum):
    """What was last asked of the sink."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    RECREATE = "recreate"
    """To create again what it had and has lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An activity that was seen before.

    `content_hash` is of what the sink has, or was last asked to create; an update touches it only when the
    sink has confirmed it. `is_booked` says that the sink has confirmed to have it, with whatever content.
    """

    external_id: str
    record_id: str
    content_hash: str
    state: State
    tracker_id: str | None
    kind: Kind
    is_booked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ToCreate:
    """The sink will be asked to create `activity`, whose fingerprint is `content_hash`."""

    activity: Activity
    content_hash: str
    kind: Kind = Kind.RECORD

    @property
    def external_id(self) -> str:
        """Id of the activity."""
        return self.activity.external_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ToUpdate:
    """The sink will be asked to give a booked activity the content of `activity`."""

    activity: Activity
    content_hash: str
    why: Why = Why.RESTATED

    @property
    def external_id(self) -> str:
        """Id of the activity."""
        return self.activity.external_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ToDelete:
    """The sink will be asked to remove a booked activity."""

    external_id: str
    why: Why = Why.RESTATED


@dataclass(frozen=True, slots=True, kw_only=True)
class ToRecreate:
    """The sink will be asked to create a booked activity again, as it was: it does not have it any more."""

    external_id: str


Intent = ToCreate | ToUpdate | ToDelete | ToRecreate


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """The sink has had `activity` all along, under its own `tracker_id`, whatever we know of it."""

    tracker_id: str
    activity: Activity
    content_hash: str

    @property
    def external_id(self) -> str:
        """Id of the activity."""
        return self.activity.external_id


Settlement = WriteOutcome | Adopted


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """An intent whose outcome is not known: the run that had it died.

    `activity` is what the sink was to create or make of it; for a delete, what it was to remove.
    """

    operation: Operation
    external_id: str
    record_id: str
    kind: Kind
    activity: Activity
    content_hash: str
    tracker_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCounts:
    """What a run did, in broker records."""

    fetched: int = 0
    new: int = 0
    known: int = 0
    updated: int = 0
    imported: int = 0
    failed: int = 0
    rejected: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedRejection:
    """A rejection with the times (UTC) at which it was first and last met; `run_id` is of the last."""

    rejection: Rejection
    run_id: int
    first_seen: dt.datetime
    last_seen: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedConflict:
    """A conflict in a tracker's account, with what a person decided about it; None where nobody has.

    `wanted_hash` is the fingerprint of what the broker says, None where the activity is to go.
    """

    sink: str
    account_id: str
    conflict: Conflict
    wanted_hash: str | None
    decision: Keep | None


class RunConflictError(TransientError):
    """The store is not as this run left it: another one is at work on the same account."""

    def __init__(self, problem: str, *, external_ids: Sequence[str]) -> None:
        some = ", ".join(external_ids[:3]) + (", …" if len(external_ids) > 3 else "")
        super().__init__(f"{problem}: {some}; if another run is at work, run again when it has finished")
        self.external_ids = tuple(external_ids)
