"""Every error ends as lines on stderr and an exit status."""

import pytest

from broker_sync.cli.boundary import status_of
from broker_sync.errors import BrokerSyncError, RefusedError, SettingsError, StoreError, TransientError


def failing(error: BaseException) -> int:
    def action() -> int:
        raise error

    return status_of(action)


def test_what_goes_well_keeps_its_status() -> None:
    assert [status_of(lambda: 0), status_of(lambda: 4)] == [0, 4]


@pytest.mark.parametrize(
    ("kind", "status"),
    [(BrokerSyncError, 1), (StoreError, 1), (SettingsError, 2), (RefusedError, 3), (TransientError, 75)],
)
def test_an_error_of_ours_is_its_text_and_its_status(
    capsys: pytest.CaptureFixture[str], kind: type[BrokerSyncError], status: int
) -> None:
    assert failing(kind("what was found, what to do")) == status
    assert capsys.readouterr() == ("", "broker-sync: what was found, what to do\n")


def test_an_interrupt_says_that_nothing_is_lost(capsys: pytest.CaptureFixture[str]) -> None:
    assert failing(KeyboardInterrupt()) == 130
    assert capsys.readouterr().err.startswith("broker-sync: interrupted; ")


def test_any_other_error_is_a_bug_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert failing(ZeroDivisionError("by zero")) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("broker-sync: this is a bug (ZeroDivisionError: by zero). Please report it")
    assert err.count("\n") == 1


def test_the_traceback_of_a_bug_is_there_for_the_asking(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROKER_SYNC_DEBUG", "1")
    failing(ZeroDivisionError("by zero"))
    assert "Traceback (most recent call last)" in capsys.readouterr().err


def test_no_secret_is_in_what_is_said_of_an_error(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROKER_SYNC_DEBUG", "1")
    address = "https://flex.example/SendRequest?t=made-up&v=3"
    failing(BrokerSyncError(f"no answer from {address}"))
    failing(OSError(address))
    err = capsys.readouterr().err
    assert "?t=***&v=3" in err
    assert "made-up" not in err
