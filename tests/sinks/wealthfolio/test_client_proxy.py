"""The client gets past a proxy that asks for a name, shows it to nobody else, and keeps secrets."""

import logging
from collections.abc import Callable, Iterator

import httpx
import pytest

from broker_sync.errors import SettingsError
from broker_sync.sinks.wealthfolio.client import Patience, WealthfolioClient
from broker_sync.sinks.wealthfolio.errors import (
    LoginRefusedError,
    ProxyLoginError,
    SessionLostError,
    TrackerAwayError,
)
from tests.sinks.wealthfolio.clients import INFO, ask, client_of
from tests.standins.wealthfolio import (
    PASSWORD,
    ManualClock,
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


def _proxy(*, name: str = "me", word: str = PASSWORD, drops_header: bool = True) -> httpx.MockTransport:
    """Asks for a name and a password, and hands on to a server that takes nothing but its cookie then."""
    expected = httpx.BasicAuth(name, word)

    def answer(request: httpx.Request) -> httpx.Response:
        shown = request.headers.get("authorization")
        asked = next(expected.auth_flow(httpx.Request("GET", "http://x"))).headers["authorization"]
        if shown != asked:
            return httpx.Response(401, headers={"www-authenticate": "Basic"}, text="who are you")
        if request.url.path.endswith("/auth/status"):
            return httpx.Response(200, json={"requiresPassword": True})
        if request.url.path.endswith("/auth/login"):
            cookie = {"set-cookie": "wf_session=abc; Path=/api"}
            return httpx.Response(200, json={"authenticated": True, "expiresIn": 60}, headers=cookie)
        if drops_header and request.headers.get("cookie") == "wf_session=abc":
            return httpx.Response(200, json={"ok": True})
        return httpx.Response(401, json={"code": 401, "message": "Unauthorized"})

    return httpx.MockTransport(answer)


def _behind(
    transport: httpx.MockTransport, address: str = "https://wf.example.org", username: str | None = None
) -> WealthfolioClient:
    return WealthfolioClient(address, password=PASSWORD, username=username, transport=transport)


def test_a_name_is_shown_to_a_proxy_that_asks_and_the_session_goes_as_a_cookie() -> None:
    assert ask(_behind(_proxy(), username="me"), INFO) == [{"ok": True}]


def test_a_proxy_with_a_password_of_its_own_has_it_in_the_address() -> None:
    client = _behind(_proxy(name="door", word="key"), "https://door:key@wf.example.org")
    assert ask(client, INFO) == [{"ok": True}]
    assert "key" not in repr(client)


@for_each(
    ("username", "address", "words"),
    [
        (None, "https://wf.example.org", "Set WF_USERNAME"),
        ("else", "https://wf.example.org", "It refused those that are set"),
        (None, "https://me:wrong@wf.example.org", "It refused those that are set"),
    ],
)
def test_a_proxy_that_is_not_satisfied_is_named(username: str | None, address: str, words: str) -> None:
    with pytest.raises(ProxyLoginError, match=words):
        ask(_behind(_proxy(), address, username), INFO)


def test_a_proxy_that_hands_its_header_on_is_named() -> None:
    with pytest.raises(SessionLostError, match="drop that header"):
        ask(_behind(_proxy(drops_header=False), username="me"), INFO)


def test_a_name_is_shown_to_nobody_who_does_not_ask(server: WealthfolioServer, clock: ManualClock) -> None:
    client = WealthfolioClient(server.address, password=PASSWORD, username="me", clock=clock.seconds)
    assert ask(client, INFO)


def test_an_unencrypted_way_to_somewhere_else_is_warned_of_once(caplog: pytest.LogCaptureFixture) -> None:
    def nothing(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"requiresPassword": False})

    client = WealthfolioClient("http://wf.example.org", password=None, transport=httpx.MockTransport(nothing))
    with caplog.at_level(logging.WARNING):
        ask(client, INFO, INFO)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "Use https://" in caplog.text


def test_a_certificate_that_is_wrong_is_no_reason_to_try_again() -> None:
    tried: list[str] = []

    def refuse(request: httpx.Request) -> httpx.Response:
        tried.append(request.url.path)
        raise httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate")

    client = WealthfolioClient("https://wf.example.org", password="x", transport=httpx.MockTransport(refuse))
    with pytest.raises(SettingsError, match="SSL_CERT_FILE"):
        ask(client, INFO)
    assert len(tried) == 1


def _wait(error: Callable[[], Exception]) -> TrackerAwayError:
    def fail(_: httpx.Request) -> httpx.Response:
        raise error()

    client = WealthfolioClient(
        "https://wf.example.org",
        password="x",
        transport=httpx.MockTransport(fail),
        patience=Patience(tries=1),
    )
    with pytest.raises(TrackerAwayError) as raised:
        ask(client, INFO)
    return raised.value


def test_a_silence_is_told_by_its_kind() -> None:
    assert "ReadTimeout" in str(_wait(lambda: httpx.ReadTimeout("")))
    assert "Name or service" in str(_wait(lambda: httpx.ConnectError("Name or service not known")))


def test_no_secret_is_in_what_a_client_says_of_itself_or_raises(
    server: WealthfolioServer, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    client = client_of(server, clock, password="a very secret word")
    with caplog.at_level(logging.DEBUG), pytest.raises(LoginRefusedError) as refused:
        ask(client, INFO)
    for said in (repr(client), str(refused.value), caplog.text):
        assert "a very secret word" not in said
