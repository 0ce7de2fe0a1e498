"""What is damaged, newer, read only or full is told before anything is sent; ``verify`` finds the rest."""

import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from broker_sync.backup import RESTORING
from broker_sync.cli.boundary import status_of
from broker_sync.cli.integrity import audit, check_at_start
from broker_sync.cli.verify import run_verify
from broker_sync.errors import StoreError
from broker_sync.lock import RunLock
from tests.archive.samples import body_of
from tests.backup.samples import NOW, book, filled
from tests.cli.conftest import Cli
from tests.storage.samples import buy

STORES = ("sync.db", "portfolio.db")


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory of some size, to be copied."""
    return filled(tmp_path_factory.mktemp("sound") / "data", most=400)


@pytest.fixture
def data(sound: Path, data_dir: Path) -> Path:
    shutil.copytree(sound, data_dir)
    return data_dir


def overwrite(path: Path, start: int, content: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(start)
        file.write(content)


def change(path: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement, values)


def damage_pages(path: Path) -> None:
    size = path.stat().st_size
    overwrite(path, size // 2 // 4096 * 4096, b"\xa5" * 4096 * 3)


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2 // 4096 * 4096)


def cut_in_the_header(path: Path) -> None:
    os.truncate(path, 60)


def replace_header(path: Path) -> None:
    overwrite(path, 0, b"not a database at all")


def make_newer(path: Path) -> None:
    change(path, "UPDATE alembic_version SET version_num = 'from_9999'")


def make_foreign(path: Path) -> None:
    change(path, "DROP TABLE alembic_version")


def lose_a_table(path: Path) -> None:
    change(path, "PRAGMA foreign_keys = OFF")
    change(path, "DROP TABLE activities")


DAMAGES: list[tuple[Callable[[Path], None], str]] = [
    (damage_pages, "damaged|malformed"),
    (cut, "malformed|damaged"),
    (cut_in_the_header, "not a database|is not a|malformed|I/O"),
    (replace_header, "not a database"),
    (make_newer, "install the newer version"),
    (make_foreign, "is not a .* database of broker-sync"),
    (lose_a_table, "no table activities"),
]


# --- before a run ---


def test_what_is_sound_passes_and_is_left_as_it_is(data: Path) -> None:
    before = {
        path: (path.stat().st_mtime_ns, path.read_bytes()) for path in data.rglob("*") if path.is_file()
    }
    check_at_start(data, read_only=True)
    check_at_start(data)
    assert audit(data).findings == ()
    assert {
        path: (path.stat().st_mtime_ns, path.read_bytes()) for path in data.rglob("*") if path.is_file()
    } == before


def test_where_there_is_nothing_nothing_is_made(data_dir: Path) -> None:
    check_at_start(data_dir)
    assert audit(data_dir).findings == ()
    assert not data_dir.exists()


def test_each_damage_to_a_database_is_told_in_one_line(data: Path, sound: Path) -> None:
    for file in STORES:
        for damage, said in DAMAGES:
            shutil.copy(sound / file, data / file)
            damage(data / file)
            with pytest.raises(StoreError, match=said) as refused:
                check_at_start(data, read_only=True)
            assert str(data / file) in str(refused.value), damage
            assert "\n" not in str(refused.value)
            assert audit(data).findings, damage
        shutil.copy(sound / file, data / file)


@pytest.mark.parametrize(
    "command", ["conflicts", "ibkr status", "explain ibkr:cash:1", "soak-check", "report page"]
)
def test_of_a_damaged_database_nothing_is_told_as_if_it_were_whole(
    command: str, cli: Cli, data: Path, tmp_path: Path
) -> None:
    words = [str(tmp_path / "page.html") if word == "page" else word for word in command.split()]
    words = ["report", "--html", words[-1]] if words[0] == "report" else words
    damage_pages(data / "sync.db")
    ran = cli(*words)
    assert (ran.status, ran.out) == (1, "")
    assert f"{data / 'sync.db'} cannot be used" in ran.err


def test_a_large_database_is_only_opened(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import broker_sync.cli.integrity as module  # noqa: PLC0415

    monkeypatch.setattr(module, "_SMALL", 4096)
    damage_pages(data / "sync.db")
    check_at_start(data)
    cut(data / "sync.db")
    with pytest.raises(StoreError, match="malformed"):
        check_at_start(data)


def test_a_run_that_may_write_needs_room(data: Path) -> None:
    def full(folder: Path) -> None:
        raise OSError(28, os.strerror(28), str(folder))

    def read_only(folder: Path) -> None:
        raise OSError(30, os.strerror(30), str(folder))

    for probe, advice in ((full, "make room on the disk"), (read_only, "may read and write there")):
        with pytest.raises(StoreError, match=advice):
            check_at_start(data, probe=probe)
        check_at_start(data, probe=probe, read_only=True)


@pytest.mark.skipif(os.geteuid() == 0, reason="whoever runs the tests may write everywhere")
def test_a_database_or_a_directory_that_may_not_be_written_is_told(data: Path) -> None:
    (data / "sync.db").chmod(0o400)
    with pytest.raises(StoreError, match=r"sync\.db cannot be written"):
        check_at_start(data)
    (data / "sync.db").chmod(0o600)
    data.chmod(0o500)
    with pytest.raises(StoreError, match="cannot be written"):
        check_at_start(data)
    check_at_start(data, read_only=True)
    data.chmod(0o700)


def test_after_a_restore_that_was_cut_off_no_run_begins(data: Path) -> None:
    (data / RESTORING).touch()
    for read_only in (False, True):
        with pytest.raises(StoreError, match="broker-sync restore"):
            check_at_start(data, read_only=read_only)


# --- on file systems of their own ---


def mounted(folder: Path, *options: str) -> Iterator[Path]:
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", ",".join(("size=1m", *options)), "tmpfs", folder],  # noqa: S607
        check=False,
        capture_output=True,
    )
    if made.returncode:
        pytest.skip("nobody here may mount a file system")
    yield folder
    subprocess.run(["umount", folder], check=True)  # noqa: S607


@pytest.fixture
def volume(tmp_path: Path) -> Iterator[Path]:
    """A disk of one MiB."""
    yield from mounted(tmp_path / "volume")


def fill_up(volume: Path) -> None:
    with (volume / "ballast").open("wb", buffering=0) as ballast:
        while True:
            ballast.write(b"x" * 4096)


@pytest.mark.slow
def test_a_full_disk_is_told_before_anything_is_written(volume: Path) -> None:
    filled(volume / "data")
    with pytest.raises(OSError, match="No space left"):
        fill_up(volume)
    with pytest.raises(StoreError, match="make room on the disk"):
        check_at_start(volume / "data")
    with pytest.raises(StoreError, match="make room on the disk"):
        RunLock(volume / "data", now=lambda: NOW).__enter__()
    with pytest.raises(StoreError, match="make room on the disk"):
        book(volume / "data", [buy(number) for number in range(100, 200)])
    check_at_start(volume / "data", read_only=True)
    assert audit(volume / "data").findings == ()


@pytest.mark.slow
def test_a_read_only_disk_is_told_before_anything_is_written(volume: Path) -> None:
    filled(volume / "data")
    subprocess.run(["mount", "-o", "remount,ro", volume], check=True)  # noqa: S607
    with pytest.raises(StoreError, match="cannot be written"):
        check_at_start(volume / "data")
    with pytest.raises(StoreError, match="may read and write there"):
        RunLock(volume / "data", now=lambda: NOW).__enter__()
    check_at_start(volume / "data", read_only=True)
    assert audit(volume / "data").findings == ()


# --- in full ---


def told(data: Path) -> list[str]:
    return [f"{each.file}: {each.text}" for each in audit(data).findings]


def test_changed_bytes_in_a_text_are_found(data: Path) -> None:
    # The pages stay well-formed, so no check of the database itself can know.
    content = (data / "sync.db").read_bytes()
    place = content.index(b'"amount":"201"')
    overwrite(data / "sync.db", place, b'"amount":"207"')
    check_at_start(data)
    (found,) = told(data)
    assert "its payload does not have the fingerprint" in found
    overwrite(data / "sync.db", place, b'"amount":"2\xff\xfe"')
    check_at_start(data)
    assert "text that is none" in " ".join(told(data))


def test_what_the_two_databases_say_differently_is_found(data: Path) -> None:
    change(data / "portfolio.db", "DELETE FROM activities WHERE external_id = 'ibkr:trade:1'")
    change(data / "portfolio.db", "UPDATE activities SET amount = '9' WHERE external_id = 'ibkr:trade:2'")
    change(data / "sync.db", "DELETE FROM activities WHERE external_id = 'ibkr:trade:3'")
    change(data / "sync.db", "UPDATE activities SET tracker_id = 'x' WHERE external_id = 'ibkr:trade:4'")
    ledger = "the embedded ledger"
    assert told(data) == [
        f"portfolio.db: ibkr:trade:1 of account isa was booked, but {ledger} does not have it.",
        f"portfolio.db: ibkr:trade:2 of account isa says something else in {ledger} than what was booked.",
        f"portfolio.db: ibkr:trade:3 of account isa is in {ledger}, but nothing says that it was booked.",
        f"portfolio.db: ibkr:trade:4 of account isa is number 5 in {ledger}, and x was told.",
    ]


def test_what_a_run_has_not_settled_yet_is_no_finding(data: Path) -> None:
    change(data / "sync.db", "UPDATE activities SET state = 'intent' WHERE external_id = 'ibkr:trade:1'")
    change(data / "portfolio.db", "DELETE FROM activities WHERE external_id = 'ibkr:trade:1'")
    change(data / "sync.db", "UPDATE activities SET state = 'failed' WHERE external_id = 'ibkr:trade:2'")
    change(data / "portfolio.db", "DELETE FROM activities WHERE external_id = 'ibkr:trade:2'")
    assert told(data) == []


def test_rows_that_cannot_be_read_are_found_one_by_one(data: Path) -> None:
    set_to = "UPDATE activities SET {} = ? WHERE external_id = ?"
    change(data / "sync.db", set_to.format("payload"), "{", "ibkr:trade:1")
    change(data / "sync.db", set_to.format("state"), "lost", "ibkr:trade:2")
    change(data / "sync.db", set_to.format("account_id"), "other", "ibkr:trade:3")
    change(data / "sync.db", set_to.format("pending_payload"), "[]", "ibkr:trade:4")
    change(
        data / "sync.db",
        "INSERT INTO windows SELECT 1, 'ledger', 'isa', 'ibkr', 'x', 'y', 'z', 1, 1, '{', 1, NULL, NULL",
    )
    change(
        data / "sync.db",
        "INSERT INTO rejections SELECT 'ledger', 'isa', 'ibkr:cash:1', 'x', 'y', 'z', NULL, NULL, NULL, 1, "
        "'x', 'y'",
    )
    change(data / "portfolio.db", set_to.format("quantity"), "many", "ibkr:trade:5")
    change(data / "portfolio.db", "UPDATE accounts SET account_type = 'X'")
    found = " ".join(told(data))
    for said in (
        "ibkr:trade:1 of account isa in ledger: its payload cannot be read",
        "ibkr:trade:2 of account isa in ledger: it cannot be read ('lost' is not a valid State)",
        "ibkr:trade:3 of account other in ledger: its payload is that of ibkr:trade:3 of account isa",
        "ibkr:trade:4 of account isa in ledger: its pending payload cannot be read",
        "a rejection of account isa in ledger: it cannot be read",
        "window 1: it cannot be read",
        "portfolio.db: ibkr:trade:5 of account isa: it cannot be read",
        "account isa: it cannot be read",
    ):
        assert said in found


def test_a_row_of_a_run_that_is_not_there_is_found(data: Path) -> None:
    change(data / "sync.db", "UPDATE activities SET run_id = 99 WHERE external_id = 'ibkr:trade:1'")
    assert "of activities refers to a row of runs that is not there" in told(data)[0]


def test_very_many_findings_are_cut_short(data: Path) -> None:
    change(data / "sync.db", "UPDATE activities SET payload = '{'")
    found = told(data)
    assert len(found) == 201
    assert found[-1] == "sync.db: and more: the rest was not read."


def test_the_archive_and_the_memory_of_failures_are_read_too(data: Path) -> None:
    body_of(data).write_bytes(b"x")
    (data / "ibkr-breaker.json").write_text("{")
    archive, breaker = told(data)
    assert archive.startswith("archive/ibkr/")
    assert "cannot be unpacked" in archive
    assert breaker.startswith("ibkr-breaker.json: it is damaged")


# --- the command ---


def test_the_command_says_what_was_read(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_verify(as_json=False) == 0
    assert capsys.readouterr().out == (
        "Read through: sync.db, portfolio.db, archive (1 statement), ibkr-breaker.json. Nothing is wrong.\n"
    )
    body_of(data).unlink()
    assert run_verify(as_json=False) == 1
    assert "1 thing is wrong." in capsys.readouterr().out
    assert run_verify(as_json=True) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["ok"], len(told["findings"])) == (False, 1)
    assert told["checked"][2] == {"name": "archive", "statements": 0}


def test_nothing_is_verified_while_a_run_is_at_work(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with RunLock(data, now=lambda: NOW):
        assert status_of(lambda: run_verify(as_json=False)) == 75
    assert "another run is at work: process" in capsys.readouterr().err
    assert status_of(lambda: run_verify(as_json=False)) == 0
