"""What is remembered of failures over restarts, and where."""

import datetime as dt
import threading
from pathlib import Path

import pytest

from broker_sync.errors import StoreError
from broker_sync.providers.ibkr.breaker import BreakerOpenError, Closed, Open
from broker_sync.providers.ibkr.breaker_file import FILE_NAME, Breaker
from broker_sync.providers.ibkr.flex_codes import code_error
from broker_sync.providers.ibkr.flex_errors import FlexError, FlexRequest, HangUpError

NIGHT = dt.datetime(2026, 6, 1, 2, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)

LOCKED_OUT = code_error("1025", told="", request=FlexRequest.SEND)
FAILED = code_error("1001", told="", request=FlexRequest.SEND)
POLL_FAILED = code_error("1001", told="", request=FlexRequest.GET)
HUNG_UP = HangUpError("made up", request=FlexRequest.SEND)


class Token:
    def __init__(self, text: str = "made-up-token") -> None:
        self.text = text

    def reveal(self) -> str:
        return self.text


def breaker(folder: Path, token: str = "made-up-token", *, ignored: bool = False) -> Breaker:
    """A new one each time, as after a restart."""
    return Breaker(folder=folder, token=Token(token), ignored=ignored)


def record(folder: Path, *outcomes: FlexError | None, now: dt.datetime = NIGHT) -> None:
    for outcome in outcomes:
        breaker(folder).record(outcome, now)


def test_a_run_without_failures_writes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    breaker(folder).check(NIGHT)
    record(folder, None, HUNG_UP, POLL_FAILED)
    assert breaker(folder).standing(NIGHT) == Closed()
    assert not folder.exists()


def test_a_lock_out_is_remembered_over_restarts(tmp_path: Path) -> None:
    record(tmp_path / "data", LOCKED_OUT)
    again = breaker(tmp_path / "data")
    with pytest.raises(
        BreakerOpenError, match="IBKR 1025 to SendRequest: there were too many failed attempts"
    ):
        again.check(NIGHT + 11 * HOUR)
    again.check(NIGHT + 12 * HOUR)


def test_failures_are_counted_over_restarts(tmp_path: Path) -> None:
    record(tmp_path, *[FAILED] * 4)
    breaker(tmp_path).check(NIGHT)
    record(tmp_path, FAILED)
    found = breaker(tmp_path).standing(NIGHT)
    assert isinstance(found, Open)
    assert "IBKR 1001 to SendRequest: the statement could not be made at this time." in found.why


def test_a_success_forgets_all_failures(tmp_path: Path) -> None:
    record(tmp_path, LOCKED_OUT, *[FAILED] * 5, None)
    assert breaker(tmp_path).standing(NIGHT) == Closed()
    record(tmp_path, LOCKED_OUT)
    found = breaker(tmp_path).standing(NIGHT)
    assert isinstance(found, Open)
    assert found.until == NIGHT + 12 * HOUR


def test_a_new_token_is_not_held_up_by_the_old_one(tmp_path: Path) -> None:
    record(tmp_path, LOCKED_OUT)
    new = breaker(tmp_path, "another")
    new.check(NIGHT)
    new.record(FAILED, NIGHT)
    new.record(None, NIGHT)
    with pytest.raises(BreakerOpenError):
        breaker(tmp_path).check(NIGHT)


def test_the_file_has_no_token_in_it_and_is_its_owners_alone(tmp_path: Path) -> None:
    record(tmp_path, LOCKED_OUT, FAILED)
    file = tmp_path / FILE_NAME
    assert "made-up" not in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


def test_with_the_override_requests_go_out_and_failures_are_still_remembered(tmp_path: Path) -> None:
    record(tmp_path, LOCKED_OUT)
    overridden = breaker(tmp_path, ignored=True)
    overridden.check(NIGHT)
    assert isinstance(overridden.standing(NIGHT), Open)
    overridden.record(LOCKED_OUT, NIGHT)
    found = breaker(tmp_path).standing(NIGHT)
    assert isinstance(found, Open)
    assert found.until == NIGHT + 24 * HOUR


def test_a_clock_that_was_wrong_does_not_hold_for_ever(tmp_path: Path) -> None:
    record(tmp_path, LOCKED_OUT, now=NIGHT + 100_000 * HOUR)
    for hours in (0, 6, 11):
        with pytest.raises(BreakerOpenError, match="until 2026-06-01 14:00 UTC"):
            breaker(tmp_path).check(NIGHT + hours * HOUR)
    breaker(tmp_path).check(NIGHT + 12 * HOUR)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[]"])
def test_a_damaged_file_stops_the_run_until_somebody_looks(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    for act in (
        lambda: breaker(tmp_path).check(NIGHT),
        lambda: breaker(tmp_path).standing(NIGHT),
        lambda: breaker(tmp_path).reset(),
        lambda: breaker(tmp_path).record(FAILED, NIGHT),
    ):
        with pytest.raises(StoreError, match=r"is damaged .* nothing was sent\. Remove the file if"):
            act()
    assert (tmp_path / FILE_NAME).read_bytes() == content


def test_with_the_override_a_damaged_file_is_written_anew(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"{")
    breaker(tmp_path, ignored=True).check(NIGHT)
    breaker(tmp_path, ignored=True).record(FAILED, NIGHT)
    assert breaker(tmp_path).standing(NIGHT) == Closed()


def test_a_place_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match=f"{FILE_NAME} cannot be read or written"):
        breaker(tmp_path / "file").record(LOCKED_OUT, NIGHT)
    (tmp_path / FILE_NAME).mkdir()
    with pytest.raises(StoreError, match="cannot be read or written"):
        breaker(tmp_path).check(NIGHT)


def test_a_file_that_cannot_be_replaced_leaves_no_litter(tmp_path: Path) -> None:
    class Directory(Breaker):
        def _states(self) -> dict[str, object]:  # type: ignore[override]  # as if the file were read
            return {}

    (tmp_path / FILE_NAME).mkdir()
    with pytest.raises(StoreError, match="cannot be read or written"):
        Directory(folder=tmp_path, token=Token()).record(LOCKED_OUT, NIGHT)
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


def test_of_failures_at_the_same_time_none_is_forgotten(tmp_path: Path) -> None:
    threads = [threading.Thread(target=record, args=(tmp_path, FAILED)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert isinstance(breaker(tmp_path).standing(NIGHT), Open)
