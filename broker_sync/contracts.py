"""What a provider (a broker) and a sink (a tracker) must be able to do, and what passes between them."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, unique
from typing import Protocol, runtime_checkable

from broker_sync.models import Account, Activity, CashBalance, Instrument, Nav, Position

__all__ = [
    "Edited",
    "Held",
    "Holding",
    "Provider",
    "Refused",
    "Rejection",
    "SectionCount",
    "Sink",
    "Stored",
    "Touched",
    "Truth",
    "Twin",
    "TwinFate",
    "Untouched",
    "WriteOutcome",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """A broker record that was not booked: why, and all that the broker said of it.

    `quantity` is what the row itself says it did to the instrument's position, None when it does not say.
    """

    external_id: str
    section: str
    reason: str
    raw: Mapping[str, str]
    booked_on: dt.date | None = None
    instrument: Instrument | None = None
    quantity: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionCount:
    """How many rows of a section there were and what became of them; `rows` is the sum of the others."""

    section: str
    rows: int
    booked: int = 0
    informational: int = 0
    rejected: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What the broker says an account held: `positions` or `cash` is None where the broker did not say.

    `first_day` and `last_day` bound the window (both included); `opening_positions` is what was held before
    `first_day`, as far as positions and activity show it. `lists` are the kinds of records (the middle part
    of their ids) of which the statement has all that there are for these days; `made` is when the broker made
    it (aware), None where it does not say.
    """

    account: Account
    first_day: dt.date
    last_day: dt.date
    document: str
    positions: Sequence[Position] | None
    opening_positions: Sequence[Position]
    cash: Sequence[CashBalance] | None
    nav: Nav | None = None
    sections: Sequence[SectionCount] = ()
    lists: frozenset[str] = frozenset()
    made: dt.datetime | None = None
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What a tracker says it holds of one instrument; `quantity` is signed."""

    instrument: Instrument
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """The sink has the activity, under its own `tracker_id`; `created` tells new from already there."""

    external_id: str
    tracker_id: str
    created: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The sink will not take the activity; `reason` is its own word."""

    external_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """A person has changed the activity in the tracker, so it was left as it is; `reason` says what was done.

    `theirs` is what the tracker says now, in its own words.
    """

    external_id: str
    reason: str
    theirs: Mapping[str, str]


WriteOutcome = Stored | Refused | Edited


@dataclass(frozen=True, slots=True, kw_only=True)
class Untouched:
    """The tracker has `activity` under its own `tracker_id`, as we wrote it."""

    external_id: str
    tracker_id: str
    activity: Activity


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """The tracker has a row of ours that a person has changed since; `reason` and `theirs` as in `Edited`.

    `activity` is what we wrote, None when that cannot be told any more.
    """

    external_id: str
    tracker_id: str
    activity: Activity | None
    reason: str
    theirs: Mapping[str, str]


Held = Untouched | Touched


@unique
class TwinFate(Enum):
    """What became of a row that does what an activity of ours does."""

    LIKELY = "likely"
    """Both are there, unless nothing was written."""

    TAKEN_OVER = "taken_over"
    """Ours stands in its place."""

    OF_ANOTHER_TOOL = "of_another_tool"
    """Both are there; what other tools wrote is never touched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """A row that is not ours, the tracker's `tracker_id`, and does what the activity `external_id` does.

    `text` says what it is.
    """

    external_id: str
    tracker_id: str
    text: str
    fate: TwinFate


@runtime_checkable
class Provider(Protocol):
    """A broker, for one account."""

    @property
    def name(self) -> str:
        """Short name of the broker, the first part of every external id."""

    def accounts(self) -> Sequence[Account]:
        """The account that the activities are for."""

    def fetch(
        self, *, since: dt.date | None = None, before: dt.date | None = None
    ) -> AsyncIterator[Activity]:
        """Yield activities, those of one record one after the other; `before` is exclusive."""

    def open_positions(self) -> list[tuple[str, Decimal]]:
        """Canonical symbol and signed quantity; empty before the first fetch."""

    def rejections(self) -> Sequence[Rejection]:
        """The records of the last fetch that were not booked."""

    def truths(self) -> Sequence[Truth]:
        """What the broker says the account held, by statement, the latest last; empty before a fetch."""

    async def close(self) -> None:
        """Let go of files and connections."""


@runtime_checkable
class Sink(Protocol):
    """A tracker. Every activity is known to it by account and external id, and by these only once."""

    @property
    def name(self) -> str:
        """Short name of the tracker."""

    async def login(self) -> None:
        """Make ready to read and write; raises a :class:`~broker_sync.errors.BrokerSyncError`."""

    async def find(self, account_id: str, external_ids: Sequence[str]) -> Mapping[str, str]:
        """Which of `external_ids` the tracker has, with the tracker's own id of each."""

    async def create(self, account: Account, activities: Sequence[Activity]) -> Sequence[WriteOutcome]:
        """Write activities; one that is there already is left as it is. Outcomes in the order given."""

    async def update(self, account: Account, activities: Sequence[Activity]) -> Sequence[WriteOutcome]:
        """Give activities that are there a new content. Outcomes in the order given."""

    async def delete(self, account: Account, external_ids: Sequence[str]) -> Sequence[WriteOutcome]:
        """Remove activities; one that is not there counts as removed. Outcomes in the order given."""

    async def holdings(self, account_id: str, *, as_of: dt.date) -> Sequence[Holding]:
        """What the tracker holds at the end of `as_of`, zero quantities left out."""

    async def cash(self, account_id: str, *, as_of: dt.date) -> Mapping[str, Decimal]:
        """The tracker's cash at the end of `as_of`, signed, by currency."""

    async def compute_position_qty(self, account_id: str) -> dict[str, Decimal]:
        """Signed quantity by canonical symbol, over everything the tracker has."""

    async def close(self) -> None:
        """Let go of files and connections."""
