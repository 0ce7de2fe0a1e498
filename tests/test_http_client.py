"""What every HTTP client of the program does and does not."""

import asyncio
import io
import logging
from collections.abc import Iterator

import httpx
import pytest

from broker_sync import __version__
from broker_sync.http_client import TIMEOUT, new_client

pytestmark = pytest.mark.usefixtures("untouched_logging")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that any library logs, at any level."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)


def fetch(url: str, answer: httpx.Response) -> tuple[httpx.Request, httpx.Response]:
    requests: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return answer

    async def run() -> httpx.Response:
        async with new_client(transport=httpx.MockTransport(handle)) as client:
            return await client.get(url)

    response = asyncio.run(run())
    (request,) = requests
    return request, response


def test_it_says_who_it_is() -> None:
    request, _ = fetch("https://tracker.example/x", httpx.Response(200))
    assert request.headers["User-Agent"] == f"broker-sync/{__version__}"


def test_a_redirect_is_not_followed() -> None:
    answer = httpx.Response(302, headers={"Location": "https://elsewhere.example"})
    _, response = fetch("https://tracker.example/x", answer)
    assert response.status_code == 302


def test_nothing_waits_for_ever() -> None:
    limits = (TIMEOUT.connect, TIMEOUT.read, TIMEOUT.write, TIMEOUT.pool)
    assert all(limit is not None and 0 < limit <= 60 for limit in limits)


def test_neither_query_nor_user_of_an_address_is_logged(log: io.StringIO) -> None:
    fetch("https://name:word@tracker.example/x?t=made-up-token&q=1", httpx.Response(200))
    assert "GET https://***@tracker.example/x?***" in log.getvalue()
    for secret in ("made-up-token", "word@", "q=1"):
        assert secret not in log.getvalue()


def test_headers_are_not_logged(log: io.StringIO) -> None:
    new_client(transport=httpx.MockTransport(lambda _: httpx.Response(200)))
    headers = [(b"Location", b"https://elsewhere.example/made-up-token")]
    logging.getLogger("httpcore.http11").debug(
        "receive_response_headers.complete return_value=%r", (b"HTTP/1.1", 302, b"Found", headers)
    )
    assert "302, b'Found', [***" in log.getvalue()
    assert "made-up-token" not in log.getvalue()


def test_what_runs_on_this_machine_is_reached_without_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)

    async def run() -> None:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, new_client() as client:
            assert (await client.get(f"http://127.0.0.1:{port}/")).status_code == 204
            with pytest.raises(httpx.TransportError):
                await client.get("http://tracker.example/")

    asyncio.run(run())


def test_other_logs_are_left_alone(log: io.StringIO) -> None:
    new_client(transport=httpx.MockTransport(lambda _: httpx.Response(200)))
    logging.getLogger("elsewhere").warning("is it?yes [(b'x')]")
    assert log.getvalue() == "is it?yes [(b'x')]\n"
