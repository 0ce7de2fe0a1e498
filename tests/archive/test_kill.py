"""A process that is killed while it keeps a statement loses nothing that a second one does not mend."""

import subprocess
import sys
from pathlib import Path

import pytest

from broker_sync.archive.files import UNFINISHED
from broker_sync.received import Booked

from .samples import DAY, HASH, START, XML, Clock, archive_in, booked, files
from .victim import run

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_a_run_may_be_killed_at_any_step(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.archive.victim", str(tmp_path)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    folders = [Path(line) for line in ended.stdout.splitlines()]
    assert len(folders) > 20

    for folder in folders:
        archive = archive_in(folder)
        before = archive.catalogue()
        assert before.damaged == ()
        # Whatever has facts has its bytes, and is what was received.
        lost = [each.text for each in archive.verify().findings if "died while it" not in each.text]
        assert lost == []
        for entry in before.entries:
            if entry.body_removed_at is None:
                assert sum(map(len, archive.open(entry.sha256))) == entry.size

        run(folder)
        assert archive.entry(HASH).verdict == Booked(days=(booked(),))
        assert b"".join(archive.open(HASH)) == XML or archive.entry(HASH).body_removed_at
        archive_in(folder, Clock(START + 400_000 * DAY)).mark(HASH, Booked(days=()))
        assert archive.verify().findings == ()
        assert not [name for name in files(folder) if UNFINISHED in name]
