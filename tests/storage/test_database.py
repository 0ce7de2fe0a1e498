"""A store is opened late, read without a trace, and readable after a run that died."""

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from broker_sync.contracts import Stored
from broker_sync.dedup import SyncRecordStore, ToCreate
from broker_sync.errors import StoreError, TransientError
from broker_sync.fingerprint import content_hash
from broker_sync.sinks.ledger import LedgerSink
from broker_sync.sinks.ledger.tables import SCHEMA
from broker_sync.storage import Database
from broker_sync.storage.private_copy import copy_database
from tests.storage.samples import ACCOUNT, buy


def trace(directory: Path) -> dict[str, tuple[int, bytes]]:
    """All that can be seen of the files in `directory`."""
    return {file.name: (file.stat().st_mtime_ns, file.read_bytes()) for file in directory.iterdir()}


def fill(directory: Path) -> None:
    with SyncRecordStore(directory / "sync.db") as store, LedgerSink(directory / "portfolio.db") as ledger:
        run_id = store.begin_run(provider="ibkr", version="1")
        intent = ToCreate(activity=buy(1), content_hash=content_hash(buy(1)))
        store.intend("ledger", ACCOUNT.id, [intent], run_id=run_id)
        store.settle("ledger", ACCOUNT.id, asyncio.run(ledger.create(ACCOUNT, [buy(1)])))


def read_all(directory: Path) -> tuple[set[str], list[str]]:
    with (
        SyncRecordStore.read_only(directory / "sync.db") as store,
        LedgerSink.read_only(directory / "portfolio.db") as ledger,
    ):
        seen = store.seen(["ibkr:trade:1", "ibkr:trade:2"])
        return seen, [activity.external_id for _, activity in ledger.activities()]


