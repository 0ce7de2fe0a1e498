"""What is known of a statement that was received, without its rows; pure.

Days are the broker's, both ends of a range included; moments are aware and in UTC.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = [
    "AccountFacts",
    "Audit",
    "Booked",
    "BookedDays",
    "Catalogue",
    "Contents",
    "Days",
    "Entry",
    "FileSource",
    "Finding",
    "FlexSource",
    "LostSource",
    "Receipt",
    "Received",
    "Refused",
    "SectionColumns",
    "SectionFacts",
    "Source",
    "Verdict",
]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Days:
    """The days from `first` to `last`, both included; ordered by `first`. ValueError if there are none."""

    first: dt.date
    last: dt.date

    def __post_init__(self) -> None:
        """Refuse a range that ends before it begins."""
        if self.last < self.first:
            raise ValueError(f"{self.first} to {self.last} has no day: the first must not be after the last")

    @property
    def count(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1

    def common(self, other: Days) -> Days | None:
        """The days in both; None if there are none."""
        first, last = max(self.first, other.first), min(self.last, other.last)
        return Days(first=first, last=last) if first <= last else None

    def __str__(self) -> str:
        return f"{self.first} to {self.last}"


# --- where a statement came from ---


@dataclass(frozen=True, slots=True, kw_only=True)
class FlexSource:
    """Downloaded: the reply to a Flex query."""

    query_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSource:
    """Given as a file; `name` is its base name, ValueError if it has folders in it."""

    name: str

    def __post_init__(self) -> None:
        """Refuse a path: where somebody keeps their files is nobody's business."""
        if "/" in self.name:
            raise ValueError("a source goes by the name of the file, without its folders")


@dataclass(frozen=True, slots=True, kw_only=True)
class LostSource:
    """Not known any more: the run that received it died before it could say."""


Source = FlexSource | FileSource | LostSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """That a statement arrived; `asked` is the range that was asked for, None where nobody named one."""

    received_at: dt.datetime
    source: Source
    asked: Days | None = None


# --- what is in it ---


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionFacts:
    """A section that an account's statement has, with or without rows, and the days that it is there for.

    `days` are in order and apart from each other; empty where the statement does not say its days.
    """

    section: str
    rows: int
    days: tuple[Days, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """What a document has of one account (the broker's id); sections by name."""

    account: str
    days: tuple[Days, ...]
    sections: tuple[SectionFacts, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionColumns:
    """The columns of the records of a section, by name; `known_by` are those that tell records apart."""

    section: str
    columns: tuple[str, ...]
    known_by: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a document has, by account and by section; only sections that have records have `columns`."""

    accounts: tuple[AccountFacts, ...] = ()
    columns: tuple[SectionColumns, ...] = ()

    def of(self, account: str) -> AccountFacts | None:
        """What it has of `account`."""
        return next((facts for facts in self.accounts if facts.account == account), None)


# --- what became of it ---


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedDays:
    """The days of one account that a run booked into `sink`.

    `run_at` is when the run began, `restated` the number of records, booked before, that it changed.
    """

    account: str
    sink: str
    days: Days
    run_at: dt.datetime
    restated: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """Nothing yet: it was received, and no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """Booked: at least one account of it."""

    days: tuple[BookedDays, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Refused as a whole; nothing of it was booked."""

    at: dt.datetime
    reason: str


Verdict = Received | Booked | Refused


# --- the whole ---


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A statement in the archive. `size` is in bytes, uncompressed; `form` is the ending of a file of it.

    `receipts` are at least one, the earliest first; of many, the first and the latest ones. `contents` is
    None where nobody has read it. The bytes are gone, by retention, since `body_removed_at`.
    """

    provider: str
    sha256: str
    size: int
    form: str
    receipts: tuple[Receipt, ...]
    times_received: int = 1
    contents: Contents | None = None
    verdict: Verdict = Received()
    body_removed_at: dt.datetime | None = None

    @property
    def received_at(self) -> dt.datetime:
        """When it came first."""
        return self.receipts[0].received_at

    @property
    def last_received_at(self) -> dt.datetime:
        """When it came last."""
        return self.receipts[-1].received_at

    @property
    def accounts(self) -> tuple[str, ...]:
        """The accounts in it, as far as that is known."""
        return () if self.contents is None else tuple(facts.account for facts in self.contents.accounts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something wrong with `file` (its path within the archive); `text` is a sentence with what to do."""

    file: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """What an archive has, in the order in which it came, and what of it cannot be read."""

    entries: Sequence[Entry] = ()
    damaged: Sequence[Finding] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What a full check of an archive found; `statements` were read to the end."""

    statements: int
    findings: Sequence[Finding]
