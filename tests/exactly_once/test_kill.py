"""Runs are killed at every step that the code takes, and the next ones end in the same books.

``EXACTLY_ONCE_KILLS`` is how many are killed at least (300), ``EXACTLY_ONCE_SEED`` the seed of what is chosen
at random. A failure names both, and the kill.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping

import pytest

from tests.exactly_once.conftest import Recorded
from tests.exactly_once.kills import Course, Kill, kills
from tests.exactly_once.launcher import Launcher
from tests.exactly_once.places import Kind, places
from tests.exactly_once.scenarios import Scenario
from tests.exactly_once.victim import Target
from tests.exactly_once.world import World

pytestmark = pytest.mark.slow

_ENVIRONMENT = os.environ  # noqa: TID251  # the tests' own switches, not settings of the program
DEFAULT = 300
KILLS = int(_ENVIRONMENT.get("EXACTLY_ONCE_KILLS", str(DEFAULT)))
SEED = int(_ENVIRONMENT.get("EXACTLY_ONCE_SEED", "20261122"))
_PORTIONS = 6

_ON_FAILURE = "clears away after the disk refused something"
_MADE_BEFORE = "the lock has made this folder before"
_SETTINGS = "writes what a person at a prompt wants to have in a file; nothing is booked by it"
_QUESTION = "a question, asked only of some things; it changes nothing"
_NOT_BOOKS = "makes a copy of a statement for others to read, wherever a person wants it"
EXCEPTIONS = {
    "backup/making.py _made: rmtree": _ON_FAILURE,
    "backup/making.py _copy_archive: unlink": "needs another process that removes it in that instant",
    "backup/making.py _thinned: rmtree": "needs a backup that died a day ago, and only clears away after it",
    "cli/anonymise.py _file_in_place_of: mkstemp": _NOT_BOOKS,
    "cli/anonymise.py _file_in_place_of: replace": _NOT_BOOKS,
    "cli/anonymise.py _file_in_place_of: unlink": _NOT_BOOKS,
    "cli/anonymise.py _print: TemporaryFile": _NOT_BOOKS,
    "cli/fetching.py incoming: mkdir": _MADE_BEFORE,
    "demo.py _data_directory: TemporaryDirectory": "books into a folder that is thrown away",
    "lock/files.py _made_alone: unlink": _ON_FAILURE,
    "lock/run_lock.py _Held.drop: unlink": "needs a holder that ends in that instant; tests/lock has it",
    "files.py replace_file: unlink": _ON_FAILURE,
    "providers/ibkr/breaker_file.py Breaker._write: unlink": _ON_FAILURE,
    "providers/ibkr/breaker_file.py Breaker._alone: mkdir": _MADE_BEFORE,
    "providers/ibkr/part_file.py PartFile.__init__: mkdir": _MADE_BEFORE,
    "notify/ping.py ping: post 2": "is the first one once more, when nobody answered",
    "settings/keeping.py _write: mkdir": _SETTINGS,
    "settings/keeping.py _write: open": _SETTINGS,
    "settings/keeping.py _write: fsync": _SETTINGS,
    "settings/keeping.py _write: replace": _SETTINGS,
    "settings/keeping.py _write: unlink": _SETTINGS,
    "sinks/wealthfolio/asset_writing.py Assets._quoted_in: /market-data/resolve-currency": _QUESTION,
    "sinks/wealthfolio/accounts.py _first: /accounts/": "needs two runs at once: test_two_at_once",
    "sinks/wealthfolio/reading.py quote_days: /market-data/quotes/latest": _QUESTION,
    "storage/engine.py _make: mkdir": _MADE_BEFORE,
    "sinks/wealthfolio/session.py SessionFile._replace: unlink": _ON_FAILURE,
}
"""Places that no scenario comes to, and why that is right."""


def test_every_step_in_the_code_is_one_at_which_runs_are_killed(recorded: Recorded) -> None:
    names = {place.name for place in places()}
    missed = sorted(names - recorded.reached - EXCEPTIONS.keys())
    assert not missed, "no scenario comes here; add it to one, or to EXCEPTIONS with the reason"
    assert sorted(EXCEPTIONS.keys() - names) == [], "these are gone"
    assert sorted(EXCEPTIONS.keys() & recorded.reached) == [], "these are reached by now"
    assert {place.kind for place in places() if place.name in recorded.reached} == set(Kind)


def test_nothing_is_done_to_the_world_but_by_the_steps_that_are_known(recorded: Recorded) -> None:
    assert recorded.strays == frozenset()


def test_there_are_enough_points_and_enough_kills(told: tuple[Scenario, ...], recorded: Recorded) -> None:
    chosen = kills(told, recorded.traces, count=KILLS, seed=SEED)
    points = {each.target.point for each in chosen if each.target is not None}
    assert len(chosen) >= KILLS
    assert len(points) >= 200
    assert len(recorded.reached) >= 50
    assert sum(each.target is None for each in chosen) >= KILLS // 10


@pytest.mark.parametrize("portion", range(_PORTIONS))
def test_a_run_may_be_killed_at_any_step(
    portion: int,
    told: tuple[Scenario, ...],
    recorded: Recorded,
    worlds: Mapping[str, World],
    launcher: Launcher,
) -> None:
    chosen = kills(told, recorded.traces, count=KILLS, seed=SEED)
    by_name = {str(each): each for each in told}
    found: dict[str, list[str]] = {}
    for name, its in _portion(chosen, portion).items():
        course = Course(worlds[by_name[name].sink], launcher, by_name[name])
        course.run()
        for kill in its:
            wrong = course.kill(kill)
            if wrong:
                found[str(kill)] = wrong
        course.forget()
    assert found == {}, f"seed {SEED}"


def _portion(chosen: Iterable[Kill], number: int) -> dict[str, list[Kill]]:
    """The kills of a portion by scenario; portions have about as many."""
    by_scenario: defaultdict[str, list[Kill]] = defaultdict(list)
    for each in chosen:
        by_scenario[each.scenario].append(each)
    sizes = [0] * _PORTIONS
    mine: dict[str, list[Kill]] = {}
    for name, its in sorted(by_scenario.items(), key=lambda each: -len(each[1])):
        smallest = sizes.index(min(sizes))
        sizes[smallest] += len(its)
        if smallest == number:
            mine[name] = its
    return mine


def test_a_disk_that_is_full_at_any_step_is_told_and_loses_nothing(
    told: tuple[Scenario, ...], recorded: Recorded, worlds: Mapping[str, World], launcher: Launcher
) -> None:
    files = {place.name for place in places() if place.kind is Kind.FILE}
    left = {name for name in files if name in recorded.reached}
    found: dict[str, list[str]] = {}
    for scenario in told:
        course = Course(worlds[scenario.sink], launcher, scenario)
        wanted = {
            (place, point): name
            for place, trace in enumerate(recorded.traces[str(scenario)])
            for point in dict.fromkeys(trace)
            if place >= scenario.victims
            for name in [point.removeprefix("before ").partition(" < ")[0]]
            if point.startswith("before ") and name in files and not scenario.steps[place].is_done_by_next
        }
        first = {name: where for where, name in reversed(wanted.items()) if name in left}
        if not first:
            continue
        course.run()
        for name, (place, point) in first.items():
            wrong, _ = course.fill_the_disk(place, Target(point=point))
            left.discard(name)
            if wrong:
                found[f"{scenario}, step {place}: {point}"] = wrong
        course.forget()
    assert found == {}
    assert left == set()
