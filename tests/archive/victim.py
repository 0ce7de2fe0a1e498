"""Keeps a statement and is killed on the way: run as ``python -m tests.archive.victim DIRECTORY``.

Prints, one a line, the folders in which a child was killed: each at a later of the events by which Python
tells that something is done to a file (it is made, opened, renamed, removed, its folder is made).
"""

import os
import signal
import sys
from itertools import count
from pathlib import Path

from broker_sync.archive import Retention
from broker_sync.received import Booked
from tests.archive.samples import archive_in, booked, contents, kept

EVENTS = {"open", "os.mkdir", "os.remove", "os.rename", "tempfile.mkstemp"}


def run(folder: Path) -> None:
    """All that a night does with an archive, and a removal."""
    archive = archive_in(folder)
    statement = kept(archive, within=contents())
    archive.mark(statement.sha256, Booked(days=(booked(),)))
    older = kept(archive, b"<older/>", within=contents())
    archive.mark(older.sha256, Booked(days=(booked(),)))
    archive.prune(Retention(keep_last=1))


def kill_at(number: int) -> None:
    """Kill this process at the event of this number, counted from 1."""
    left = number

    def watch(event: str, _: object) -> None:
        nonlocal left
        if event in EVENTS:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)


def main(directory: Path) -> None:
    for number in count(1):
        folder = directory / str(number)
        folder.mkdir()
        child = os.fork()
        if child == 0:
            kill_at(number)
            run(folder)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            assert os.waitstatus_to_exitcode(status) == 0
            return
        print(folder, flush=True)  # noqa: T201  # the test reads it


if __name__ == "__main__":
    main(Path(sys.argv[1]))
