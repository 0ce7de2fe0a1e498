"""People are told what came of a run, once, and a run is never worse for it."""

from __future__ import annotations

import datetime as dt
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from broker_sync.cli.clock import CLOCK, Clock
from broker_sync.cli.notifying import Notifier
from broker_sync.cli.request import Request
from broker_sync.notify import FILE_NAME
from broker_sync.settings import load_settings
from tests.notify.hook import Hook, hook
from tests.standins.flex.answers import code
from tests.standins.flex.service import SEND

from .conftest import Cli, Ran
from .nights import Nights
from .statements import ACCOUNT, drifting, good

# The fixtures are taken over by their names.
from .test_nightly import DAY, FIRST_NIGHT, nights, statements  # noqa: F401

Write = Callable[..., Path]
MARK = "made-up-secret"
SYNCED = "broker-sync: the sync of ibkr works again"
FAILED = "broker-sync: the sync of ibkr failed"
DIFFERS = f"broker-sync: {ACCOUNT} in ledger is not what the broker says"
EQUAL = f"broker-sync: {ACCOUNT} in ledger is what the broker says again"


@pytest.fixture(scope="module")
def server() -> Iterator[Hook]:
    with hook() as taken:
        yield taken


@pytest.fixture
def told(server: Hook, monkeypatch: pytest.MonkeyPatch) -> Hook:
    """Everything that is sent to whoever is to be told."""
    server.forget()
    monkeypatch.setenv("BROKER_SYNC_NOTIFY_URLS", f"json://{server.address}/{MARK}")
    monkeypatch.setenv("BROKER_SYNC_PING_URL", f"http://{server.address}/ping/{MARK}")
    return server


def pings(told: Hook) -> list[str]:
    return [path.removeprefix(f"/ping/{MARK}") for path in told.paths() if path.startswith("/ping/")]


def no_secret(ran: Ran) -> None:
    assert MARK not in ran.out + ran.err


def test_a_run_in_which_all_is_well_is_silent_but_for_the_pings(
    cli: Cli, write: Write, told: Hook, data_dir: Path
) -> None:
    ran = cli("ibkr", "--file", write(good()))
    assert ran.status == 0
    no_secret(ran)
    assert told.titles() == []
    assert pings(told) == ["/start", ""]
    assert told.got[-1].body == ran.last
    assert not (data_dir / FILE_NAME).exists()


def test_a_difference_is_told_once_it_is_confirmed_and_once_it_is_over(
    cli: Cli, write: Write, told: Hook, data_dir: Path
) -> None:
    bad = write(drifting())
    titles = []
    for path in (bad, bad, bad, write(good(), "good.xml"), bad):
        told.got.clear()
        assert cli("ibkr", "--file", path).status == 0
        titles.append(told.titles())
        assert pings(told) == ["/start", ""]
    assert titles == [[], [DIFFERS], [], [EQUAL], []]
    assert stat.S_IMODE((data_dir / FILE_NAME).stat().st_mode) == 0o600


def test_a_dry_run_tells_nobody_anything(cli: Cli, write: Write, told: Hook) -> None:
    assert cli("ibkr", "--file", write(good()), "--dry-run").status == 0
    assert told.got == []


def test_a_failure_says_what_it_means_and_what_to_do_until_it_is_over(
    nights: Nights,  # noqa: F811
    told: Hook,
) -> None:
    nights.service.fail(SEND, always=code(1012))
    for number in range(2):
        assert nights.night(FIRST_NIGHT + number * DAY).status == 2
    assert told.titles() == [FAILED]
    (message,) = [each.message for each in told.got if each.body.startswith("{")]
    assert "1012" in message["message"]
    assert "Exit status 2: the settings or the arguments are wrong." in message["message"]
    assert pings(told) == ["/start", "/fail"] * 2
    assert "Exit status 2" in told.got[-1].body
    nights.service.fail(SEND)
    told.forget()
    assert nights.night(FIRST_NIGHT + 2 * DAY).status == 0
    assert told.titles() == [SYNCED]


def test_a_statement_that_is_refused_is_told_of(cli: Cli, write: Write, told: Hook) -> None:
    assert cli("ibkr", "--file", write("<html/>")).status == 3
    assert told.titles() == [FAILED]
    assert pings(told) == ["/start", "/fail"]


def test_a_strict_run_that_ends_with_4_is_no_success_to_a_check(cli: Cli, write: Write, told: Hook) -> None:
    assert cli("ibkr", "--file", write(drifting()), "--strict").status == 4
    assert pings(told) == ["/start", "/fail"]


@pytest.mark.parametrize("strict", [False, True])
def test_whoever_cannot_be_told_does_not_spoil_a_sync(
    cli: Cli, write: Write, told: Hook, *, strict: bool
) -> None:
    bad = write(drifting())
    cli("ibkr", "--file", bad)
    told.refused |= {f"/{MARK}", f"/ping/{MARK}", f"/ping/{MARK}/start"}
    ran = cli("ibkr", "--file", bad, *(["--strict"] if strict else []))
    assert ran.status == (4 if strict else 0)
    assert "WARNING: notification address 1 (json) did not take the message" in ran.err
    assert ran.err.count("WARNING: ping: 127.0.0.1 answered 500") == 1
    no_secret(ran)
    told.forget()
    assert cli("ibkr", "--file", bad).status == 0
    assert told.titles() == [DIFFERS], "what reached nobody is told by the next run"


