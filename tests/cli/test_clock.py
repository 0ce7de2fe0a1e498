"""A clock that jumps: nothing is lost, nothing is doubled, and the next right night puts all in order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.standins.flex import FlexServer, FlexService, NoStatementError

from .nights import ACCOUNT, QUERY, TOKEN, Nights, Statements, life

LIFE = life(days=120, events=40)
TODAY = dt.date(2024, 5, 15)
DAY = dt.timedelta(days=1)


@dataclass(slots=True)
class Calendar:
    """The broker's own: it tells nothing of days that have not been."""

    statements: Statements
    today: dt.date = TODAY

    def __call__(self, first: dt.date | None, last: dt.date | None) -> bytes:
        if first is not None and first >= self.today:
            raise NoStatementError
        return self.statements(first, min(last or LIFE.last_day, self.today - DAY))


@pytest.fixture
def broker() -> Calendar:
    return Calendar(Statements(LIFE))


@pytest.fixture
def nights(
    broker: Calendar, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Nights]:
    service = FlexService(broker, token=TOKEN, query_id=QUERY)
    with FlexServer(service) as server:
        monkeypatch.setenv("IBKR_FLEX_TOKEN", TOKEN)
        monkeypatch.setenv("IBKR_FLEX_QUERY_ID", QUERY)
        monkeypatch.setenv("IBKR_ACCOUNT_ID_UPSTREAM", ACCOUNT)
        monkeypatch.setenv("IBKR_FLEX_BASE_URL", server.address)
        yield Nights(service, server, capsys)


@pytest.mark.parametrize("jump", [-365, 365])
def test_a_night_in_another_time_does_no_harm(nights: Nights, broker: Calendar, jump: int) -> None:
    assert nights.night(TODAY).status == 0
    wrong = nights.night(TODAY + DAY * jump)
    assert wrong.status in {0, 3, 75}
    assert "Traceback" not in wrong.err
    broker.today += DAY * 2
    right = nights.night(TODAY + DAY * 2)
    assert right.status == 0
    (account,) = right.result["accounts"]
    assert {each["drift"] for each in (*account["positions"], *account["cash"])} == {"0"}
    assert (account["coverage"]["to"], account["coverage"]["gaps"]) == (str(TODAY + DAY), [])
    again = nights.night(TODAY + DAY * 2)
    (account,) = again.result["accounts"]
    assert (account["new"], account["updated"], account["deleted"]) == (0, 0, 0)
