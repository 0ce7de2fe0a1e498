"""One waits for the server's calculation as long as it takes, and no longer."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Iterator

import pytest

from broker_sync.sinks.wealthfolio.client import WealthfolioClient
from broker_sync.sinks.wealthfolio.fields import Fields, JsonValue
from broker_sync.sinks.wealthfolio.reading import rows_of
from broker_sync.sinks.wealthfolio.waiting import Settled, StillWorking, recalculate, wait_recalculated
from broker_sync.sinks.wealthfolio.wire import Holdings
from tests.sinks.wealthfolio.clients import client_of
from tests.standins.wealthfolio import ManualClock, Service, WealthfolioServer

Seen = Settled | StillWorking


class Bench:
    """A stand-in with one account, and its time."""

    def __init__(self, server: WealthfolioServer, clock: ManualClock) -> None:
        self.server = server
        self.clock = clock
        self.account = ""

    async def deposit(self, client: WealthfolioClient, amount: str, currency: str = "USD") -> dt.datetime:
        """Put money in; gives back when the server noted it."""
        if not self.account:
            body: JsonValue = {
                "name": "A",
                "accountType": "SECURITIES",
                "currency": "USD",
                "isDefault": False,
                "isActive": True,
                "trackingMode": "TRANSACTIONS",
            }
            self.account = Fields.of(await client.post("/accounts", body), "account").text("id")
        row: JsonValue = {
            "accountId": self.account,
            "activityType": "DEPOSIT",
            "activityDate": "2026-01-05T15:00:00Z",
            "currency": currency,
            "amount": amount,
            "idempotencyKey": f"{self.clock.seconds()}{currency}{amount}",
        }
        await client.post("/activities", row)
        return max(row.updated_at for row in await rows_of(client, self.account))

    async def wait(
        self,
        client: WealthfolioClient,
        changed_at: dt.datetime | None,
        *,
        expected: Callable[[Holdings], bool] | None = None,
        limit: float = 180,
    ) -> Seen:
        return await wait_recalculated(
            client,
            self.account,
            changed_at=changed_at,
            expected=expected,
            limit=limit,
            sleep=self.clock.sleep,
            clock=self.clock.seconds,
        )

    def run(self, work: Callable[[WealthfolioClient], Awaitable[Seen]]) -> Seen:
        async def run() -> Seen:
            client = client_of(self.server, self.clock)
            try:
                return await work(client)
            finally:
                await client.close()

        return asyncio.run(run())


@pytest.fixture
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    quotes_take: float = request.param - 1
    clock = ManualClock()
    with WealthfolioServer(Service(clock=clock, settle_after=1, quotes_take=quotes_take)) as server:
        yield Bench(server, clock)


def _cash(seen: Seen) -> dict[str, int]:
    return {each.currency: int(each.amount) for each in seen.holdings.cash}


@pytest.mark.parametrize("bench", [1.0, 20.0], indirect=True)
def test_what_was_written_is_waited_for(bench: Bench) -> None:
    async def work(client: WealthfolioClient) -> Seen:
        return await bench.wait(client, await bench.deposit(client, "5"))

    seen = bench.run(work)
    assert isinstance(seen, Settled)
    assert _cash(seen) == {"USD": 5}
    assert bench.clock.seconds() < 30


@pytest.mark.parametrize("bench", [1.0], indirect=True)
def test_a_calculation_that_began_before_the_last_change_is_not_the_last(bench: Bench) -> None:
    async def work(client: WealthfolioClient) -> Seen:
        await bench.deposit(client, "5")
        bench.clock.advance(2)
        changed_at = await bench.deposit(client, "7")
        return await bench.wait(client, changed_at)

    assert _cash(bench.run(work)) == {"USD": 12}


@pytest.mark.parametrize("bench", [20.0], indirect=True)
def test_a_value_from_before_the_change_does_not_count(bench: Bench) -> None:
    async def work(client: WealthfolioClient) -> Seen:
        await bench.wait(client, await bench.deposit(client, "5"))
        return await bench.wait(client, await bench.deposit(client, "7"))

    assert _cash(bench.run(work)) == {"USD": 12}


@pytest.mark.parametrize("bench", [1.0], indirect=True)
def test_what_is_expected_is_taken_as_soon_as_it_is_there(bench: Bench) -> None:
    async def work(client: WealthfolioClient) -> Seen:
        changed_at = await bench.deposit(client, "5")
        return await bench.wait(client, changed_at, expected=lambda holdings: bool(holdings.cash))

    assert isinstance(bench.run(work), Settled)
    assert bench.clock.seconds() < 2.5


@pytest.mark.parametrize("bench", [1000.0], indirect=True)
def test_asked_to_the_server_reckons_at_once(bench: Bench) -> None:
    async def work(client: WealthfolioClient) -> Seen:
        changed_at = await bench.deposit(client, "5")
        await recalculate(client, bench.account)
        return await bench.wait(client, changed_at, expected=lambda holdings: bool(holdings.cash))

    assert _cash(bench.run(work)) == {"USD": 5}
    assert bench.clock.seconds() == 0


@pytest.mark.parametrize("bench", [1.0], indirect=True)
def test_without_a_rate_of_exchange_a_long_silence_has_to_do(bench: Bench) -> None:
    async def work(client: WealthfolioClient) -> Seen:
        await bench.deposit(client, "5")
        bench.clock.advance(2)
        return await bench.wait(client, await bench.deposit(client, "7", "XTS"))

    seen = bench.run(work)
    assert isinstance(seen, Settled)
    assert _cash(seen) == {"USD": 5, "XTS": 7}
    assert 30 < bench.clock.seconds() < 45


@pytest.mark.parametrize("bench", [1000.0], indirect=True)
def test_waiting_has_a_limit_and_says_so(bench: Bench) -> None:
    async def work(client: WealthfolioClient) -> Seen:
        return await bench.wait(client, await bench.deposit(client, "5"), limit=20)

    seen = bench.run(work)
    assert isinstance(seen, StillWorking)
    assert 15 <= seen.waited <= 20


@pytest.mark.parametrize("bench", [1.0], indirect=True)
def test_without_a_change_a_short_look_is_enough(bench: Bench) -> None:
    async def work(client: WealthfolioClient) -> Seen:
        await bench.deposit(client, "5")
        bench.clock.advance(60)
        return await bench.wait(client, None)

    assert isinstance(bench.run(work), Settled)
    assert bench.clock.seconds() < 65


@pytest.mark.parametrize("bench", [1.0], indirect=True)
def test_an_account_whose_last_row_is_gone_holds_nothing(bench: Bench) -> None:
    async def work(client: WealthfolioClient) -> Seen:
        await bench.wait(client, await bench.deposit(client, "5"))
        for row in await rows_of(client, bench.account):
            await client.delete(f"/activities/{row.id}")
        bench.clock.advance(60)
        return await bench.wait(client, None)

    assert bench.run(work) == Settled(holdings=Holdings())
