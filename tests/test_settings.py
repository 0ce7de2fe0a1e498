"""Settings come from the environment, checked, and secrets do not show."""

from pathlib import Path
from zoneinfo import ZoneInfo

import platformdirs
import pytest

from broker_sync.errors import SettingsError
from broker_sync.models import AccountType
from broker_sync.settings import Secret, load_settings, wants_tracebacks


@pytest.fixture(autouse=True)
def _no_file_of_the_developers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    monkeypatch.chdir(tmp_path)


def test_nothing_has_to_be_set() -> None:
    settings = load_settings({})
    assert settings.data_dir == platformdirs.user_data_path("broker-sync", appauthor=False)
    assert settings.ibkr.account_type is AccountType.GIA
    assert settings.ibkr.time_zone is None, "the statements tell"
    assert (settings.ibkr.account_id, settings.ibkr.account_id_upstream) == (None, None)
    assert (settings.ibkr.flex_token, settings.ibkr.flex_query_id, settings.ibkr.flex_base_url) == (None,) * 3
    assert (settings.wealthfolio.base_url, settings.wealthfolio.username) == (None, None)
    assert (settings.wealthfolio.password, settings.pushgateway_url) == (None, None)
    assert not settings.no_color
    assert settings.secrets() == []


def test_everything_that_can_be_set_is_read(tmp_path: Path) -> None:
    settings = load_settings(
        {
            "BROKER_SYNC_DATA_DIR": str(tmp_path),
            "IBKR_ACCOUNT_ID": "tracker-1",
            "IBKR_ACCOUNT_ID_UPSTREAM": "U1234567",
            "IBKR_ACCOUNT_TYPE": "sipp",
            "IBKR_TIME_ZONE": "Europe/London",
            "IBKR_FLEX_TOKEN": "made-up-token",
            "IBKR_FLEX_QUERY_ID": "1234",
            "IBKR_FLEX_BASE_URL": "https://flex.example",
            "WF_BASE_URL": "http://tracker.example:8088",
            "WF_USERNAME": "somebody",
            "WF_PASSWORD": "made-up-password",
            "WF_SESSION_PATH": "/data/session.json",
            "PUSHGATEWAY_URL": "http://push.example:9091",
            "NO_COLOR": "1",
        }
    )
    assert settings.data_dir == tmp_path
    assert (settings.ibkr.account_id, settings.ibkr.account_id_upstream) == ("tracker-1", "U1234567")
    assert settings.ibkr.account_type is AccountType.SIPP
    assert settings.ibkr.time_zone == ZoneInfo("Europe/London")
    assert settings.ibkr.flex_query_id == "1234"
    assert settings.ibkr.flex_base_url == "https://flex.example"
    assert settings.wealthfolio.base_url == "http://tracker.example:8088"
    assert settings.wealthfolio.username == "somebody"
    assert settings.wealthfolio.session_path == Path("/data/session.json")
    assert settings.pushgateway_url == "http://push.example:9091"
    assert settings.no_color
    assert settings.secrets() == ["made-up-token", "made-up-password"]


@pytest.mark.parametrize("empty", ["", " ", "\n"])
@pytest.mark.parametrize(
    "name", ["IBKR_ACCOUNT_ID_UPSTREAM", "IBKR_TIME_ZONE", "IBKR_ACCOUNT_TYPE", "NO_COLOR"]
)
def test_an_empty_variable_counts_as_not_set(name: str, empty: str) -> None:
    assert load_settings({name: empty}) == load_settings({})


def test_the_line_end_of_a_mounted_secret_is_no_part_of_it() -> None:
    token = load_settings({"IBKR_FLEX_TOKEN": " made-up-token\n"}).ibkr.flex_token
    assert token is not None
    assert token.reveal() == "made-up-token"


@pytest.mark.parametrize(
    ("name", "value", "accepted"),
    [
        ("IBKR_ACCOUNT_TYPE", "PENSION", "SIPP"),
        ("IBKR_TIME_ZONE", "Mars/Olympus", "Europe/London"),
        ("IBKR_TIME_ZONE", "../secrets", "Europe/London"),
        ("IBKR_TIME_ZONE", "America", "Europe/London"),
        ("IBKR_FLEX_BASE_URL", "flex.example", "https://"),
        ("WF_BASE_URL", "ftp://tracker.example", "http://"),
        ("WF_BASE_URL", "http://", "http://"),
        ("WF_BASE_URL", "http://[half", "http://"),
        ("PUSHGATEWAY_URL", "push.example:9091", "http://"),
    ],
)
def test_a_wrong_value_is_named_with_what_would_be_right(name: str, value: str, accepted: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({name: value})
    text = str(caught.value)
    assert name in text
    assert repr(value) in text
    assert accepted in text


def test_a_password_in_a_wrong_address_is_not_repeated() -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({"WF_BASE_URL": "ftp://somebody:made-up-password@tracker.example"})
    assert "made-up" not in str(caught.value)
    assert "tracker.example" in str(caught.value)


def test_a_file_is_no_data_directory(tmp_path: Path) -> None:
    file = tmp_path / "portfolio.db"
    file.touch()
    with pytest.raises(SettingsError, match=r"BROKER_SYNC_DATA_DIR .* there is a file of that name"):
        load_settings({"BROKER_SYNC_DATA_DIR": str(file)})


def test_the_data_directory_need_not_be_there(tmp_path: Path) -> None:
    assert load_settings({"BROKER_SYNC_DATA_DIR": str(tmp_path / "new")}).data_dir == tmp_path / "new"


def test_a_relative_data_directory_does_not_move_with_the_program() -> None:
    assert load_settings({"BROKER_SYNC_DATA_DIR": "data"}).data_dir == Path.cwd() / "data"


def test_a_tilde_is_the_home_directory() -> None:
    assert load_settings({"BROKER_SYNC_DATA_DIR": "~/data"}).data_dir == Path.home() / "data"


def test_the_session_is_kept_in_the_data_directory(tmp_path: Path) -> None:
    settings = load_settings({"BROKER_SYNC_DATA_DIR": str(tmp_path)})
    assert settings.wealthfolio.session_path == tmp_path / "wealthfolio_session.json"


def test_secrets_are_in_no_repr() -> None:
    settings = load_settings({"IBKR_FLEX_TOKEN": "made-up-token", "WF_PASSWORD": "made-up-password"})
    for shown in (repr(settings), str(settings), f"{settings.ibkr.flex_token}", f"{Secret('made-up')!r:>30}"):
        assert "made-up" not in shown


def test_without_a_mapping_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IBKR_ACCOUNT_ID_UPSTREAM", "U7654321")
    monkeypatch.setenv("BROKER_SYNC_DEBUG", "1")
    assert load_settings().ibkr.account_id_upstream == "U7654321"
    assert wants_tracebacks()


@pytest.mark.parametrize(
    ("value", "wanted"), [("1", True), ("yes", True), ("0", False), ("off", False), ("", False)]
)
def test_tracebacks_are_asked_for(value: str, *, wanted: bool) -> None:
    assert wants_tracebacks({"BROKER_SYNC_DEBUG": value}) is wanted
