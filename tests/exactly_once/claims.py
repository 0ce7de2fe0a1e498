"""What must be true after a night of a walk, whatever has happened before it."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import Iterable

from broker_sync.abilities import Keeps
from broker_sync.models import OPENING_BALANCE, Activity
from broker_sync.reconcile import CashDrift, PositionDrift
from tests.exactly_once.mind import number_of
from tests.exactly_once.person import number
from tests.exactly_once.walk import TRACKED, Walk
from tests.simulation.checks import _effect_of_row, _effects_of

_OTHER = "U1234567"


def problems(walk: Walk, first: dt.date, last: dt.date) -> list[str]:
    """What is wrong after a night over these days that went well; it is repeated for that."""
    there = {*walk.tracker.names(), *walk.person.removed}
    found = [f"removed, and not of these days: {each}" for each in sorted(walk.outside - there)]
    found += [*_records(walk, first, last), *_doubles(walk)]
    before = walk.moods.writes
    again = walk.night(first, last)
    if again is None:
        return [*found, "the same night once more failed"]
    counts = (again.new_after_dedup, again.updated, again.deleted, again.opening_changes)
    if any(counts) or walk.moods.writes != before:
        found.append(f"the same night once more wrote {counts} in {walk.moods.writes - before} calls")
    pending = walk.store.pending(walk.sink.name, TRACKED)
    found += [f"{each.external_id} is left as {each.operation}" for each in pending]
    return found + walk.wrong


def unknown(walk: Walk) -> list[str]:
    """What is in the tracker and was never written down as asked for; there is none at any moment."""
    there = walk.tracker.names()
    known = walk.store.lookup(walk.sink.name, TRACKED, there)
    return [f"booked without having been asked for: {each}" for each in there if each not in known]


def problems_at_the_end(walk: Walk) -> list[str]:
    """What is wrong once every day was told anew, and whoever did anything in the tracker has given in."""
    walk.restart()
    first, last = walk.broker.life.first_day, walk.broker.life.last_day
    walk.broker.today = last
    result = walk.night(first, last)
    found = []
    if result is not None and walk.person.touched:
        found += problems(walk, first, last)
        walk.person_gives_in()
        result = walk.night(first, last)
    if result is None:
        return [*found, "the last night failed"]
    sides: list[PositionDrift | CashDrift] = [*(result.positions or ()), *(result.cash or ())]
    found += [f"drift: {each}" for each in sides if each.exceeds()]
    found += [f"failed: {each}" for each in result.failures]
    found += [f"in conflict: {each.external_id} {each.reason}" for each in result.conflicts]
    found += [f"rejected: {each.external_id} {each.reason}" for each in result.rejected]
    found += [
        f"still rejected: {each.rejection.external_id}"
        for each in walk.store.rejections(walk.sink.name, TRACKED)
    ]
    return found + problems(walk, first, last)


def problems_in_another_account(walk: Walk) -> list[str]:
    """What is wrong after the same statement was booked for another account of the tracker."""
    before = walk.tracker.names()
    asyncio.run(walk.book_elsewhere(_OTHER))
    known = {each.external_id for each in walk.store.booked_activities(walk.sink.name, _OTHER)}
    there = Counter(walk.tracker.names())
    there.subtract(before)
    found = [f"not booked in another account: {each}" for each in sorted(known) if there[each] != 1]
    # Of what has no number the broker's account is part of the id.
    if len(known) != len(before):
        found.append(f"another account has {len(known)} records of {len(before)}")
    return found


def _records(walk: Walk, first: dt.date, last: dt.date) -> Iterable[str]:
    """Compare each record of these days with what its row did, and see to it that there are no others.

    What a person has touched is left out: it does what the person says. So are corporate actions that are
    held back, by name: the position may lack what a person has removed, or days that are not told yet.
    """
    apart = walk.person.numbers | _held_back(walk)
    rows = [row for row in walk.broker.listed(first, last) if number_of(row) not in apart]
    done = Counter(effect for row in rows if any((effect := _effect_of_row(row))[1:]))
    legs: dict[str, list[Activity]] = {}
    for each in asyncio.run(_booked(walk)):
        is_told = each.subtype != OPENING_BALANCE and first <= each.booked_on <= last
        if is_told and number(each.record_id) not in apart:
            legs.setdefault(each.record_id, []).append(each)
    booked = Counter(effect for its in legs.values() for effect in _effects_of(its) if any(effect[1:]))
    yield from (f"not booked: {each}" for each in (done - booked).elements())
    yield from (f"booked, but no row: {each}" for each in (booked - done).elements())


def _held_back(walk: Walk) -> set[str]:
    rejections = walk.store.rejections(walk.sink.name, TRACKED)
    names = [each.rejection.external_id for each in rejections]
    return {number(name) for name in names if ":corporate-action:" in name}


async def _booked(walk: Walk) -> list[Activity]:
    """What the tracker itself says that it has of ours."""
    assert isinstance(walk.sink, Keeps)
    try:
        return [each.activity async for each in walk.sink.held(TRACKED) if each.activity is not None]
    finally:
        await walk.sink.close()


def _doubles(walk: Walk) -> Iterable[str]:
    """Compare what is known to be booked with what is in the tracker."""
    known = Counter(walk.booked() - walk.person.removed)
    there = Counter(walk.tracker.names())
    yield from (f"known, and not there: {each}" for each in (known - there).elements())
    yield from (f"there, and not known: {each}" for each in (there - known).elements())
