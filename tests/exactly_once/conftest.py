"""What the tests of exactly once share: one process that forks, and what each scenario comes to."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.exactly_once.kills import Course
from tests.exactly_once.launcher import Launcher
from tests.exactly_once.scenarios import SINKS, Scenario, scenarios
from tests.exactly_once.world import World, fast_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What all scenarios come to: points by scenario and step, the places that they pass, and strays."""

    traces: Mapping[str, list[list[str]]]
    reached: frozenset[str]
    strays: frozenset[str]


@pytest.fixture(scope="session")
def in_memory() -> Iterator[Path]:
    with fast_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def launcher(in_memory: Path) -> Iterator[Launcher]:
    with Launcher(in_memory / "scratch") as launcher:
        yield launcher


@pytest.fixture(scope="session")
def worlds(in_memory: Path, launcher: Launcher) -> Iterator[Mapping[str, World]]:
    """One for each sink; the process that forks has been through a night in each."""
    opened: dict[str, World] = {}
    try:
        for sink in SINKS:
            folder = in_memory / sink
            folder.mkdir()
            opened[sink] = World(folder, sink=sink).__enter__()
            first = next(each for each in scenarios(in_memory) if each.sink == sink).steps[0]
            opened[sink].is_told_by(first.broker)
            data = opened[sink].fresh()
            launcher.warm_up(first.stage.at(data), opened[sink].environment(data, {}))
        yield opened
    finally:
        for world in opened.values():
            world.__exit__()


@pytest.fixture(scope="session")
def told(in_memory: Path) -> tuple[Scenario, ...]:
    """The scenarios."""
    return scenarios(in_memory)


@pytest.fixture(scope="session")
def recorded(
    told: tuple[Scenario, ...],
    worlds: Mapping[str, World],
    launcher: Launcher,
    tmp_path_factory: pytest.TempPathFactory,
) -> Recorded:
    """Worked out by the first process of the session that asks, and read by the others."""
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if "PYTEST_XDIST_WORKER" in os.environ else shared  # noqa: TID251  # xdist's own
    file = shared / "exactly-once.json"
    with (shared / "exactly-once.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            file.write_text(json.dumps(_recorded(told, worlds, launcher)), encoding="utf-8")
    found = json.loads(file.read_text(encoding="utf-8"))
    return Recorded(
        traces=found["traces"], reached=frozenset(found["reached"]), strays=frozenset(found["strays"])
    )


def _recorded(
    told: tuple[Scenario, ...], worlds: Mapping[str, World], launcher: Launcher
) -> dict[str, object]:
    traces: dict[str, list[list[str]]] = {}
    reached: set[str] = set()
    strays: set[str] = set()
    for scenario in told:
        course = Course(worlds[scenario.sink], launcher, scenario)
        course.run(watched=True)
        traces[str(scenario)] = [list(each.trace) for each in course.ended]
        # What sets the scene without the program's commands is none of its steps.
        ours = [
            each for each, step in zip(course.ended, scenario.steps, strict=True) if step.stage.do != "age"
        ]
        reached = reached.union(*(each.reached for each in ours))
        strays = strays.union(*(each.strays for each in ours))
        course.forget()
    return {"traces": traces, "reached": sorted(reached), "strays": sorted(strays)}
