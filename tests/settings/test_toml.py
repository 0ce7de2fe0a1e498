"""``broker-sync.toml``: where it is found, what it may say, and what is said of one that is wrong."""

import datetime as dt
import os
from decimal import Decimal
from pathlib import Path

import pytest

from broker_sync.errors import SettingsError
from broker_sync.settings import OnVanished, ToTextfile, load_settings
from broker_sync.settings.locate import found_config
from broker_sync.settings.toml_lines import line_of
from tests.settings.helpers import Place
from tests.tables import for_each

ALL = """\
[broker-sync]
data_dir = "data"
no_color = true
archive_keep_days = 30
share_tolerance = 0.00001
cash_tolerance = 1
on_vanished = "delete"
metrics = "textfile"
textfile = "out/broker_sync.prom"
pushgateway_url = "http://push.example:9091"

[wealthfolio]
base_url = "https://tracker.example"
username = "somebody"
password = "made-up-password"
session_path = "session.json"

[ibkr]
account_type = "isa"
time_zone = "Europe/London"
token = "made-up-token"
query_ids = [1234567, "2345678"]
base_url = "https://flex.example"
overlap_days = 120
deadline_seconds = 30
ignore_breaker = true
token_expires = 2027-03-31
"""


def test_everything_in_the_file_is_read(place: Place) -> None:
    settings = place.load(ALL)
    here = place.directory
    assert settings.config_path == place.config
    assert (settings.data_dir, settings.no_color, settings.archive_keep_days) == (here / "data", True, 30)
    assert (settings.tolerances.shares, settings.tolerances.cash) == (Decimal("0.00001"), Decimal(1))
    assert settings.on_vanished is OnVanished.DELETE
    assert settings.metrics == ToTextfile(path=here / "out" / "broker_sync.prom")
    assert settings.pushgateway_url == "http://push.example:9091"
    assert settings.wealthfolio.session_path == here / "session.json", "relative to the file"
    assert settings.ibkr.account_type == "ISA"
    assert settings.ibkr.flex_query_ids == ("1234567", "2345678")
    assert settings.ibkr.flex_base_url == "https://flex.example"
    assert settings.ibkr.token_expires == dt.date(2027, 3, 31)
    assert (settings.flex.overlap_days, settings.flex.deadline_seconds) == (120, 30)
    assert settings.flex.ignore_breaker
    assert settings.secrets() == ["made-up-token", "made-up-password"]
    assert settings.warnings == ()


def test_an_empty_text_counts_as_not_set(place: Place) -> None:
    settings = place.load('[wealthfolio]\nusername = ""\n[broker-sync]\nno_color = false\n')
    assert settings.wealthfolio.username is None
    assert not settings.no_color


def test_a_secret_can_be_in_a_file_that_the_toml_names(place: Place) -> None:
    place.write("secrets/token", "made-up-token\n")
    assert place.load('[ibkr]\ntoken_file = "secrets/token"\n').secrets() == ["made-up-token"]
    text = place.wrong('[ibkr]\ntoken_file = "gone"\n')
    assert text.startswith(f"ibkr.token_file in {place.config}: {place.directory / 'gone'} cannot be read")
    place.write("empty", "\n")
    assert place.wrong('[ibkr]\ntoken_file = "empty"\n') == (
        f"ibkr.token_file in {place.config}, line 2: {place.directory / 'empty'} is empty"
    )
    text = place.wrong('[ibkr]\ntoken = "made-up"\ntoken_file = "secrets/token"\n')
    assert text == f"both ibkr.token in {place.config}, line 2 and token_file are there: remove one of them"


# --- finding it ---


