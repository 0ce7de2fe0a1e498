"""One account of one server, as the sink works on it: what is there, what is written, what is read back."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from broker_sync.contracts import Edited, Held, Refused, Stored, Twin, WriteOutcome
from broker_sync.explain.entry import Entry
from broker_sync.models import Activity, ActivityType, Instrument, Nav
from broker_sync.sinks.wealthfolio.adopting import Adoptions, without_them
from broker_sync.sinks.wealthfolio.agreeing import agreeing
from broker_sync.sinks.wealthfolio.asset_writing import Assets
from broker_sync.sinks.wealthfolio.batches import Change
from broker_sync.sinks.wealthfolio.book import Book, make_book
from broker_sync.sinks.wealthfolio.changes import (
    Drafts,
    instruments_in,
    misplaced,
    removed,
    rewritten,
    with_partners,
    written,
)
from broker_sync.sinks.wealthfolio.client import Sleep, WealthfolioClient
from broker_sync.sinks.wealthfolio.effects import Reckoning, entries_of
from broker_sync.sinks.wealthfolio.elsewhere import IN_ARCHIVE, moved, with_moved
from broker_sync.sinks.wealthfolio.expectation import expectation
from broker_sync.sinks.wealthfolio.forms import Form, forms_of, is_conversion
from broker_sync.sinks.wealthfolio.marks import key_of
from broker_sync.sinks.wealthfolio.outcomes import is_whole, removal, turned, unreachable, were_there
from broker_sync.sinks.wealthfolio.payload_parts import Target
from broker_sync.sinks.wealthfolio.people import edited, held_of
from broker_sync.sinks.wealthfolio.reading import holdings_on, quote_days, rows_of, valuation_on
from broker_sync.sinks.wealthfolio.standing import cannot_hold
from broker_sync.sinks.wealthfolio.waiting import StillWorking, recalculate, wait_recalculated
from broker_sync.sinks.wealthfolio.wire import Holdings
from broker_sync.sinks.wealthfolio.worth import nav_of
from broker_sync.sinks.wealthfolio.writing import BulkWriter, Fate, Turned, find_keys

__all__ = ["Desk"]

_log: Final = logging.getLogger(__name__)
_PATIENCE: Final = 180.0
_NOTHING: Final[Mapping[str, WriteOutcome]] = {}


class Desk:
    """Reads and writes the account `target` on `client`; `read_only` writes nothing.

    `adopts` takes over what people typed in for the same things. `final_amounts` is what the server's release
    does (:class:`~broker_sync.sinks.wealthfolio.version.Features`).
    """

    def __init__(
        self,
        client: WealthfolioClient,
        target: Target,
        assets: Assets,
        *,
        read_only: bool = False,
        adopts: bool = False,
        final_amounts: bool = False,
        sleep: Sleep = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._reckoning = Reckoning(zone=target.zone, currency=target.currency, final_amounts=final_amounts)
        self._adoptions = Adoptions(self._reckoning, wanted=adopts)
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
        self._found: set[str] = set()
        self._days: dict[dt.date, Holdings] = {}
        self.notes: list[str] = []

    @property
    def target(self) -> Target:
        """The account, as the server has it."""
        return self._target

    async def find(self, external_ids: Sequence[str]) -> dict[str, str]:
        """Which of `external_ids` are there, with the id of the main row of each; in any account."""
        keys = {key_of(self._target.account_id, each): each for each in external_ids}
        found = {keys[key]: id_ for key, id_ in (await find_keys(self._client, list(keys))).items()}
        self._found.update(found)
        return found

    async def held(self, external_ids: Sequence[str] | None) -> list[Held]:
        """What rows of ours stand for: all of the account, or those of `external_ids` in any account."""
        book = await self.book()
        if external_ids is None:
            return [held_of(each) for each in book.entries.values()]
        doubtful = [each for each in external_ids if not is_whole(book, each)]
        entries = (await with_moved(self._client, book, doubtful)).entries
        return [held_of(entries[each]) for each in external_ids if each in entries]

    async def edited(self, external_ids: Sequence[str]) -> list[Edited]:
        """Those of `external_ids` that a person has changed or moved, or whose other leg one has."""
        whole = await with_moved(self._client, await self.book(), external_ids)
        return list(edited(whole, external_ids).values())

    # --- writing ---

    async def create(self, activities: Sequence[Activity]) -> list[WriteOutcome]:
        """Write what is not there; outcomes in the order given."""
        once = list({each.external_id: each for each in reversed(activities)}.values())[::-1]
        forms = forms_of([each for each in once if is_conversion(each)], self._target.zone)
        assets = await self._refs(instruments_in(once))
        changes, refused = written(once, forms, assets, self._target)
        if self._adoptions.needs_book:
            self._adoptions.look(await self.book())
        changes = self._adoptions.with_theirs(changes, once, assets)
        fates = await self._carry_out(changes, once)
        self._adoptions.took(each.change for each in fates if not isinstance(each, Turned))
        return self._outcomes(activities, fates, refused, await self._moved(were_there(fates)))

    async def twins(self, planned: Sequence[Activity]) -> list[Twin]:
        """Rows of others that do what ours do; typed ones are taken over where that was asked for."""
        left = self._adoptions.left(await self.book(), planned)
        if self._adoptions.wanted and not self._read_only:
            fates = await self._carry_out(without_them(left), ())
            self._adoptions.took(each.change for each in fates if not isinstance(each, Turned))
        return self._adoptions.told(left)

    async def update(self, activities: Sequence[Activity], *, anyway: bool = False) -> list[WriteOutcome]:
        """Write anew what is there; what is not is refused.

        What a person has changed is left as it is, or with `anyway` written over.
        """
        names = [each.external_id for each in activities]
        book = await self.book()
        whole = await with_moved(self._client, book, names)
        theirs = {} if anyway else edited(whole, names)
        agreed = await self._agreed([each for each in activities if each.external_id in theirs], whole)
        refused = unreachable(whole, names)
        asked = [each for each in activities if each.external_id not in {*theirs, *refused}]
        # The server deletes both legs of a conversion with one.
        ours = {each.external_id: each for each in with_partners(asked, whole)}
        forms = self._forms(book, ours.values())
        assets = await self._refs(instruments_in(ours.values()))
        changes, unsendable = rewritten(ours.values(), forms, assets, self._target, whole)
        fates = await self._carry_out(changes, ours.values())
        return self._outcomes(activities, fates, refused | unsendable, {**theirs, **agreed})

    async def delete(self, external_ids: Sequence[str], *, anyway: bool = False) -> list[WriteOutcome]:
        """Remove what is there; what is not counts as removed.

        What a person has changed is left as it is, or with `anyway` removed, too.
        """
        book = await self.book()
        whole = await with_moved(self._client, book, external_ids)
        theirs = {} if anyway else edited(whole, external_ids)
        hidden = dict.fromkeys(whole.out_of_sight, IN_ARCHIVE)
        leaving = [each for each in external_ids if each not in {*theirs, *hidden}]
        activities = book.activities
        forms = forms_of([each for each in activities if each.external_id not in leaving], self._target.zone)
        assets = await self._refs(instruments_in(each for each in activities if is_conversion(each)))
        changes, _ = removed(leaving, forms, assets, self._target, whole)
        fates = await self._carry_out(changes, [each for each in activities if each.external_id in leaving])
        refused = {name: reason for name, reason in turned(fates).items() if name in leaving} | hidden
        return [theirs[each] if each in theirs else removal(whole, each, refused) for each in external_ids]

    async def _moved(self, external_ids: Sequence[str]) -> dict[str, Edited]:
        """Those of `external_ids`, which were there before, that are there in another account."""
        if not external_ids:
            return {}
        return moved(await with_moved(self._client, await self.book(), external_ids), external_ids)

    async def _agreed(self, activities: Sequence[Activity], book: Book) -> dict[str, Stored]:
        """Those of `activities`, which people have changed, of which `book` has what is wanted by now."""
        named = await self._booked_under() if activities else {}
        # Nothing is made for what is only compared.
        known = [each for each in activities if all(one.key in named for one in instruments_in([each]))]
        forms = self._forms(book, known)
        assets = await self._refs(instruments_in(known))
        changes, _ = written(known, forms, assets, self._target)
        found = agreeing(book, [row for each in changes for row in each.rows], self._target.zone)
        return {name: Stored(external_id=name, tracker_id=id_, created=False) for name, id_ in found.items()}

    def _forms(self, book: Book, activities: Iterable[Activity]) -> dict[str, Form]:
        """The forms of what `book` has once `activities` are among it."""
        known = {each.external_id: each for each in (*book.activities, *activities)}
        return forms_of(known.values(), self._target.zone)

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
        self,
        activities: Sequence[Activity],
        fates: Sequence[Fate],
        refused: dict[str, str],
        settled: Mapping[str, WriteOutcome] = _NOTHING,
    ) -> list[WriteOutcome]:
        reasons = refused | turned(fates)
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
            if name in settled:
                outcomes.append(settled[name])
                continue
            if name in reasons:
                outcomes.append(Refused(external_id=name, reason=reasons[name]))
                continue
            tracker_id = ids[key_of(self._target.account_id, name)]
            outcomes.append(Stored(external_id=name, tracker_id=tracker_id, created=name in new))
            new.discard(name)  # of twins in one call the second is there by then
        return outcomes

    # --- reading ---

    async def entries(self) -> list[Entry]:
        """What every row that counts does."""
        return entries_of(await self.book(), self._reckoning)

    async def worth(self, day: dt.date) -> Nav | None:
        """What the account was worth at the end of `day`, in its currency; None if that is not certain."""
        held = await self.held_on(day)
        valued = await valuation_on(self._client, self._target.account_id, day)
        if valued is None or cannot_hold((await self.book()).activities, day):
            return None
        priced = await quote_days(self._client, [each.asset_id for each in held.assets])
        return nav_of(
            valued, held, priced, changed_at=(await self.book()).changed_until(day, self._target.zone)
        )

    async def book(self) -> Book:
        """All that the account has."""
        if self._book is None:
            self._book = make_book(
                self._target.account_id, await rows_of(self._client, self._target.account_id)
            )
        return self._book

    async def with_strays(self) -> Book:
        """The book, with what was asked for and stands in other accounts."""
        book = await self.book()
        return await with_moved(self._client, book, sorted(self._found - book.entries.keys()))

    async def ids(self) -> dict[str, str]:
        """The server's id of the main row of each activity of ours, as it is now."""
        return {name: entry.rows[0].id for name, entry in (await self.book()).entries.items()}

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
        for name, reason in turned(await self._carry_out(changes, wrong)).items():
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
