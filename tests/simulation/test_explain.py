"""Whatever goes wrong between a broker and a tracker is named for what it is."""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.simulation.checks import Empty
from tests.simulation.mishaps import MISHAPS, Mishap, several_at_once
from tests.simulation.scene import Scene

pytestmark = pytest.mark.slow

SEEDS = 12
ENOUGH = 0.95


@pytest.fixture(scope="module")
def empty() -> Iterator[Empty]:
    in_memory = Path("/dev/shm")  # noqa: S108 - as in test_simulation
    with TemporaryDirectory(dir=in_memory if in_memory.is_dir() else None) as folder:
        yield Empty(Path(folder))


def judged(mishap: Mishap, seed: int, empty: Empty) -> str | None:
    """``right``, or what was named instead; None where nothing could befall the account."""
    tracker = empty.tracker()
    try:
        scene = Scene.of(seed, tracker, more=mishap.kinds)
        records = mishap.plant(scene)
        if records is None:
            return None
        found = scene.asked()
    finally:
        empty.remove(tracker)
    if not found:
        return None
    kinds = {each.kind for each in found}
    named = {record for each in found for record in each.records}
    if kinds == {mishap.kind} and named == records:
        return "right"
    return f"{sorted(kind.value for kind in kinds)} by {sorted(named)}, not {sorted(records)}"


@pytest.mark.parametrize("mishap", MISHAPS, ids=str)
def test_what_went_wrong_is_named_with_its_records(mishap: Mishap, empty: Empty) -> None:
    found = {seed: judged(mishap, seed, empty) for seed in range(SEEDS)}
    told = Counter(verdict == "right" for verdict in found.values() if verdict is not None)
    wrong = {seed: verdict for seed, verdict in found.items() if verdict not in {None, "right"}}
    share = told[True] / max(told.total(), 1)
    sys.stdout.write(f"{mishap}: {told[True]} of {told.total()} right ({share:.1%}) {wrong}\n")
    assert told.total() >= SEEDS // 2
    assert share >= ENOUGH, wrong


def test_several_things_at_once_are_told_apart(empty: Empty) -> None:
    right = 0
    for seed in range(SEEDS):
        tracker = empty.tracker()
        scene = Scene.of(seed, tracker)
        records = several_at_once(scene)
        found = scene.asked()
        empty.remove(tracker)
        assert all(each.is_proven and each.accounts_for_rest for each in found)
        right += {record for each in found for record in each.records} == records
    sys.stdout.write(f"three at once: {right} of {SEEDS} right\n")
    assert right >= ENOUGH * SEEDS
