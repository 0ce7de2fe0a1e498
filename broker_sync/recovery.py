"""Brings what is known in line with what the tracker has, before a run books anything.

Either side may have been lost, or put back from a backup. What the tracker has under our keys is known again
without being written; what it has lost altogether is created again; what a person decided is carried out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Context, Decimal
from typing import Final

from broker_sync.abilities import Dates, Keeps, Overrides
from broker_sync.apply import NotDone, Writer
from broker_sync.changes import Conflict, Keep
from broker_sync.contracts import Held, Provider, Refused, Touched
from broker_sync.dedup import Adopted, Known, Opened, SavedConflict
from broker_sync.fingerprint import content_hash
from broker_sync.models import OPENING_BALANCE, Activity, ActivityType, Position
from broker_sync.newest import Newest
from broker_sync.opening import OUT_OF_TRACKER, Window
from broker_sync.people import REMOVED
from broker_sync.plan import batches
from broker_sync.verify import moves_units_untraded
from broker_sync.windows import window_of

__all__ = ["Recovery", "adopted_window", "carry_out_decisions", "recover", "settle"]

_PAGE: Final = 500
_SAMPLE: Final = 200
_DAY: Final = dt.timedelta(days=1)
# A price has at most 28 digits, and so has what it is multiplied with.
_EXACT: Final = Context(prec=100)
_LOST: Final = "the tracker has nothing of what was booked there, and the next sync books all of it again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """Sentences on what was found, and what the tracker would not take of what was to be made good."""

    notes: Sequence[str]
    not_done: Sequence[NotDone]


async def recover(
    writer: Writer, *, provider: str, forgotten: Callable[[], Provider] | None = None
) -> Recovery:
    """Settle what other runs left, and find what was lost.

    `forgotten` opens statements that were booked for this account of the broker's, and of which the store of
    sync records knows nothing: it may be older than they are. Of their records nothing is written.
    """
    refused = await settle(writer)
    notes = []
    if forgotten is not None or await _is_behind(writer, provider):
        adopted = await _adopt(writer, provider)
        if adopted and forgotten is not None:
            await _remember(writer, forgotten())
        if adopted:
            notes.append(
                f"sync.db did not know {adopted} of the activities in the tracker, or knew them otherwise; "
                "they are known again, and nothing was written there."
            )
    lost = await _lost(writer)
    if lost:
        notes.append(
            f"The tracker had nothing of what was booked there ({len(lost)} activities): it is taken to be a "
            "new or an emptied one, and all of it was booked again."
        )
        refused += await writer.recreate(lost)
    await _ask_anew(writer)
    not_done = await carry_out_decisions(writer, tried={each.external_id for each in refused})
    return Recovery(notes=notes, not_done=[*refused, *not_done])


async def settle(writer: Writer) -> list[NotDone]:
    """Settle what other runs left; gives back what was to be created again, and is refused.

    Not if the tracker has nothing any more: if it had one activity, a person would seem to have removed the
    others.
    """
    again = await writer.settle_unfinished()
    if again and await _lost(writer):
        writer.withdraw(again)
        return []
    return await writer.resume()


# --- what is known here ---


async def _is_behind(writer: Writer, provider: str) -> bool:
    """Whether the tracker has what the store of sync records does not know, or knows otherwise.

    Either may have been put back from a backup, or somebody else books into the same tracker.
    """
    scope = (writer.sink.name, writer.account.id)
    if isinstance(writer.sink, Keeps) and not writer.store.windows(*scope):
        return True
    async for page in _pages(writer, provider):
        known = writer.store.lookup(*scope, [each.external_id for each in page])
        if any(_is_news(each, known.get(each.external_id)) for each in page):
            return True
    return False


def _is_news(found: Adopted, known: Known | None) -> bool:
    return known is None or not known.is_booked or known.content_hash != found.content_hash


async def _adopt(writer: Writer, provider: str) -> int:
    """Know what the tracker has; how many activities were not known, or known otherwise."""
    scope = (writer.sink.name, writer.account.id)
    summary = _Summary()
    is_news = False
    async for page in _pages(writer, provider):
        known = writer.store.lookup(*scope, [each.external_id for each in page])
        is_news |= any(each.external_id not in known for each in page)
        summary.take(each.activity for each in page)
    window = summary.window()
    if is_news and window is not None:
        # First, so that a run that dies on the way leaves behind from when on the tracker has everything.
        writer.store.save_window(*scope, window, run_id=writer.run_id)
    return sum(
        [writer.store.adopt(*scope, page, run_id=writer.run_id) async for page in _pages(writer, provider)]
    )


async def _pages(writer: Writer, provider: str) -> AsyncIterator[list[Adopted]]:
    if not isinstance(writer.sink, Keeps):
        return
    page: list[Adopted] = []
    async for held in writer.sink.held(writer.account.id):
        found = _adopted(held, provider)
        if found is not None and not _is_known_edit(writer, held):
            page.append(found)
        if len(page) == _PAGE:
            yield page
            page = []
    if page:
        yield page


def _is_known_edit(writer: Writer, held: Held) -> bool:
    """Whether a person has changed what is booked: what we wrote there may be older than what is known."""
    if not isinstance(held, Touched):
        return False
    known = writer.store.lookup(writer.sink.name, writer.account.id, [held.external_id])
    return any(each.is_booked for each in known.values())


def _adopted(held: Held, provider: str) -> Adopted | None:
    if held.activity is None or not held.external_id.startswith(f"{provider}:"):
        return None
    return Adopted(
        tracker_id=held.tracker_id, activity=held.activity, content_hash=content_hash(held.activity)
    )


def adopted_window(activities: Iterable[Activity]) -> Window | None:
    """The days that `activities` are of, and what they say was there before; None if there are none."""
    summary = _Summary()
    summary.take(activities)
    return summary.window()


@dataclass(slots=True)
class _Summary:
    """Of many activities what is needed to know the opening balances by."""

    first: dt.date | None = None
    last: dt.date | None = None
    openings: list[Activity] = field(default_factory=list)

    def take(self, activities: Iterable[Activity]) -> None:
        for each in activities:
            is_opening = each.subtype == OPENING_BALANCE
            # An opening balance stands on the day before the first that a statement shows.
            day = each.booked_on + _DAY if is_opening else each.booked_on
            self.first = day if self.first is None else min(self.first, day)
            self.last = day if self.last is None else max(self.last, day)
            if is_opening:
                self.openings.append(each)

    def window(self) -> Window | None:
        if self.first is None or self.last is None:
            return None
        held = tuple(_position(each) for each in self.openings if each.instrument is not None)
        cash = {each.currency: _money(each) for each in self.openings if each.instrument is None}
        return Window(
            first_day=self.first,
            last_day=self.last,
            document=OUT_OF_TRACKER,
            opening_positions=held or None,
            starting_cash=cash or None,
        )


def _position(opening: Activity) -> Position:
    if opening.instrument is None or opening.quantity is None:
        raise ValueError(f"{opening.external_id} is no opening position")
    sign = 1 if opening.activity_type is ActivityType.ADD_HOLDING else -1
    quantity = sign * opening.quantity
    cost = None
    if opening.unit_price is not None:
        units = _EXACT.multiply(quantity, opening.instrument.multiplier)
        cost = _EXACT.multiply(opening.unit_price, units)
    return Position(instrument=opening.instrument, quantity=quantity, cost=cost)


def _money(opening: Activity) -> Decimal:
    amount = opening.amount or Decimal(0)
    return amount if opening.activity_type is ActivityType.TRANSFER_IN else -amount


async def _remember(writer: Writer, forgotten: Provider) -> None:
    """Keep what statements said that were booked before, windows and rejections; book nothing.

    What they list and the tracker lacks is known as booked: a person has removed it, and is asked about it.
    What a later statement has no more the broker has taken back.
    """
    scope = (writer.sink.name, writer.account.id)
    removed: dict[str, list[Adopted]] = {}
    async for records in batches(forgotten.fetch()):
        legs = [leg.external_id for record in records for leg in record.activities]
        there = await writer.sink.find(writer.account.id, legs)
        for record in records:
            # Of a corporate action nobody can say: it may have been held back.
            lacking = [] if moves_units_untraded(record) else [
                Adopted(tracker_id="", activity=leg, content_hash=content_hash(leg))
                for leg in record.activities
                if leg.external_id not in there
            ]  # fmt: skip
            removed[record.record_id] = lacking
            if not lacking:
                # A later statement has said otherwise, or all of it is there.
                del removed[record.record_id]
    told = [window_of(truth) for truth in forgotten.truths()]
    newest = Newest([*writer.store.windows(*scope), *told])
    gone = [leg for legs in removed.values() for leg in legs if not _is_outdated(leg, forgotten, newest)]
    for start in range(0, len(gone), _PAGE):
        writer.store.adopt(*scope, gone[start : start + _PAGE], run_id=writer.run_id)
    writer.store.save_rejections(*scope, forgotten.rejections(), run_id=writer.run_id)
    for window in told:
        writer.store.save_window(*scope, window, run_id=writer.run_id)


def _is_outdated(leg: Adopted, told: Provider, newest: Newest) -> bool:
    made = told.made_at(leg.activity.record_id) if isinstance(told, Dates) else None
    return newest.supersedes(leg.activity.record_id, leg.activity.booked_on, made)


# --- what is in the tracker ---


async def _lost(writer: Writer) -> list[str]:
    """All that is booked, if the tracker has nothing of it: one by one is what people remove."""
    scope = (writer.sink.name, writer.account.id)
    removed = [each for each in writer.store.conflicts(*scope) if each.conflict.tracker is None]
    if any(each.decision is not Keep.BROKER for each in removed):
        # Somebody has begun to remove what is there.
        return []
    sample = writer.store.latest_booked(*scope, most=_SAMPLE)
    if not sample or await writer.sink.find(writer.account.id, sample):
        return []
    booked = writer.store.latest_booked(*scope)
    return [] if await writer.sink.find(writer.account.id, booked) else booked


async def _ask_anew(writer: Writer) -> None:
    """Take back decisions for the broker about what a person has changed or removed since then."""
    scope = (writer.sink.name, writer.account.id)
    sink = writer.sink
    due = [each for each in writer.store.conflicts(*scope) if each.decision is Keep.BROKER]
    if not due or not isinstance(sink, Overrides):
        return
    names = [each.conflict.external_id for each in due]
    there = await sink.find(writer.account.id, names)
    edited = {each.external_id: each for each in await sink.edited(writer.account.id, list(there))}
    opened = []
    for conflict in (each.conflict for each in due):
        edit = edited.get(conflict.external_id)
        is_gone = conflict.external_id not in there
        if is_gone and conflict.tracker is not None and conflict.broker is not None:
            opened.append(_opened(conflict, REMOVED, None))
        elif edit is not None and edit.theirs != conflict.tracker:
            opened.append(_opened(conflict, edit.reason, edit.theirs))
    if opened:
        writer.store.open_conflicts(*scope, opened, run_id=writer.run_id)


def _opened(conflict: Conflict, reason: str, theirs: Mapping[str, str] | None) -> Opened:
    return Opened(
        external_id=conflict.external_id,
        record_id=conflict.record_id,
        reason=reason,
        wanted=conflict.broker,
        theirs=theirs,
    )


async def carry_out_decisions(writer: Writer, *, tried: Collection[str] = ()) -> list[NotDone]:
    """Let the broker's content stand where that is decided; gives back what was not done.

    What was `tried` by this run waits for the next, and all of it while the tracker has nothing at all.
    """
    scope = (writer.sink.name, writer.account.id)
    decided = [each for each in writer.store.conflicts(*scope) if each.decision is Keep.BROKER]
    due = [each for each in decided if each.conflict.external_id not in tried]
    if not due:
        return []
    names = [each.conflict.external_id for each in due]
    if not set(await _lost(writer)) <= set(names):
        return [Refused(external_id=each, reason=_LOST) for each in names]
    there = await writer.sink.find(writer.account.id, names)
    gone = [each for each in due if each.conflict.external_id not in there and each.conflict.broker]
    not_done = await writer.recreate([each.conflict.external_id for each in gone])
    refused = {each.external_id for each in not_done}
    taken = [each for each in due if each.conflict.external_id not in refused]
    not_done += await writer.overrule(*_wanted(taken, there))
    await writer.learn_ids()
    return not_done


def _wanted(due: Sequence[SavedConflict], there: Mapping[str, str]) -> tuple[list[Activity], list[str]]:
    update = [
        each.conflict.broker
        for each in due
        if each.conflict.broker is not None
        and (each.conflict.external_id in there or content_hash(each.conflict.booked) != each.wanted_hash)
    ]
    delete = [each.conflict.external_id for each in due if each.conflict.broker is None]
    return update, delete