def test_making_the_stores_touches_nothing(tmp_path: Path) -> None:
    with SyncRecordStore(tmp_path / "data" / "sync.db"), LedgerSink(tmp_path / "data" / "portfolio.db"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_what_was_written_is_there_after_reopening(tmp_path: Path) -> None:
    fill(tmp_path)
    with SyncRecordStore(tmp_path) as store, LedgerSink(tmp_path) as ledger:
        assert store.seen(["ibkr:trade:1"]) == {"ibkr:trade:1"}
        assert list(ledger.activities()) == [(ACCOUNT, buy(1))]


def test_a_closed_store_opens_again_when_it_is_used(tmp_path: Path) -> None:
    with SyncRecordStore(tmp_path) as store:
        store.begin_run(provider="ibkr", version="1")
        store.close()
        assert store.begin_run(provider="ibkr", version="1") == 2


def test_reading_stores_that_are_not_there_makes_nothing(tmp_path: Path) -> None:
    assert read_all(tmp_path / "data") == (set(), [])
    assert list(tmp_path.iterdir()) == []


def test_reading_leaves_files_and_times_as_they_were(tmp_path: Path) -> None:
    fill(tmp_path)
    before = trace(tmp_path)
    assert read_all(tmp_path) == ({"ibkr:trade:1"}, ["ibkr:trade:1"])
    assert trace(tmp_path) == before


def test_a_file_that_was_made_but_never_filled_reads_as_empty(tmp_path: Path) -> None:
    (tmp_path / "sync.db").touch()
    (tmp_path / "portfolio.db").touch()
    before = trace(tmp_path)
    assert read_all(tmp_path) == (set(), [])
    assert trace(tmp_path) == before


def test_a_file_that_was_made_but_never_filled_is_filled_by_the_next_run(tmp_path: Path) -> None:
    (tmp_path / "sync.db").touch()
    fill(tmp_path)
    assert read_all(tmp_path) == ({"ibkr:trade:1"}, ["ibkr:trade:1"])


def test_nothing_can_be_written_to_a_store_that_was_opened_to_be_read(tmp_path: Path) -> None:
    with (
        SyncRecordStore.read_only(tmp_path) as store,
        pytest.raises(StoreError, match="was opened to be read only"),
    ):
        store.begin_run(provider="ibkr", version="1")


@pytest.fixture
def interrupted(tmp_path: Path) -> Path:
    """Stores as a run leaves them that is killed in the middle of writing the second activity."""
    alive, dead = tmp_path / "alive", tmp_path / "dead"
    fill(alive)
    database = Database(alive / "portfolio.db", schema=SCHEMA)
    with database.writing() as connection:
        connection.exec_driver_sql("PRAGMA cache_size = 1")  # so that pages reach the file before the end
        for number in range(200):
            connection.execute(
                text("UPDATE activities SET external_id = :id, comment = :c"),
                {"id": f"ibkr:trade:{number}", "c": "x" * 20_000},
            )
        shutil.copytree(alive, dead)
    database.close()
    assert (dead / "portfolio.db-journal").stat().st_size > 0
    return dead


def test_after_a_run_died_while_writing_reading_shows_the_state_before_without_a_trace(
    interrupted: Path,
) -> None:
    before = trace(interrupted)
    assert read_all(interrupted) == ({"ibkr:trade:1"}, ["ibkr:trade:1"])
    assert trace(interrupted) == before


def test_after_a_run_died_while_writing_the_next_run_puts_the_file_in_order(interrupted: Path) -> None:
    with LedgerSink(interrupted) as ledger:
        assert list(ledger.activities()) == [(ACCOUNT, buy(1))]
        (answer,) = asyncio.run(ledger.create(ACCOUNT, [buy(2)]))
        assert isinstance(answer, Stored)
    assert not (interrupted / "portfolio.db-journal").exists()
    assert read_all(interrupted)[1] == ["ibkr:trade:1", "ibkr:trade:2"]


LIST_COPIES = """
import sys, tempfile
from pathlib import Path
from broker_sync.sinks.ledger import LedgerSink
with LedgerSink.read_only(sys.argv[1]) as ledger:
    assert len(list(ledger.activities())) == 1
    print([oct(copy.stat().st_mode) for copy in Path(tempfile.gettempdir()).iterdir()])
"""


def test_a_copy_is_for_the_owner_alone_and_does_not_stay_behind(interrupted: Path, tmp_path: Path) -> None:
    (tmp_path / "temporary").mkdir()
    read = subprocess.run(
        [sys.executable, "-c", LIST_COPIES, str(interrupted)],
        env={"TMPDIR": str(tmp_path / "temporary"), "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert read.stdout == "['0o40700']\n"
    assert list((tmp_path / "temporary").iterdir()) == []


def test_a_copy_of_a_file_that_is_being_written_is_not_trusted(tmp_path: Path) -> None:
    path = tmp_path / "sync.db"
    path.write_bytes(b"before")

    def copy_while_written(source: Path, target: Path) -> None:
        shutil.copyfile(source, target)
        source.write_bytes(b"afterwards")

    (tmp_path / "copy").mkdir()
    with pytest.raises(TransientError, match=r"sync\.db is being written"):
        copy_database(path, tmp_path / "copy", copy_file=copy_while_written)


def test_a_copy_of_a_file_that_is_put_in_order_meanwhile_is_not_trusted(tmp_path: Path) -> None:
    path = tmp_path / "sync.db"
    path.write_bytes(b"before")

    def gone(source: Path, target: Path) -> None:
        del target
        source.unlink()
        raise FileNotFoundError(source)

    with pytest.raises(TransientError, match=r"sync\.db is being written"):
        copy_database(path, tmp_path, copy_file=gone)


def test_a_copy_that_finds_no_room_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "sync.db").touch()
    with pytest.raises(StoreError, match=r"sync\.db cannot be used"):
        copy_database(tmp_path / "sync.db", tmp_path / "nowhere")


def test_a_way_to_the_file_that_is_barred_is_an_error_not_an_empty_store(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file, not a directory")
    with (
        SyncRecordStore.read_only(tmp_path / "data" / "sync.db") as store,
        pytest.raises(StoreError, match=r"sync\.db cannot be used"),
    ):
        store.seen(["ibkr:trade:1"])
