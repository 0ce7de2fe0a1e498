"""A backup is whole, of one moment, and can be put back; or it is refused and nothing is changed."""

import datetime as dt
import json
import os
import sqlite3
import stat
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from broker_sync.backup import RESTORING, Backup, Restored, back_up, restore
from broker_sync.cli.integrity import audit
from broker_sync.errors import SettingsError, StoreError
from broker_sync.received import Finding
from tests.archive.samples import archive_in, body_of, kept
from tests.backup.samples import BREAKER, NOW, book, filled, told
from tests.storage.samples import buy

DAY = dt.timedelta(days=1)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return filled(tmp_path / "data")


def backed_up(data: Path, *, now: dt.datetime = NOW, keep: int | None = None) -> Backup:
    return back_up(data, data.parent / "backups", now=now, program="1.2", keep=keep)


def put_back(backup: Path, into: Path, *, force: bool = False) -> Restored:
    return restore(backup, into, now=NOW + DAY, check=lambda work: audit(work).findings, force=force)


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def is_locked_in_the_end(writer: sqlite3.Connection) -> bool:
    for _ in range(10_000):
        try:
            writer.execute("UPDATE runs SET version = version")
        except sqlite3.OperationalError as error:
            return str(error) == "database is locked"
    return False


# --- making ---


def test_a_backup_has_everything_but_secrets_and_can_be_put_back(data: Path, tmp_path: Path) -> None:
    made = backed_up(data)
    assert made.path.name == "broker-sync-20260602T063000Z"
    copied = files(made.path)
    assert {name.partition("/")[0] for name in copied} == {
        "archive", "ibkr-breaker.json", "manifest.json", "portfolio.db", "sync.db",
    }  # fmt: skip
    assert [each.path for each in made.manifest.files] == sorted(set(copied) - {"manifest.json"})
    into = tmp_path / "new" / "data"
    restored = put_back(made.path, into)
    assert restored.aside is None
    assert restored.manifest == made.manifest
    assert told(into) == told(data)
    assert files(into) == {name: content for name, content in copied.items() if name != "manifest.json"}
    assert audit(into).findings == ()


def test_what_is_copied_is_its_owners_alone(data: Path) -> None:
    made = backed_up(data)
    put_back(made.path, data, force=True)
    for path in (*made.path.rglob("*"), made.path, made.path.parent, *data.rglob("*")):
        if path.name not in {"ibkr-breaker.json", "wealthfolio_session.json"} or made.path in path.parents:
            assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_statements_are_not_stored_twice_on_one_volume(data: Path) -> None:
    made = backed_up(data)
    body = body_of(data)
    assert (made.path / body.relative_to(data)).stat().st_ino == body.stat().st_ino