def test_a_strict_run_that_could_tell_nobody_is_incomplete(cli: Cli, write: Write, told: Hook) -> None:
    told.refused.add(f"/ping/{MARK}")
    assert cli("ibkr", "--file", write(good()), "--strict").status == 4


def test_whoever_lacks_the_library_is_told_so_at_the_start(
    cli: Cli, write: Write, told: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    bad = write(drifting())
    cli("ibkr", "--file", bad)
    ran = cli("ibkr", "--file", bad)
    assert ran.status == 0
    assert ran.err.count("nobody can be told anything: install broker-sync[notify]") == 1
    assert pings(told) == ["/start", ""] * 2
    ran = cli("notify", "test")
    assert ran.status == 2
    assert "install broker-sync[notify]" in ran.err


def test_a_damaged_memory_is_a_warning_and_is_written_anew(
    cli: Cli, write: Write, told: Hook, data_dir: Path
) -> None:
    bad = write(drifting())
    cli("ibkr", "--file", bad)
    (data_dir / FILE_NAME).write_text("{", encoding="utf-8")
    ran = cli("ibkr", "--file", bad)
    assert ran.status == 0
    assert "notifications.json is damaged" in ran.err
    assert told.titles() == [DIFFERS]
    told.forget()
    ran = cli("ibkr", "--file", bad)
    assert "damaged" not in ran.err
    assert told.titles() == []


def test_a_memory_that_cannot_be_written_is_a_warning(
    cli: Cli, write: Write, told: Hook, data_dir: Path
) -> None:
    bad = write(drifting())
    cli("ibkr", "--file", bad)
    (data_dir / FILE_NAME).mkdir()
    ran = cli("ibkr", "--file", bad)
    assert ran.status == 0
    assert "notifications.json cannot be written" in ran.err
    assert told.titles() == [DIFFERS]


def test_a_bug_is_told_of_too(told: Hook, data_dir: Path) -> None:
    data_dir.mkdir()
    request, settings = Request(files=()), load_settings()
    with pytest.raises(ZeroDivisionError), Notifier("ibkr", request, settings, CLOCK, causes={}):
        raise ZeroDivisionError(MARK)
    assert told.titles() == [FAILED]
    assert pings(told) == ["/start", "/fail"]
    assert "this is a bug (ZeroDivisionError: ***)" in told.got[-1].body


def test_a_run_that_is_interrupted_says_nothing_more(told: Hook) -> None:
    request, settings = Request(files=()), load_settings()
    with pytest.raises(KeyboardInterrupt), Notifier("ibkr", request, settings, CLOCK, causes={}):
        raise KeyboardInterrupt
    assert told.titles() == []
    assert pings(told) == ["/start"]


@pytest.mark.slow
def test_the_end_of_a_token_and_a_lock_out_are_told_of(
    nights: Nights,  # noqa: F811
    told: Hook,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ends = FIRST_NIGHT + 10 * DAY
    monkeypatch.setenv("IBKR_TOKEN_EXPIRES", ends.isoformat())
    assert nights.night(FIRST_NIGHT).status == 0
    assert nights.night(FIRST_NIGHT + DAY).status == 0
    assert told.titles() == ["broker-sync: the token of ibkr ends soon"]
    told.forget()
    nights.service.fail(SEND, always=code(1025))
    assert nights.night(FIRST_NIGHT + 2 * DAY).status == 75
    assert nights.night(FIRST_NIGHT + 2 * DAY).status == 75
    assert told.titles() == [FAILED, "broker-sync: the sync of ibkr fails for another reason"]
    assert "Until then every run ends like this one." in told.got[-2].message["message"]


# --- notify test ---


def test_a_test_message_arrives(cli: Cli, told: Hook) -> None:
    ran = cli("notify", "test")
    assert (ran.status, ran.out) == (0, "A test was sent to 1 of 1 address.\n")
    assert told.titles() == ["broker-sync: a test"]
    assert pings(told) == []


def test_a_test_that_does_not_arrive_says_which(
    cli: Cli, told: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    told.refused.add("/two")
    addresses = f"json://{told.address}/one json://{told.address}/two"
    monkeypatch.setenv("BROKER_SYNC_NOTIFY_URLS", addresses)
    ran = cli("notify", "test")
    assert (ran.status, ran.out) == (1, "A test was sent to 1 of 2 addresses.\n")
    assert "notification address 2 (json) did not take the message" in ran.err


def test_nobody_to_test_is_an_error(cli: Cli) -> None:
    ran = cli("notify", "test")
    assert ran.status == 2
    assert "BROKER_SYNC_NOTIFY_URLS" in ran.err


def test_time_is_the_clock_s(told: Hook, data_dir: Path) -> None:
    data_dir.mkdir()
    moment = dt.datetime(2026, 5, 1, 2, tzinfo=dt.UTC)
    clock = Clock(now=lambda: moment)
    with (
        pytest.raises(ZeroDivisionError),
        Notifier("ibkr", Request(files=()), load_settings(), clock, causes={}),
    ):
        raise ZeroDivisionError
    assert "2026-05-01T02:00:00+00:00" in (data_dir / FILE_NAME).read_text("utf-8")
    assert told.titles() == [FAILED]
