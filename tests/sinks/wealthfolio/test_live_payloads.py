"""What a real Wealthfolio makes of every kind of activity is what our accounting makes of it.

Runs where WEALTHFOLIO_URL and WEALTHFOLIO_PASSWORD name a server; it makes accounts there and deletes them.
"""

import asyncio
from pathlib import Path

import pytest

from tests.sinks.wealthfolio.payload_samples import SCENARIOS
from tests.sinks.wealthfolio.scenario_run import run_scenarios
from tests.sinks.wealthfolio.trackers import a_real_one

# Without a way to any quotes the server takes its time over every account.
pytestmark = [pytest.mark.live]


def test_cash_and_holdings_of_every_kind_of_activity_read_back_as_booked(kept_session: Path) -> None:
    assert asyncio.run(run_scenarios(a_real_one(kept_session), SCENARIOS)) == []
