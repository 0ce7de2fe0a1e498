"""What the client sends, when and how often, and what it leaves on the disk."""

import asyncio
import datetime as dt
import hashlib
import io
import logging
import traceback
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import httpx
import pytest

from broker_sync.errors import BrokerSyncError, StoreError
from broker_sync.providers.ibkr import flex_errors
from broker_sync.providers.ibkr.client import Downloaded, FlexClient, Limits
from broker_sync.providers.ibkr.flex_address import IBKR_BASE_URL
from broker_sync.providers.ibkr.flex_errors import FlexError
from tests.providers.ibkr.flex_runs import (
    START,
    STATEMENT,
    TOKEN,
    Time,
    client_for,
    download,
    saved_statement,
    serving,
)
from tests.standins.flex import FlexServer, FlexService
from tests.standins.flex import answers as faults
from tests.standins.flex.service import GET, SEND
from tests.tables import for_each

pytestmark = pytest.mark.usefixtures("untouched_logging")

MAY = (dt.date(2026, 5, 1), dt.date(2026, 5, 31))


@pytest.fixture
def server() -> Iterator[FlexServer]:
    with serving() as running:
        yield running


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def to(tmp_path: Path) -> Path:
    return tmp_path / "inbox" / "statement.xml"


def fetched(outcome: Downloaded | BrokerSyncError) -> Downloaded:
    assert isinstance(outcome, Downloaded), outcome
    return outcome


def failed(outcome: Downloaded | BrokerSyncError) -> BrokerSyncError:
    assert isinstance(outcome, BrokerSyncError), outcome
    return outcome


# --- a good night ---


def test_a_statement_arrives_as_it_was_sent(server: FlexServer, time: Time, to: Path) -> None:
    done = fetched(download(client_for(server.address, time), to))
    assert to.read_bytes() == STATEMENT
    assert done == Downloaded(path=to, size=len(STATEMENT), digest=hashlib.sha256(STATEMENT).hexdigest())
    assert to.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in to.parent.iterdir()] == [to.name]


def test_what_is_sent_is_the_protocol(server: FlexServer, time: Time, to: Path) -> None:
    fetched(download(client_for(server.address, time), to, window=MAY))
    send, get = server.service.requests
    days = {"fd": "20260501", "td": "20260531"}
    assert (send.name, send.parameters) == (SEND, {"v": "3", "t": TOKEN, "q": "123456", **days})
    assert (get.name, get.parameters) == (GET, {"v": "3", "t": TOKEN, "q": "1"})
    assert send.user_agent.startswith("broker-sync/")


def test_without_a_window_no_days_are_named(server: FlexServer, time: Time, to: Path) -> None:
    fetched(download(client_for(server.address, time), to))
    assert set(server.service.requests[0].parameters) == {"v", "t", "q"}


def test_a_compressed_transfer_is_undone(server: FlexServer, time: Time, to: Path) -> None:
    server.service.fail(GET, faults.gzipped)
    assert fetched(download(client_for(server.address, time), to)).size == len(STATEMENT)
    assert to.read_bytes() == STATEMENT


def test_a_statement_of_many_pieces_arrives_whole(time: Time, to: Path) -> None:
    large = STATEMENT.replace(b"xxx", b"x" * 600)
    with serving(FlexService(lambda _first, _last: large)) as server:
        fetched(download(client_for(server.address, time), to))
    assert to.read_bytes() == large


def test_a_statement_replaces_the_one_before_only_when_it_is_whole(
    server: FlexServer, time: Time, to: Path
) -> None:
    to.parent.mkdir()
    to.write_text("the one before")
    server.service.fail(GET, always=faults.truncated)
    failed(download(client_for(server.address, time), to))
    assert to.read_text() == "the one before"
    assert [path.name for path in to.parent.iterdir()] == [to.name]
    server.service.fail(GET)
    fetched(download(client_for(server.address, time), to))
    assert to.read_bytes() == STATEMENT


def test_an_address_that_is_ibkrs_is_the_one_by_default(time: Time) -> None:
    client = FlexClient(token=object(), now=time.now)  # type: ignore[arg-type]  # it is not asked
    assert repr(client) == f"FlexClient('{IBKR_BASE_URL}/SendRequest')"
    asyncio.run(client.close())


