"""Where settings come from: one order, each source in its own way."""

import os
from pathlib import Path
from typing import Any

import pytest

from broker_sync.errors import SettingsError
from broker_sync.settings import catalogue as c
from broker_sync.settings import load_settings, read_settings
from broker_sync.settings.catalogue import Setting
from broker_sync.settings.values import Source
from tests.settings.helpers import DictKeyring, Place


def test_the_first_source_that_has_a_setting_counts(place: Place) -> None:
    name = "IBKR_FLEX_TOKEN"
    secrets = place.write("secrets/ibkr_flex_token", "of-the-directory\n").parent
    environment = place.environment(
        '[broker-sync]\nkeyring = true\n[ibkr]\ntoken = "of-the-toml"\n',
        {"BROKER_SYNC_SECRETS_DIR": str(secrets)},
    )
    keyring = DictKeyring({"ibkr_flex_token": "of-the-keyring"})
    in_order = [
        ({name: "of-the-command"}, {name: "of-the-variable"}, "of-the-command", Source.COMMAND_LINE),
        ({}, {name: "of-the-variable"}, "of-the-variable", Source.ENVIRONMENT),
        ({}, {f"{name}_FILE": str(place.write("t", "of-the-file"))}, "of-the-file", Source.FILE),
        ({}, {}, "of-the-directory", Source.SECRETS_DIRECTORY),
        ({}, {"BROKER_SYNC_SECRETS_DIR": str(place.directory)}, "of-the-toml", Source.CONFIG_FILE),
    ]
    for options, variables, text, source in in_order:
        read = read_settings({**environment, **variables}, overrides=options, keyring=lambda: keyring)
        found = read.answers.found(c.IBKR_FLEX_TOKEN)
        assert read.problems == ()
        assert found is not None
        assert (found.value.reveal(), found.origin.source) == (text, source)
    others = ["broker_sync_notify_urls", "broker_sync_ping_url", "wf_password"]
    assert keyring.asked == others * len(in_order), "only what no other source has"


def test_the_keyring_is_last_before_the_default(place: Place) -> None:
    place.keyring = DictKeyring({"ibkr_flex_token": "of-the-keyring"})
    read = place.read(BROKER_SYNC_KEYRING="1")
    found, other = read.answers.found(c.IBKR_FLEX_TOKEN), read.answers.found(c.IBKR_FLEX_OVERLAP_DAYS)
    assert found is not None
    assert other is not None
    assert (found.value.reveal(), found.origin.source) == ("of-the-keyring", Source.KEYRING)
    assert (other.value, other.origin.source) == (90, Source.DEFAULT)


def test_where_a_value_is_from_can_be_told(place: Place) -> None:
    path = place.write("zone", "Europe/London\n")
    read = place.read(
        '[wealthfolio]\n\nusername = "me"\n', IBKR_TIME_ZONE_FILE=str(path), WF_BASE_URL="http://x"
    )
    settings: list[Setting[Any]] = [c.WF_USERNAME, c.IBKR_TIME_ZONE, c.WF_BASE_URL]
    told = {each.name: found.origin.name for each in settings if (found := read.answers.found(each))}
    assert told == {
        "WF_USERNAME": f"wealthfolio.username in {place.config}, line 3",
        "IBKR_TIME_ZONE": f"IBKR_TIME_ZONE_FILE ({path})",
        "WF_BASE_URL": "WF_BASE_URL",
    }


# --- files that variables name ---


def test_the_line_end_of_a_file_is_no_part_of_the_value(place: Place) -> None:
    for content in ("made-up", "made-up\n", "made-up\r\n", "\ufeffmade-up\n"):
        token = place.load(IBKR_FLEX_TOKEN_FILE=str(place.write("token", content))).ibkr.flex_token
        assert token is not None
        assert token.reveal() == "made-up"


def test_a_password_in_a_file_keeps_its_spaces(place: Place) -> None:
    password = place.load(WF_PASSWORD_FILE=str(place.write("p", " made up \n"))).wealthfolio.password
    assert password is not None
    assert password.reveal() == " made up "


def test_any_setting_can_be_in_a_file(place: Place) -> None:
    path = place.write("days", "120\n")
    assert place.load(IBKR_FLEX_OVERLAP_DAYS_FILE=str(path)).flex.overlap_days == 120


def test_a_variable_and_its_file_together_are_an_error_that_names_both(place: Place) -> None:
    path = str(place.write("token", "made-up"))
    text = place.wrong(IBKR_FLEX_TOKEN="made-up-too", IBKR_FLEX_TOKEN_FILE=path)
    assert text == "both IBKR_FLEX_TOKEN and IBKR_FLEX_TOKEN_FILE are set: remove one of them"
    assert place.load(IBKR_FLEX_TOKEN="", IBKR_FLEX_TOKEN_FILE=path).ibkr.flex_token is not None


def test_a_file_that_cannot_be_read_is_named_with_its_variable(place: Place) -> None:
    missing, folder = place.directory / "gone", place.directory
    empty, binary = place.write("empty", " \n"), place.write("binary", "")
    binary.write_bytes(b"\xff\xfe\x00")
    long = place.write("long", "x" * 1_000_001)
    for path, reason in (
        (missing, "cannot be read (No such file or directory)"),
        (folder, "cannot be read (Is a directory)"),
        (empty, "is empty"),
        (binary, "is not a text in UTF-8"),
        (long, "is too long: more than 1,000,000 bytes"),
    ):
        assert place.wrong(IBKR_FLEX_TOKEN_FILE=str(path)) == f"IBKR_FLEX_TOKEN_FILE: {path} {reason}"
    assert place.wrong(IBKR_FLEX_TOKEN_FILE="a\0b") == "IBKR_FLEX_TOKEN_FILE is not the path of a file"


