"""The limit on logins, held to both servers; it stands alone, for it is used up afterwards."""

import pytest

from broker_sync.sinks.wealthfolio.client import WealthfolioClient
from broker_sync.sinks.wealthfolio.errors import LoginRefusedError, TooManyLoginsError
from broker_sync.sinks.wealthfolio.reading import server_info
from tests.sinks.wealthfolio.trackers import Tracker


def test_the_sixth_login_in_a_row_is_refused_with_the_time_to_wait(tracker: Tracker) -> None:
    def log_in() -> None:
        tracker.run(server_info, client=tracker.client(password="wrong", remembered=False))

    def use_them_up() -> None:
        for _ in range(7):  # one comes back every twelve seconds
            with pytest.raises(LoginRefusedError):
                log_in()

    try:
        with pytest.raises(TooManyLoginsError) as refused:
            use_them_up()
        assert refused.value.retry_after is not None
        assert 0 < refused.value.retry_after <= 12
    finally:

        async def let_them_come_back(_: WealthfolioClient) -> None:
            await tracker.sleep(61)

        tracker.run(let_them_come_back)
