"""What is sent, to real servers on this machine; and that nothing of an address is said by anybody."""

import asyncio
import io
import logging
import threading
from collections.abc import Iterator

import httpx
import pytest

from broker_sync.notify import (
    TEST_WORDS,
    NotifierMissingError,
    NotSentError,
    PingError,
    Signal,
    Urgency,
    Words,
    ping,
    send,
)
from broker_sync.notify.ping import address_of
from tests.notify.hook import Hook, hook
from tests.tables import for_each

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("untouched_logging")]

MARK = "made-up-secret"
HOSTILE = Words(title='a "title" <b>', body="\\ & <script>\nä € \U0001f600", urgency=Urgency.BAD)


@pytest.fixture(scope="module")
def server() -> Iterator[Hook]:
    with hook() as taken:
        yield taken


@pytest.fixture
def taken(server: Hook) -> Hook:
    server.forget()
    server.answer = "OK"
    return server


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


# --- messages ---


def test_a_message_arrives_as_it_is(taken: Hook) -> None:
    assert send(HOSTILE, [f"json://{taken.address}/one"]).reached == 1
    (got,) = taken.got
    assert got.path == "/one"
    assert (got.message["title"], got.message["message"]) == (HOSTILE.title, HOSTILE.body)
    assert got.message["type"] == "failure"


def test_every_address_is_tried_whatever_becomes_of_the_others(taken: Hook, log: io.StringIO) -> None:
    taken.refused.add(f"/{MARK}")
    addresses = [
        f"json://me:{MARK}@{taken.address}/{MARK}",
        f"nonsense://{MARK}",
        f"json://127.0.0.1:1/{MARK}",
        f"json://{taken.address}/good",
    ]
    sent = send(TEST_WORDS, addresses)
    assert sent.reached == 1
    assert taken.paths() == [f"/{MARK}", "/good"]
    told = [str(problem) for problem in sent.problems]
    assert [text.partition(" did")[0].partition(" is")[0] for text in told] == [
        "notification address 1 (json)",
        "notification address 2 (nonsense)",
        "notification address 3 (json)",
    ]
    assert all(isinstance(problem, NotSentError) for problem in sent.problems)
    assert MARK not in "".join(told) + log.getvalue()


def test_an_answer_without_end_is_given_up(
    taken: Hook, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    for library in ("apprise", "urllib3"):  # to have it back afterwards
        monkeypatch.setattr(logging.getLogger(library), "propagate", True)
    taken.endless.add(f"/{MARK}")
    before = set(threading.enumerate())
    sent = send(TEST_WORDS, [f"json://{taken.address}/{MARK}", f"json://{taken.address}/good"], seconds=0.2)
    assert sent.reached == 1
    assert "address 1 (json) did not take the message" in str(sent.problems[0])
    # The end of the program waits for every thread but these.
    ours = {each for each in threading.enumerate() if "process_request" not in each.name} - before
    assert all(each.daemon for each in ours)
    # It may come to an end at any time, and is not listened to any more.
    logging.getLogger("apprise").error(MARK)
    logging.getLogger("urllib3.connectionpool").error(MARK)
    assert MARK not in log.getvalue()


def test_logs_go_on_once_a_message_is_sent(taken: Hook, log: io.StringIO) -> None:
    send(TEST_WORDS, [f"json://{taken.address}/one"])
    logging.getLogger("somebody").warning("still here")
    assert "still here" in log.getvalue()


def test_a_missing_library_is_named() -> None:
    def not_installed(name: str) -> None:
        raise ImportError(name)

    with pytest.raises(NotifierMissingError, match=r"install broker-sync\[notify\]"):
        send(TEST_WORDS, ["json://127.0.0.1/x"], load=not_installed)


# --- pings ---


def push(address: str, signal: Signal = Signal.SUCCESS, text: str = "x") -> None:
    asyncio.run(ping(address, signal, text))


@for_each(
    ("address", "start", "success", "failure"),
    [
        ("http://h/abc", "http://h/abc/start", "http://h/abc", "http://h/abc/fail"),
        ("http://h/abc/", "http://h/abc/start", "http://h/abc", "http://h/abc/fail"),
        ("http://h/abc?create=1#x", "http://h/abc/start?create=1", "http://h/abc?create=1", "http://h/abc/fail?create=1"),
    ],
)  # fmt: skip
def test_a_signal_stands_behind_the_path(address: str, start: str, success: str, failure: str) -> None:
    assert [address_of(address, signal) for signal in Signal] == [start, success, failure]


def test_a_check_is_told_with_a_text(taken: Hook) -> None:
    push(f"http://{taken.address}/ping/abc", Signal.START, "ibkr: started")
    push(f"http://{taken.address}/ping/abc", Signal.FAILURE, "away \udc80")
    assert [(each.path, each.body) for each in taken.got] == [
        ("/ping/abc/start", "ibkr: started"),
        ("/ping/abc/fail", "away ?"),
    ]


@pytest.mark.parametrize(
    ("path", "answer", "said"),
    [
        (f"refused/{MARK}", "OK", "127.0.0.1 answered 500"),
        (MARK, "OK (not found)", "127.0.0.1 has no such check"),
    ],
)
def test_a_check_that_is_not_told_is_named_by_its_host_alone(
    taken: Hook, log: io.StringIO, path: str, answer: str, said: str
) -> None:
    taken.refused.add(f"/refused/{MARK}")
    taken.answer = answer
    with pytest.raises(PingError, match=said) as caught:
        push(f"http://{taken.address}/{path}")
    assert MARK not in str(caught.value)
    # What a path is to a check, a token is to a broker: it is in the log of no library either.
    assert MARK not in log.getvalue()


def test_a_check_whose_answer_has_no_end_is_given_up(taken: Hook) -> None:
    taken.endless.add("/x/start")
    with pytest.raises(PingError, match=r"127\.0\.0\.1 cannot be reached \(TimeoutError\)"):
        asyncio.run(ping(f"http://{taken.address}/x", Signal.START, "x", seconds=0.2))


def test_nobody_there_is_said_after_a_second_try() -> None:
    tried: list[str] = []

    def away(request: httpx.Request) -> httpx.Response:
        tried.append(request.method)
        raise httpx.ConnectError("no", request=request)

    with pytest.raises(PingError, match=r"h\.example cannot be reached \(ConnectError\)"):
        asyncio.run(ping(f"https://h.example/{MARK}", Signal.START, "x", transport=httpx.MockTransport(away)))
    assert tried == ["POST", "POST"]


@for_each("host", ["h\x00st", "xn--a"])
def test_what_is_no_address_is_said(host: str) -> None:
    with pytest.raises(PingError, match="no address"):
        push(f"http://{host}/x")
