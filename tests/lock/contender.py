"""Takes the lock again and again: run as ``python -m tests.lock.contender DIRECTORY TIMES HOST``.

Prints ``double`` when another one was at work too. With a HOST it is a machine of its own, on a volume that
does not share its locks; ``-`` stands for this one. With 0 TIMES it takes the lock, says so and waits.
"""

import datetime as dt
import fcntl
import sys
import time
from dataclasses import replace
from pathlib import Path

from broker_sync.lock import RunLock, RunLockedError, this_process
from tests.lock.hosts import not_shared


def made(directory: Path, host: str) -> RunLock:
    machine = this_process()
    return RunLock(
        directory,
        now=lambda: dt.datetime.now(dt.UTC),  # noqa: TID251  # a process of its own
        machine=machine if host == "-" else replace(machine, host=host, boot=host),
        lease=2.0,
        beat=0.02,
        os_lock=fcntl.flock if host == "-" else not_shared,
    )


def work(inside: Path) -> None:
    """What only one may do at a time."""
    try:
        inside.touch(exist_ok=False)
    except FileExistsError:
        print("double", flush=True)  # noqa: T201  # the test reads it
        return
    time.sleep(0.002)
    inside.unlink()


def main(directory: Path, times: int, host: str) -> None:
    """Work so many times, however often the other one is faster."""
    if not times:
        with made(directory, host):
            print("held", flush=True)  # noqa: T201  # the test waits for it
            time.sleep(600)
    done = 0
    while done < times:
        try:
            with made(directory, host) as held:
                work(directory / "inside")
                held.check()
            done += 1
        except RunLockedError:
            time.sleep(0.001)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
