"""One account of one server, as the sink works on it: what is there, what is written, what is read back."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from broker_sync.contracts import Refused, Stored, WriteOutcome
from broker_sync.models import Activity, ActivityType, Instrument
from broker_sync.sinks.wealthfolio.asset_writing import Assets
from broker_sync.sinks.wealthfolio.batches import Change
from broker_sync.sinks.wealthfolio.book import Book, make_book
from broker_sync.sinks.wealthfolio.changes import (
    Drafts,
    instruments_in,
    misplaced,
    removed,
    rewritten,
    written,
)
from broker_sync.sinks.wealthfolio.client import Sleep, WealthfolioClient
from broker_sync.sinks.wealthfolio.expectation import expectation
from broker_sync.sinks.wealthfolio.forms import forms_of, is_conversion
from broker_sync.sinks.wealthfolio.marks import key_of
from broker_sync.sinks.wealthfolio.payload_parts import Target
from broker_sync.sinks.wealthfolio.reading import holdings_on, rows_of
from broker_sync.sinks.wealthfolio.waiting import StillWorking, recalculate, wait_recalculated
from broker_sync.sinks.wealthfolio.wire import Holdings
from broker_sync.sinks.wealthfolio.writing import BulkWriter, Fate, Turned, find_keys

__all__ = ["Desk"]

_log: Final = logging.getLogger(__name__)
_PATIENCE: Final = 180.0


class Desk:
    """Reads and writes the account `target` on `client`; `read_only` writes nothing."""

    def __init__(
        self,
        client: WealthfolioClient,
        target: Target,
        assets: Assets,
        *,
        read_only: bool = False,
        sleep: Sleep = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._target = target
        self._assets = assets
        self._read_only = read_only
        self._sleep = sleep
        self._clock = clock
        self._writer = BulkWriter(client, target.account_id, sleep=sleep)
        self._book: Book | None = None
        self._memory: dict[str, str] | None = None
        self._is_settled = False
        self._is_in_doubt = False
        self._splits_changed = False
        self._days: dict[dt.date, Holdings] = {}
        self.notes: list[str] = []

    @property
    def target(self) -> Target:
        """The account, as the server has it."""
        return self._target

    async def find(self, external_ids: Sequence[str]) -> dict[str, str]:
        """Which of `external_ids` are there, with the id of the main row of each."""
        keys = {key_of(self._target.account_id, each): each for each in external_ids}
        return {keys[key]: id_ for key, id_ in (await find_keys(self._client, list(keys))).items()}

    # --- writing ---

    async def create(self, activities: Sequence[Activity]) -> list[WriteOutcome]:
        """Write what is not there; outcomes in the order given."""
        once = list({each.external_id: each for each in reversed(activities)}.values())[::-1]
        forms = forms_of([each for each in once if is_conversion(each)], self._target.zone)
        assets = await self._refs(instruments_in(once))
        changes, refused = written(once, forms, assets, self._target)
        return self._outcomes(activities, await self._carry_out(changes, once), refused)

    async def update(self, activities: Sequence[Activity]) -> list[WriteOutcome]:
        """Write anew what is there; what is not, or is not ours any more, is refused."""
        book = await self.book()
        refused = _not_to_touch(book, [each.external_id for each in activities], must_be_there=True)
        ours = {each.external_id: each for each in activities if each.external_id not in refused}
        known = {each.external_id: each for each in book.activities}
        forms = forms_of((known | ours).values(), self._target.zone)
        assets = await self._refs(instruments_in(ours.values()))
        changes, unsendable = rewritten(ours.values(), forms, assets, self._target, book)
        fates = await self._carry_out(changes, ours.values())
        return self._outcomes(activities, fates, refused | unsendable)

    async def delete(self, external_ids: Sequence[str]) -> list[WriteOutcome]:
        """Remove what is there; what is not counts as removed, what is not ours any more is refused."""
        book = await self.book()
        refused = _not_to_touch(book, external_ids, must_be_there=False)
        leaving = [each for each in external_ids if each not in refused]
        activities = book.activities
        forms = forms_of([each for each in activities if each.external_id not in leaving], self._target.zone)
        assets = await self._refs(instruments_in(each for each in activities if is_conversion(each)))
        changes, _ = removed(leaving, forms, assets, self._target, book)
        fates = await self._carry_out(changes, [each for each in activities if each.external_id in leaving])
        turned = {name: reason for name, reason in _turned(fates).items() if name in leaving}
        return [
            Refused(external_id=each, reason=reason)
            if (reason := (refused | turned).get(each)) is not None
            else Stored(
                external_id=each,
                tracker_id=book.entries[each].rows[0].id if each in book.entries else each,
                created=False,
            )
            for each in external_ids
        ]

    async def _refs(self, instruments: Iterable[Instrument]) -> Drafts:
        return await self._assets.refs(instruments, self._booked_under)

    async def _booked_under(self) -> Mapping[str, str]:
        """The asset that rows of the account name for each instrument, as it was when the run began."""
        if self._memory is None:
            named = (await self.book()).instruments
            self._memory = {key: asset for asset, instruments in named.items() for key in instruments}
        return self._memory

    async def _carry_out(self, changes: Sequence[Change], about: Iterable[Activity]) -> list[Fate]:
        """Make `changes`; from then on everything that was read is out of date."""
        if not changes:
            return []
        self._book, self._is_settled = None, False
        self._days.clear()
        self._splits_changed |= any(each.activity_type is ActivityType.SPLIT for each in about)
        return await self._writer.carry_out(changes)

    def _outcomes(
        self, activities: Sequence[Activity], fates: Sequence[Fate], refused: dict[str, str]
    ) -> list[WriteOutcome]:
        reasons = refused | _turned(fates)
        ids = {key: id_ for fate in fates if not isinstance(fate, Turned) for key, id_ in fate.ids.items()}
        new = {
            name
            for fate in fates
            if not isinstance(fate, Turned) and fate.new
            for name in fate.change.external_ids
        }
        outcomes: list[WriteOutcome] = []
        for each in activities:
            name = each.external_id
            if name in reasons:
                outcomes.append(Refused(external_id=name, reason=reasons[name]))
                continue
            tracker_id = ids[key_of(self._target.account_id, name)]
            outcomes.append(Stored(external_id=name, tracker_id=tracker_id, created=name in new))
            new.discard(name)  # of twins in one call the second is there by then
        return outcomes

    # --- reading ---

    async def book(self) -> Book:
        """All that the account has."""
        if self._book is None:
            self._book = make_book(
                self._target.account_id, await rows_of(self._client, self._target.account_id)
            )
        return self._book

    async def settled(self) -> Book:
        """The book, with every row in the form and on the day that it should have, and reckoned with."""
        if not self._is_settled:
            if not self._read_only:
                await self._put_right()
            await self._wait()
            self._is_settled = True
        return await self.book()

    async def _put_right(self) -> None:
        wrong, forms = misplaced(await self.book(), self._target)
        if not wrong:
            return
        _log.info("%d activities are written anew: what is beside them has changed.", len(wrong))
        assets = await self._refs(instruments_in(wrong))
        changes, _ = rewritten(wrong, forms, assets, self._target, await self.book())
        for name, reason in _turned(await self._carry_out(changes, wrong)).items():
            self.notes.append(f"{name} could not be written anew in Wealthfolio: {reason}")

    async def _wait(self) -> None:
        """Wait for the server's calculation. It does not go back far enough for a split, so it is told to."""
        if self._splits_changed and not self._read_only:
            await self._recalculate()
            self._splits_changed = False
        if await self._is_done() or self._read_only:
            return
        await self._recalculate()
        self._is_in_doubt = not await self._is_done()
        if self._is_in_doubt:
            self.notes.append(
                "Wealthfolio's calculation is not finished, or not what the activities in it add up to: what "
                "it holds may be out of date. The next run compares again."
            )

    async def _is_done(self) -> bool:
        """Whether the server has reckoned with everything, as far as one can tell."""
        book = await self.book()
        expected = expectation(book, self._target.zone)
        seen = await wait_recalculated(
            self._client,
            self._target.account_id,
            changed_at=book.changed_at,
            expected=expected,
            limit=_PATIENCE,
            sleep=self._sleep,
            clock=self._clock,
        )
        if isinstance(seen, StillWorking):
            return False
        return expected is None or expected(seen.holdings)

    async def held_on(self, day: dt.date) -> Holdings:
        """What the server says that the account held at the end of `day`, in the units of today."""
        book = await self.settled()
        if day not in self._days:
            held = await holdings_on(self._client, self._target.account_id, day)
            expected = expectation(book, self._target.zone, until=day)
            is_wrong = expected is not None and not expected(held)
            if is_wrong and not (self._is_in_doubt or self._read_only):
                # It is right today and was not on that day: the days in between are still those of before.
                await self._recalculate()
                await self._is_done()
                held = await holdings_on(self._client, self._target.account_id, day)
            self._days[day] = held
        return self._days[day]

    async def _recalculate(self) -> None:
        await recalculate(self._client, self._target.account_id)


def _not_to_touch(book: Book, external_ids: Sequence[str], *, must_be_there: bool) -> dict[str, str]:
    reasons: dict[str, str] = {}
    for name in external_ids:
        entry = book.entries.get(name)
        if entry is None:
            if must_be_there:
                reasons[name] = "Wealthfolio does not have it"
        elif entry.touched is not None:
            reasons[name] = f"{entry.touched}, so it is left as it is"
    return reasons


def _turned(fates: Sequence[Fate]) -> dict[str, str]:
    return {
        name: fate.reason for fate in fates if isinstance(fate, Turned) for name in fate.change.external_ids
    }
