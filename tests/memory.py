"""A tracker in memory that people can change, and a broker that says what it is told to."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from broker_sync.accounting import total_cash, total_positions
from broker_sync.contracts import (
    Edited,
    Held,
    Holding,
    Refused,
    Rejection,
    Stored,
    Touched,
    Truth,
    Untouched,
    WriteOutcome,
)
from broker_sync.errors import TransientError
from broker_sync.models import Account, Activity
from tests.storage.samples import ACCOUNT

__all__ = ["EDITED", "Book", "Broker", "MemorySink"]

EDITED = "a person has changed it"


@dataclass(slots=True)
class Book:
    """What there is in the tracker, whoever looks at it."""

    rows: dict[str, tuple[str, Activity]] = field(default_factory=dict)
    theirs: dict[str, dict[str, str]] = field(default_factory=dict)
    refuses: set[str] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    dies_after: int | None = None
    numbers: Iterable[int] = field(default_factory=lambda: itertools.count(1))

    def edit(self, external_id: str, **fields: str) -> None:
        """What a person does."""
        self.theirs[external_id] = fields

    def contents(self) -> dict[str, Activity]:
        return {name: activity for name, (_, activity) in self.rows.items()}


class MemorySink:
    """A sink over `book`; it can tell what we wrote, and be told to write over what a person changed."""

    name = "memory"

    def __init__(self, book: Book) -> None:
        self.book = book

    async def login(self) -> None:
        pass

    async def close(self) -> None:
        pass

    async def find(self, account_id: str, external_ids: Sequence[str]) -> Mapping[str, str]:
        del account_id
        return {each: self.book.rows[each][0] for each in external_ids if each in self.book.rows}

    async def held(self, account_id: str, external_ids: Sequence[str] | None = None) -> AsyncIterator[Held]:
        del account_id
        for name in list(self.book.rows) if external_ids is None else external_ids:
            if name in self.book.rows:
                yield self._held(name)

    def _held(self, name: str) -> Held:
        number, activity = self.book.rows[name]
        if name not in self.book.theirs:
            return Untouched(external_id=name, tracker_id=number, activity=activity)
        return Touched(
            external_id=name,
            tracker_id=number,
            activity=activity,
            reason=EDITED,
            theirs=self.book.theirs[name],
        )

    async def create(self, account: Account, activities: Sequence[Activity]) -> Sequence[WriteOutcome]:
        del account
        return [
            self._written("create", each, there=each.external_id in self.book.rows) for each in activities
        ]

    async def update(self, account: Account, activities: Sequence[Activity]) -> Sequence[WriteOutcome]:
        del account
        return [
            self._edited(each.external_id) or self._written("update", each, there=False)
            for each in activities
        ]

    async def edited(self, account_id: str, external_ids: Sequence[str]) -> Sequence[Edited]:
        del account_id
        return [found for each in external_ids if (found := self._edited(each)) is not None]

    async def overwrite(self, account: Account, activities: Sequence[Activity]) -> Sequence[WriteOutcome]:
        for each in activities:
            self.book.theirs.pop(each.external_id, None)
        return await self.update(account, activities)

    async def delete(self, account: Account, external_ids: Sequence[str]) -> Sequence[WriteOutcome]:
        del account
        self.book.asked += external_ids
        return [self._edited(each) or self._removed(each) for each in external_ids]

    async def remove(self, account: Account, external_ids: Sequence[str]) -> Sequence[WriteOutcome]:
        for each in external_ids:
            self.book.theirs.pop(each, None)
        return await self.delete(account, external_ids)

    def _edited(self, name: str) -> Edited | None:
        theirs = self.book.theirs.get(name) if name in self.book.rows else None
        return None if theirs is None else Edited(external_id=name, reason=EDITED, theirs=theirs)

    def _written(self, what: str, activity: Activity, *, there: bool) -> WriteOutcome:
        name = activity.external_id
        if name in self.book.refuses:
            return Refused(external_id=name, reason="no")
        if there:
            return Stored(external_id=name, tracker_id=self.book.rows[name][0], created=False)
        self._live()
        self.book.calls.append(f"{what} {name}")
        self.book.rows[name] = (str(next(iter(self.book.numbers))), activity)
        return Stored(external_id=name, tracker_id=self.book.rows[name][0])

    def _removed(self, name: str) -> WriteOutcome:
        self._live()
        self.book.calls.append(f"delete {name}")
        self.book.rows.pop(name, None)
        self.book.theirs.pop(name, None)
        return Stored(external_id=name, tracker_id=name, created=False)

    def _live(self) -> None:
        """Write one more row, or die of it."""
        if self.book.dies_after is not None:
            if not self.book.dies_after:
                raise TransientError("the tracker has gone")
            self.book.dies_after -= 1

    async def holdings(self, account_id: str, *, as_of: dt.date) -> Sequence[Holding]:
        del account_id
        held = [each for each in self.book.contents().values() if each.booked_on <= as_of]
        instruments = {each.instrument.key: each.instrument for each in held if each.instrument is not None}
        return [
            Holding(instrument=instruments[key], quantity=quantity)
            for key, quantity in total_positions(held).items()
            if quantity
        ]

    async def cash(self, account_id: str, *, as_of: dt.date) -> Mapping[str, Decimal]:
        del account_id
        return total_cash(each for each in self.book.contents().values() if each.booked_on <= as_of)

    async def compute_position_qty(self, account_id: str) -> dict[str, Decimal]:
        del account_id
        return {}


@dataclass(slots=True)
class Broker:
    """Says `activities`, and `truth` of the account."""

    activities: Sequence[Activity] = ()
    truth: Sequence[Truth] = ()
    rejected: Sequence[Rejection] = ()
    name: str = "ibkr"
    account: Account = ACCOUNT
    made: dt.datetime | None = None

    def made_at(self, record_id: str) -> dt.datetime | None:
        del record_id
        return self.made

    def accounts(self) -> Sequence[Account]:
        return [self.account]

    async def fetch(
        self, *, since: dt.date | None = None, before: dt.date | None = None
    ) -> AsyncIterator[Activity]:
        del since, before
        for each in self.activities:
            yield each

    def open_positions(self) -> list[tuple[str, Decimal]]:
        return []

    def rejections(self) -> Sequence[Rejection]:
        return self.rejected

    def truths(self) -> Sequence[Truth]:
        return self.truth

    async def close(self) -> None:
        pass
