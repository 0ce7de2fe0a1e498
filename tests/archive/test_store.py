"""What is kept of a statement, what it is worth after a crash, and who may read it."""

import datetime as dt
import errno
import gzip
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from broker_sync.archive import ArchiveError, Retention
from broker_sync.archive.errors import failure_of
from broker_sync.archive.files import chunks_of, receive
from broker_sync.received import Booked, Contents, FileSource, FlexSource, Received, Refused
from tests.tables import for_each

from .samples import (
    ACCOUNT,
    DAY,
    HASH,
    MAY,
    OTHER,
    QUERY,
    START,
    XML,
    Clock,
    archive_in,
    body_of,
    booked,
    contents,
    files,
    kept,
    sidecar_of,
)

# --- keeping ---


def test_a_statement_is_kept_as_it_was_received(tmp_path: Path) -> None:
    entry = kept(archive_in(tmp_path))
    assert (entry.sha256, entry.size, entry.provider, entry.form) == (HASH, len(XML), "ibkr", "xml")
    assert (entry.receipts[0].source, entry.receipts[0].asked, entry.received_at) == (QUERY, MAY, START)
    assert (entry.verdict, entry.contents, entry.times_received) == (Received(), None, 1)
    assert b"".join(archive_in(tmp_path).open(HASH)) == XML
    assert gzip.decompress(body_of(tmp_path).read_bytes()) == XML


def test_its_files_are_named_by_its_hash_and_nothing_else_is_left(tmp_path: Path) -> None:
    kept(archive_in(tmp_path))
    assert files(tmp_path) == [
        f"archive/ibkr/{HASH[:2]}/{HASH}.json",
        f"archive/ibkr/{HASH[:2]}/{HASH}.xml.gz",
    ]


def test_only_the_owner_can_read_them(tmp_path: Path) -> None:
    kept(archive_in(tmp_path / "new"))
    modes = {
        path.relative_to(tmp_path).as_posix(): stat.S_IMODE(path.stat().st_mode)
        for path in tmp_path.rglob("*")
    }
    assert {mode for name, mode in modes.items() if name.endswith((".gz", ".json"))} == {0o600}
    assert {mode for name, mode in modes.items() if not name.endswith((".gz", ".json"))} == {0o700}


