"""A tracker that takes everything and keeps nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Final

from broker_sync.abilities import Keeps, Overrides, Rows
from broker_sync.codec import activity_from_json, activity_to_json
from broker_sync.contracts import (
    Edited,
    Holding,
    Refused,
    Sink,
    Stored,
    Touched,
    Untouched,
    WriteOutcome,
)
from broker_sync.explain.entry import Entry, entry_of
from broker_sync.models import Account, Activity
from broker_sync.rehearsal.effects import Effects
from broker_sync.rehearsal.planned import Planned
from broker_sync.storage.pile import Pile

__all__ = ["Rehearsal"]

_NO_SUCH: Final = "it is not there"


class Rehearsal:
    """A sink over `sink`, for one account, with what was written here on top; `sink` is only read.

    It shows what `sink` would show if all of it had been written there. What a tracker alone can say of what
    is new to it (that it will not have it, what it is worth) is not known.
    """

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        # There may be hundreds of thousands.
        self._written = Pile()
        self._gone: set[str] = set()
        self._adopted: set[str] = set()
        self._effects = Effects()

    @property
    def name(self) -> str:
        """The name of the sink that this stands for."""
        return self._sink.name

    @property
    def planned(self) -> Sequence[Activity]:
        """What would be created, or given another content, as it would be then."""
        return Planned(self._written) if self._written else ()

    @property
    def is_changed(self) -> bool:
        """Whether anything would be written."""
        return bool(self._written or self._gone)

    async def login(self) -> None:
        """Make the real one ready to be read."""
        await self._sink.login()

    async def close(self) -> None:
        """Nothing: whoever opened the real one closes it."""

    # --- reading ---

    async def find(self, account_id: str, external_ids: Sequence[str]) -> Mapping[str, str]:
        """Which of `external_ids` would be there; what is new goes by its external id."""
        there = await self._sink.find(account_id, external_ids)
        return {
            each: there.get(each, each)
            for each in external_ids
            if each in self._written or (each in there and each not in self._gone)
        }

    async def holdings(self, account_id: str, *, as_of: dt.date) -> Sequence[Holding]:
        """What would be held at the end of `as_of`, zero quantities left out."""
        return self._effects.on_holdings(await self._sink.holdings(account_id, as_of=as_of), as_of)

    async def cash(self, account_id: str, *, as_of: dt.date) -> Mapping[str, Decimal]:
        """The cash that there would be at the end of `as_of`, signed, by currency, zeros left out."""
        return self._effects.on_cash(await self._sink.cash(account_id, as_of=as_of), as_of)

    async def compute_position_qty(self, account_id: str) -> dict[str, Decimal]:
        """Signed quantity by canonical symbol, over everything that would be there."""
        return self._effects.on_symbols(await self._sink.compute_position_qty(account_id))

    # --- seeming to write ---

    async def create(self, account: Account, activities: Sequence[Activity]) -> Sequence[WriteOutcome]:
        """Take in what would not be there; outcomes in the order given."""
        there = dict(await self.find(account.id, [each.external_id for each in activities]))
        outcomes: list[WriteOutcome] = []
        for each in activities:
            name = each.external_id
            outcomes.append(
                Stored(external_id=name, tracker_id=there.get(name, name), created=name not in there)
            )
            if name not in there:
                self._put(each)
                there[name] = name
        return outcomes

    async def update(self, account: Account, activities: Sequence[Activity]) -> Sequence[WriteOutcome]:
        """Take in what would be there otherwise; what a person has changed is left."""
        edited = await self._left(account.id, [each.external_id for each in activities])
        return await self._rewrite(account, activities, edited)

    async def delete(self, account: Account, external_ids: Sequence[str]) -> Sequence[WriteOutcome]:
        """Take away what would be there; what a person has changed is left."""
        return await self._take_away(account, external_ids, await self._left(account.id, external_ids))

    async def _left(self, account_id: str, external_ids: Sequence[str]) -> Mapping[str, Edited]:
        """What the real one would leave as it is. What was written here, nobody has changed since."""
        if not isinstance(self._sink, Overrides):
            return {}
        asked = [each for each in external_ids if each not in self._written and each not in self._gone]
        return {each.external_id: each for each in await self._sink.edited(account_id, asked)}

    async def _rewrite(
        self, account: Account, activities: Sequence[Activity], edited: Mapping[str, Edited]
    ) -> list[WriteOutcome]:
        there = await self.find(account.id, [each.external_id for each in activities])
        due = {each.external_id: each for each in activities if _is_due(each.external_id, there, edited)}
        await self._take_off(account, due)
        for each in due.values():
            self._put(each)
        return [
            edited.get(name) or _stored(name, there) for name in (each.external_id for each in activities)
        ]

    async def _take_away(
        self, account: Account, external_ids: Sequence[str], edited: Mapping[str, Edited]
    ) -> list[WriteOutcome]:
        there = await self.find(account.id, external_ids)
        due = [each for each in dict.fromkeys(external_ids) if _is_due(each, there, edited)]
        await self._take_off(account, due)
        for each in due:
            self._written.pop(each, None)
        self._gone.update(await self._sink.find(account.id, due) if due else ())
        return [
            edited.get(each) or Stored(external_id=each, tracker_id=there.get(each, each), created=False)
            for each in external_ids
        ]

    def _put(self, activity: Activity) -> None:
        self._written[activity.external_id] = activity_to_json(activity)
        self._effects.add(entry_of(activity))

    async def _take_off(self, account: Account, external_ids: Collection[str]) -> None:
        """What these do counts no more, whoever wrote it."""
        asked = []
        for each in external_ids:
            if each in self._written:
                self._effects.take_off(entry_of(activity_from_json(self._written[each])))
            else:
                asked.append(each)
        for entry in await self._entries(account.id, asked):
            self._effects.take_off(entry)

    async def _entries(self, account_id: str, external_ids: Sequence[str]) -> list[Entry]:
        """What these do in the real one."""
        if not external_ids or not isinstance(self._sink, Keeps):
            return []
        held = [each async for each in self._sink.held(account_id, external_ids)]
        done = [entry_of(each.activity) for each in held if isinstance(each, Untouched)]
        theirs = [each for each in held if isinstance(each, Touched)]
        if not theirs:
            return done
        if not isinstance(self._sink, Rows):
            return done + [entry_of(each.activity) for each in theirs if each.activity is not None]
        names = {each.external_id for each in theirs}
        return done + [each for each in await self._sink.entries(account_id) if each.external_id in names]


def _is_due(name: str, there: Mapping[str, str], edited: Mapping[str, Edited]) -> bool:
    return name in there and name not in edited


def _stored(name: str, there: Mapping[str, str]) -> WriteOutcome:
    if name not in there:
        return Refused(external_id=name, reason=_NO_SUCH)
    return Stored(external_id=name, tracker_id=there[name])
