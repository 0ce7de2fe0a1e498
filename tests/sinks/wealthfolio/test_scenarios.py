"""Every kind of activity, booked on the stand-in, reads back as our accounting has it, on every release."""

import asyncio
from pathlib import Path

import pytest

from tests.sinks.wealthfolio.payload_samples import SCENARIOS
from tests.sinks.wealthfolio.scenario_run import run_scenarios
from tests.sinks.wealthfolio.trackers import a_stand_in
from tests.standins.wealthfolio import Rules

RELEASES = ("3.1.0", "3.2.1", "3.6.2", "3.8.0", "3.9.0")


@pytest.mark.parametrize("version", RELEASES)
def test_all_kinds_of_activities_in_one_account_read_back_as_booked(tmp_path: Path, version: str) -> None:
    with a_stand_in(tmp_path, rules=Rules(version=version)) as tracker:
        everything = [activity for activities in SCENARIOS.values() for activity in activities]
        assert asyncio.run(run_scenarios(tracker, {"everything": everything})) == []


@pytest.mark.slow
@pytest.mark.parametrize("version", RELEASES)
def test_every_kind_of_activity_alone_reads_back_as_booked(tmp_path: Path, version: str) -> None:
    with a_stand_in(tmp_path, rules=Rules(version=version)) as tracker:
        assert asyncio.run(run_scenarios(tracker, SCENARIOS)) == []
