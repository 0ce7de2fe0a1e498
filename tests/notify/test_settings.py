"""Who is told: out of every source, checked, and shown nowhere."""

from pathlib import Path

import pytest

from broker_sync.logs import Masker
from broker_sync.settings import Secret
from tests.settings.helpers import DictKeyring, Place
from tests.tables import for_each

NTFY = "ntfys://me:made-up-1@push.example/made-up-topic"
SLACK = "slack://made-up-2/made-up-3/made-up-4"
PING = "https://hc.example/ping/made-up-5"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path, DictKeyring({"broker_sync_notify_urls": NTFY, "broker_sync_ping_url": PING}))


def urls(place: Place, toml: str = "", **variables: str) -> list[str]:
    return [each.reveal() for each in place.load(toml, **variables).notify.urls]


def test_nobody_is_told_unless_somebody_is_named(place: Place) -> None:
    notify = place.load().notify
    assert not notify.is_wanted
    assert (notify.urls, notify.ping_url, notify.repeat_days, notify.token_days) == ((), None, 7, 14)
    assert [*notify.secrets()] == []


@pytest.mark.parametrize(
    "text", [f"{NTFY} {SLACK}", f"{NTFY}, {SLACK}", f"{NTFY},{SLACK},{NTFY}", f"\n{NTFY}\n\n{SLACK}\n"]
)
def test_several_addresses_stand_in_one_variable(place: Place, text: str) -> None:
    assert urls(place, BROKER_SYNC_NOTIFY_URLS=text) == [NTFY, SLACK]


def test_they_come_from_every_source_of_secrets(place: Place) -> None:
    named = place.write("urls", f"{NTFY}\n{SLACK}\n")
    assert urls(place, BROKER_SYNC_NOTIFY_URLS_FILE=str(named)) == [NTFY, SLACK]
    assert urls(place, f'[notify]\nurls = ["{NTFY}", "{SLACK}"]') == [NTFY, SLACK]
    assert urls(place, f'[notify]\nurls = "{NTFY}"') == [NTFY]
    assert urls(place, '[notify]\nurls_file = "urls"') == [NTFY, SLACK]
    place.write("no-secrets/broker_sync_notify_urls", f"{SLACK}\n")
    assert urls(place) == [SLACK]
    (place.directory / "no-secrets" / "broker_sync_notify_urls").unlink()
    kept = place.load("[broker-sync]\nkeyring = true").notify
    assert (kept.urls, kept.ping_url) == ((Secret(NTFY),), Secret(PING))


def test_a_comma_within_an_address_is_part_of_it(place: Place) -> None:
    address = "twilio://made:up@15551230000/15551230001,15551230002"
    assert urls(place, BROKER_SYNC_NOTIFY_URLS=address) == [address]


@pytest.mark.parametrize("text", ["made-up", f"{NTFY} made-up", "made-up://", "://made-up", f"{NTFY}\x07"])
def test_what_is_no_address_is_not_shown(place: Place, text: str) -> None:
    said = place.wrong(BROKER_SYNC_NOTIFY_URLS=text)
    assert "BROKER_SYNC_NOTIFY_URLS is not what it should be" in said
    assert "one or more addresses of Apprise" in said
    assert "made-up" not in said


@pytest.mark.parametrize(
    "text",
    ["made-up", "ftp://made-up", "https://", "https://[made-up", "https://h/\x07", "https://h:99999/made-up"],
)
def test_an_address_to_ping_is_of_the_web(place: Place, text: str) -> None:
    said = place.wrong(BROKER_SYNC_PING_URL=text)
    assert "begins with http:// or https://" in said
    assert "made-up" not in said


def test_no_repr_has_one(place: Place) -> None:
    settings = place.load(BROKER_SYNC_NOTIFY_URLS=f"{NTFY} {SLACK}", BROKER_SYNC_PING_URL=PING)
    assert settings.notify.is_wanted
    assert "made-up" not in repr(settings)


@for_each(
    "text",
    [
        f"POST {NTFY} failed",
        "POST https://push.example/made-up-topic failed",
        "https://hooks.example/services/made-up-2/made-up-3/made-up-4",
        f"{PING}/fail",
        "/ping/made-up-5",
        "password made-up-1",
    ],
)
def test_logs_mask_an_address_and_every_part_of_it_that_tells(text: str) -> None:
    masker = Masker(SECRETS)
    assert "made-up" not in masker.mask(text)


SECRETS = [NTFY, SLACK, PING]


@pytest.fixture(autouse=True, scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> None:
    place = Place(tmp_path_factory.mktemp("settings"))
    settings = place.load(BROKER_SYNC_NOTIFY_URLS=f"{NTFY} {SLACK}", BROKER_SYNC_PING_URL=PING)
    SECRETS[:] = settings.secrets()


def test_a_host_is_no_secret() -> None:
    assert Masker(SECRETS).mask("push.example cannot be reached") == "push.example cannot be reached"


def test_a_file_that_others_may_read_is_told_of(place: Place) -> None:
    given = place.environment(f'[notify]\nurls = ["{NTFY}"]', {})
    place.config.chmod(0o644)
    from broker_sync.settings import load_settings  # noqa: PLC0415

    (warning,) = load_settings(given).warnings
    assert "holds notify.urls" in warning
