"""The tables in docs/providers/ibkr/errors.md are what happens, row by row, against the stand-in."""

import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from broker_sync.errors import BrokerSyncError
from broker_sync.providers.ibkr.breaker_file import Breaker
from broker_sync.providers.ibkr.client import Limits
from broker_sync.providers.ibkr.flex_codes import UNDOCUMENTED, known_codes
from tests import pages
from tests.providers.ibkr.flex_runs import Time, Token, client_for, download, saved_statement
from tests.standins.flex import FlexServer, FlexService
from tests.standins.flex import answers as faults
from tests.standins.flex.service import GET, SEND

if not (pages.ROOT / "docs").is_dir():
    pytest.skip("the page is in a checkout only", allow_module_level=True)

PAGE = pages.text_of("docs/providers/ibkr/errors.md")

FAULTS: Mapping[str, faults.Fault] = {
    **{number: faults.code(int(number)) for number in (*known_codes(), *UNDOCUMENTED)},
    "HTTP 302": faults.redirect("https://elsewhere.example/"),
    "HTTP 403": faults.http(403),
    "HTTP 429": faults.http(429),
    "HTTP 500": faults.http(500),
    "web page": faults.web_page,
    "empty": faults.empty,
    "neither": faults.neither,
    "other format": faults.other_type,
    "hang-up": faults.hang_up,
    "drip": faults.drip(0.01),
    "foreign address": faults.foreign("https://elsewhere.example/GetStatement"),
    "cut short": faults.truncated,
    "broken off": faults.broken_off,
}
OF_ONE_REQUEST = {"foreign address": SEND, "cut short": GET, "broken off": GET}


class Row(NamedTuple):
    """A row: `fault` spoils every reply to `request`."""

    request: str
    fault: str
    status: int
    requests: int
    beginning: str


def rows() -> Iterator[Row]:
    for line in PAGE.splitlines():
        cells = [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        if len(cells) == 6 and cells[0] in {SEND, GET}:
            request, fault, _, status, requests, beginning = cells
            yield Row(request, fault, int(status), int(requests), beginning)


ROWS = list(rows())


@pytest.mark.parametrize("request_name", [SEND, GET])
def test_every_fault_is_in_the_page(request_name: str) -> None:
    found = [row.fault for row in ROWS if row.request == request_name]
    assert sorted(found) == sorted(
        fault for fault in FAULTS if OF_ONE_REQUEST.get(fault, request_name) == request_name
    )


@pytest.mark.parametrize("request_name", [SEND, GET])
def test_every_fault_ends_as_the_page_says(request_name: str) -> None:
    service = FlexService(saved_statement)
    wrong = []
    with FlexServer(service) as server:
        for row in [row for row in ROWS if row.request == request_name]:
            service.requests.clear()
            service.fail(GET)
            service.fail(SEND)
            service.fail(row.request, always=FAULTS[row.fault])
            limits = Limits(transfer=0.25 if row.fault == "drip" else 60)
            error = download(client_for(server.address, Time(), limits=limits))
            assert isinstance(error, BrokerSyncError), row
            happened = (error.exit_code, len(service.requests), str(error))
            if happened[:2] != (row.status, row.requests) or not happened[2].startswith(row.beginning):
                wrong.append((row, happened))
    assert wrong == []


def test_after_a_lock_out_nothing_at_all_is_sent_until_the_breaker_closes() -> None:
    service = FlexService(saved_statement)
    service.fail(SEND, always=faults.code(1025))
    time = Time()
    with FlexServer(service) as server, tempfile.TemporaryDirectory() as folder:
        for hours in range(12):
            time.seconds = hours * 3600.0
            gate = Breaker(folder=Path(folder), token=Token())  # as after a restart
            error = download(client_for(server.address, time, gate=gate))
            assert isinstance(error, BrokerSyncError)
            assert error.exit_code == 75
            assert len(service.requests) == 1
        time.seconds = 12 * 3600.0
        download(client_for(server.address, time, gate=Breaker(folder=Path(folder), token=Token())))
        assert len(service.requests) == 2
    assert "12 hours" in PAGE


def test_the_beginnings_are_long_enough_to_know_the_message_by() -> None:
    assert [row for row in ROWS if len(row.beginning) < 30] == []
    assert len(re.findall(r"^\| `", PAGE, re.MULTILINE)) >= len(ROWS) > 50
