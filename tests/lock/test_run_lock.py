"""One run at a time: who waits, who gives way, and when a dead run is followed."""

import datetime as dt
import errno
import fcntl
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from broker_sync.errors import StoreError
from broker_sync.lock import LockLostError, RunLock, RunLockedError
from broker_sync.lock.holder import holder_from
from tests.lock.hosts import NOW, Time, host, lock, no_locks, not_shared, sign_of_life

SERVER, LAPTOP, THIRD = host("server"), host("laptop"), host("third")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def abandoned(folder: Path, name: str = "server") -> None:
    """What a run leaves that died on another machine."""
    held = lock(folder, host(name), os_lock=not_shared)
    held.__enter__()
    assert held._held is not None  # noqa: SLF001
    os.close(held._held._descriptor)  # noqa: SLF001


def failing(number: int) -> Callable[..., int]:
    def fail(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    return fail


def follow_and_live(faster: RunLock) -> None:
    if faster._held is None:  # noqa: SLF001
        faster.__enter__()
    sign_of_life(faster)


# --- on one machine ---


def test_the_lock_is_given_back_without_a_trace(tmp_path: Path) -> None:
    for _ in range(3):
        with lock(tmp_path / "data" / "books") as held:
            held.check()
            assert stat.S_IMODE(held.path.stat().st_mode) == 0o600
        assert names(tmp_path / "data" / "books") == []
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700


def test_it_is_given_back_after_a_failure(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), lock(tmp_path):
        raise ZeroDivisionError
    assert names(tmp_path) == []


def test_a_second_run_leaves_at_once_and_says_who_holds_it(tmp_path: Path) -> None:
    time = Time()
    with lock(tmp_path) as first:
        for os_lock in (fcntl.flock, no_locks):
            with pytest.raises(RunLockedError) as refused, lock(tmp_path, time=time, os_lock=os_lock):
                pass
            assert refused.value.exit_code == 75
            holder = refused.value.holder
            assert holder is not None
            assert (holder.pid, holder.since) == (os.getpid(), NOW)
            told = f"process {os.getpid()} on {holder.host}, since 2026-06-01 06:30:00 UTC"
            assert told in str(refused.value)
            assert "Run again" in str(refused.value)
        first.check()
    assert time.slept == 0


def test_a_process_that_cannot_be_seen_is_known_by_its_lock(tmp_path: Path) -> None:
    pods = [host("pod", boot="one machine", processes=f"pid:[{number}]", pid=1) for number in (1, 2)]
    time = Time()
    with (
        lock(tmp_path, pods[0]),
        pytest.raises(RunLockedError, match="process 1 on pod"),
        lock(tmp_path, pods[1], time),
    ):
        pass
    assert time.slept == 0


def test_a_dead_process_is_followed_at_once(tmp_path: Path) -> None:
    pods = [host("pod", boot="one machine", processes=f"pid:[{number}]", pid=1) for number in (1, 2)]
    first = lock(tmp_path, pods[0])
    first.__enter__()
    assert first._held is not None  # noqa: SLF001
    os.close(first._held._descriptor)  # noqa: SLF001  # as the system does it for a process that dies
    time = Time()
    with lock(tmp_path, pods[1], time) as second:
        assert len(names(tmp_path)) == 2
        second.check()
        with pytest.raises(LockLostError):
            first.check()
    assert time.slept == 0
    assert names(tmp_path) == []


def test_two_that_ask_at_once_do_not_take_each_other_for_the_holder(tmp_path: Path) -> None:
    pods = [host("pod", boot="one machine", processes=f"pid:[{number}]", pid=1) for number in (1, 2)]
    dead = lock(tmp_path, pods[0])
    dead.__enter__()
    assert dead._held is not None  # noqa: SLF001
    os.close(dead._held._descriptor)  # noqa: SLF001
    with dead.path.open("rb") as asking:
        fcntl.flock(asking, fcntl.LOCK_SH | fcntl.LOCK_NB)
        with lock(tmp_path, pods[1]) as held:
            held.check()


# --- on a volume that machines share ---


def test_another_machine_is_believed_dead_after_a_lease_of_silence(tmp_path: Path) -> None:
    abandoned(tmp_path)
    time = Time()
    with lock(tmp_path, LAPTOP, time, os_lock=not_shared) as held:
        held.check()
    assert 60 <= time.slept < 62
    assert names(tmp_path) == []


def test_another_machine_that_gives_a_sign_of_life_keeps_the_lock(tmp_path: Path) -> None:
    with lock(tmp_path, SERVER, os_lock=not_shared) as held:
        time = Time()
        time.meanwhile = lambda: sign_of_life(held) if time.slept > 9 else None
        with pytest.raises(RunLockedError, match="on server") as refused:
            lock(tmp_path, LAPTOP, time, os_lock=not_shared).__enter__()
        assert refused.value.holder is not None
        assert refused.value.holder.beat == 1
        assert time.slept < 12
        held.check()


def test_clocks_that_jump_change_nothing(tmp_path: Path) -> None:
    for jump in (dt.timedelta(days=-4000), dt.timedelta(days=4000)):
        with lock(tmp_path, SERVER, os_lock=not_shared) as held:
            time = Time()
            time.meanwhile = lambda held=held: sign_of_life(held)  # type: ignore[misc]
            refused = lock(tmp_path, LAPTOP, time, os_lock=not_shared, now=lambda jump=jump: NOW + jump)
            with pytest.raises(RunLockedError):
                refused.__enter__()
        assert names(tmp_path) == []


def test_a_lock_that_is_given_back_while_it_is_watched_is_free(tmp_path: Path) -> None:
    held = lock(tmp_path, SERVER, os_lock=not_shared)
    held.__enter__()
    time = Time()
    time.meanwhile = lambda: held.__exit__(None, None, None)
    with lock(tmp_path, LAPTOP, time, os_lock=not_shared) as following:
        following.check()
    assert time.slept < 2


def test_of_two_that_find_the_same_run_dead_one_follows_it(tmp_path: Path) -> None:
    abandoned(tmp_path)
    faster, slow = lock(tmp_path, THIRD, os_lock=not_shared), Time()
    # The third machine is done with watching just before the laptop is.
    slow.meanwhile = lambda: follow_and_live(faster) if slow.slept > 58 else None
    with pytest.raises(RunLockedError, match="on third"):
        lock(tmp_path, LAPTOP, slow, os_lock=not_shared).__enter__()
    assert faster._held is not None  # noqa: SLF001
    faster._held.check()  # noqa: SLF001
    faster.__exit__(None, None, None)
    assert names(tmp_path) == []


def test_whoever_follows_a_run_that_has_ended_meanwhile_starts_anew(tmp_path: Path) -> None:
    ended = lock(tmp_path, SERVER, os_lock=not_shared)
    ended.__enter__()
    late = lock(tmp_path, LAPTOP, os_lock=not_shared)
    stale = late._files.chain()  # noqa: SLF001
    ended.__exit__(None, None, None)
    with lock(tmp_path, THIRD, os_lock=not_shared) as held:
        assert late._tried(late._files.after(stale[-1].token)) is None  # noqa: SLF001
        held.check()
        assert names(tmp_path) == ["run.lock"]


def test_whoever_comes_while_a_chain_is_removed_has_the_lock_for_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    abandoned(tmp_path)
    ending, coming = lock(tmp_path, LAPTOP, os_lock=not_shared), lock(tmp_path, THIRD, os_lock=not_shared)
    ending.__enter__()
    original = Path.unlink

    def unlink(path: Path, missing_ok: bool = False) -> None:  # noqa: FBT001, FBT002  # as it is
        original(path, missing_ok=missing_ok)
        if coming._held is None and not path.name.startswith("."):  # noqa: SLF001
            coming.__enter__()

    with monkeypatch.context() as slowly:
        slowly.setattr(Path, "unlink", unlink)
        ending.__exit__(None, None, None)
    coming.check()
    coming.__exit__(None, None, None)
    assert names(tmp_path) == []


def test_a_run_that_was_held_up_gives_up_before_another_may_follow(tmp_path: Path) -> None:
    time = Time()
    with lock(tmp_path, SERVER, time, os_lock=not_shared) as held:
        time.seconds += 29
        sign_of_life(held)
        time.seconds += 29
        held.check()
        time.seconds += 2
        with pytest.raises(LockLostError, match="held up"):
            held.check()
        sign_of_life(held)
        with pytest.raises(LockLostError) as lost:
            held.check()
        assert lost.value.exit_code == 75
    # It may be another's by now.
    assert names(tmp_path) == ["run.lock"]


def test_a_run_that_was_followed_removes_nothing(tmp_path: Path) -> None:
    dead = lock(tmp_path, SERVER, os_lock=not_shared)
    dead.__enter__()
    with lock(tmp_path, LAPTOP, os_lock=not_shared) as held:
        sign_of_life(dead)
        with pytest.raises(LockLostError, match="another run has taken over"):
            dead.check()
        dead.__exit__(None, None, None)
        held.check()
    assert names(tmp_path) == []


def test_many_dead_runs_one_after_the_other_leave_nothing_in_the_end(tmp_path: Path) -> None:
    for number in range(4):
        abandoned(tmp_path, f"host {number}")
    assert len(names(tmp_path)) == 4
    with lock(tmp_path, LAPTOP, os_lock=not_shared):
        pass
    assert names(tmp_path) == []


def test_a_lock_that_was_never_taken_is_not_held(tmp_path: Path) -> None:
    with pytest.raises(LockLostError, match="never taken"):
        lock(tmp_path).check()


# --- volumes and files as they come ---


def test_a_damaged_file_is_watched_like_that_of_another_machine(tmp_path: Path) -> None:
    for content in (b"", b"\0" * 300, b'{"format": "broker-sync run lock", "version": 99}'):
        (tmp_path / "run.lock").write_bytes(content)
        time = Time()
        with lock(tmp_path, time=time) as held:
            held.check()
        assert time.slept >= 60
        assert names(tmp_path) == []


def test_a_damaged_file_that_changes_is_somebodys(tmp_path: Path) -> None:
    path = tmp_path / "run.lock"
    path.write_bytes(b"")
    time = Time()
    time.meanwhile = lambda: path.write_bytes(b"x")
    with pytest.raises(RunLockedError, match="does not say who it is"):
        lock(tmp_path, time=time).__enter__()


def test_the_file_says_who_it_is_and_whether_the_system_watches(tmp_path: Path) -> None:
    for os_lock, is_watched in ((fcntl.flock, True), (no_locks, False)):
        with lock(tmp_path, SERVER, os_lock=os_lock) as held:
            holder = holder_from(held.path.read_bytes())
        assert (holder.host, holder.boot, holder.since) == ("server", SERVER.boot, NOW)
        assert holder.is_watched is is_watched


def test_where_locks_keep_others_from_reading_none_is_held(tmp_path: Path) -> None:
    hidden = tmp_path / "hidden"
    asked: list[int] = []

    def enforced(_: int, operation: int) -> None:
        asked.append(operation)
        drafts = [path for path in tmp_path.iterdir() if path.name.startswith(".run.lock.")]
        if operation == fcntl.LOCK_EX | fcntl.LOCK_NB:
            drafts[0].rename(hidden)
            hidden.with_name("name").write_text(drafts[0].name)
        elif operation == fcntl.LOCK_UN:
            hidden.rename(tmp_path / hidden.with_name("name").read_text())

    with lock(tmp_path, SERVER, os_lock=enforced) as held:
        assert asked == [fcntl.LOCK_EX | fcntl.LOCK_NB, fcntl.LOCK_UN]
        assert not holder_from(held.path.read_bytes()).is_watched


def test_a_volume_without_second_names_has_a_lock_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", failing(errno.EOPNOTSUPP))
    with lock(tmp_path, SERVER, os_lock=not_shared) as held:
        assert names(tmp_path) == ["run.lock"]
        assert not holder_from(held.path.read_bytes()).is_watched
        assert stat.S_IMODE(held.path.stat().st_mode) == 0o600
        files = lock(tmp_path, LAPTOP)._files  # noqa: SLF001
        assert files.make(held.path, holder_from(held.path.read_bytes())) is None
        held.check()
    assert names(tmp_path) == []


def test_a_file_that_cannot_be_made_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", failing(errno.EIO))
    with pytest.raises(StoreError, match="check the disk"):
        lock(tmp_path).__enter__()
    monkeypatch.setattr(os, "link", failing(errno.EPERM))
    original, left = os.pwrite, [1]

    def fails_the_second_time(descriptor: int, content: bytes, place: int) -> int:
        if left:
            left.pop()
            return original(descriptor, content, place)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "pwrite", fails_the_second_time)
    with pytest.raises(StoreError, match="make room"):
        lock(tmp_path).__enter__()
    assert names(tmp_path) == []


