"""The client logs in once and keeps its session."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from broker_sync.sinks.wealthfolio.client import WealthfolioClient
from broker_sync.sinks.wealthfolio.errors import (
    LoginRefusedError,
    OidcOnlyError,
    PasswordMissingError,
    ProfileLockedError,
    SessionLostError,
    TooManyLoginsError,
)
from broker_sync.sinks.wealthfolio.session import SessionFile
from tests.sinks.wealthfolio.clients import INFO, ask, change, client_of
from tests.standins.wealthfolio import (
    PASSWORD,
    Answers,
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


def test_one_login_serves_a_run_and_the_runs_after_it(
    server: WealthfolioServer, clock: ManualClock, tmp_path: Path
) -> None:
    for _ in range(2):
        ask(client_of(server, clock, session=tmp_path / "session.json"), INFO, "/settings", "/accounts")
    assert server.count("POST", "/auth/login") == 1


def test_a_session_that_was_refreshed_is_the_one_that_is_kept(
    server: WealthfolioServer, clock: ManualClock, tmp_path: Path
) -> None:
    kept = tmp_path / "session.json"
    ask(client_of(server, clock, session=kept), INFO)
    first = kept.read_text()
    clock.advance(200)
    ask(client_of(server, clock, session=kept), INFO)
    assert kept.read_text() == first
    clock.advance(200)
    ask(client_of(server, clock, session=kept), INFO)
    assert kept.read_text() != first
    clock.advance(500)  # longer than the first session lasted
    ask(client_of(server, clock, session=kept), INFO)
    assert server.count("POST", "/auth/login") == 1


def test_a_session_that_ran_out_is_replaced_and_the_change_still_made_once(
    server: WealthfolioServer, clock: ManualClock, tmp_path: Path
) -> None:
    kept = tmp_path / "session.json"
    ask(client_of(server, clock, session=kept), INFO)
    clock.advance(700)
    change(client_of(server, clock, session=kept))
    assert server.count("POST", "/auth/login") == 2
    assert len(server.service.store.accounts) == 1


@for_each("token", ["", "nonsense", "a.b.c", "somebody.elses.token"])
def test_a_session_that_is_none_costs_one_login(token: str) -> None:
    clock = ManualClock()

    class Remembered(SessionFile):
        def load(self, server: str) -> str | None:  # noqa: ARG002  # whichever it is
            return token or None

    with WealthfolioServer(Service(clock=clock)) as server:
        client = WealthfolioClient(
            server.address,
            password=PASSWORD,
            session=Remembered(Path("x"), read_only=True),
            clock=clock.seconds,
        )
        ask(client, INFO)
        assert server.count("POST", "/auth/login") == 1


def test_a_long_run_may_log_in_again_when_its_session_has_had_its_time(
    server: WealthfolioServer, clock: ManualClock
) -> None:
    client = client_of(server, clock)

    async def work() -> None:
        await client.get(INFO)
        clock.advance(1000)
        await client.get(INFO)
        await client.close()

    asyncio.run(work())
    assert server.count("POST", "/auth/login") == 2


def test_a_session_that_is_refused_although_it_is_new_ends_the_run(clock: ManualClock) -> None:
    with WealthfolioServer(Service(clock=clock)) as server:
        client = client_of(server, clock)
        nobody = Reply.of({"code": 401, "message": "Unauthorized"}, status=401)
        server.faults.plan("GET", INFO, Answers(reply=nobody), times=5)
        with pytest.raises(SessionLostError, match="Authorization header"):
            ask(client, INFO)
        assert server.count("POST", "/auth/login") == 1


def test_a_login_without_a_session_ends_the_run(server: WealthfolioServer, clock: ManualClock) -> None:
    empty = Reply.of({"authenticated": True, "expiresIn": 60})
    server.faults.plan("POST", "/auth/login", Answers(reply=empty))
    with pytest.raises(SessionLostError):
        ask(client_of(server, clock), INFO)


def test_a_wrong_password_is_shown_once_however_often_one_asks(
    server: WealthfolioServer, clock: ManualClock
) -> None:
    client = client_of(server, clock, password="wrong")

    async def ask() -> None:
        for _ in range(3):
            with pytest.raises(LoginRefusedError):
                await client.get(INFO)
        await client.close()

    asyncio.run(ask())
    assert server.count("POST", "/auth/login") == 1


def test_no_login_is_tried_again_while_the_server_takes_none(
    server: WealthfolioServer, clock: ManualClock
) -> None:
    for _ in range(5):
        with pytest.raises(LoginRefusedError):
            ask(client_of(server, clock, password="wrong"), INFO)
    with pytest.raises(TooManyLoginsError) as refused:
        ask(client_of(server, clock), INFO)
    assert refused.value.retry_after == 11
    assert server.count("POST", "/auth/login") == 6
    clock.advance(12)
    ask(client_of(server, clock), INFO)


def test_a_password_that_is_asked_for_and_not_set_is_asked_of_the_user(
    server: WealthfolioServer, clock: ManualClock
) -> None:
    with pytest.raises(PasswordMissingError, match="WF_PASSWORD"):
        ask(client_of(server, clock, password=None), INFO)


@for_each("password", [None, "anything"])
def test_a_server_without_a_login_needs_none(password: str | None) -> None:
    clock = ManualClock()
    with WealthfolioServer(Service(clock=clock, password=None)) as server:
        assert ask(client_of(server, clock, password=password), INFO)
        assert server.count("POST", "/auth/login") == 0


def test_a_server_with_another_login_only_is_told_apart(clock: ManualClock) -> None:
    with (
        WealthfolioServer(Service(clock=clock, password=None, oidc=True)) as server,
        pytest.raises(OidcOnlyError, match="WF_AUTH_PASSWORD_HASH"),
    ):
        ask(client_of(server, clock), INFO)


def test_a_locked_profile_is_told(clock: ManualClock) -> None:
    with (
        WealthfolioServer(Service(clock=clock, locked=True)) as server,
        pytest.raises(ProfileLockedError, match="profiles"),
    ):
        ask(client_of(server, clock), INFO)


def test_the_session_goes_out_once_and_not_also_as_a_cookie_that_outlives_it() -> None:
    seen: list[tuple[str | None, str | None]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append((request.headers.get("authorization"), request.headers.get("cookie")))
        cookie = {"set-cookie": "wf_session=abc; Path=/api"}
        return httpx.Response(200, json={"requiresPassword": True, "expiresIn": 60}, headers=cookie)

    client = WealthfolioClient("http://localhost", password="x", transport=httpx.MockTransport(answer))
    ask(client, INFO, INFO)
    assert seen[-1] == ("Bearer abc", None)


def test_calls_side_by_side_log_in_once(server: WealthfolioServer, clock: ManualClock) -> None:
    client = client_of(server, clock)

    async def ask() -> None:
        await asyncio.gather(*[client.get(INFO) for _ in range(4)])
        server.service.sessions.forget()
        clock.advance(700)
        await asyncio.gather(*[client.get(INFO) for _ in range(4)])
        await client.close()

    asyncio.run(ask())
    assert server.count("POST", "/auth/login") == 2
