"""The client waits for a server that is away, and never sends a change twice on suspicion."""

import asyncio
from collections.abc import Iterator

import pytest

from broker_sync.sinks.wealthfolio.errors import (
    TrackerAwayError,
    UnknownOutcomeError,
)
from broker_sync.sinks.wealthfolio.fields import JsonValue
from tests.sinks.wealthfolio.clients import INFO, NEW_ACCOUNT, ask, change, client_of
from tests.standins.wealthfolio import (
    Answers,
    HangsUp,
    Killed,
    ManualClock,
    Reply,
    Service,
    WealthfolioServer,
)
from tests.tables import for_each


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def server(clock: ManualClock) -> Iterator[WealthfolioServer]:
    with WealthfolioServer(Service(clock=clock, ttl=600)) as server:
        yield server


def test_a_question_is_asked_again_while_the_server_is_away(
    server: WealthfolioServer, clock: ManualClock
) -> None:
    server.faults.plan("GET", INFO, HangsUp(carried_out=False), times=2)
    server.faults.plan("GET", INFO, Answers(reply=Reply(status=503)), times=2)
    assert ask(client_of(server, clock), INFO)
    assert clock.seconds() == 0.5 + 1 + 2 + 4


def test_patience_ends_and_says_what_was_found(server: WealthfolioServer, clock: ManualClock) -> None:
    server.faults.plan("GET", INFO, Answers(reply=Reply(status=503)), times=20)
    with pytest.raises(TrackerAwayError, match="HTTP 503"):
        ask(client_of(server, clock), INFO)
    assert server.count("GET", INFO) == 6


def test_the_server_may_say_how_long_to_wait_but_not_forever(
    server: WealthfolioServer, clock: ManualClock
) -> None:
    def busy(seconds: str) -> Answers:
        return Answers(reply=Reply(status=429, headers={"retry-after": seconds}))

    server.faults.plan("GET", INFO, busy("30"))
    ask(client_of(server, clock), INFO)
    assert clock.seconds() == 30
    server.faults.plan("GET", INFO, busy("3600"))
    with pytest.raises(TrackerAwayError):
        ask(client_of(server, clock), INFO)
    assert clock.seconds() == 30


def test_a_server_that_restarts_in_between_is_waited_for(
    server: WealthfolioServer, clock: ManualClock
) -> None:
    client = client_of(server, clock)

    async def sleep(seconds: float) -> None:
        await clock.sleep(seconds)
        if clock.seconds() > 2:
            server.start()

    async def work() -> JsonValue:
        await client.get(INFO)
        server.stop()
        client._sleep = sleep  # noqa: SLF001  # the server comes back while one waits
        made = await client.post("/accounts", NEW_ACCOUNT)
        await client.close()
        return made

    assert asyncio.run(work())
    assert len(server.service.store.accounts) == 1


@for_each(
    ("fault", "made"),
    [
        (HangsUp(carried_out=False), 0),
        (HangsUp(carried_out=True), 1),
        (Answers(reply=Reply(status=408), carried_out=True), 1),
        (Answers(reply=Reply(status=502), carried_out=False), 0),
        (Killed(), 0),
    ],
)
def test_a_change_without_an_answer_is_sent_once_and_its_outcome_is_not_known(
    fault: HangsUp | Answers | Killed, made: int
) -> None:
    clock = ManualClock()
    with WealthfolioServer(Service(clock=clock)) as server:
        server.faults.plan("POST", "/accounts", fault)
        with pytest.raises(UnknownOutcomeError, match="POST /accounts is not known"):
            change(client_of(server, clock))
        assert server.count("POST", "/accounts") == 1
        assert len(server.service.store.accounts) == made


def test_a_change_that_cannot_have_arrived_is_sent_again(
    server: WealthfolioServer, clock: ManualClock
) -> None:
    server.faults.plan("POST", "/accounts", Answers(reply=Reply(status=429)), times=2)
    change(client_of(server, clock))
    assert len(server.service.store.accounts) == 1


def test_every_way_to_change_something_has_its_own_care(
    server: WealthfolioServer, clock: ManualClock
) -> None:
    client = client_of(server, clock)
    for method in ("POST", "PUT", "DELETE"):
        server.faults.plan(method, "/accounts/x", HangsUp(carried_out=True))

    async def work() -> None:
        for send in (client.post, client.put):
            with pytest.raises(UnknownOutcomeError):
                await send("/accounts/x", b"{}")
        with pytest.raises(UnknownOutcomeError):
            await client.delete("/accounts/x", {"why": "not"})
        await client.close()
        await client.close()

    asyncio.run(work())
