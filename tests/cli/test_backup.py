"""``broker-sync backup`` and ``broker-sync restore``, and a backup in the middle of a sync."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from broker_sync.backup import back_up, restore
from broker_sync.cli.backup import run_backup, run_restore
from broker_sync.cli.boundary import status_of
from broker_sync.cli.integrity import audit
from broker_sync.dedup import SyncRecordStore
from broker_sync.lock import RunLock
from broker_sync.sinks.ledger import LedgerSink
from tests.backup.samples import NOW, filled, told
from tests.storage.victim import settle_by_asking


def test_a_backup_goes_into_the_data_directory_and_back(
    data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    filled(data_dir)
    with RunLock(data_dir, now=lambda: NOW):
        assert run_backup(to=None, keep=None) == 0
    (made,) = (data_dir / "backups").iterdir()
    assert capsys.readouterr().out.startswith(f"Backup {made}: 5 files, ")
    assert run_restore(backup=made, into=tmp_path / "new", force=False) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"Restored {made}, made ")
    assert out.endswith(f"into {tmp_path / 'new'}: 5 files, all of it read and found whole\n")
    assert told(tmp_path / "new") == told(data_dir)
    assert status_of(lambda: run_restore(backup=made, into=None, force=False)) == 2
    assert run_restore(backup=made, into=None, force=True) == 0
    assert "What was there before is in" in capsys.readouterr().out


def test_backups_are_thinned_out(data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    filled(data_dir)
    for _ in range(3):
        assert run_backup(to=tmp_path / "backups", keep=2) == 0
    assert len(list((tmp_path / "backups").iterdir())) == 2
    assert "\nRemoved " in capsys.readouterr().out
    assert status_of(lambda: run_backup(to=None, keep=0)) == 2
    assert "--keep 0" in capsys.readouterr().err


def test_nothing_is_restored_while_a_run_is_at_work(data_dir: Path) -> None:
    filled(data_dir)
    run_backup(to=None, keep=None)
    (made,) = (data_dir / "backups").iterdir()
    with RunLock(data_dir, now=lambda: NOW):
        assert status_of(lambda: run_restore(backup=made, into=None, force=True)) == 75


def is_at_work(data: Path) -> bool:
    """Whether the sync has booked a little by now."""
    try:
        with closing(sqlite3.connect(f"{(data / 'portfolio.db').as_uri()}?mode=rw", uri=True)) as books:
            return bool(books.execute("SELECT count(*) FROM activities").fetchone()[0])
    except sqlite3.OperationalError:
        return False


@pytest.mark.slow
def test_any_backup_of_a_running_sync_can_be_put_in_order(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    command = [sys.executable, "-m", "tests.storage.victim", str(data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            assert running.stdout.readline() == "ready\n"
            while not is_at_work(data):
                assert running.poll() is None
            made = [back_up(data, tmp_path / "backups", now=NOW, program="1").path for _ in range(15)]
            assert running.poll() is None
        finally:
            running.kill()
    unsettled = 0
    for number, backup in enumerate(made):
        into = tmp_path / f"restored {number}"
        restore(backup, into, now=NOW, check=lambda work: audit(work).findings)
        with SyncRecordStore(into) as store, LedgerSink(into) as sink:
            unsettled += settle_by_asking(store, sink)
        # Nothing is open any more. An update that took place is made once more: nobody can see that it did.
        assert [each for each in audit(into).findings if "says something else" not in each.text] == []
    assert unsettled > 0