def test_equal_statements_make_equal_files(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    kept(archive_in(one, Clock()))
    archive_in(other, Clock(START + DAY)).keep(
        [XML[:5], b"", XML[5:]], provider="ibkr", source=FileSource(name="a.xml")
    )
    assert body_of(one).read_bytes() == body_of(other).read_bytes()
    assert body_of(one).read_bytes()[4:8] == b"\0\0\0\0"  # where gzip has the time


def test_a_file_can_be_kept(tmp_path: Path) -> None:
    path = tmp_path / "statement.xml"
    path.write_bytes(XML * 50_000)
    entry = archive_in(tmp_path).keep(path, provider="ibkr", source=FileSource(name=path.name))
    assert entry.size == path.stat().st_size
    assert b"".join(archive_in(tmp_path).open(entry.sha256)) == path.read_bytes()
    with pytest.raises(ArchiveError, match=r"none\.xml cannot be used \(No such file"):
        archive_in(tmp_path).keep(tmp_path / "none.xml", provider="ibkr", source=QUERY)


def test_even_an_empty_reply_is_kept(tmp_path: Path) -> None:
    entry = kept(archive_in(tmp_path), b"")
    assert entry.size == 0
    assert b"".join(archive_in(tmp_path).open(entry.sha256)) == b""


def test_what_fails_on_the_way_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield XML
        raise RuntimeError("the other side hung up")

    with pytest.raises(RuntimeError, match="hung up"):
        archive_in(tmp_path).keep(broken(), provider="ibkr", source=QUERY)
    assert files(tmp_path) == []


def test_no_name_leads_out_of_the_archive(tmp_path: Path) -> None:
    for name in ("../elsewhere", "", "a/b", ".hidden", "IBKR"):
        for provider, form in ((name, "xml"), ("ibkr", name)):
            with pytest.raises(ValueError, match="is not a name"):
                archive_in(tmp_path).keep([XML], provider=provider, source=QUERY, form=form)
    assert files(tmp_path) == []


def test_the_same_bytes_again_are_one_statement_with_two_receipts(tmp_path: Path) -> None:
    clock = Clock()
    archive = archive_in(tmp_path, clock)
    kept(archive, within=contents())
    clock.now += DAY
    entry = archive.keep([XML], provider="ibkr", source=FileSource(name="again.xml"))
    assert [receipt.source for receipt in entry.receipts] == [QUERY, FileSource(name="again.xml")]
    assert (entry.received_at, entry.last_received_at, entry.times_received) == (START, START + DAY, 2)
    assert entry.contents == contents()
    assert archive.catalogue().entries == (entry,)


def test_receipts_without_end_do_not_make_a_file_without_end(tmp_path: Path) -> None:
    clock = Clock()
    archive = archive_in(tmp_path, clock)
    for _ in range(25):
        kept(archive)
        clock.now += DAY
    entry = archive.entry(HASH)
    assert entry.times_received == 25
    assert [each.received_at for each in entry.receipts] == [START, *(START + n * DAY for n in range(6, 25))]


def test_times_are_kept_in_utc(tmp_path: Path) -> None:
    there = dt.timezone(dt.timedelta(hours=10))
    kept(archive_in(tmp_path, Clock(START.astimezone(there))))
    assert "2026-06-01T06:30:00+00:00" in sidecar_of(tmp_path).read_text("utf-8")


# --- what becomes of it ---


def test_what_is_in_it_and_what_became_of_it_are_written_down(tmp_path: Path) -> None:
    archive = archive_in(tmp_path)
    kept(archive)
    archive.describe(HASH, contents())
    verdict = Booked(days=(booked(),))
    entry = archive.mark(HASH, verdict)
    assert (entry.contents, entry.verdict) == (contents(), verdict)
    assert archive_in(tmp_path).entry(HASH) == entry


def test_bookings_of_other_accounts_and_sinks_add_up(tmp_path: Path) -> None:
    archive = archive_in(tmp_path)
    kept(archive)
    one, two = booked(restated=1), booked(account=OTHER)
    three = booked(sink="wealthfolio")
    for each in (one, two, three, booked(restated=2)):
        archive.mark(HASH, Booked(days=(each,)))
    assert archive.entry(HASH).verdict == Booked(days=(booked(restated=3), three, two))


def test_what_is_booked_stays_booked(tmp_path: Path) -> None:
    archive = archive_in(tmp_path)
    kept(archive)
    no = Refused(at=START, reason="it is of another account")
    assert archive.mark(HASH, no).verdict == no
    assert kept(archive).verdict == Received()
    yes = archive.mark(HASH, Booked(days=(booked(),))).verdict
    assert archive.mark(HASH, no).verdict == yes
    assert kept(archive).verdict == yes


# --- looking up ---


def test_statements_are_listed_as_they_came(tmp_path: Path) -> None:
    clock = Clock()
    archive = archive_in(tmp_path, clock)
    came = []
    for number in range(5):
        came.append(kept(archive, XML + b" " * number).sha256)
        clock.now += DAY
    archive.keep([XML], provider="other-broker", source=QUERY)
    assert [entry.sha256 for entry in archive.catalogue("ibkr").entries] == came
    assert [entry.provider for entry in archive.catalogue().entries] == ["ibkr"] * 5 + ["other-broker"]
    assert archive.catalogue("nobody").entries == ()


def test_a_statement_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    kept(archive_in(tmp_path))
    for sha256 in ("0" * 64, "nonsense", "../../etc/passwd", HASH.upper()):
        with pytest.raises(ArchiveError, match="has no statement"):
            archive_in(tmp_path).entry(sha256)


def test_a_list_is_up_to_date_whoever_wrote(tmp_path: Path) -> None:
    reader, writer = archive_in(tmp_path, read_only=True), archive_in(tmp_path)
    kept(writer)
    (first,) = reader.catalogue().entries
    assert reader.catalogue().entries[0] is first
    writer.mark(HASH, Booked(days=(booked(),)))
    (second,) = reader.catalogue().entries
    assert second.verdict == Booked(days=(booked(),))
    sidecar_of(tmp_path).unlink()
    assert reader.catalogue().entries == ()


def test_read_only_makes_nothing(tmp_path: Path) -> None:
    archive = archive_in(tmp_path, read_only=True)
    assert archive.catalogue().entries == ()
    assert archive.verify().statements == 0
    for write in (
        lambda: kept(archive),
        lambda: archive.describe(HASH, Contents()),
        lambda: archive.mark(HASH, Refused(at=START, reason="")),
        lambda: archive.prune(Retention(keep_days=1)),
    ):
        with pytest.raises(ArchiveError, match="opened to be read only"):
            write()
    assert not any(tmp_path.iterdir())


def test_where_there_is_a_file_in_the_way_the_error_names_it(tmp_path: Path) -> None:
    (tmp_path / "archive").write_bytes(b"")
    with pytest.raises(ArchiveError, match=r"archive\S* cannot be used .*; check"):
        kept(archive_in(tmp_path))
    assert archive_in(tmp_path).catalogue().entries == ()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_an_error(tmp_path: Path) -> None:
    kept(archive_in(tmp_path))
    barred = tmp_path / "archive" / "ibkr"
    barred.chmod(0)
    try:
        with pytest.raises(ArchiveError, match="may read and write there"):
            archive_in(tmp_path).catalogue()
    finally:
        barred.chmod(0o700)


@for_each(
    ("number", "advice"),
    [(errno.ENOSPC, "make room"), (errno.EROFS, "may read and write there"), (errno.EIO, "check the disk")],
)
def test_an_error_says_what_to_do(number: int, advice: str) -> None:
    assert advice in str(failure_of(Path("archive"), OSError(number, os.strerror(number))))


# --- files ---


def test_a_large_statement_is_never_held_whole(tmp_path: Path) -> None:
    piece = os.urandom(1 << 10) * 100
    with receive((piece for _ in range(20)), tmp_path) as arrived:
        sizes = [len(chunk) for chunk in chunks_of(arrived.path, sha256=arrived.sha256)]
    assert sum(sizes) == arrived.size == 20 * len(piece)
    assert max(sizes) <= 256 * 1024
    assert not any(tmp_path.iterdir())


def test_a_source_never_tells_where_a_file_was(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="without its folders"):
        FileSource(name="home/somebody/statement.xml")
    archive_in(tmp_path).keep([XML], provider="ibkr", source=FlexSource(query_id="1"))
    assert ACCOUNT not in sidecar_of(tmp_path).read_text("utf-8")
