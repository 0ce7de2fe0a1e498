"""Whatever is logged, by whom and how: no secret gets through."""

import io
import logging
import sys
from collections.abc import Callable

import pytest

from broker_sync.logs import Masker, set_up_logs

pytestmark = pytest.mark.usefixtures("untouched_logging")

TOKEN = "made-up/token+1234"
PASSWORD = 'made "up" \\ pass'
NAMES = ["broker_sync.pipeline", "httpx", "httpcore.connection", "elsewhere"]
LEVELS = [logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL]


@pytest.fixture
def log() -> Callable[[], str]:
    """What was logged so far, with every level let through."""
    stream = io.StringIO()
    set_up_logs(stream, masker=Masker([TOKEN, PASSWORD]))
    logging.getLogger().setLevel(logging.DEBUG)
    for name in ("httpx", "httpcore", "broker_sync"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    return stream.getvalue


@pytest.mark.parametrize(
    "arguments",
    [
        (f"GET https://flex.example/SendRequest?t={TOKEN}&q=1&v=3",),
        ("GET %s", "https://flex.example/SendRequest?t=unknown-token&q=1&v=3"),
        ("GET %s", "https://flex.example/Get?q=1&T=unknown-token"),
        ("GET %s", "https://flex.example/Get?q=1&access_token=unknown-token"),
        ("GET %s", "https://somebody:unknown-token@push.example/job"),
        ("headers %r", {"Authorization": "Bearer unknown-token"}),
        ("body %r", {"password": "unknown-token"}),
        ("token: unknown-token",),
        ("%s", TOKEN),
        ("%s", "made-up%2Ftoken%2B1234"),
        ("%s", "made-up/token%2B1234"),
        ("%r", {"p": PASSWORD}),
        ("%s", {TOKEN: PASSWORD}),
    ],
)
def test_no_secret_is_logged_at_any_level(log: Callable[[], str], arguments: tuple[object, ...]) -> None:
    for level in LEVELS:
        for name in NAMES:
            before = len(log())
            logging.getLogger(name).log(level, *arguments)
            said = log()[before:]
            assert "***" in said, (level, name)
            for part in ("unknown-token", "made", "1234"):
                assert part not in said, (level, name)


def test_no_secret_is_in_a_traceback(log: Callable[[], str]) -> None:
    try:
        raise OSError(f"https://flex.example/?t={TOKEN}")  # noqa: TRY301  # it is logged right here
    except OSError:
        logging.getLogger("broker_sync").exception("failed")
    assert "OSError: https://flex.example/?t=***" in log()
    assert TOKEN not in log()


@pytest.mark.parametrize(
    "text",
    [
        "ibkr:trade:8001 (Trades) was not booked: options are not booked yet",
        "at=5 and t=7 are no query",
        "the token is missing",
        "https://flex.example/SendRequest?q=1&v=3",
        "40 records",
    ],
)
def test_other_texts_are_left_alone(log: Callable[[], str], text: str) -> None:
    logging.getLogger("broker_sync").info("%s", text)
    assert log() == f"INFO: {text}\n"


def test_a_very_short_secret_does_not_make_the_log_unreadable() -> None:
    assert Masker(["1"]).mask("11 records") == "11 records"


def test_of_two_secrets_that_begin_alike_both_are_masked() -> None:
    assert Masker(["made-up", "made-up-too"]).mask("made-up-too, made-up") == "***, ***"


def test_a_text_out_of_a_statement_cannot_forge_a_line(log: Callable[[], str]) -> None:
    logging.getLogger("broker_sync").warning("%s", "id\nERROR: forged \x9b31m")
    assert log() == "WARNING: id\\nERROR: forged \\x9b31m\n"


def test_requests_are_not_logged() -> None:
    stream = io.StringIO()
    set_up_logs(stream, masker=Masker())
    for name in ("httpx", "httpcore.http11"):
        logging.getLogger(name).info("HTTP Request: GET https://flex.example")
    assert stream.getvalue() == ""


def test_warnings_of_libraries_are_logged_and_their_chatter_is_not() -> None:
    stream = io.StringIO()
    set_up_logs(stream, masker=Masker())
    logging.getLogger("alembic.runtime.migration").info("Running upgrade")
    logging.getLogger("elsewhere").warning("look out")
    assert stream.getvalue() == "WARNING: look out\n"


def test_setting_up_again_replaces_what_was_there() -> None:
    first, second = io.StringIO(), io.StringIO()
    others = logging.StreamHandler(sys.stderr)
    logging.getLogger().addHandler(others)
    set_up_logs(first, masker=Masker())
    set_up_logs(second, masker=Masker())
    logging.getLogger("broker_sync").warning("once")
    assert (first.getvalue(), second.getvalue()) == ("", "WARNING: once\n")
    assert others in logging.getLogger().handlers
