"""Who may read the files, what a transaction is, and what a failure says."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from broker_sync.errors import StoreError, TransientError
from broker_sync.storage import open_database
from broker_sync.storage.engine import reading, writing


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def rows(connection: Connection) -> int:
    return int(connection.execute(text("SELECT count(*) FROM t")).scalar_one())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database with an empty table `t`."""
    path = tmp_path / "data" / "kept.db"
    engine = open_database(path)
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE t (n INTEGER PRIMARY KEY)"))
    engine.dispose()
    return path


def test_only_the_owner_can_read_what_is_made_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        path = tmp_path / "new" / "data" / "kept.db"
        engine = open_database(path)
        with writing(engine) as connection:
            connection.execute(text("CREATE TABLE t (n INTEGER)"))
            journal = mode(path.with_name("kept.db-journal"))
        engine.dispose()
    finally:
        os.umask(before)
    assert (mode(path), journal) == (0o600, 0o600)
    assert (mode(path.parent), mode(path.parent.parent)) == (0o700, 0o700)


def test_access_that_was_granted_on_purpose_stays_granted(path: Path) -> None:
    path.chmod(0o640)
    path.parent.chmod(0o750)
    open_database(path).dispose()
    assert (mode(path), mode(path.parent)) == (0o640, 0o750)


TRY_TO_WRITE = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None)
try:
    connection.execute("BEGIN IMMEDIATE")
except sqlite3.OperationalError as error:
    print(error)
connection.close()
"""


def test_a_second_opening_does_not_drop_the_locks_of_the_first(path: Path) -> None:
    engine = open_database(path)
    with writing(engine) as connection:
        connection.execute(text("INSERT INTO t VALUES (1)"))
        open_database(path).dispose()
        command = [sys.executable, "-c", TRY_TO_WRITE, str(path)]
        # Only another process sees the locks: within one SQLite keeps its own account of them.
        other = subprocess.run(command, capture_output=True, text=True, check=True)
    engine.dispose()
    assert other.stdout == "database is locked\n"


@pytest.mark.parametrize("name", ["a b.db", "50%.db", "what?mode=rw.db", "a#b.db", "später.db"])
def test_a_path_is_taken_as_it_is_whatever_is_in_it(tmp_path: Path, name: str) -> None:
    engine = open_database(tmp_path / name)
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE t (n INTEGER)"))
    engine.dispose()
    engine = open_database(tmp_path / name, read_only=True)
    with reading(engine) as connection:
        assert rows(connection) == 0
    engine.dispose()
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_what_is_written_survives_a_power_cut_and_network_volumes(path: Path) -> None:
    engine = open_database(path)
    with reading(engine) as connection:
        settings = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("foreign_keys", "synchronous", "journal_mode")
        ]
    engine.dispose()
    assert settings == [1, 2, "delete"]


def test_a_write_is_kept_as_a_whole_or_not_at_all_schema_included(path: Path) -> None:
    engine = open_database(path)
    with pytest.raises(ZeroDivisionError), writing(engine) as connection:  # noqa: PT012
        connection.execute(text("INSERT INTO t VALUES (1)"))
        connection.execute(text("CREATE TABLE u (n INTEGER)"))
        connection.execute(text("INSERT INTO t VALUES (2)"))
        _ = 1 // 0
    with reading(engine) as connection:
        assert rows(connection) == 0
        assert connection.execute(text("SELECT name FROM sqlite_master")).scalars().all() == ["t"]
    engine.dispose()


def test_a_read_is_one_view_of_the_data(path: Path) -> None:
    reader, writer = open_database(path), open_database(path, wait=0)
    with reading(reader) as connection:
        assert rows(connection) == 0
        with pytest.raises(TransientError), writing(writer) as other:
            other.execute(text("INSERT INTO t VALUES (1)"))
        assert rows(connection) == 0
    reader.dispose()
    writer.dispose()


def test_a_database_in_use_says_to_run_again(path: Path) -> None:
    first, second = open_database(path), open_database(path, wait=0)
    with (
        writing(first),
        pytest.raises(TransientError, match=r"kept\.db is in use by another program; run again"),
        writing(second),
    ):
        pass
    with writing(second) as connection:
        connection.execute(text("INSERT INTO t VALUES (1)"))
    first.dispose()
    second.dispose()


def test_a_file_that_is_not_a_database_is_named_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "kept.db"
    path.write_bytes(b"this is not a database at all, only some text\n" * 100)
    for read_only in (False, True):
        engine = open_database(path, read_only=read_only)
        with (
            pytest.raises(StoreError, match=r"kept\.db cannot be used .*restore it from a backup") as raised,
            reading(engine) as connection,
        ):
            rows(connection)
        engine.dispose()
        assert "\n" not in str(raised.value)
    assert path.read_bytes().startswith(b"this is not")


def test_a_damaged_page_is_an_error_that_names_the_file(path: Path) -> None:
    engine = open_database(path)
    with writing(engine) as connection:
        connection.execute(text("INSERT INTO t VALUES (:n)"), [{"n": n} for n in range(5000)])
    engine.dispose()
    data = bytearray(path.read_bytes())
    data[4096 + 100 :] = b"\xff" * (len(data) - 4196)
    path.write_bytes(data)
    engine = open_database(path)
    with pytest.raises(StoreError, match=r"kept\.db cannot be used"), reading(engine) as connection:
        connection.execute(text("SELECT sum(n) FROM t")).all()
    engine.dispose()


def test_a_directory_that_cannot_be_made_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file, not a directory")
    with pytest.raises(StoreError, match=r"kept\.db cannot be used .*may write"):
        open_database(tmp_path / "data" / "kept.db")


def test_a_directory_in_the_place_of_the_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    engine = open_database(tmp_path)
    with pytest.raises(StoreError, match=f"{tmp_path.name} cannot be used"), reading(engine):
        pass
    engine.dispose()


def test_a_read_only_database_takes_no_writes(path: Path) -> None:
    engine = open_database(path, read_only=True)
    with pytest.raises(StoreError, match="cannot be used"), writing(engine) as connection:
        connection.execute(text("INSERT INTO t VALUES (1)"))
    engine.dispose()


def test_a_mistake_of_ours_is_not_dressed_up_as_a_broken_file(path: Path) -> None:
    engine = open_database(path)
    with pytest.raises(Exception, match="no such column") as raised, reading(engine) as connection:
        connection.execute(text("SELECT missing FROM t"))
    engine.dispose()
    assert not isinstance(raised.value, StoreError)
