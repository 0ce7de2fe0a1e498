"""The stand-in speaks the protocol as IBKR does."""

import datetime as dt
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.providers.ibkr.builders import one_statement
from tests.standins.flex import FlexServer, FlexService, Folder, NoStatementError
from tests.standins.flex import answers as faults
from tests.standins.flex.service import GET, PATH, SEND
from tests.tables import for_each

GOOD = "v=3&t=made-up-token"
MAY = "fd=20260501&td=20260531"


def days(first: dt.date | None, last: dt.date | None) -> bytes:
    return f"{first} to {last}".encode()


@pytest.fixture
def server() -> Iterator[FlexServer]:
    with FlexServer(FlexService(days)) as running:
        yield running


def ask(address: str, query: str, user_agent: str = "test") -> str:
    request = Request(f"{address}?{query}", headers={"User-Agent": user_agent})  # noqa: S310  # our own server
    with urlopen(request, timeout=5) as reply:  # noqa: S310  # as above
        text: str = reply.read().decode()
        return text


def send(server: FlexServer, query: str = f"{GOOD}&q=123456") -> str:
    return ask(f"{server.address}{PATH}/{SEND}", query)


def tag(name: str, reply: str) -> str:
    found = re.search(f"<{name}>(.*)</{name}>", reply)
    assert found is not None, reply
    return found[1]


def get(server: FlexServer, sent: str) -> str:
    del server
    return ask(tag("Url", sent), f"{GOOD}&q={tag('ReferenceCode', sent)}")


def test_a_statement_is_fetched_in_two_steps(server: FlexServer) -> None:
    sent = send(server, f"{GOOD}&q=123456&{MAY}")
    assert tag("Status", sent) == "Success"
    assert get(server, sent) == "2026-05-01 to 2026-05-31"
    assert get(server, send(server)) == "None to None"
    assert server.service.names() == [SEND, GET, SEND, GET]


@for_each(
    ("query", "code"),
    [
        ("v=2&t=made-up-token&q=123456", "1020"),
        ("v=3&t=another&q=123456", "1015"),
        (f"{GOOD}&q=1", "1014"),
        (f"{GOOD}&q=123456&fd=20260501", "1003"),
        (f"{GOOD}&q=123456&fd=20260501&td=never", "1003"),
        (f"{GOOD}&q=123456&fd=20260531&td=20260501", "1003"),
        (f"{GOOD}&q=123456&fd=20250501&td=20260531", "1003"),
    ],
)
def test_a_wrong_request_is_answered_with_its_code(query: str, code: str) -> None:
    with FlexServer(FlexService(days)) as server:
        assert tag("ErrorCode", send(server, query)) == code


def test_a_reference_that_was_not_given_is_not_known(server: FlexServer) -> None:
    assert tag("ErrorCode", ask(f"{server.address}{PATH}/{GET}", f"{GOOD}&q=77")) == "1017"


def test_nobody_is_answered_without_saying_who_asks(server: FlexServer) -> None:
    assert tag("ErrorCode", ask(f"{server.address}{PATH}/{SEND}", f"{GOOD}&q=123456", "")) == "1020"


def test_other_addresses_are_not_there(server: FlexServer) -> None:
    with pytest.raises(HTTPError, match="404"):
        ask(f"{server.address}/elsewhere", GOOD)
    assert server.service.requests == []


def test_it_takes_as_many_polls_as_it_was_told(server: FlexServer) -> None:
    server.service.pending = 2
    sent = send(server)
    assert [tag("ErrorCode", get(server, sent)) for _ in range(2)] == ["1019", "1019"]
    assert get(server, sent) == "None to None"


def test_it_can_make_one_day_of_every_window(server: FlexServer) -> None:
    server.service.collapses = True
    assert get(server, send(server, f"{GOOD}&q=123456&{MAY}")) == "2026-05-31 to 2026-05-31"


def test_it_can_refuse_windows_and_nothing_else(server: FlexServer) -> None:
    server.service.refuses_windows = True
    assert tag("ErrorCode", send(server, f"{GOOD}&q=123456&{MAY}")) == "1003"
    assert get(server, send(server)) == "None to None"


def test_it_fails_as_often_as_it_is_told(server: FlexServer) -> None:
    server.service.fail(SEND, faults.code(1001), faults.as_usual, faults.code(1018), always=faults.code(1025))
    replies = [send(server) for _ in range(5)]
    codes = [reply.partition("<ErrorCode>")[2][:4] for reply in replies]
    assert codes == ["1001", "", "1018", "1025", "1025"]
    server.service.fail(SEND)
    assert "<ErrorCode>" not in send(server)


# --- statements out of a folder ---


def file(folder: Path, first: str, last: str) -> None:
    (folder / f"{first}.xml").write_text(one_statement(fromDate=first, toDate=last))


def test_a_folder_serves_what_covers_the_days(tmp_path: Path) -> None:
    file(tmp_path, "20260101", "20261231")
    file(tmp_path, "20260501", "20260531")
    file(tmp_path, "2025-01-01", "2025-12-31")
    (tmp_path / "other.xml").write_text("<other/>")
    folder = Folder(tmp_path)
    assert b'"20260501"' in folder(dt.date(2026, 5, 3), dt.date(2026, 5, 4))
    assert b'"20260101"' in folder(dt.date(2026, 5, 3), dt.date(2026, 6, 4))
    assert b'"2025-01-01"' in folder(dt.date(2025, 5, 3), dt.date(2025, 6, 4))
    assert b'"20260101"' in folder(None, None)
    with pytest.raises(NoStatementError):
        folder(dt.date(2024, 1, 1), dt.date(2024, 1, 2))


def test_a_folder_without_statements_has_none_available(tmp_path: Path) -> None:
    with FlexServer(FlexService(Folder(tmp_path))) as server:
        assert tag("ErrorCode", get(server, send(server))) == "1003"


def test_it_can_be_started_by_hand(tmp_path: Path) -> None:
    file(tmp_path, "20260501", "20260531")
    command = [sys.executable, "-m", "tests.standins.flex", "--folder", str(tmp_path), "--token", "abc"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            address = re.search(r"IBKR_FLEX_BASE_URL=(\S+)", line)
            assert address is not None
            reply = ask(f"{address[1]}{PATH}/{SEND}", "v=3&t=abc&q=123456")
        finally:
            process.terminate()
    assert tag("Status", reply) == "Success"