def test_where_there_are_no_links_statements_are_copied(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", no_links)
    made = backed_up(data)
    body = body_of(data)
    copied = made.path / body.relative_to(data)
    assert copied.read_bytes() == body.read_bytes()
    assert copied.stat().st_ino != body.stat().st_ino


def test_what_a_run_is_in_the_middle_of_is_not_in_the_copy(data: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(data / "portfolio.db", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("DELETE FROM activities")
        made = backed_up(data)
        writer.execute("ROLLBACK")
    put_back(made.path, tmp_path / "new")
    assert told(tmp_path / "new") == [f"ibkr:trade:{number}" for number in range(3)]


def test_nobody_writes_down_what_was_booked_while_the_ledger_is_copied(data: Path) -> None:
    with closing(sqlite3.connect(data / "portfolio.db", isolation_level=None)) as ledger:
        ledger.execute("BEGIN EXCLUSIVE")
        with (
            ThreadPoolExecutor() as threads,
            closing(sqlite3.connect(data / "sync.db", isolation_level=None, timeout=0)) as writer,
        ):
            making = threads.submit(backed_up, data)
            try:
                assert is_locked_in_the_end(writer)
            finally:
                ledger.execute("ROLLBACK")
            assert making.result().path.is_dir()
            writer.execute("UPDATE runs SET version = version")


def test_a_write_that_was_cut_off_is_put_in_order_before_it_is_copied(data: Path, tmp_path: Path) -> None:
    journal = data / "portfolio.db-journal"
    with closing(sqlite3.connect(data / "portfolio.db", isolation_level=None)) as writer:
        writer.execute("PRAGMA cache_spill = 1")
        writer.execute("PRAGMA cache_size = 1")
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE activities SET comment = hex(randomblob(20000))")
        torn, left = (data / "portfolio.db").read_bytes(), journal.read_bytes()
        writer.execute("ROLLBACK")
    (data / "portfolio.db").write_bytes(torn)
    journal.write_bytes(left)
    made = backed_up(data)
    put_back(made.path, tmp_path / "new")
    assert len(told(tmp_path / "new")) == 3


def test_bytes_that_are_removed_meanwhile_are_told_as_removed(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from broker_sync.archive import Retention  # noqa: PLC0415

    archive = archive_in(data)
    archive.prune(Retention(keep_last=1))
    original = os.link

    def slow(source: Path, target: Path) -> None:
        if str(source).endswith(".gz"):
            source.unlink()
            sidecar = source.with_name(f"{source.name.partition('.')[0]}.json")
            fresh = sidecar.with_suffix(".new")
            fresh.write_text(
                sidecar.read_text()
                .replace('"body_removed_at":null', '"body_removed_at":"2026-06-02T00:00:00+00:00"')
                .replace('"body_removed_at": null', '"body_removed_at": "2026-06-02T00:00:00+00:00"')
            )
            fresh.replace(sidecar)
        original(source, target)

    monkeypatch.setattr(os, "link", slow)
    made = backed_up(data)
    monkeypatch.undo()
    assert not list(made.path.rglob("*.gz"))
    assert audit(made.path).findings == ()


def test_only_the_last_ones_are_kept(data: Path) -> None:
    made = [backed_up(data, now=NOW + number * DAY).path for number in range(4)]
    (made[0].parent / "mine").mkdir()
    (made[0].parent / "broker-sync-20200101T000000Z").mkdir()
    last = backed_up(data, now=NOW + 9 * DAY, keep=2)
    assert list(last.removed) == made[:3]
    assert sorted(path.name for path in last.path.parent.iterdir()) == sorted(
        ["mine", "broker-sync-20200101T000000Z", made[3].name, last.path.name]
    )


def test_a_clock_that_was_set_back_does_not_cost_the_new_backup(data: Path) -> None:
    ahead = backed_up(data, now=NOW + 4000 * DAY).path
    made = backed_up(data, keep=1)
    assert made.path.exists()
    assert made.removed == (ahead,)


def test_two_backups_of_one_second_both_stay(data: Path) -> None:
    first, second = backed_up(data), backed_up(data)
    assert first.path.is_dir()
    assert second.path.name == f"{first.path.name}-2"


def test_what_a_backup_that_died_left_is_removed_a_day_later(data: Path) -> None:
    folder = data.parent / "backups"
    for name, age in (("old", 0), ("new", NOW.timestamp())):
        (folder / f".unfinished-{name}").mkdir(parents=True)
        os.utime(folder / f".unfinished-{name}", (age, max(age, 0)))
    os.utime(folder / ".unfinished-new")
    backed_up(data)
    assert [path.name for path in folder.glob(".*")] == [".unfinished-new"]


def test_nothing_is_left_of_a_backup_that_fails(data: Path) -> None:
    kept_before = backed_up(data).path
    content = bytearray((data / "portfolio.db").read_bytes())
    content[4096:8192] = b"\xff" * 4096
    (data / "portfolio.db").write_bytes(content)
    with pytest.raises(StoreError, match=r"portfolio\.db"):
        backed_up(data, now=NOW + DAY, keep=1)
    assert list((data.parent / "backups").iterdir()) == [kept_before]


def test_where_there_is_nothing_there_is_no_backup(tmp_path: Path) -> None:
    for folder in (tmp_path / "absent", tmp_path):
        with pytest.raises(SettingsError, match="nothing to back up"):
            back_up(folder, tmp_path / "backups", now=NOW, program="1")
    with pytest.raises(ValueError, match="at least 1"):
        back_up(tmp_path, tmp_path / "backups", now=NOW, program="1", keep=0)


def test_where_a_backup_cannot_be_written_one_line_says_so(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    (data.parent / "file").touch()
    with pytest.raises(StoreError, match="cannot be used"):
        back_up(data, data.parent / "file", now=NOW, program="1")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="make room on the disk"):
        backed_up(data)


# --- putting back ---


def test_what_was_there_is_kept_aside_and_failures_are_remembered(data: Path) -> None:
    made = backed_up(data)
    book(data, [buy(number) for number in range(3, 6)])
    (data / "ibkr-breaker.json").write_text(BREAKER + " ")
    (data / "sync.db-journal").write_bytes(b"of another database")
    before = files(data)
    with pytest.raises(SettingsError, match="pass --force"):
        put_back(made.path, data)
    assert files(data) == before
    restored = put_back(made.path, data, force=True)
    assert restored.aside == data / "replaced-20260603T063000Z"
    assert told(data) == [f"ibkr:trade:{number}" for number in range(3)]
    assert told(restored.aside) == [f"ibkr:trade:{number}" for number in range(6)]
    assert not (data / "sync.db-journal").exists()
    assert (data / "ibkr-breaker.json").read_text() == BREAKER + " "
    assert (data / "wealthfolio_session.json").exists()
    assert put_back(made.path, data, force=True).aside != restored.aside


def damaged(backup: Path, name: str, content: bytes | None) -> None:
    path = next(backup.rglob(name))
    # Not in place: it is the file of the archive as well.
    path.unlink()
    if content is not None:
        path.write_bytes(content)


def test_a_backup_that_is_not_whole_changes_nothing(data: Path) -> None:
    before = files(data)
    for name, content, said in (
        ("sync.db", b"", "is not what was backed up"),
        ("*.gz", b"x", "is not what was backed up"),
        ("portfolio.db", None, "is missing"),
        ("manifest.json", b"{", "cannot be read"),
        ("manifest.json", None, "is not a backup"),
    ):
        made = backed_up(data).path
        damaged(made, name, content)
        with pytest.raises((StoreError, SettingsError), match=said):
            put_back(made, data, force=True)
        assert files(data) == before


def test_a_backup_that_does_not_hold_together_changes_nothing(data: Path, tmp_path: Path) -> None:
    made = backed_up(data).path
    wrong = [Finding(file="sync.db", text="it is damaged.")]

    def check(_: Path) -> Sequence[Finding]:
        return wrong

    with pytest.raises(StoreError, match=r"nothing was changed\. sync\.db: it is damaged\."):
        restore(made, tmp_path / "new", now=NOW, check=check)
    assert list((tmp_path / "new").iterdir()) == []


def test_a_manifest_cannot_name_other_files(data: Path, tmp_path: Path) -> None:
    made = backed_up(data).path
    manifest = json.loads((made / "manifest.json").read_text())
    manifest["files"].append({"path": "wealthfolio_session.json", "size": 1, "sha256": "00"})
    (made / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(StoreError, match="which no backup has"):
        put_back(made, tmp_path / "new")


def test_a_folder_of_backups_is_not_one(data: Path, tmp_path: Path) -> None:
    made = backed_up(data).path
    with pytest.raises(SettingsError, match=f"such as {made}"):
        put_back(made.parent, tmp_path / "new")
    with pytest.raises(SettingsError, match="is not a backup: it has no"):
        put_back(tmp_path / "absent", tmp_path / "new")


def test_a_restore_that_was_cut_off_is_seen_and_can_be_done_again(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = backed_up(data).path
    original, moved = Path.rename, []

    def dies(path: Path, target: Path) -> Path:
        moved.append(path)
        if len(moved) == 5:
            raise KeyboardInterrupt
        return original(path, target)

    with monkeypatch.context() as broken:
        broken.setattr(Path, "rename", dies)
        with pytest.raises(KeyboardInterrupt):
            put_back(made, data, force=True)
    assert (data / RESTORING).exists()
    with pytest.raises(StoreError, match="a restore is under way, or was cut off"):
        backed_up(data)
    with pytest.raises(SettingsError, match="--force"):
        put_back(made, data)
    put_back(made, data, force=True)
    assert not (data / RESTORING).exists()
    assert audit(data).findings == ()
    assert len(told(data)) == 3


def test_statements_that_came_after_the_copy_began_are_left_out_whole(data: Path) -> None:
    later = archive_in(data)
    original = os.link
    came: list[str] = []

    def slow(source: Path, target: Path) -> None:
        if not came:
            came.append(kept(later, b"<later/>").sha256)
        original(source, target)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "link", slow)
        made = backed_up(data)
    assert not list(made.path.rglob(f"{came[0]}*"))
    assert audit(made.path).findings == ()


def test_of_many_backups_of_one_second_the_last_ones_are_kept(data: Path) -> None:
    made = [backed_up(data).path for _ in range(11)]
    removed = backed_up(data, keep=2).removed
    assert list(removed) == made[:-1]


def test_a_folder_in_which_a_restore_was_cut_off_is_not_empty(data: Path, tmp_path: Path) -> None:
    made, into = backed_up(data), tmp_path / "new"
    into.mkdir()
    (into / RESTORING).touch()
    with pytest.raises(SettingsError, match="--force"):
        put_back(made.path, into)
    put_back(made.path, into, force=True)
    assert told(into) == told(data)
