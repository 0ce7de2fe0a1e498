"""Processes of their own that want the lock at the same time, or are killed while they have it."""

import subprocess
import sys
from pathlib import Path

import pytest

from broker_sync.lock import RunLockedError
from tests.lock.contender import made

pytestmark = pytest.mark.slow


def contender(directory: Path, times: int, host: str = "-") -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.lock.contender", str(directory), str(times), host]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_of_processes_at_once_only_one_ever_works(tmp_path: Path) -> None:
    for number, hosts in enumerate((("-", "-"), ("server", "laptop"), ("-", "-", "laptop"))):
        folder = tmp_path / str(number)
        folder.mkdir()
        rivals = [contender(folder, 50, host) for host in hosts]
        told = [rival.communicate(timeout=120) for rival in rivals]
        assert told == [("", "")] * len(hosts)
        assert [rival.returncode for rival in rivals] == [0] * len(hosts)
        assert list(folder.iterdir()) == []


def test_the_lock_of_a_killed_process_is_taken_over_at_once(tmp_path: Path) -> None:
    for _ in range(3):
        with contender(tmp_path, 0) as victim:
            assert victim.stdout is not None
            assert victim.stdout.readline() == "held\n"
            with pytest.raises(RunLockedError) as refused:
                made(tmp_path, "-").__enter__()
            assert refused.value.holder is not None
            assert refused.value.holder.pid == victim.pid
            victim.kill()
        assert (tmp_path / "run.lock").exists()
        with made(tmp_path, "-") as held:
            held.check()
    assert list(tmp_path.iterdir()) == []


def test_a_killed_process_on_another_machine_is_followed_once_it_has_been_silent(tmp_path: Path) -> None:
    with contender(tmp_path, 0, "server") as victim:
        assert victim.stdout is not None
        assert victim.stdout.readline() == "held\n"
        with pytest.raises(RunLockedError, match="on server"):
            made(tmp_path, "laptop").__enter__()
        victim.kill()
    with made(tmp_path, "laptop") as held:
        held.check()
    assert list(tmp_path.iterdir()) == []
