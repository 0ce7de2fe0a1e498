"""What a run that died, or a disk, did to an archive: found, named, and mended where that can be."""

import datetime as dt
import gzip
import json
import os
from pathlib import Path

import pytest

from broker_sync.archive import ArchiveError, TamperedError
from broker_sync.archive.files import UNFINISHED
from broker_sync.received import LostSource, Received

from .samples import (
    DAY,
    HASH,
    START,
    XML,
    Clock,
    archive_in,
    body_of,
    kept,
    sidecar_of,
)


def test_a_statement_that_was_changed_is_not_read_to_its_end(tmp_path: Path) -> None:
    packed = gzip.compress(XML)
    for change in (
        gzip.compress(b"<FlexQueryResponse />"),
        packed[:-9],
        b"no gzip at all",
        packed[:20] + b"\0\0\0\0" + packed[24:],
    ):
        kept(archive_in(tmp_path))
        body_of(tmp_path).write_bytes(change)
        got: list[bytes] = []
        with pytest.raises(TamperedError, match=r"xml\.gz is not what was received"):
            got.extend(archive_in(tmp_path).open(HASH))
        assert got == []


def test_bytes_that_were_lost_come_back_with_the_statement(tmp_path: Path) -> None:
    archive = archive_in(tmp_path)
    kept(archive)
    body_of(tmp_path).unlink()
    with pytest.raises(ArchiveError, match="is missing"):
        list(archive.open(HASH))
    kept(archive)
    assert b"".join(archive.open(HASH)) == XML


def test_bytes_that_cannot_be_read_are_an_error(tmp_path: Path) -> None:
    kept(archive_in(tmp_path))
    body_of(tmp_path).unlink()
    body_of(tmp_path).mkdir()
    with pytest.raises(ArchiveError, match="cannot be used"):
        list(archive_in(tmp_path).open(HASH))
    (finding,) = archive_in(tmp_path).verify().findings
    assert "cannot be used" in finding.text


def test_bytes_of_a_run_that_died_are_taken_in_by_the_next(tmp_path: Path) -> None:
    kept(archive_in(tmp_path))
    sidecar_of(tmp_path).unlink()
    os.utime(body_of(tmp_path), (START.timestamp(), START.timestamp()))
    assert archive_in(tmp_path).catalogue().entries == ()
    (finding,) = archive_in(tmp_path).verify().findings
    assert "died while it received" in finding.text

    kept(archive_in(tmp_path, Clock(START + DAY)), b"<another/>")
    taken, _ = archive_in(tmp_path).catalogue().entries
    assert (taken.sha256, taken.size, taken.verdict) == (HASH, len(XML), Received())
    assert (taken.receipts[0].source, taken.received_at) == (LostSource(), START)


def test_bytes_that_are_not_what_their_name_says_are_not_taken_in(tmp_path: Path) -> None:
    kept(archive_in(tmp_path))
    sidecar_of(tmp_path).unlink()
    body_of(tmp_path).write_bytes(gzip.compress(b"other"))
    kept(archive_in(tmp_path), b"<another/>")
    assert HASH not in [entry.sha256 for entry in archive_in(tmp_path).catalogue().entries]
    assert body_of(tmp_path).exists()


def test_an_unfinished_file_is_removed_when_nobody_can_be_writing_it(tmp_path: Path) -> None:
    kept(archive_in(tmp_path))
    old = [body_of(tmp_path).with_name(f"{UNFINISHED}a"), tmp_path / "archive" / "ibkr" / f"{UNFINISHED}b"]
    new = tmp_path / "archive" / "ibkr" / f"{UNFINISHED}c"
    for path in (*old, new):
        path.write_bytes(b"half")
        os.utime(path, (START.timestamp(), START.timestamp()))
    os.utime(new, ((START + DAY).timestamp(), (START + DAY).timestamp()))
    assert len(archive_in(tmp_path).verify().findings) == 3
    kept(archive_in(tmp_path, Clock(START + DAY + dt.timedelta(minutes=1))))
    assert [path.exists() for path in (*old, new)] == [False, False, True]


def test_a_sound_archive_has_nothing_to_find(tmp_path: Path) -> None:
    archive = archive_in(tmp_path)
    for number in range(3):
        kept(archive, XML + b" " * number)
    audit = archive.verify()
    assert (audit.statements, audit.findings) == (3, ())


def test_everything_that_is_wrong_is_found_and_named(tmp_path: Path) -> None:
    archive = archive_in(tmp_path)
    hashes = [kept(archive, XML + b" " * number).sha256 for number in range(6)]
    body_of(tmp_path, hashes[0]).unlink()
    body_of(tmp_path, hashes[1]).write_bytes(gzip.compress(b"changed"))
    sidecar_of(tmp_path, hashes[2]).write_text("{", "utf-8")
    sidecar_of(tmp_path, hashes[3]).unlink()
    raw = json.loads(sidecar_of(tmp_path, hashes[4]).read_text("utf-8"))
    sidecar_of(tmp_path, hashes[4]).write_text(json.dumps(raw | {"size": 1}), "utf-8")
    audit = archive_in(tmp_path, read_only=True).verify()
    assert audit.statements == 1
    assert {finding.file.rpartition("/")[2]: finding.text.split(".")[0] for finding in audit.findings} == {
        f"{hashes[0]}.xml.gz": "the statement is missing",
        f"{hashes[1]}.xml.gz": audit_text(tmp_path, hashes[1]),
        f"{hashes[2]}.json": (
            "the facts of this statement cannot be read: it is not JSON (Expecting property name enclosed in "
            "double quotes: line 1 column 2 (char 1))"
        ),
        f"{hashes[3]}.xml.gz": "nothing says what these bytes are: a run died while it received them",
        f"{hashes[4]}.xml.gz": "the statement has 24 bytes, and 1 were received",
    }


def audit_text(folder: Path, sha256: str) -> str:
    try:
        list(archive_in(folder).open(sha256))
    except TamperedError as error:
        return str(error).split(".")[0]
    raise AssertionError


def test_facts_that_cannot_be_read_do_not_hide_the_others(tmp_path: Path) -> None:
    archive = archive_in(tmp_path)
    hashes = [kept(archive, XML + b" " * number).sha256 for number in range(3)]
    sidecar_of(tmp_path, hashes[0]).write_bytes(b"\xff")
    sidecar_of(tmp_path, hashes[1]).unlink()
    sidecar_of(tmp_path, hashes[1]).mkdir()
    found = archive_in(tmp_path, read_only=True).catalogue()
    assert [entry.sha256 for entry in found.entries] == [hashes[2]]
    assert {finding.file for finding in found.damaged} == {
        f"ibkr/{sha256[:2]}/{sha256}.json" for sha256 in hashes[:2]
    }
    with pytest.raises(ArchiveError, match="cannot be read"):
        archive.entry(hashes[0])


def test_facts_of_another_statement_are_not_believed(tmp_path: Path) -> None:
    archive = archive_in(tmp_path)
    one, other = (kept(archive, XML + b" " * number).sha256 for number in range(2))
    sidecar_of(tmp_path, one).write_bytes(sidecar_of(tmp_path, other).read_bytes())
    (finding,) = archive.catalogue().damaged
    assert "another statement's" in finding.text
