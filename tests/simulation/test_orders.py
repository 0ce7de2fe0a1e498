"""What the broker takes back and books again ends in the same books, in whatever order its nights come."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker_sync.accounting import total_cash, total_positions
from broker_sync.fingerprint import content_hash
from tests.simulation.broker import after
from tests.simulation.checks import Empty, Tracker
from tests.simulation.kinds import KINDS
from tests.simulation.life import Life, live
from tests.simulation.query import Query
from tests.simulation.statement import write
from tests.simulation.strategies import Step

CORRECTIONS = ("cancel", "rebook-dividend", "correct-tax", "settle-fraction", "take-back")
"""What undoes something that was booked before, days or months after it."""
_OTHERS = ("buy", "buy-fraction", "sell", "pay-dividend", "deposit", "split", "spin-off", "merge-for-both")
_IN_MEMORY = Path("/dev/shm")  # noqa: S108 - a shared folder, in which only folders of our own are made
_DAY = dt.timedelta(days=1)
_START = dt.date(2025, 1, 2)

Night = tuple[dt.date, dt.date]


@pytest.fixture(scope="module")
def empty() -> Iterator[Empty]:
    # In memory where the machine has such a folder: databases wait for the disk otherwise.
    with TemporaryDirectory(dir=_IN_MEMORY if _IN_MEMORY.is_dir() else None) as folder:
        yield Empty(Path(folder))


def _life(rng: Random, *, days: int = 90, events: int = 40) -> Life:
    kinds = [KINDS[name] for name in (*CORRECTIONS * 2, *_OTHERS)]
    return live(rng, kinds, KINDS, first_day=_START, days=days, events=events)


def _nights(rng: Random, life: Life) -> list[Night]:
    """Windows that cover every day, some of them twice or more often, as late nights do."""
    nights = []
    start = life.first_day
    while start <= life.last_day:
        end = min(start + _DAY * rng.randrange(4, 40), life.last_day)
        nights.append((max(life.first_day, start - _DAY * rng.randrange(20)), end))
        start = end + _DAY
    return [*nights, rng.choice(nights), (max(life.first_day, life.last_day - _DAY * 30), life.last_day)]


def _books(nights: Sequence[Night], life: Life, empty: Empty) -> tuple[dict[str, str], list[str]]:
    """What the tracker has after all `nights`, as fingerprints, and what is wrong with it."""
    tracker = empty.tracker()
    query = Query(absent=frozenset())
    try:
        for first, last in nights:
            statement = write(life, query, first, last)
            tracker.sync(statement.text, Step(query=query, first=first, last=last))
        return (
            {each.external_id: content_hash(each) for each in tracker.activities()},
            _wrong(tracker, life, nights),
        )
    finally:
        empty.remove(tracker)


def _wrong(tracker: Tracker, life: Life, nights: Sequence[Night]) -> list[str]:
    booked, books = tracker.activities(), life.books(life.last_day)
    held = {key: total for key, total in total_positions(booked).items() if total}
    units = {each.instrument.key: each.instrument.conid for each in booked if each.instrument is not None}
    found = []
    if {units[key]: total for key, total in held.items()} != books.held():
        found.append(f"{nights}: held {held}, the broker {books.held()}")
    money = {currency: total for currency, total in total_cash(booked).items() if total}
    if money != books.money():
        found.append(f"{nights}: {money}, the broker {books.money()}")
    return found


def _compared(seed: int, empty: Empty, *, days: int = 90, orders: int = 2) -> list[str]:
    rng = Random(seed)
    life = _life(rng, days=days)
    nights = _nights(rng, life)
    in_order, found = _books(sorted(nights, key=lambda night: night[1]), life, empty)
    for _ in range(orders):
        rng.shuffle(nights)
        shuffled, wrong = _books(nights, life, empty)
        found += wrong
        differing = sorted(
            name for name in {*in_order, *shuffled} if in_order.get(name) != shuffled.get(name)
        )
        found += [f"seed {seed}, {nights}: {name} is not the same" for name in differing]
    return found


@settings(max_examples=2, deadline=None)
@given(st.integers(min_value=0, max_value=2**32))
def test_the_order_of_the_nights_makes_no_difference(empty: Empty, seed: int) -> None:
    assert _compared(seed, empty, days=25, orders=1) == []


@pytest.mark.slow
@pytest.mark.parametrize("first", [0, 8])
def test_the_order_of_the_nights_makes_no_difference_to_many_lives(empty: Empty, first: int) -> None:
    assert [each for seed in range(first, first + 8) for each in _compared(seed, empty)] == []


@pytest.mark.slow
def test_every_kind_of_correction_comes_days_and_months_after_what_it_corrects() -> None:
    lives = [_life(Random(seed)) for seed in range(60)]
    happened = Counter(row.kind for life in lives for row in life.rows)
    kinds = ("TradeCancel", "FracShareCancel", *(name for name in CORRECTIONS if name != "cancel"))
    assert {name for name in kinds if name in KINDS and happened[name] < 3} == set()
    assert {after(_START, 89)} == {life.last_day for life in lives}
