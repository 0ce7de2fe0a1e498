"""What a rehearsal can do beside what every sink must: what the sink that it stands for can do."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, cast

from broker_sync.abilities import (
    Adopts,
    Keeps,
    Limits,
    Notes,
    Overrides,
    Release,
    Rows,
    Twins,
    Unholdable,
    Values,
)
from broker_sync.codec import activity_from_json
from broker_sync.contracts import Edited, Held, Sink, Twin, TwinFate, Untouched, WriteOutcome
from broker_sync.models import Account, Activity, Nav
from broker_sync.rehearsal.sink import Rehearsal

__all__ = ["rehearse"]


def rehearse(sink: Sink) -> Rehearsal:
    """What a dry run writes to in place of `sink`; it has those optional abilities that `sink` has."""
    able = [part for ability, part in _ABLE.items() if isinstance(sink, ability)]
    rehearsal: Rehearsal = type(Rehearsal.__name__, (*able, Rehearsal), {})(sink)
    return rehearsal


class _Keeping(Rehearsal):
    async def held(self, account_id: str, external_ids: Sequence[str] | None = None) -> AsyncIterator[Held]:
        """The activities of ours that would be there: of these ids, or (None) all."""
        there = cast("Keeps", self._sink).held(account_id, external_ids)
        async for each in there:
            if each.external_id not in self._written and each.external_id not in self._gone:
                yield each
        for name in self._written if external_ids is None else external_ids:
            text = self._written.get(name)
            if text is not None:
                ids = await self.find(account_id, [name])
                yield Untouched(external_id=name, tracker_id=ids[name], activity=activity_from_json(text))


class _Overriding(Rehearsal):
    async def edited(self, account_id: str, external_ids: Sequence[str]) -> Sequence[Edited]:
        """Those of `external_ids` that would be left, and why."""
        return list((await self._left(account_id, external_ids)).values())

    async def overwrite(self, account: Account, activities: Sequence[Activity]) -> Sequence[WriteOutcome]:
        """Take in what would be there otherwise, whoever has changed it."""
        return await self._rewrite(account, activities, _NOBODYS)

    async def remove(self, account: Account, external_ids: Sequence[str]) -> Sequence[WriteOutcome]:
        """Take away what would be there, whoever has changed it."""
        return await self._take_away(account, external_ids, _NOBODYS)


class _Limited(Rehearsal):
    async def cannot_hold(
        self,
        account_id: str,
        *,
        as_of: dt.date,
        planned: Iterable[Activity] = (),
        gone: Collection[str] = (),
    ) -> Sequence[Unholdable]:
        """The positions that could not be shown at the end of `as_of`."""
        return await cast("Limits", self._sink).cannot_hold(
            account_id, as_of=as_of, planned=[*self.planned, *planned], gone={*self._gone, *gone}
        )


class _Twinned(Rehearsal):
    async def twins(self, account_id: str, planned: Sequence[Activity]) -> Sequence[Twin]:
        """Rows of others that do what an activity of ours does that would be there.

        They are left as they are; those that the real one would take over count no more.
        """
        found = await cast("Twins", self._sink).twins(account_id, [*self.planned, *planned])
        if isinstance(self._sink, Adopts) and self._sink.adopts and isinstance(self._sink, Rows):
            due = {twin.tracker_id for twin in found if twin.fate is TwinFate.LIKELY} - self._adopted
            self._adopted |= due
            for each in await self._sink.entries(account_id) if due else ():
                if each.external_id is None and each.record_id in due:
                    self._effects.take_off(each)
        return found


class _Noted(Rehearsal):
    async def notes(self, account_id: str) -> Sequence[str]:
        """What there is to know of the account."""
        return await cast("Notes", self._sink).notes(account_id)


class _Valued(Rehearsal):
    async def valuation(self, account_id: str, *, as_of: dt.date) -> Nav | None:
        """What the account is worth; what would be written has no prices, so None if that is anything."""
        if self.is_changed:
            return None
        return await cast("Values", self._sink).valuation(account_id, as_of=as_of)


class _Released(Rehearsal):
    @property
    def version(self) -> str | None:
        """The release of the tracker."""
        return cast("Release", self._sink).version


_NOBODYS: Final[Mapping[str, Edited]] = MappingProxyType({})
_ABLE: Final[Mapping[type, type[Rehearsal]]] = {
    Keeps: _Keeping,
    Overrides: _Overriding,
    Limits: _Limited,
    Twins: _Twinned,
    Notes: _Noted,
    Values: _Valued,
    Release: _Released,
}