def test_the_statement_is_fetched_where_the_reply_says(time: Time, to: Path) -> None:
    asked = []
    reply = faults.status_xml(
        Status="Success", ReferenceCode="7", Url="https://gdcdyn.interactivebrokers.com/made/up?x=1"
    )

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        return httpx.Response(200, content=reply if request.url.path.endswith(SEND) else STATEMENT)

    client = client_for(IBKR_BASE_URL, time, transport=httpx.MockTransport(handle))
    fetched(download(client, to))
    assert [url.host for url in asked] == ["ndcdyn.interactivebrokers.com", "gdcdyn.interactivebrokers.com"]
    assert asked[1].path == "/made/up"
    assert dict(asked[1].params) == {"x": "1", "v": "3", "t": TOKEN, "q": "7"}


# --- waiting ---


def test_polls_wait_longer_each_time_up_to_half_a_minute(time: Time, to: Path) -> None:
    with serving(FlexService(saved_statement, pending=8)) as server:
        fetched(download(client_for(server.address, time), to))
        assert server.service.names() == [SEND, *[GET] * 9]
    waits = [wait for wait in time.waits if wait != 1.0]
    assert waits == [5, 7.5, 11.25, 16.875, 25.3125, 30, 30, 30]


def test_waits_are_spread(time: Time, to: Path) -> None:
    with serving(FlexService(saved_statement, pending=2)) as server:
        fetched(download(client_for(server.address, time, jitter=1.0), to))
    assert time.waits == [1, 6, 9]


def test_a_statement_that_is_never_ready_is_given_up(time: Time, to: Path) -> None:
    with serving(FlexService(saved_statement, pending=1000)) as server:
        error = failed(download(client_for(server.address, time), to))
        polls = server.service.names().count(GET)
    assert isinstance(error, flex_errors.StatementNotReadyError)
    assert 540 < time.seconds <= 600
    assert polls == 23


def test_it_is_given_up_even_when_the_clock_stands_still(time: Time, to: Path) -> None:
    time.clock = lambda: 0.0  # type: ignore[method-assign]
    with serving(FlexService(saved_statement, pending=1000)) as server:
        failed(download(client_for(server.address, time), to))
        assert server.service.names().count(GET) == 60


def test_the_server_says_how_long_to_wait(server: FlexServer, time: Time, to: Path) -> None:
    server.service.fail(GET, faults.http(503, Retry_After="90"))
    fetched(download(client_for(server.address, time), to))
    assert time.waits == [1, 90]


def test_a_wait_beyond_the_deadline_is_not_begun(server: FlexServer, time: Time, to: Path) -> None:
    for name in (SEND, GET):
        server.service.fail(name, faults.http(503, Retry_After="3600"))
        failed(download(client_for(server.address, time), to))
        server.service.fail(name)
    assert sum(time.waits) < 60


def test_one_request_a_second_and_ten_a_minute_over_several_downloads(
    server: FlexServer, time: Time, to: Path
) -> None:
    moments: list[float] = []
    answer = server.service.answer

    def answering(path: str, parameters: dict[str, str], user_agent: str, address: str) -> faults.Answer:
        moments.append(time.seconds)
        return answer(path, parameters, user_agent, address)

    server.service.answer = answering  # type: ignore[method-assign,assignment]

    async def run() -> None:
        async with client_for(server.address, time) as client:
            for _ in range(12):
                await client.download("123456", window=None, to=to)

    asyncio.run(run())
    assert len(moments) == 24
    assert all(later - earlier >= 1 for earlier, later in pairwise(moments))
    assert all(later - earlier >= 60 for earlier, later in zip(moments, moments[10:], strict=False))
    assert moments[-1] < 130


# --- what is tried again, and what is not ---


@for_each(
    ("name", "fault", "requests", "least_wait"),
    [
        (SEND, faults.code(1001), [SEND, SEND, GET], 60),
        (SEND, faults.code(1018), [SEND, SEND, GET], 60),
        (SEND, faults.code(1019), [SEND, SEND, GET], 60),
        (SEND, faults.http(500), [SEND, SEND, GET], 60),
        (SEND, faults.hang_up, [SEND, SEND, GET], 60),
        (GET, faults.code(1001), [SEND, GET, GET], 60),
        (GET, faults.code(1018), [SEND, GET, GET], 60),
        (GET, faults.http(429), [SEND, GET, GET], 60),
        (GET, faults.http(500), [SEND, GET, GET], 5),
        (GET, faults.hang_up, [SEND, GET, GET], 5),
        (GET, faults.truncated, [SEND, GET, GET], 5),
        (GET, faults.broken_off, [SEND, GET, GET], 5),
        (GET, faults.empty, [SEND, GET, GET], 5),
        (GET, faults.code(1017), [SEND, GET, SEND, GET], 0),
    ],
)
def test_what_passes_is_waited_out(
    name: str, fault: faults.Fault, requests: list[str], least_wait: float
) -> None:
    time = Time()
    with serving() as server:
        server.service.fail(name, fault)
        fetched(download(client_for(server.address, time)))
        assert server.service.names() == requests
    assert max(time.waits) >= least_wait


