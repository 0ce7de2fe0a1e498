"""``broker-sync config``: what is set and what is wrong, and a first file of settings."""

import io
import json
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import pytest

from broker_sync.cli.boundary import status_of
from broker_sync.cli.config import run_config_check, run_config_init
from broker_sync.cli.config_init import Terminal
from broker_sync.errors import SettingsError
from broker_sync.report.config_text import ConfigEntry, ConfigReport, config_blocks, config_object
from broker_sync.report.plain import plain_text
from broker_sync.settings import load_settings
from broker_sync.settings.catalogue import SETTINGS
from broker_sync.settings.keyring import Keyring
from broker_sync.settings.kinds import TIME_ZONE
from tests.settings.helpers import DictKeyring

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's directory for settings, and a current directory without any."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "config" / "broker-sync"


def no_keyring() -> Keyring:
    raise SettingsError("not installed")


@dataclass
class Script:
    """Answers in order, and what was asked and said."""

    answers: Sequence[str]
    asked: list[str] = field(default_factory=list)
    hidden_ones: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._left: Iterator[str] = iter(self.answers)

    def line(self, question: str) -> str:
        self.asked.append(question)
        return f"{next(self._left)}\n"

    def hidden(self, question: str) -> str:
        self.hidden_ones.append(question)
        return next(self._left)

    def say(self, text: str) -> None:
        self.said.append(text)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def init(answers: Sequence[str] | None = None, **options: Any) -> Script:  # noqa: ANN401  # options of the command
    script = Script(answers or ())
    given = {
        "path": None,
        "force": False,
        "assume_defaults": answers is None,
        "keyring": no_keyring,
        **options,
    }
    assert run_config_init(asker=script, **given) == 0
    return script


# --- check ---


