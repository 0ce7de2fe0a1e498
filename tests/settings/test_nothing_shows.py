"""Secrets in every place where they can be set, and every way in which they could get out."""

import dataclasses
import json
import logging
import traceback
from collections.abc import Iterator

import pytest

from broker_sync.cli.config import run_config_check
from broker_sync.errors import SettingsError
from broker_sync.settings import load_settings, read_settings
from broker_sync.settings.toml_file import read_toml
from tests.settings.helpers import DictKeyring, Place

MARK = "made-up"
TOML = """\
[broker-sync]
keyring = true
pushgateway_url = "http://me:made-up-6@push.example"
[wealthfolio]
base_url = "https://me:made-up-4@tracker.example"
password_file = "password"
[ibkr]
token = "made-up-1"
query_ids = [1]
base_url = "https://me:made-up-5@flex.example"
[[ibkr.accounts]]
id = "A"
token_env = "TOKEN_OF_A"
[[ibkr.accounts]]
id = "B"
[[ibkr.accounts]]
id = "C"
token = "made-up-8"
"""
BREAKS = [
    ("[ibkr]\n", "[ibkr]\noverlap_days = 1\n"),
    ("query_ids = [1]", "query_ids = 1.5"),
    ("password_file", "pasword_file"),
    ('token = "made-up-1"', 'token = "made-up-1\\nmade-up"'),
    ('token = "made-up-1"', 'token = ["made-up-1"]'),
    ('token = "made-up-1"', 'token = { is = "made-up-1" }'),
    ('token = "made-up-1"', "token = made-up-1"),
    ('token = "made-up-1"', 'token = "made-up-1'),
    ('token = "made-up-1"', 'token = "made-up-1"\ntoken = "made-up-2"'),
    ('token = "made-up-1"', 'token = "made-up-1"\ntoken_file = "password"'),
    ("https://me", "ftp://me"),
    ("http://me", "gopher://me"),
    ('id = "B"', ""),
    ('id = "B"', 'id = "A"'),
    ('token_env = "TOKEN_OF_A"', 'token_env = "TOKEN_OF_A"\ntoken = "made-up-9"'),
]  # fmt: skip


def environment(place: Place, toml: str) -> dict[str, str]:
    place.write("password", "made-up-3\n")
    given = place.environment(toml, {"TOKEN_OF_A": "made-up-2"})
    place.config.chmod(0o644)
    return given


KEYRING = DictKeyring({"ibkr_flex_token:B": "made-up-7"})


def leaks(texts: Iterator[str] | list[str], place: Place) -> list[str]:
    """The texts that hold a secret; the directory of a test may be called anything."""
    return [text for text in texts if MARK in text.replace(str(place.directory), "")]


def test_all_of_them_are_known_so_that_logs_can_mask_them(place: Place) -> None:
    settings = load_settings(environment(place, TOML), keyring=lambda: KEYRING)
    assert sorted(settings.secrets()) == [f"made-up-{number}" for number in range(1, 9)]


def test_no_repr_of_settings_has_one(place: Place) -> None:
    reading = read_settings(environment(place, TOML), keyring=lambda: KEYRING)
    assert reading.problems == ()
    settings = reading.settings
    shown = [
        repr(settings),
        f"{settings}",
        repr(dataclasses.asdict(settings)),
        repr(reading),
        str(vars(reading.answers)),
    ]
    shown += [repr(read_toml(place.config, "x")), *settings.warnings]
    shown += [repr(each) for each in settings.ibkr_accounts]
    assert leaks(shown, place) == []
    assert "***" in repr(settings)


def test_no_error_has_one(place: Place) -> None:
    errors = []
    for old, new in BREAKS:
        assert old in TOML
        with pytest.raises(SettingsError) as caught:
            load_settings(environment(place, TOML.replace(old, new)), keyring=lambda: KEYRING)
        errors.append("".join(traceback.format_exception(caught.value)))
    assert leaks(errors, place) == []


@pytest.mark.parametrize("as_json", [True, False])
def test_the_check_prints_none(
    *, as_json: bool, place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    printed = []
    for toml in (TOML, *(TOML.replace(old, new) for old, new in BREAKS)):
        given = environment(place, toml.replace("keyring = true", ""))
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        assert run_config_check(as_json=as_json, everything=True) in {0, 2}
        out, err = capsys.readouterr()
        printed.append(out + err)
    assert leaks([*printed, caplog.text], place) == []
    assert '"IBKR_FLEX_TOKEN", "value": "***"' in printed[0] or not as_json
    if as_json:
        assert json.loads(printed[0])["accounts"][0]["token"] is True