def test_a_lost_answer_is_no_reason_to_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = os.link

    def link(source: Path, target: Path) -> None:
        original(source, target)
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))

    with monkeypatch.context() as over_a_network:
        over_a_network.setattr(os, "link", link)
        held = lock(tmp_path)
        held.__enter__()
    held.check()
    held.__exit__(None, None, None)
    assert names(tmp_path) == []


def test_a_file_that_may_not_be_read_is_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with lock(tmp_path) as held, monkeypatch.context() as other:
        for number, error, said in (
            (errno.EACCES, RunLockedError, "does not say who it is"),
            (errno.EIO, StoreError, "check the disk"),
        ):
            other.setattr(os, "read", failing(number))
            with pytest.raises(error, match=said):
                lock(tmp_path).__enter__()
            with pytest.raises(LockLostError):
                held.check()
        other.setattr(os, "read", failing(errno.ESTALE))
        assert held._files.chain() == []  # noqa: SLF001


def test_what_was_left_long_ago_is_tidied_and_nothing_else(tmp_path: Path) -> None:
    for name in (".run.lock.old", "run.lock.old", "run.lock.new", "sync.db"):
        (tmp_path / name).touch()
        if "new" not in name:
            os.utime(tmp_path / name, (0, 0))
    with lock(tmp_path):
        assert names(tmp_path) == ["run.lock", "run.lock.new", "sync.db"]