def test_http_500_on_every_request_costs_at_most_five(server: FlexServer, time: Time, to: Path) -> None:
    for failing in ((SEND, GET), (GET,)):
        for name in failing:
            server.service.fail(name, always=faults.http(500))
        server.service.requests.clear()
        failed(download(client_for(server.address, time), to))
        assert len(server.service.requests) <= 5
        server.service.fail(SEND)


class Gate:
    """Closes after more failures than it bears."""

    def __init__(self, *, bears: int) -> None:
        self.bears = bears
        self.heard: list[tuple[str | None, dt.datetime]] = []

    def check(self, now: dt.datetime) -> None:
        del now
        if len(self.heard) > self.bears:
            raise BrokerSyncError("closed")

    def record(self, outcome: FlexError | None, now: dt.datetime) -> None:
        self.heard.append((None if outcome is None else type(outcome).__name__, now))


def test_the_gate_hears_of_every_failure_and_of_success(server: FlexServer, time: Time, to: Path) -> None:
    gate = Gate(bears=9)
    server.service.fail(SEND, faults.code(1001))
    server.service.fail(GET, faults.code(1025))
    failed(download(client_for(server.address, time, gate=gate), to))
    minute, second = dt.timedelta(minutes=1), dt.timedelta(seconds=1)
    assert gate.heard == [
        ("FlexBusyError", START),
        (None, START + minute),
        ("LockedOutError", START + minute + second),
    ]


def test_nothing_is_sent_through_a_closed_gate(server: FlexServer, time: Time, to: Path) -> None:
    error = failed(download(client_for(server.address, time, gate=Gate(bears=-1)), to))
    assert str(error) == "closed"
    assert server.service.requests == []


def test_a_gate_that_closes_stops_the_second_try(server: FlexServer, time: Time, to: Path) -> None:
    server.service.fail(SEND, always=faults.code(1001))
    error = failed(download(client_for(server.address, time, gate=Gate(bears=0)), to))
    assert str(error) == "closed"
    assert server.service.names() == [SEND]
    assert time.waits == []


# --- what is not taken ---


def test_a_reply_that_drips_is_given_up(server: FlexServer, time: Time, to: Path) -> None:
    for name in (SEND, GET):
        server.service.fail(name, faults.drip(0.01))
        error = failed(download(client_for(server.address, time, limits=Limits(transfer=0.2)), to))
        assert isinstance(error, flex_errors.SlowReplyError)
        server.service.fail(name)
    assert not to.exists()


def test_a_statement_that_is_too_large_is_not_kept(time: Time, to: Path) -> None:
    with serving(FlexService(lambda _first, _last: STATEMENT.replace(b"xxx", b"x" * 3000))) as server:
        client = client_for(server.address, time, limits=Limits(size=1024 * 1024))
        error = failed(download(client, to))
        assert server.service.names() == [SEND, GET]
    assert isinstance(error, flex_errors.StatementTooLargeError)
    assert "larger than 1 MiB" in str(error)
    assert list(to.parent.iterdir()) == []


def test_a_short_statement_beyond_the_limit_is_not_kept_either(
    server: FlexServer, time: Time, to: Path
) -> None:
    error = failed(download(client_for(server.address, time, limits=Limits(size=100)), to))
    assert isinstance(error, flex_errors.StatementTooLargeError)


def test_a_redirect_is_not_followed(server: FlexServer, time: Time, to: Path) -> None:
    with serving() as elsewhere:
        server.service.fail(SEND, faults.redirect(f"{elsewhere.address}/AccountManagement/{SEND}"))
        assert isinstance(failed(download(client_for(server.address, time), to)), flex_errors.RedirectedError)
        assert elsewhere.service.requests == []


