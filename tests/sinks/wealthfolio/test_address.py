"""Where the interface of a server is, and who could read what is sent there."""

import pytest

from broker_sync.errors import SettingsError
from broker_sync.sinks.wealthfolio.address import parse_address
from tests.tables import for_each


@for_each(
    ("text", "shown"),
    [
        ("https://wf.example.org", "https://wf.example.org"),
        (" https://wf.example.org/ ", "https://wf.example.org"),
        ("https://wf.example.org/api/v1", "https://wf.example.org"),
        ("https://wf.example.org/api/v1/", "https://wf.example.org"),
        ("https://example.org/wealth/", "https://example.org/wealth"),
        ("https://example.org:8443/wealth/api/v1", "https://example.org:8443/wealth"),
        ("http://[::1]:8088", "http://[::1]:8088"),
        ("https://name:word@wf.example.org", "https://wf.example.org"),
    ],
)
def test_the_interface_is_found_below_the_address_that_a_browser_shows(text: str, shown: str) -> None:
    address = parse_address(text)
    assert (address.shown, address.api) == (shown, f"{shown}/api/v1")


def test_a_name_and_password_in_the_address_are_a_proxys_and_are_not_shown() -> None:
    address = parse_address("https://na%40me:p%3Aw@wf.example.org")
    assert (address.user, address.password) == ("na@me", "p:w")
    assert "p:w" not in repr(address)
    assert parse_address("https://name@wf.example.org").password is None


@for_each(
    "text", ["", "wf.example.org", "ftp://wf.example.org", "https://", "https://wf:port", "http://[::1"]
)
def test_what_is_no_address_is_refused_by_the_name_of_its_setting(text: str) -> None:
    with pytest.raises(SettingsError, match="WF_BASE_URL"):
        parse_address(text)


def test_the_refusal_of_an_address_does_not_show_what_may_be_a_password() -> None:
    with pytest.raises(SettingsError) as refused:
        parse_address("ftp://name:secret@wf.example.org")
    assert "secret" not in str(refused.value)


@for_each(
    "own",
    [
        *("localhost", "127.0.0.1", "[::1]", "10.1.2.3", "172.16.0.1", "192.168.1.20", "[fd00::1]"),
        *("169.254.1.1", "100.64.0.7", "wealthfolio", "nas.local", "nas.lan", "box.home.arpa", "wf.internal"),
        *("wealthfolio.finance.svc", "wealthfolio.finance.svc.cluster.local", "app.localhost", "NAS.Local."),
    ],
)
def test_plain_http_stays_on_a_network_of_ones_own(own: str) -> None:
    assert not parse_address(f"http://{own}:8088").exposed


@for_each("other", ["wf.example.org", "8.8.8.8", "[2001:4860::8888]", "local.example.org", "172.32.0.1"])
def test_plain_http_to_anywhere_else_can_be_read_on_the_way(other: str) -> None:
    assert parse_address(f"http://{other}").exposed
    assert not parse_address(f"https://{other}").exposed