def test_a_token_where_a_path_belongs_is_not_repeated(place: Place) -> None:
    text = place.wrong(IBKR_FLEX_TOKEN_FILE="123456789012345678901234")
    assert "12345" not in text
    assert "looks like a secret" in text


def test_a_pipe_will_do_for_a_file(place: Place) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"made-up\n")
    os.close(writing)
    token = place.load(IBKR_FLEX_TOKEN_FILE=f"/dev/fd/{reading}").ibkr.flex_token
    os.close(reading)
    assert token is not None
    assert token.reveal() == "made-up"


# --- the secrets directory ---

KUBERNETES = {
    "wf_base_url": "https://tracker.example",
    "wf_username": "somebody",
    "wf_password": "made-up-password",
    "ibkr_flex_token": "made-up-token",
    "ibkr_flex_query_id": "1234567",
    "ibkr_account_id": "tracker-1",
    "ibkr_account_id_upstream": "U1234567",
}


@pytest.mark.parametrize("written", [str.lower, str.upper])
def test_a_mounted_secret_holds_all_settings(place: Place, written: type[str]) -> None:
    for name, text in KUBERNETES.items():
        place.write(f"mounted/{written(name)}", f"{text}\n")
    settings = place.load(BROKER_SYNC_SECRETS_DIR=str(place.directory / "mounted"))
    assert settings.secrets() == ["made-up-token", "made-up-password"]
    assert (settings.ibkr.account_id, settings.ibkr.account_id_upstream) == ("tracker-1", "U1234567")
    assert settings.ibkr.flex_query_id == "1234567"
    assert (settings.wealthfolio.base_url, settings.wealthfolio.username) == (
        "https://tracker.example",
        "somebody",
    )


def test_an_empty_file_of_the_secrets_directory_counts_as_not_there(place: Place) -> None:
    folder = place.write("mounted/ibkr_flex_token", "\n").parent
    assert place.load(BROKER_SYNC_SECRETS_DIR=str(folder)).ibkr.flex_token is None


def test_what_leads_to_files_is_not_in_one(place: Place) -> None:
    for name in ("broker_sync_keyring", "no_color", "broker_sync_config"):
        place.write(f"mounted/{name}", "1")
    path = str(place.write("yes", "1"))
    settings = place.load(
        BROKER_SYNC_SECRETS_DIR=str(place.directory / "mounted"),
        NO_COLOR_FILE=path,
        BROKER_SYNC_KEYRING_FILE=path,
    )
    assert not settings.no_color
    assert settings.config_path == place.config
    assert isinstance(place.keyring, DictKeyring)
    assert place.keyring.asked == []


def test_two_files_for_one_setting_are_an_error_unless_they_are_the_same(place: Place) -> None:
    small = place.write("mounted/ibkr_flex_token", "made-up")
    capital = small.with_name("IBKR_FLEX_TOKEN")
    capital.symlink_to(small)
    assert place.load(BROKER_SYNC_SECRETS_DIR=str(small.parent)).ibkr.flex_token is not None
    capital.unlink()
    capital.symlink_to(small.with_name("gone"))
    text = place.wrong(BROKER_SYNC_SECRETS_DIR=str(small.parent))
    assert text == f"both {small} and {capital} are there: remove one of them"


def test_a_secrets_directory_has_to_be_there(place: Place) -> None:
    missing = place.directory / "gone"
    text = place.wrong(BROKER_SYNC_SECRETS_DIR=str(missing))
    assert text == f"BROKER_SYNC_SECRETS_DIR is '{missing}', but it must be a directory that is there"


def test_a_link_to_nothing_in_the_secrets_directory_is_an_error(place: Place) -> None:
    place.write("mounted/other", "x")
    (place.directory / "mounted" / "ibkr_flex_token").symlink_to("gone")
    text = place.wrong(BROKER_SYNC_SECRETS_DIR=str(place.directory / "mounted"))
    assert text.startswith("IBKR_FLEX_TOKEN: ")
    assert "cannot be read" in text


def test_the_secrets_directory_can_be_named_in_the_toml_beside_it(place: Place) -> None:
    place.write("mounted/wf_username", "somebody")
    environment = place.environment(
        '[broker-sync]\nsecrets_dir = "mounted"\n', {"BROKER_SYNC_SECRETS_DIR": ""}
    )
    assert load_settings(environment).wealthfolio.username == "somebody"


# --- the command line ---


def test_a_wrong_option_is_named_as_one(place: Place) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(place.environment("", {}), overrides={"BROKER_SYNC_METRICS": "morse"})
    said, must = str(caught.value).split(", but ")
    assert said == "BROKER_SYNC_METRICS on the command line is 'morse'"
    assert must == "it must be one of pushgateway, textfile, none"


def test_a_relative_path_of_a_variable_is_so_from_where_the_program_runs(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = place.directory / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    assert place.load(WF_SESSION_PATH="a/../session.json").wealthfolio.session_path == here / "session.json"
    assert place.load(BROKER_SYNC_DATA_DIR="data").data_dir == Path(here, "data")