def test_the_file_that_is_named_comes_first_then_here_then_the_data_then_the_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    here, data, users = tmp_path / "here", tmp_path / "data", tmp_path / "config" / "broker-sync"
    for folder in (here, data, users):
        folder.mkdir(parents=True)
        (folder / "broker-sync.toml").write_text(f'[wealthfolio]\nusername = "{folder.name}"\n')
    monkeypatch.chdir(here)
    named = {"BROKER_SYNC_CONFIG": str(data / "broker-sync.toml")}
    environment = {"BROKER_SYNC_DATA_DIR": str(data)}
    assert load_settings({**environment, **named}).wealthfolio.username == "data"
    for folder in (here, data, users):
        settings = load_settings(environment)
        assert settings.config_path == folder / "broker-sync.toml"
        assert settings.wealthfolio.username == folder.name
        (folder / "broker-sync.toml").unlink()
    assert load_settings(environment).config_path is None


def test_a_file_that_is_named_has_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({"BROKER_SYNC_CONFIG": str(tmp_path / "gone.toml")})
    assert str(caught.value) == (
        f"BROKER_SYNC_CONFIG: {tmp_path / 'gone.toml'} cannot be read (No such file or directory)"
    )


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
def test_a_strangers_file_in_the_current_directory_is_not_read(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.write("broker-sync.toml", '[ibkr]\nbase_url = "https://elsewhere.example"\n')
    os.chown(place.config, 65534, -1)
    monkeypatch.chdir(place.directory)
    with pytest.raises(SettingsError, match=r"belongs to another user.*BROKER_SYNC_CONFIG"):
        load_settings({})
    assert found_config(place.config, place.directory) == place.config, "who names it trusts it"


# --- what is wrong ---


DAYS = "but it must be a whole number of days, at least 90 and at most 360"
NUMBER = "but it must be a number such as 0.01, zero or more"
TABLES = "must be tables, one for each account, each below a line [[ibkr.accounts]]"
NONE = "there is no such setting"

WRONG_VALUES: list[tuple[str, str, int, str]] = [
    ("[ibkr]\ntime_zon = 1\n", "ibkr.time_zon", 2, f": {NONE}; did you mean time_zone?"),
    ("[ibrk]\n", "ibrk", 1, ": there is no such table; did you mean ibkr?"),
    ("[ibkr]\nusername = 1\n", "ibkr.username", 2, f": {NONE}; it belongs into [wealthfolio]"),
    (
        "no_color = true\n",
        "no_color",
        1,
        ": there is no such table; it belongs into [broker-sync]",
    ),
    (
        "[wealthfolio]\nzz = 1\n",
        "wealthfolio.zz",
        2,
        f": {NONE}; known: base_url, username, password, session_path, create_account, adopt, password_file",
    ),
    ("ibkr = 1\n", "ibkr", 1, " is a whole number, but it must be a table: [ibkr]"),
    ("[ibkr]\noverlap_days = '90'\n", "ibkr.overlap_days", 2, f" is a text in quotes, {DAYS}"),
    ("[ibkr]\noverlap_days = 89\n", "ibkr.overlap_days", 2, f" is '89', {DAYS}"),
    ("[ibkr]\noverlap_days = true\n", "ibkr.overlap_days", 2, f" is true or false, {DAYS}"),
    (
        "[ibkr]\ntoken = 123456789012\n",
        "ibkr.token",
        2,
        " is a whole number, but it must be a text in quotes: one line",
    ),
    (
        '[ibkr]\ntoken = "made-up\\nof two"\n',
        "ibkr.token",
        2,
        " is not what it should be, but it must be one line",
    ),
    (
        "[ibkr]\nquery_ids = [1.5]\n",
        "ibkr.query_ids",
        2,
        " is a list, but it must be the number of a Flex query (digits, not its name), or several of them",
    ),
    (
        "[ibkr]\ntoken_expires = 2027-03-31T10:00:00\n",
        "ibkr.token_expires",
        2,
        " is a moment, but it must be a day of the form YYYY-MM-DD",
    ),
    ("[broker-sync]\ncash_tolerance = nan\n", "broker-sync.cash_tolerance", 2, f" is 'NaN', {NUMBER}"),
    ("[broker-sync]\ncash_tolerance = -1\n", "broker-sync.cash_tolerance", 2, f" is '-1', {NUMBER}"),
    ("[ibkr]\naccounts = 1\n", "ibkr.accounts", 2, f" {TABLES}"),
    ("[ibkr.accounts]\nid = 'U1234567'\n", "ibkr.accounts", 1, f" {TABLES}"),
    (
        "[[ibkr.accounts]]\nid = 'U1234567'\ntraker_id = 'x'\n",
        "ibkr.accounts[1].traker_id",
        3,
        f": {NONE}; did you mean tracker_id?",
    ),
]
WRONG = {toml: f"{key} in PATH, line {line}{said}" for toml, key, line, said in WRONG_VALUES}


def test_what_is_wrong_is_named_with_its_line_and_what_would_be_right(place: Place) -> None:
    said = {toml: place.wrong(toml).replace(str(place.config), "PATH") for toml in WRONG}
    assert said == WRONG


def test_everything_that_is_wrong_is_told_at_once(place: Place) -> None:
    text = place.wrong(
        "[ibkr]\noverlap_days = 1\nnonsense_key = 1\n", WF_BASE_URL="tracker", BROKER_SYNC_METRICS="textfile"
    )
    starts = [line.split()[0] for line in text.splitlines()]
    assert starts == ["WF_BASE_URL", "ibkr.overlap_days", "ibkr.nonsense_key", "BROKER_SYNC_METRICS"]


def test_a_file_that_is_no_toml_says_where(place: Place) -> None:
    assert place.wrong("a = \n") == f"{place.config} is not TOML: Invalid value (at line 1, column 5)"


def test_a_file_nested_without_end_is_refused(place: Place) -> None:
    assert "is not TOML" in place.wrong(f"a = {'[' * 100_000}")


# --- lines ---

LINED = """\
# time_zone in a comment
[ibkr]   # ibkr.time_zone
note = '''
time_zone = 1
'''
query_ids = [
  1,
  2,
]
time_zone = "x"
[[ibkr.accounts]]
id = "a"
[[ibkr.accounts]]
id = "b"
"quoted key" = 1
inline = { deep = 1 }
"""


@for_each(
    ("keys", "line"),
    [
        (("ibkr",), 2),
        (("ibkr", "time_zone"), 10),
        (("ibkr", "query_ids"), 6),
        (("ibkr", "accounts", 0), 11),
        (("ibkr", "accounts", 1), 13),
        (("ibkr", "accounts", 1, "id"), 14),
        (("ibkr", "accounts", 1, "quoted key"), 15),
        (("ibkr", "accounts", 1, "inline", "deep"), 16),
        (("ibkr", "accounts", 2), None),
        (("ibkr", "note", 0), None),
        (("nothing",), None),
    ],
)
def test_the_line_of_a_key_is_where_its_statement_begins(
    keys: tuple[str | int, ...], line: int | None
) -> None:
    assert line_of(LINED, keys) == line


# --- a file that others may read ---


PLAIN = '[ibkr]\nquery_ids = 1\ntoken = "made-up"\n'


def test_a_secret_in_a_file_that_everybody_may_read_is_warned_of(place: Place) -> None:
    place.write("t", "made-up")
    for toml, mode, warned in (
        (PLAIN, 0o644, True),
        (PLAIN, 0o600, False),
        (PLAIN, 0o640, False),
        ('[ibkr]\nquery_ids = 1\ntoken_file = "t"\n', 0o644, False),
        ('[[ibkr.accounts]]\nid = "A"\ntoken = "made-up"\nquery_ids = 1\n', 0o644, True),
    ):
        environment = place.environment(toml, {})
        place.config.chmod(mode)
        warnings = load_settings(environment).warnings
        assert ["chmod 600" in text for text in warnings] == [True] * warned, toml
        assert "made-up" not in "".join(warnings)
