"""Whether a process still lives, by what the system tells."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from broker_sync.lock.holder import Holder
from broker_sync.lock.machine import Life, Machine, this_process
from tests.lock.hosts import NOW, host, lock

ME = this_process()
LARGE = 2**40
"""No process has this number."""


def of(machine: Machine) -> Holder:
    return Holder(
        token="t",
        host=machine.host,
        boot=machine.boot,
        processes=machine.processes,
        pid=machine.pid,
        started=machine.started,
        since=NOW,
        is_watched=False,
    )


def proc(folder: Path, pid: int, *, state: str = "S", started: str = "12345") -> Path:
    (folder / str(pid)).mkdir(parents=True)
    before = " ".join(["0"] * 18)
    (folder / str(pid) / "stat").write_text(f"{pid} (a) b (c) {state} {before} {started} 0 0\n")
    return folder


def test_this_process_lives() -> None:
    assert ME.pid == os.getpid()
    assert ME.host
    assert ME.life_of(of(ME)) is (Life.ALIVE if ME.boot else Life.UNKNOWN)


def test_a_number_that_was_given_to_another_process_since_is_not_the_holder(tmp_path: Path) -> None:
    seen = replace(ME, boot="b", processes="p", pid=LARGE, started="12345", proc=proc(tmp_path, LARGE))
    assert seen.life_of(of(seen)) is Life.ALIVE
    assert seen.life_of(replace(of(seen), started="12346")) is Life.GONE


def test_a_process_that_nobody_has_collected_yet_is_gone(tmp_path: Path) -> None:
    seen = replace(
        ME, boot="b", processes="p", pid=LARGE, started="12345", proc=proc(tmp_path, LARGE, state="Z")
    )
    assert seen.life_of(of(seen)) is Life.GONE


def test_a_process_that_is_not_there_is_gone(tmp_path: Path) -> None:
    seen = replace(ME, boot="b", processes="p", proc=tmp_path)
    assert seen.life_of(replace(of(seen), pid=LARGE)) is Life.GONE
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    assert seen.life_of(replace(of(seen), pid=ended.pid)) is Life.GONE


def test_a_process_that_the_system_does_not_tell_of_may_live(tmp_path: Path) -> None:
    seen = replace(ME, boot="b", processes="p", proc=tmp_path)
    assert seen.life_of(of(seen)) is Life.UNKNOWN


def test_of_another_machine_another_container_or_an_unknown_one_nothing_is_known() -> None:
    seen = replace(ME, boot="b", processes="p")
    for other in (replace(seen, boot="other"), replace(seen, processes="other")):
        assert seen.life_of(of(other)) is Life.UNKNOWN
    for nameless in (replace(seen, boot=""), replace(seen, processes="")):
        assert nameless.life_of(of(nameless)) is Life.UNKNOWN


def test_where_the_system_tells_nothing_names_are_empty(tmp_path: Path) -> None:
    nameless = this_process(tmp_path)
    assert (nameless.boot, nameless.processes, nameless.started) == ("", "", "")
    assert this_process(proc(tmp_path, os.getpid())).processes == ""


def test_a_process_of_another_user_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def not_ours(_pid: int, _signal: int) -> None:
        raise PermissionError

    with lock(tmp_path / "data", host("server")) as held:
        (link,) = held._files.chain()  # noqa: SLF001
    assert link.holder is not None
    monkeypatch.setattr(os, "kill", not_ours)
    assert host("server", proc=tmp_path).life_of(link.holder) is Life.UNKNOWN
