"""Draws a life, the settings of queries and the windows that are synced, all from one seed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from tests.simulation.broker import Kind, after
from tests.simulation.kinds import BOOKED_KINDS, KINDS
from tests.simulation.life import Life, live
from tests.simulation.query import Query
from tests.simulation.settings import draw_numbers, draw_query
from tests.simulation.windows import draw_windows

_EPOCH = dt.date(2024, 1, 1)
_OF_THE_WHOLE = ("OpenPositions", "CashReport", "SecuritiesInfo")
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much happens in a case, at most."""

    days: int = 25
    events: int = 30
    steps: int = 4


SMALL = Size(days=8, events=16, steps=2)
LARGE = Size()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One statement that is synced: a window, under the settings of a query.

    `since` and `before` cut the days that are asked of it. `is_checked` says whether the whole ledger is
    looked through after it, and the statement synced again.
    """

    query: Query
    first: dt.date
    last: dt.date
    since: dt.date | None = None
    before: dt.date | None = None
    is_checked: bool = True

    @property
    def start(self) -> dt.date:
        """The first day that is synced."""
        return self.first if self.since is None else max(self.first, self.since)

    @property
    def end(self) -> dt.date:
        """The last day that is synced."""
        return self.last if self.before is None else min(self.last, self.before - _DAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A life and the statements of it that are synced, one after the other."""

    seed: int
    life: Life
    steps: Sequence[Step]


def case(seed: int, *, size: Size = LARGE, kinds: Sequence[str] = BOOKED_KINDS) -> Case:
    """What a seed stands for."""
    rng = Random(seed)
    life = _life(rng, [KINDS[name] for name in kinds], size)
    queries = _queries(rng, life)
    windows = draw_windows(rng, life.first_day, life.last_day, count=rng.randint(2, size.steps))
    if rng.random() < 0.2:
        rng.shuffle(windows)
    steps = [_step(rng, _forgetful(rng, rng.choice(queries)), life, window) for window in windows]
    steps[-1] = replace(steps[-1], is_checked=True)
    return Case(seed=seed, life=life, steps=steps)


def _queries(rng: Random, life: Life) -> Sequence[Query]:
    """One query for all statements; or one that loses numbers; or three, of which any night takes one."""
    mood = rng.random()
    if mood < 0.2:
        return [draw_numbers(rng, draw_query(rng, life))]
    if mood < 0.4 and life.is_numbered:
        return [draw_query(rng, life) for _ in range(3)]
    return [draw_query(rng, life)]


def _forgetful(rng: Random, query: Query) -> Query:
    """Now and then a statement lacks what the broker says of the account as a whole."""
    if rng.random() < 0.85:
        return query
    return replace(query, absent=query.absent | set(rng.sample(_OF_THE_WHOLE, k=rng.randint(1, 3))))


def _life(rng: Random, kinds: Sequence[Kind], size: Size) -> Life:
    first_day = after(_EPOCH + _DAY * rng.randrange(1000), 1)
    some = kinds if rng.random() < 0.5 else rng.sample(kinds, k=min(len(kinds), rng.randint(3, 8)))
    days, events = rng.randint(5, size.days), rng.randint(8, size.events)
    return live(rng, some, KINDS, first_day=first_day, days=days, events=events)


def _step(rng: Random, query: Query, life: Life, window: tuple[dt.date, dt.date]) -> Step:
    first, last = window
    is_checked = rng.random() < 0.25
    # A file of one statement a day has none for a weekend.
    if rng.random() < 0.15 and not (query.by_day and after(first - _DAY, 1) > last):
        # The file holds more than what is asked of it.
        margin = _DAY * rng.randrange(4)
        until = min(life.last_day, last + _DAY * rng.randrange(4))
        return Step(
            query=query,
            first=first - margin,
            last=until,
            since=first,
            before=last + _DAY,
            is_checked=is_checked,
        )
    return Step(query=query, first=first, last=last, is_checked=is_checked)
