"""Whatever an account does: its anonymised statements are booked as the others are, and tie as well."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker_sync.pipeline import SyncResult
from broker_sync.providers.ibkr.anonymise import Choices
from tests.providers.ibkr.anonymised import SECRET, text_of
from tests.providers.ibkr.builders import Text
from tests.simulation.broker import ACCOUNT
from tests.simulation.checks import Empty
from tests.simulation.statement import write
from tests.simulation.strategies import SMALL, Case, case

_LIVES = 12
_IN_MEMORY = Path("/dev/shm")  # noqa: S108 - a shared folder, in which only folders of our own are made


@pytest.fixture(scope="module")
def empty() -> Iterator[Empty]:
    with TemporaryDirectory(dir=_IN_MEMORY if _IN_MEMORY.is_dir() else None) as folder:
        yield Empty(Path(folder))


def came_to(result: SyncResult) -> dict[str, object]:
    """What a sync came to, but for names and amounts."""
    return {
        "counts": (result.fetched, result.new_after_dedup, result.known, result.imported, result.updated),
        "taken away": (result.deleted, result.failed, len(result.vanished)),
        "rejected": [each.section for each in result.rejected],
        "openings": (len(result.openings), result.opening_changes),
        "positions": sorted(drift.drift == 0 for drift in result.positions or ()),
        "cash": [(drift.currency, drift.drift == 0) for drift in result.cash or ()],
        "sections": list(result.sections),
        "notes": len(result.notes),
    }


def differences(each: Case, empty: Empty, choices: Choices) -> list[str]:
    found = []
    original, anonymous = empty.tracker(), empty.tracker()
    for number, step in enumerate(each.steps):
        text = write(each.life, step.query, step.first, step.last).text
        done = text_of(Text(text), choices)
        told = came_to(original.sync(text, step))
        retold = came_to(anonymous.sync(done, step, account=SECRET.account(ACCOUNT)))
        found += [
            f"seed {each.seed}, step {number}: {name} {told[name]}, anonymised {retold[name]}"
            for name in told
            if told[name] != retold[name]
        ]
    empty.remove(original)
    empty.remove(anonymous)
    return found


@settings(max_examples=2)
@given(st.integers(min_value=0, max_value=2**32))
def test_the_statements_of_any_account_tie_when_they_are_anonymised(empty: Empty, seed: int) -> None:
    assert differences(case(seed, size=SMALL), empty, Choices(instruments=True)) == []


@pytest.mark.slow
def test_the_statements_of_many_accounts_tie_when_they_are_anonymised(empty: Empty) -> None:
    hidden = Choices(instruments=True)
    found = [line for seed in range(_LIVES) for line in differences(case(seed), empty, hidden)]
    found += [
        line for seed in range(_LIVES) for line in differences(case(seed, size=SMALL), empty, Choices())
    ]
    assert found == []