def test_the_check_says_what_is_set_and_from_where(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("IBKR_FLEX_TOKEN", "made-up")
    Path("broker-sync.toml").write_text('[[ibkr.accounts]]\nid = "U1234567"\nquery_ids = 12\n', "utf-8")
    assert run_config_check(as_json=False) == 0
    here = Path.cwd() / "broker-sync.toml"
    assert capsys.readouterr().out.splitlines() == [
        f"Settings file: {here}",
        "",
        f"Setting               value{' ' * (len(str(data_dir)) - 5)}  from",
        f"BROKER_SYNC_DATA_DIR  {data_dir}  environment",
        f"IBKR_FLEX_TOKEN       ***{' ' * (len(str(data_dir)) - 3)}  environment",
        "",
        f"{len(SETTINGS) - 2} settings are not set (--all shows them)",
        "",
        "Account   in the tracker  sink    type  token  queries  from",
        f"U1234567  U1234567        as all  GIA   ***    12       ibkr.accounts[1] in {here}",
        "",
        "The settings are in order.",
    ]


def test_the_check_of_everything_has_every_default(capsys: Capture) -> None:
    assert run_config_check(as_json=False, everything=True) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == "No broker-sync.toml is there."
    assert "IBKR_FLEX_OVERLAP_DAYS 90 default" in lines
    assert "IBKR_FLEX_TOKEN - not set" in lines


def test_all_that_is_wrong_is_printed_and_the_status_is_2(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("IBKR_TIME_ZONE", "Mars")
    monkeypatch.setenv("IBKR_FLEX_TOKN", "x")
    monkeypatch.setenv("WF_BASE_URL_FILE", "gone")
    assert run_config_check(as_json=False) == 2
    lines = capsys.readouterr().out.splitlines()
    no_such = "is set, but there is no such setting"
    assert lines[lines.index("Wrong") :] == [
        "Wrong",
        "- WF_BASE_URL_FILE: gone cannot be read (No such file or directory)",
        f"- IBKR_TIME_ZONE is 'Mars', but it must be {TIME_ZONE.title}",
        "",
        "Look at",
        f"- the environment variable IBKR_FLEX_TOKN {no_such}; did you mean IBKR_FLEX_TOKEN?",
        "",
        "2 things are wrong.",
    ]


def test_the_check_for_scripts(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setenv("IBKR_FLEX_TOKEN", "made-up")
    monkeypatch.setenv("IBKR_FLEX_QUERY_ID", "1,2")
    monkeypatch.setenv("BROKER_SYNC_METRICS", "textfile")
    assert run_config_check(as_json=True) == 2
    told = json.loads(capsys.readouterr().out)
    assert list(told) == ["outcome", "config_file", "settings", "accounts", "problems", "warnings"]
    assert (told["outcome"], told["config_file"], told["warnings"]) == ("wrong", None, [])
    assert told["problems"] == ["BROKER_SYNC_METRICS is textfile, but BROKER_SYNC_TEXTFILE is not set"]
    by_name = {each["name"]: each for each in told["settings"]}
    assert by_name["IBKR_FLEX_TOKEN"] == {
        "name": "IBKR_FLEX_TOKEN",
        "value": "***",
        "secret": True,
        "set": True,
        "source": "environment",
        "where": "IBKR_FLEX_TOKEN",
    }
    assert by_name["WF_PASSWORD"]["value"] is None
    assert (by_name["IBKR_FLEX_OVERLAP_DAYS"]["value"], by_name["IBKR_FLEX_OVERLAP_DAYS"]["set"]) == (
        "90",
        False,
    )
    assert told["accounts"] == [
        {
            "account": None,
            "tracker_account": None,
            "sink": None,
            "account_type": "GIA",
            "token": True,
            "query_ids": ["1", "2"],
            "described_in": "the general settings",
        }
    ]


def test_one_wrong_thing_is_told_of_as_one() -> None:
    entry = ConfigEntry(name="A", value="1", secret=False, is_set=True, source="file", where="A_FILE (/a)")
    report = ConfigReport(config_file=None, entries=[entry], accounts=[], problems=["x"], warnings=[])
    text = plain_text(config_blocks(report, everything=True))
    assert "A        1      file: A_FILE (/a)\n" in text
    assert text.endswith("Wrong\n- x\n\n1 thing is wrong.\n")
    empty = ConfigReport(config_file=None, entries=[], accounts=[], problems=[], warnings=[])
    assert plain_text(config_blocks(empty, everything=False)).count("\n") == 3
    assert config_object(empty)["outcome"] == "ok"


# --- init ---


def test_without_questions_everything_has_its_default(data_dir: Path, capsys: Capture) -> None:
    before = load_settings()
    script = init()
    assert (script.asked, script.hidden_ones) == ([], [])
    path = data_dir / "broker-sync.toml"
    assert (mode(path), mode(data_dir)) == (0o600, 0o700)
    after = load_settings()
    assert (after.config_path, after.ibkr, after.ibkr_accounts) == (path, before.ibkr, ())
    assert capsys.readouterr().out.splitlines() == [
        f"written: {path}",
        "look at it with: broker-sync config check",
    ]


def test_where_no_terminal_is_nobody_is_asked(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert run_config_init(path=None, force=False, assume_defaults=False) == 0
    assert capsys.readouterr().err == ""
    assert (data_dir / "broker-sync.toml").is_file()


def test_the_file_goes_where_it_is_read_from(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.delenv("BROKER_SYNC_DATA_DIR")
    init()
    assert (home / "broker-sync.toml").is_file()
    monkeypatch.setenv("BROKER_SYNC_CONFIG", str(tmp_path / "named.toml"))
    init()
    assert (tmp_path / "named.toml").is_file()
    capsys.readouterr()
    init(path=Path("elsewhere.toml"))
    path = Path.cwd() / "elsewhere.toml"
    assert path.is_file()
    assert f"it is read when BROKER_SYNC_CONFIG={path} is set" in capsys.readouterr().out


def test_what_is_there_is_replaced_by_force_only(data_dir: Path, capsys: Capture) -> None:
    data_dir.mkdir()
    path = data_dir / "broker-sync.toml"
    path.write_text("[ibkr]\noverlap_days = 1\n", "utf-8")
    script = Script(["x"])
    assert (
        status_of(lambda: run_config_init(path=None, force=False, assume_defaults=False, asker=script)) == 2
    )
    assert script.asked == [], "it is said before anybody has typed anything"
    assert capsys.readouterr().err == (
        f"broker-sync: {path} is there already, and nothing was written; --force replaces it\n"
    )
    init(force=True)
    assert (mode(path), load_settings().flex.overlap_days) == (0o600, 90)
    assert list(data_dir.iterdir()) == [path], "no draft is left"


def test_answers_are_in_the_file_and_secrets_in_files_beside_it(data_dir: Path) -> None:
    script = init(
        ["", "1234567, 2345678", "made-up-token", "U1234567", "isa", "ISA",
         "https://tracker.example", "me", "made-up password", ""]
    )  # fmt: skip
    assert len(script.hidden_ones) == 2
    settings = load_settings()
    (account,) = settings.ibkr_accounts
    assert (account.upstream_account_id, account.tracker_account_id, account.account_type) == (
        "U1234567",
        "isa",
        "ISA",
    )
    assert account.flex_query_ids == ("1234567", "2345678")
    assert (settings.wealthfolio.base_url, settings.wealthfolio.username) == ("https://tracker.example", "me")
    assert settings.secrets() == ["made-up-token", "made-up password"]
    assert settings.warnings == ()
    secrets = data_dir / "secrets"
    assert sorted(path.name for path in secrets.iterdir()) == ["ibkr_flex_token", "wf_password"]
    assert {mode(path) for path in secrets.iterdir()} == {0o600}
    assert "made-up" not in (data_dir / "broker-sync.toml").read_text("utf-8")


def test_what_is_left_out_is_not_asked_about(data_dir: Path) -> None:
    script = init([""] * 6)
    assert len(script.asked) + len(script.hidden_ones) == 6
    assert load_settings().ibkr_accounts == ()
    assert not (data_dir / "secrets").exists()


def test_a_secret_can_be_kept_in_the_keyring(data_dir: Path) -> None:
    ring = DictKeyring()
    init(["", "1", "made-up", "k", "", "", ""], keyring=lambda: ring)
    assert ring.entries == {"ibkr_flex_token": "made-up"}
    assert not (data_dir / "secrets").exists()
    assert load_settings(keyring=lambda: ring).secrets() == ["made-up"]


def test_a_wrong_answer_is_asked_for_again(data_dir: Path) -> None:
    script = init(["", "", "made-up", "x", "f", "", "tracker", "http://tracker.example", "", "", "x", "", ""],
                  keyring=DictKeyring)  # fmt: skip
    assert script.said[1:] == [
        "It must be file or keyring.",
        "It must be an address that begins with http:// or https://.",
        "It must be an address that begins with http:// or https://.",
    ]
    assert (data_dir / "secrets" / "ibkr_flex_token").is_file()


def test_after_three_wrong_answers_nothing_is_written(data_dir: Path) -> None:
    for answers in (["", "", "", "", "a", "b", "c"], ["", "", "made-up", "x", "y", "z"]):
        with pytest.raises(SettingsError, match=r"none of 3 answers was .*nothing was written"):
            init(answers, keyring=DictKeyring)
    assert not data_dir.exists()


def test_a_secret_that_is_there_is_not_overwritten_and_nothing_else_is_written(data_dir: Path) -> None:
    (data_dir / "secrets").mkdir(parents=True)
    (data_dir / "secrets" / "ibkr_flex_token").write_text("made-up-before", "utf-8")
    with pytest.raises(SettingsError, match="ibkr_flex_token: there already"):
        init(["", "", "made-up-after", "", "", ""])
    assert not (data_dir / "broker-sync.toml").exists()
    assert (data_dir / "secrets" / "ibkr_flex_token").read_text("utf-8") == "made-up-before"


def test_a_directory_that_cannot_be_made_is_an_error_and_no_traceback(
    tmp_path: Path, capsys: Capture
) -> None:
    (tmp_path / "file").touch()
    path = tmp_path / "file" / "broker-sync.toml"
    assert status_of(lambda: run_config_init(path=path, force=False, assume_defaults=True)) == 1
    assert capsys.readouterr().err.startswith(f"broker-sync: {path} cannot be written (")


def test_questions_go_to_the_screen_and_answers_may_end() -> None:
    screen = io.StringIO()
    terminal = Terminal(io.StringIO("an answer\n"), screen)
    assert terminal.line("A question") == "an answer\n"
    terminal.say("said")
    assert screen.getvalue() == "A question: said\n"
    with pytest.raises(SettingsError, match="nothing was written"):
        terminal.line("Another")


def test_a_secret_is_asked_for_unseen() -> None:
    screen = io.StringIO()

    def typed(question: str, stream: TextIO) -> str:
        assert stream is screen
        return question

    def gone(question: str, stream: TextIO) -> str:
        raise EOFError(question, stream)

    assert Terminal(io.StringIO(), screen, typed).hidden("Token") == "Token (not shown): "
    with pytest.raises(SettingsError, match="nothing was written"):
        Terminal(io.StringIO(), screen, gone).hidden("Token")