def test_where_nothing_can_be_written_one_line_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, advice in (
        (errno.ENOSPC, "make room on the disk"),
        (errno.EROFS, "may read and write there"),
        (errno.EIO, "check the disk"),
    ):
        monkeypatch.setattr(os, "pwrite", failing(number))
        with pytest.raises(StoreError, match=advice) as raised:
            lock(tmp_path).__enter__()
        assert str(tmp_path / "run.lock") in str(raised.value)
        assert names(tmp_path) == []


def test_a_sign_of_life_that_cannot_be_written_is_no_error_until_it_is_too_late(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    time = Time()
    with lock(tmp_path, time=time) as held:
        with monkeypatch.context() as broken:
            broken.setattr(os, "pwrite", failing(errno.EIO))
            time.seconds += 20
            sign_of_life(held)
        held.check()
        time.seconds += 11
        with pytest.raises(LockLostError):
            held.check()


def test_a_holder_gives_signs_of_life_by_itself(tmp_path: Path) -> None:
    with RunLock(tmp_path, now=lambda: NOW, beat=0.001) as held:
        before = held.path.read_bytes()
        while held.path.read_bytes() == before:
            pass
        held.check()


def test_a_lock_that_the_system_does_not_watch_is_not_free_because_nobody_has_the_systems(
    tmp_path: Path,
) -> None:
    time = Time()
    with lock(tmp_path, SERVER, os_lock=no_locks) as held:
        time.meanwhile = lambda: sign_of_life(held)
        container = host("server", processes="pid:[2]")
        with pytest.raises(RunLockedError):
            lock(tmp_path, container, time).__enter__()
        held.check()


def test_where_the_system_cannot_say_who_has_the_lock_a_lease_of_silence_does(tmp_path: Path) -> None:
    abandoned(tmp_path)
    time = Time()
    with lock(tmp_path, LAPTOP, time, os_lock=no_locks) as held:
        assert time.slept >= 60
        held.check()


def test_a_dead_run_of_long_ago_stays_in_the_chain_of_those_that_follow_it(tmp_path: Path) -> None:
    abandoned(tmp_path)
    abandoned(tmp_path, "laptop")
    (second,) = tmp_path.glob("run.lock.*")
    os.utime(second, (NOW.timestamp() - 10**8,) * 2)
    with lock(tmp_path, THIRD, os_lock=not_shared) as held:
        held.check()
        assert second.exists()
