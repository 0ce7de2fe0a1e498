"""Statements for an archive, and one that keeps them."""

import datetime as dt
import hashlib
from pathlib import Path

from broker_sync.archive import Archive
from broker_sync.received import (
    AccountFacts,
    Booked,
    BookedDays,
    Contents,
    Days,
    Entry,
    FlexSource,
    Receipt,
    Received,
    SectionColumns,
    SectionFacts,
    Verdict,
)

ACCOUNT = "U1234567"
OTHER = "U7654321"
START = dt.datetime(2026, 6, 1, 6, 30, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
QUERY = FlexSource(query_id="424242")
XML = b"<FlexQueryResponse/>"
HASH = hashlib.sha256(XML).hexdigest()


class Clock:
    """A time that passes when it is told to."""

    def __init__(self, now: dt.datetime = START) -> None:
        self.now = now

    def __call__(self) -> dt.datetime:
        return self.now


def days(first: str, last: str) -> Days:
    return Days(first=dt.date.fromisoformat(first), last=dt.date.fromisoformat(last))


MAY = days("2026-05-01", "2026-05-29")


def facts(
    *ranges: Days, account: str = ACCOUNT, sections: tuple[str, ...] = ("CashTransactions", "Trades")
) -> AccountFacts:
    return AccountFacts(
        account=account,
        days=ranges,
        sections=tuple(SectionFacts(section=name, rows=2, days=ranges) for name in sections),
    )


def contents(*ranges: Days, account: str = ACCOUNT) -> Contents:
    return Contents(
        accounts=(facts(*(ranges or (MAY,)), account=account),),
        columns=(
            SectionColumns(
                section="Trades", columns=("accountId", "transactionID"), known_by=("transactionID",)
            ),
        ),
    )


def booked(
    window: Days = MAY, *, account: str = ACCOUNT, sink: str = "ledger", restated: int = 0
) -> BookedDays:
    return BookedDays(account=account, sink=sink, days=window, run_at=START, restated=restated)


def entry(
    number: int,
    *,
    window: Days | None = MAY,
    at: dt.datetime = START,
    verdict: Verdict | None = None,
    within: Contents | None = None,
) -> Entry:
    """A statement that is only a made-up record: booked, and of one window, unless told otherwise."""
    if window is not None:
        within = within or contents(window)
        verdict = verdict or Booked(days=(booked(window),))
    return Entry(
        provider="ibkr",
        sha256=f"{number:064x}",
        size=10,
        form="xml",
        receipts=(Receipt(received_at=at, source=QUERY, asked=window),),
        contents=within,
        verdict=verdict or Received(),
    )


def archive_in(folder: Path, clock: Clock | None = None, *, read_only: bool = False) -> Archive:
    return Archive(folder / "archive", now=clock or Clock(), read_only=read_only)


def kept(archive: Archive, content: bytes = XML, *, within: Contents | None = None) -> Entry:
    return archive.keep([content], provider="ibkr", source=QUERY, asked=MAY, contents=within)


def files(folder: Path) -> list[str]:
    """Everything below, folders left out."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def body_of(folder: Path, sha256: str = HASH) -> Path:
    return folder / "archive" / "ibkr" / sha256[:2] / f"{sha256}.xml.gz"


def sidecar_of(folder: Path, sha256: str = HASH) -> Path:
    return folder / "archive" / "ibkr" / sha256[:2] / f"{sha256}.json"
