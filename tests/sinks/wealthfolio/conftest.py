"""The two servers that the contract tests run against."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sinks.wealthfolio.trackers import Tracker, a_real_one, a_stand_in


@pytest.fixture(scope="session")
def kept_session(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("wealthfolio")


@pytest.fixture(scope="module", params=["stand-in", pytest.param("real", marks=pytest.mark.live)])
def tracker(request: pytest.FixtureRequest, kept_session: Path) -> Iterator[Tracker]:
    """Both servers, one after the other; the real one only with ``-m live``."""
    if request.param == "real":
        yield a_real_one(kept_session)
        return
    with a_stand_in(kept_session) as tracker:
        yield tracker


@pytest.fixture
def in_dollars(tracker: Tracker) -> Tracker:
    """A fresh server has no currency to value anything in."""
    tracker.run(lambda client: client.put("/settings", {"baseCurrency": "USD"}))
    return tracker
