"""``broker-sync archive``: what was received, for people, for scripts, and as it was."""

import datetime as dt
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from broker_sync.archive import Archive, TamperedError
from broker_sync.cli.archive import run_archive_list, run_archive_show, run_archive_verify
from broker_sync.cli.boundary import status_of
from broker_sync.errors import SettingsError
from broker_sync.received import Entry
from tests.archive.samples import ACCOUNT, MAY, OTHER, XML, archive_in, contents, kept

Shown = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def objects(capsysbinary: pytest.CaptureFixture[bytes]) -> Shown:
    """The JSON lines that were printed."""
    return lambda: [json.loads(line) for line in capsysbinary.readouterr().out.splitlines()]


@pytest.fixture
def archive(data_dir: Path) -> Archive:
    """An archive with a statement of each of two accounts."""
    found = archive_in(data_dir)
    kept(found, within=contents())
    kept(found, XML + b"\n", within=contents(MAY, account=OTHER))
    return found


def ids(archive: Archive) -> list[str]:
    return [entry.sha256 for entry in archive.catalogue().entries]


def damage(archive: Archive, pattern: str) -> Path:
    path = next(archive.directory.rglob(pattern))
    path.write_bytes(b"\0")
    return path


def test_where_nothing_was_ever_received_nothing_is_printed_or_made(data_dir: Path, objects: Shown) -> None:
    assert run_archive_list(account=None, as_json=False) == 0
    assert run_archive_list(account=None, as_json=True) == 0
    assert objects() == []
    assert not data_dir.exists()


def test_each_line_is_a_statement(archive: Archive, objects: Shown) -> None:
    assert run_archive_list(account=None, as_json=True) == 0
    assert [each["id"] for each in objects()] == ids(archive)
    assert run_archive_list(account=OTHER, as_json=True) == 0
    assert [each["accounts"][0]["account"] for each in objects()] == [OTHER]


@pytest.mark.usefixtures("archive")
def test_a_table_has_one_row_for_each(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_archive_list(account=None, as_json=False) == 0
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split() == ["received", "days", "account", "from", "bytes", "id"]
    assert len(rows) == 2
    assert f"{ACCOUNT}  query 424242" in "".join(rows)


def test_what_cannot_be_read_is_told_and_the_rest_is_listed(
    archive: Archive, capsys: pytest.CaptureFixture[str]
) -> None:
    damage(archive, "*.json")
    assert run_archive_list(account=None, as_json=True) == 1
    printed = capsys.readouterr()
    assert len(printed.out.splitlines()) == 1
    assert "the facts of this statement cannot be read" in printed.err


def test_a_statement_is_found_by_the_beginning_of_its_id(archive: Archive, objects: Shown) -> None:
    for sha256 in ids(archive):
        assert run_archive_show(sha256[:8].upper(), as_json=True, raw=False) == 0
        assert [each["id"] for each in objects()] == [sha256]


def test_a_statement_reads_for_people_too(archive: Archive, capsys: pytest.CaptureFixture[str]) -> None:
    (sha256, _) = ids(archive)
    assert run_archive_show(sha256, as_json=False, raw=False) == 0
    assert capsys.readouterr().out.startswith(f"Statement {sha256}\n")


def test_a_beginning_of_several_is_an_error_that_lists_them(archive: Archive) -> None:
    with pytest.raises(SettingsError) as raised:
        run_archive_show("", as_json=False, raw=False)
    assert all(sha256[:16] in str(raised.value) for sha256 in ids(archive))


def test_of_very_many_only_some_are_listed(archive: Archive) -> None:
    for number in range(12):
        kept(archive, XML + b"." * number)
    with pytest.raises(SettingsError, match=", 3 more: give more of the one you mean"):
        run_archive_show("", as_json=False, raw=False)


def test_a_beginning_of_none_is_an_error(archive: Archive, capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(lambda: run_archive_show("zz", as_json=False, raw=False)) == 2
    assert "no statement in the archive has an id" in capsys.readouterr().err
    damage(archive, "*.json")
    assert status_of(lambda: run_archive_show("zz", as_json=False, raw=False)) == 2
    assert "in the archive, as far as it can be read, has" in capsys.readouterr().err


def test_the_bytes_come_out_as_they_came_in(
    archive: Archive, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    received: dict[str, bytes] = {
        entry.sha256: content(archive, entry) for entry in archive.catalogue().entries
    }
    for sha256, expected in received.items():
        assert run_archive_show(sha256, as_json=False, raw=True) == 0
        assert capsysbinary.readouterr().out == expected
    assert set(received.values()) == {XML, XML + b"\n"}


def content(archive: Archive, entry: Entry) -> bytes:
    return b"".join(archive.open(entry.sha256))


def test_of_bytes_that_were_changed_none_come_out(
    data_dir: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    content = XML * 50_000
    entry = kept(archive_in(data_dir), content)
    body = next(data_dir.rglob("*.xml.gz"))
    for changed in (b"\0", gzip.compress(content[:-1] + b"?", compresslevel=1)):
        body.write_bytes(changed)
        with pytest.raises(TamperedError):
            run_archive_show(entry.sha256, as_json=False, raw=True)
        assert capsysbinary.readouterr().out == b""


def test_a_sound_archive_is_verified(archive: Archive, objects: Shown) -> None:
    assert run_archive_verify(as_json=True) == 0
    assert objects() == [{"ok": True, "statements": 2, "findings": []}]
    assert len(ids(archive)) == 2


def test_anything_wrong_is_a_failure(archive: Archive, capsys: pytest.CaptureFixture[str]) -> None:
    changed = damage(archive, "*.xml.gz")
    assert run_archive_verify(as_json=False) == 1
    assert changed.name in capsys.readouterr().out
    assert run_archive_verify(as_json=True) == 1
    assert not json.loads(capsys.readouterr().out)["ok"]


def test_looking_changes_nothing(archive: Archive) -> None:
    def state() -> dict[Path, tuple[bytes, float]]:
        files = [path for path in archive.directory.rglob("*") if path.is_file()]
        return {path: (path.read_bytes(), path.stat().st_mtime) for path in files}

    before = state()
    run_archive_list(account=None, as_json=True)
    run_archive_verify(as_json=True)
    run_archive_show(ids(archive)[0], as_json=True, raw=True)
    assert state() == before
    assert archive.entry(ids(archive)[0]).received_at.tzinfo is dt.UTC
