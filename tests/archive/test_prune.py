"""Statements go only when they were let go, and never with something that no other says."""

from pathlib import Path

import pytest

from broker_sync.archive import Archive, ArchiveError, Retention
from broker_sync.received import Booked, Entry

from .samples import (
    DAY,
    XML,
    Clock,
    archive_in,
    body_of,
    booked,
    contents,
    days,
    files,
    kept,
)


def booked_nightly(archive: Archive, clock: Clock, nights: int) -> list[Entry]:
    """Each night a statement of the 90 days before it, as nobody has corrected anything."""
    came = []
    for night in range(nights):
        last = clock.now.date() - DAY
        window = days(str(last - 89 * DAY), str(last))
        entry = kept(archive, XML + str(night).encode(), within=contents(window))
        came.append(archive.mark(entry.sha256, Booked(days=(booked(window),))))
        clock.now += DAY
    return came


def test_nothing_is_removed_unless_it_is_asked_for(tmp_path: Path) -> None:
    clock = Clock()
    archive = archive_in(tmp_path, clock)
    booked_nightly(archive, clock, 3)
    clock.now += 10_000 * DAY
    assert archive.prune(Retention()) == []
    assert len(files(tmp_path)) == 6


def test_what_is_removed_is_still_known_and_says_so(tmp_path: Path) -> None:
    clock = Clock()
    archive = archive_in(tmp_path, clock)
    came = booked_nightly(archive, clock, 6)
    removed = archive.prune(Retention(keep_last=2))
    assert [entry.sha256 for entry in removed] == [entry.sha256 for entry in came[1:4]]
    gone = archive.entry(came[1].sha256)
    assert (gone.contents, gone.verdict, gone.body_removed_at) == (
        came[1].contents, came[1].verdict, clock.now,
    )  # fmt: skip
    assert not body_of(tmp_path, gone.sha256).exists()
    with pytest.raises(ArchiveError, match="removed on 2026-06-07, as the settings for retention say"):
        list(archive.open(gone.sha256))
    audit = archive.verify()
    assert (audit.statements, audit.findings) == (3, ())
    assert archive.prune(Retention(keep_last=2)) == []


def test_a_removed_statement_that_comes_again_is_whole_again(tmp_path: Path) -> None:
    clock = Clock()
    archive = archive_in(tmp_path, clock)
    came = booked_nightly(archive, clock, 6)
    archive.prune(Retention(keep_last=2))
    again = kept(archive, XML + b"1")
    assert (again.sha256, again.body_removed_at) == (came[1].sha256, None)
    assert b"".join(archive.open(again.sha256)) == XML + b"1"


def test_bytes_that_a_run_died_removing_go_with_the_next(tmp_path: Path) -> None:
    clock = Clock()
    archive = archive_in(tmp_path, clock)
    came = booked_nightly(archive, clock, 6)
    left = body_of(tmp_path, came[1].sha256)
    content = left.read_bytes()
    archive.prune(Retention(keep_last=2))
    left.write_bytes(content)
    assert archive.prune(Retention(keep_last=2)) == []
    assert not left.exists()
