"""What a tracker, or a provider, may be able to say beside what every one must."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Protocol, runtime_checkable

from broker_sync.contracts import Edited, Held, Twin, WriteOutcome
from broker_sync.explain.entry import Entry
from broker_sync.models import Account, Activity, Instrument, Nav

__all__ = [
    "Adopts",
    "Dates",
    "Keeps",
    "Limits",
    "Notes",
    "Overrides",
    "Release",
    "Renumbers",
    "Rows",
    "Twins",
    "Unholdable",
    "Values",
]


@runtime_checkable
class Dates(Protocol):
    """A provider that knows when its statements were made."""

    def made_at(self, record_id: str) -> dt.datetime | None:
        """When the statement was made (aware) out of which a record came last; None if it does not say."""


@runtime_checkable
class Values(Protocol):
    """A tracker that knows prices."""

    async def valuation(self, account_id: str, *, as_of: dt.date) -> Nav | None:
        """What the account was worth at the end of `as_of`, in its base currency; None if it is not known."""


@runtime_checkable
class Rows(Protocol):
    """A tracker that lists what it has."""

    async def entries(self, account_id: str) -> Sequence[Entry]:
        """Every row that counts, ours and others', with what it does to cash and position.

        A row of ours goes by its external id, any other has none, and the tracker's id as its `record_id`.
        """


class Unholdable(Protocol):
    """A position that the tracker cannot show."""

    @property
    def instrument(self) -> Instrument:
        """What it is of."""

    @property
    def quantity(self) -> Decimal:
        """How much of it there should be, signed."""

    @property
    def reason(self) -> str:
        """Why not."""


@runtime_checkable
class Limits(Protocol):
    """A tracker that cannot hold everything, and knows what."""

    async def cannot_hold(
        self,
        account_id: str,
        *,
        as_of: dt.date,
        planned: Iterable[Activity] = (),
        gone: Collection[str] = (),
    ) -> Sequence[Unholdable]:
        """The positions at the end of `as_of` that it cannot show.

        As if `planned` were there, in place of what has their ids, and what is `gone` (ids of ours) were not.
        """


@runtime_checkable
class Keeps(Protocol):
    """A tracker that can tell what we wrote, out of itself alone."""

    def held(self, account_id: str, external_ids: Sequence[str] | None = None) -> AsyncIterator[Held]:
        """The activities of ours that it has, of these ids or (None) all, in any order."""


@runtime_checkable
class Overrides(Protocol):
    """A tracker in which people change what we wrote, and that we can write over when a person says so."""

    async def edited(self, account_id: str, external_ids: Sequence[str]) -> Sequence[Edited]:
        """Those of `external_ids` that the sink's ``update`` and ``delete`` would leave, and why."""

    async def overwrite(self, account: Account, activities: Sequence[Activity]) -> Sequence[WriteOutcome]:
        """As the sink's ``update``, whoever has changed what is there."""

    async def remove(self, account: Account, external_ids: Sequence[str]) -> Sequence[WriteOutcome]:
        """As the sink's ``delete``, whoever has changed what is there."""


@runtime_checkable
class Renumbers(Protocol):
    """A tracker that gives an activity a new id when it writes it anew, which it may do by itself."""

    async def tracker_ids(self, account_id: str) -> Mapping[str, str]:
        """Its own id of each activity of ours that the account has, as it is now."""


@runtime_checkable
class Notes(Protocol):
    """A tracker of which people should know something."""

    async def notes(self, account_id: str) -> Sequence[str]:
        """Sentences: how the account is set up, what was left alone, what is not finished."""


@runtime_checkable
class Release(Protocol):
    """A tracker that says which release it is."""

    @property
    def version(self) -> str | None:
        """In its own words; None before the first login, or if it did not say."""


@runtime_checkable
class Adopts(Protocol):
    """A tracker that can be told to take over rows that people typed in; with it goes :class:`Twins`."""

    @property
    def adopts(self) -> bool:
        """Whether it was told to."""


@runtime_checkable
class Twins(Protocol):
    """A tracker in which people may have typed what the broker tells, too."""

    async def twins(self, account_id: str, planned: Sequence[Activity]) -> Sequence[Twin]:
        """Rows that do what an activity of ours does that is there, or `planned`; each row once.

        Where the sink was told to take such rows over, it does so for those that are left, and names those
        that it took over since it was opened.
        """
