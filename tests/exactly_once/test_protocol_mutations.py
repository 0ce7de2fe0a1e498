"""That the tests of the protocol say no: under each mistake that is put into it, a walk comes to grief."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from broker_sync.changes import Keep
from broker_sync.lock import RunLock, RunLockedError
from tests.exactly_once.claims import problems, problems_at_the_end, problems_in_another_account, unknown
from tests.exactly_once.moods import Mood
from tests.exactly_once.protocol_mutations import MUTATIONS, Mutation
from tests.exactly_once.scenarios import SINKS
from tests.exactly_once.walk import Walk
from tests.exactly_once.world import fast_folder

pytestmark = pytest.mark.slow

_SEEDS = range(2)
_NOW = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)


@pytest.fixture
def in_memory_folder() -> Iterator[Path]:
    with fast_folder() as folder:
        yield folder


def _walks(folder: Path, seeds: range) -> Iterator[tuple[str, list[str]]]:
    """What is wrong after each walk; the same steps for all, into both trackers."""
    yield "lock", _two_locks(folder)
    for seed in seeds:
        for sink in reversed(SINKS):
            place = folder / f"{sink}-{seed}"
            place.mkdir()
            yield f"{sink}, seed {seed}", _wrong(place, seed, sink)


def _wrong(folder: Path, seed: int, sink: str) -> list[str]:
    walk = Walk(folder, seed, sink_name=sink, days=8, events=12)
    try:
        for found in _steps(walk):
            if found:
                return found
        return problems_at_the_end(walk) or problems_in_another_account(walk)
    except Exception as error:  # noqa: BLE001  # a crash is noticed as well
        return [f"{type(error).__name__}: {error}"]
    finally:
        walk.close()


def _steps(walk: Walk) -> Iterator[list[str]]:
    """Nights that go ill in every way, with a broker that changes its mind in between."""
    begun = walk.broker.life.first_day
    walk.broker.pass_days(5)
    yield from _night(walk, walk.broker.today - dt.timedelta(days=3), walk.broker.today)
    for mood in (Mood.DIES_AFTER, Mood.DIES_BEFORE, Mood.TIMES_OUT, Mood.REFUSES):
        walk.broker.pass_days(1)
        walk.broker.restate(0, Decimal("1.11"))
        for calls in (0, 1):
            yield _told_of(walk, mood, calls)
        walk.broker.take_back(2)
        yield _told_of(walk, mood, 0)
        yield from _night(walk, begun, walk.broker.today)
    for pick, keep in ((0, Keep.BROKER), (2, Keep.TRACKER)):
        yield from _dispute(walk, pick, keep)
    walk.broker.restate(0, Decimal("3.33"))
    walk.lose_memory()
    yield from _night(walk, begun, walk.broker.today)
    yield from _night(walk, walk.broker.today, walk.broker.today)


def _dispute(walk: Walk, pick: int, keep: Keep) -> Iterator[list[str]]:
    """A person changes something and removes something; the broker has its say, then the person has."""
    begun = walk.broker.life.first_day
    walk.person_changes(3 * pick + 1, Decimal(7))
    walk.broker.restate(2 * pick + 1, Decimal("2.22"))
    yield from _night(walk, begun, walk.broker.today)
    walk.person_removes(3 * pick + 1)
    yield from _night(walk, begun, walk.broker.today)
    for mood in (Mood.DIES_AFTER, Mood.DIES_BEFORE):
        walk.person_decides(0, keep, mood, 0)
        yield from _night(walk, begun, walk.broker.today)


def _told_of(walk: Walk, mood: Mood, calls: int) -> list[str]:
    """What is wrong after a night that goes ill, whatever the next one makes of it."""
    result = walk.night(walk.broker.life.first_day, walk.broker.today, mood, calls)
    if result is None:
        return unknown(walk)
    refuses = mood is Mood.REFUSES
    return [] if refuses else [f"the tracker refused nothing: {each}" for each in result.failures]


def _night(walk: Walk, first: dt.date, last: dt.date) -> Iterator[list[str]]:
    if walk.night(first, last) is None:
        yield ["a night failed in which nothing went ill", *walk.log]
    else:
        yield problems(walk, first, last)


def _two_locks(folder: Path) -> list[str]:
    with RunLock(folder / "data", now=lambda: _NOW):
        try:
            with RunLock(folder / "data", now=lambda: _NOW):
                return ["two runs are at work"]
        except RunLockedError:
            return []


@pytest.mark.parametrize("mutation", MUTATIONS, ids=str)
def test_a_broken_protocol_shows(
    mutation: Mutation, in_memory_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mutation.apply(monkeypatch)
    found = next(((where, wrong) for where, wrong in _walks(in_memory_folder, _SEEDS) if wrong), None)
    sys.stdout.write(f"{mutation}: {found}\n")
    assert found is not None


def test_without_a_mistake_the_same_walks_go_well(in_memory_folder: Path) -> None:
    assert {where: wrong for where, wrong in _walks(in_memory_folder, _SEEDS) if wrong} == {}
