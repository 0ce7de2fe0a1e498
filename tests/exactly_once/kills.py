"""Which runs are killed where, and what came of one that was."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

from tests.exactly_once.books import Books, books, problems, unknown
from tests.exactly_once.launcher import Ended, Launcher
from tests.exactly_once.scenarios import Scenario, Step
from tests.exactly_once.victim import Target
from tests.exactly_once.world import Snapshot, World

Traces = Mapping[str, Sequence[Sequence[str]]]
"""By scenario, the points that each of its steps comes to, in order."""

_AT_RANDOM = 0.15
_TWICE = 0.12


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """Step `place` of a scenario is killed: at `target`, or after such a `share` of the time that it takes.

    `again` are shares of the time after which the runs that go on are killed, too.
    """

    scenario: str
    place: int
    target: Target | None = None
    share: float = 0.0
    again: tuple[float, ...] = ()

    def __str__(self) -> str:
        where = f"after {self.share:.3f} of its time" if self.target is None else self.target
        return f"{self.scenario}, step {self.place}, {where}, then {self.again}"


def kills(scenarios: Sequence[Scenario], traces: Traces, *, count: int, seed: int) -> list[Kill]:
    """At least `count`: every point once, and others at random, of all scenarios."""
    rng = Random(seed)  # noqa: S311  # repeatable
    runs = [(each, place) for each in scenarios for place in _victims(each)]
    chosen = [_at(rng, *where, point, traces) for point, where in _once(runs, traces, rng).items()]
    while len(chosen) < count * (1 - _AT_RANDOM):
        scenario, place = rng.choice(runs)
        chosen.append(_at(rng, scenario, place, rng.choice(traces[str(scenario)][place]), traces))
    points = len(chosen)
    while len(chosen) < max(count, points + count * _AT_RANDOM):
        scenario, place = rng.choice(runs)
        chosen.append(Kill(scenario=str(scenario), place=place, share=rng.random(), again=_again(rng)))
    return chosen


def _victims(scenario: Scenario) -> Iterator[int]:
    for place, step in enumerate(scenario.steps):
        if place >= scenario.victims and not step.dies_at:
            yield place


def _once(
    runs: Sequence[tuple[Scenario, int]], traces: Traces, rng: Random
) -> dict[str, tuple[Scenario, int]]:
    """For every point one of the runs that come to it."""
    found: dict[str, list[tuple[Scenario, int]]] = {}
    for scenario, place in runs:
        for point in dict.fromkeys(traces[str(scenario)][place]):
            found.setdefault(point, []).append((scenario, place))
    return {point: rng.choice(where) for point, where in found.items()}


def _at(rng: Random, scenario: Scenario, place: int, point: str, traces: Traces) -> Kill:
    turns = Counter(traces[str(scenario)][place])[point]
    # How often a thread comes by depends on how busy the machine is.
    turn = 1 if scenario.steps[place].stage.beats else rng.randint(1, turns)
    return Kill(scenario=str(scenario), place=place, target=Target(point=point, turn=turn), again=_again(rng))


def _again(rng: Random) -> tuple[float, ...]:
    return (rng.random(),) if rng.random() < _TWICE else ()


@dataclass(slots=True)
class Course:
    """A scenario as it goes when nothing happens: the world before each step, and the books after it."""

    world: World
    launcher: Launcher
    scenario: Scenario
    before: list[Snapshot] = field(default_factory=list)
    after: list[Books] = field(default_factory=list)
    ended: list[Ended] = field(default_factory=list)

    def run(self, *, watched: bool = False, audited: bool = False) -> None:
        """Go through the whole of it; raises for a step that does not go well."""
        data = self.world.fresh()
        data.parent.mkdir(exist_ok=True)
        for place, step in enumerate(self.scenario.steps):
            if step.before is not None:
                step.before(data, self.world.tracker)
            self.before.append(self.world.keep(data))
            ended = self._run(data, step, watched=watched, audited=audited)
            assert ended.status in self._statuses(step), (str(self.scenario), place, ended)
            self.ended.append(ended)
            self.after.append(books(data, self.world.tracker))
            if not step.dies_at:
                assert problems(data, self.world.tracker) == [], (str(self.scenario), place)

    def forget(self) -> None:
        """Remove the files."""
        for snapshot in self.before:
            shutil.rmtree(snapshot.folder.parent)

    def kill(self, kill: Kill) -> list[str]:
        """What is wrong after a run was killed and another went on."""
        data = self.world.put_back(self.before[kill.place])
        step = self.scenario.steps[kill.place]
        usual = self.ended[kill.place].seconds
        already = self._unknown(data)
        if kill.target is not None:
            ended = self._run(data, step, target=kill.target)
            if ended.status is not None:
                return [f"was not killed: {ended.status}\n{ended.err}"]
        else:
            self._run(data, step, after=kill.share * usual)
        found = self._unasked(data, already)
        for share in kill.again:
            self._run(data, step, after=share * usual)
        for place in range(kill.place, len(self.scenario.steps) if self._goes_on(kill) else kill.place + 1):
            found += self._gone_on(data, place, is_next=place > kill.place)
            if found:
                break
        shutil.rmtree(data.parent)
        return found

    def die(self, data: Path, place: int, target: Target) -> None:
        """Run a step until it dies at the first point that begins as `target` does."""
        step = replace(self.scenario.steps[place], dies_at=target.point)
        ended = self._run(data, step)
        assert ended.status is None, ended

    def goes_well(self, data: Path, place: int) -> str | None:
        """Run a step; what it said if it did not go well."""
        ended = self._run(data, self.scenario.steps[place])
        return None if ended.status in self.scenario.steps[place].stage.statuses else ended.err

    def fill_the_disk(self, place: int, target: Target) -> tuple[list[str], Ended]:
        """What is wrong after a run that found the disk full, and another after it."""
        data = self.world.put_back(self.before[place])
        already = self._unknown(data)
        ended = self._run(data, self.scenario.steps[place], target=target, full=True)
        found = self._unasked(data, already)
        if "this is a bug" in ended.err or ended.status is None:
            found.append(f"ended with {ended.status}: {ended.err}")
        found += self._gone_on(data, place)
        shutil.rmtree(data.parent)
        return found, ended

    def _goes_on(self, kill: Kill) -> bool:
        """Some go through the rest of the scenario, too; for all of them there is no time."""
        return bool(kill.again) or self.scenario.steps[kill.place].is_done_by_next

    def _gone_on(self, data: Path, place: int, *, is_next: bool = False) -> list[str]:
        step = self.scenario.steps[place]
        if is_next and step.before is not None:
            step.before(data, self.world.tracker)
        ended = self._run(data, step)
        if ended.status not in self._statuses(step):
            return [f"the run that went on ended with {ended.status}: {ended.err}"]
        if step.dies_at or step.is_done_by_next:
            return []
        found = problems(data, self.world.tracker)
        found += _differences(self.after[place], books(data, self.world.tracker))
        if _said(ended) != _said(self.ended[place]):
            found.append(f"said {_said(ended)}, and usually {_said(self.ended[place])}")
        return found

    def _unasked(self, data: Path, already: list[str]) -> list[str]:
        new = [name for name in self._unknown(data) if name not in already]
        return [f"booked without having been asked for: {name}" for name in new]

    def _unknown(self, data: Path) -> list[str]:
        return unknown(data, self.world.tracker)

    def _run(
        self,
        data: Path,
        step: Step,
        *,
        target: Target | None = None,
        after: float | None = None,
        watched: bool = False,
        audited: bool = False,
        full: bool = False,
    ) -> Ended:
        self.world.is_told_by(step.broker)
        stage = step.stage.at(data)
        return self.launcher.run(
            stage,
            environment=self.world.environment(data, stage.settings),
            target=Target(point=step.dies_at) if step.dies_at and target is None else target,
            first=bool(step.dies_at) and target is None,
            after=after,
            watched=watched,
            audited=audited,
            full=full,
        )

    def _statuses(self, step: Step) -> tuple[int | None, ...]:
        return (None,) if step.dies_at else step.stage.statuses


def _differences(wanted: Books, found: Books) -> Iterator[str]:
    for name in Books.__slots__:
        there, here = Counter(getattr(found, name)), Counter(getattr(wanted, name))
        for each in (here - there).elements():
            yield f"missing in {name}: {each}"
        for each in (there - here).elements():
            yield f"too much in {name}: {each}"


def _said(ended: Ended) -> object:
    """What a run says of both sides; None for one that says nothing of them."""
    if not ended.out.startswith("{"):
        return None
    told = json.loads(ended.out)
    drifts = [
        each
        for account in told["accounts"]
        for each in (*(account["positions"] or ()), *(account["cash"] or ()))
        if each["drift"] != "0"
    ]
    # A run that was killed after it had done what was to be done leaves less to the one that goes on.
    return told["outcome"], [(each.get("symbol"), each.get("currency"), each["drift"]) for each in drifts]