def test_a_foreign_address_is_not_asked(server: FlexServer, time: Time, to: Path) -> None:
    with serving() as elsewhere:
        server.service.fail(SEND, faults.foreign(f"{elsewhere.address}/AccountManagement/{GET}"))
        error = failed(download(client_for(server.address, time), to))
        assert isinstance(error, flex_errors.ForeignAddressError)
        assert elsewhere.service.requests == []


@for_each(
    ("raised", "expected"),
    [
        (httpx.ConnectError("[Errno -2] Name or service not known"), flex_errors.UnreachableError),
        (httpx.ConnectTimeout(""), flex_errors.UnreachableError),
        (httpx.ProxyError("403 Forbidden"), flex_errors.UnreachableError),
        (httpx.ReadTimeout(""), flex_errors.SilentError),
        (httpx.ReadError(""), flex_errors.HangUpError),
        (httpx.DecodingError("wrong"), flex_errors.UnclearReplyError),
    ],
)
def test_a_network_that_fails_is_told_by_how_it_fails(
    raised: httpx.HTTPError, expected: type[FlexError]
) -> None:
    def handle(_: httpx.Request) -> httpx.Response:
        raise raised

    client = client_for(IBKR_BASE_URL, Time(), transport=httpx.MockTransport(handle))
    error = failed(download(client))
    assert type(error) is expected
    assert str(raised) == "" or str(raised) not in str(error)


def test_a_disk_that_will_not_have_it_is_named(server: FlexServer, time: Time, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    error = failed(download(client_for(server.address, time), tmp_path / "file" / "statement.xml"))
    assert isinstance(error, StoreError)
    assert "cannot be written to" in str(error)


def test_a_download_that_is_called_off_leaves_nothing(server: FlexServer, time: Time, to: Path) -> None:
    async def run() -> None:
        loop, has_begun = asyncio.get_running_loop(), asyncio.Event()

        def begin(answer: faults.Answer) -> faults.Answer:
            loop.call_soon_threadsafe(has_begun.set)
            return faults.drip(0.001)(answer)

        server.service.fail(GET, begin)
        async with client_for(server.address, time) as client:
            task = asyncio.create_task(client.download("123456", window=None, to=to))
            await has_begun.wait()
            await asyncio.sleep(0.02)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(run())
    assert server.service.names() == [SEND, GET]
    assert list(to.parent.glob("*")) == []


# --- the token ---


def chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


REPEATING = faults.status_xml(Status="Fail", ErrorCode="1015", ErrorMessage=f"Token {TOKEN} is invalid.")


def repeat_token(_: faults.Answer) -> faults.Answer:
    return faults.Answer(body=REPEATING)


def as_type(_: faults.Answer) -> faults.Answer:
    return faults.Answer(body=TOKEN.encode(), content_type=f"image/{TOKEN}")


@for_each(
    "fault",
    [
        faults.as_usual,
        faults.code(1012),
        faults.http(500),
        faults.http(403),
        faults.redirect(f"https://elsewhere.example/?t={TOKEN}"),
        faults.foreign(f"https://{TOKEN}@elsewhere.example/{GET}?t={TOKEN}"),
        faults.hang_up,
        faults.broken_off,
        faults.web_page,
        repeat_token,
        as_type,
        faults.drip(1.0),
    ],
)
def test_the_token_is_in_no_log_no_error_and_no_repr(fault: faults.Fault) -> None:
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    with serving() as server:
        server.service.fail(SEND, fault, always=faults.as_usual)
        server.service.fail(GET, fault, always=faults.as_usual)
        client = client_for(server.address, Time(), limits=Limits(transfer=0.3))
        outcome = download(client)
    root.removeHandler(handler)
    assert TOKEN not in log.getvalue()
    assert TOKEN not in repr(client) + repr(outcome) + str(outcome)
    assert "HTTP Request: GET http://127.0.0.1" in log.getvalue() or fault is faults.hang_up
    if isinstance(outcome, BaseException):
        assert TOKEN not in "".join(traceback.format_exception(outcome))
        for error in chain(outcome):
            assert not isinstance(error, httpx.HTTPError)
            assert TOKEN not in f"{error} {error!r} {vars(error)}"


def test_the_token_is_asked_for_when_something_is_sent(time: Time, to: Path) -> None:
    class Untold:
        def reveal(self) -> str:
            raise AssertionError("nothing is sent yet")

    client = FlexClient(token=Untold(), now=time.now)
    with pytest.raises(AssertionError, match="nothing is sent yet"):
        download(client, to)
