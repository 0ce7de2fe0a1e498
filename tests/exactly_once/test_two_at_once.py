"""Two runs at the same time, in processes of their own: nothing is ever there twice."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.exactly_once.books import books, problems
from tests.exactly_once.kills import Course
from tests.exactly_once.launcher import Ended, Launcher
from tests.exactly_once.scenarios import SINKS, Scenario, Step
from tests.exactly_once.victim import Target
from tests.exactly_once.world import World

pytestmark = pytest.mark.slow

TIMES = 50
_TRY_LATER = 75


@pytest.fixture
def courses(told: tuple[Scenario, ...], worlds: Mapping[str, World], launcher: Launcher) -> dict[str, Course]:
    """The nights of each sink, as they go when nothing happens."""
    found = {each.sink: Course(worlds[each.sink], launcher, each) for each in told if each.name == "nights"}
    for course in found.values():
        course.run()
    return found


def _at_once(course: Course, step: Step, *folders: Path) -> list[Ended]:
    course.world.is_told_by(step.broker)
    stages = [step.stage.at(folder) for folder in folders]
    return course.launcher.run_at_once(
        *(
            (each, course.world.environment(folder, each.settings))
            for each, folder in zip(stages, folders, strict=True)
        )
    )


def test_of_two_runs_on_one_data_directory_one_works_and_the_other_says_who(
    courses: dict[str, Course],
) -> None:
    left = 0
    for number in range(TIMES):
        course = courses[SINKS[number % 2]]
        place = number // 2 % 2
        data = course.world.put_back(course.before[place])
        is_after_a_death = number % 5 == 0
        if is_after_a_death:
            course.die(data, place, Target(point="before dedup/store.py SyncRecordStore.settle"))
        ended = _at_once(course, course.scenario.steps[place], data, data)
        assert {each.status for each in ended} <= {0, _TRY_LATER}, [each.err for each in ended]
        assert 0 in {each.status for each in ended}
        for loser in (each for each in ended if each.status == _TRY_LATER):
            left += 1
            assert "another run is at work" in loser.err
            assert re.search(r"process \d+|a run that does not say who it is", loser.err), loser.err
        assert problems(data, course.world.tracker) == []
        assert books(data, course.world.tracker) == course.after[place], number
        shutil.rmtree(data.parent)
    # Otherwise they did not meet, and nothing was shown.
    assert left > TIMES // 2


def test_a_laptop_and_a_server_book_into_one_tracker_at_once(courses: dict[str, Course]) -> None:
    course = courses["wealthfolio"]
    world = course.world
    for number in range(TIMES // 6):
        server = world.put_back(course.before[0])
        laptop = world.another(server)
        first, second, *_ = course.scenario.steps
        for step in (first, second):
            ended = _at_once(course, step, server, laptop)
            assert {each.status for each in ended} <= {0, 1, _TRY_LATER}, ended
        for data in (server, laptop):
            assert course.goes_well(data, 1) is None
        told = books(server, world.tracker)
        for name in ("tracker", "assets", "accounts"):
            assert getattr(told, name) == getattr(course.after[1], name), (number, name)
        for data in (server, laptop):
            assert problems(data, world.tracker, alone=False) == [], number
        shutil.rmtree(server.parent)
        shutil.rmtree(laptop.parent)
