"""Whether a query still gives what it gave before.

A section that has no rows in a range is there all the same: the broker writes its empty element. So one that
is not there was taken out of the query, and a record missing from it would pass for one that never was.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from broker_sync.received import Booked, Contents, Entry, FlexSource, Source

__all__ = ["Change", "FieldChanged", "SectionGone", "changes", "spaced", "told_columns"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionGone:
    """The statements of `account` had `section`, the last of them at `last_seen`, and this one has not."""

    account: str
    section: str
    last_seen: dt.datetime

    @property
    def text(self) -> str:
        """A sentence for the user, with what to do."""
        return (
            f"the query was changed: {spaced(self.section)} is missing for account {self.account}; it was "
            f"there in the statement received on {self.last_seen.date()}. Tick it again in the query."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChanged:
    """Columns by which the records of `section` are known are `gone`, or `came` anew; not both empty."""

    section: str
    gone: tuple[str, ...]
    came: tuple[str, ...]

    @property
    def text(self) -> str:
        """A sentence for the user, with what to do."""
        told = told_columns(self.section, gone=self.gone, came=self.came)
        return (
            f"the query was changed: {told}. Records are known by that, and would be booked "
            "once more under other ids. Set the fields of the section as they were."
        )


Change = SectionGone | FieldChanged


def changes(earlier: Iterable[Entry], now: Contents, *, source: Source) -> list[Change]:
    """What `now`, that came from `source`, lacks or has anew against what was booked from there before.

    Only statements of one query are held against each other: files say nothing of where they are from, and
    nothing is found for them. An account or a section that comes for the first time is no change.
    """
    if not isinstance(source, FlexSource):
        return []
    comparable = sorted(
        (entry for entry in earlier if _is_from(entry, source)),
        key=lambda entry: entry.last_received_at,
        reverse=True,
    )
    return [*_sections_gone(comparable, now), *_fields_changed(comparable, now)]


def _is_from(entry: Entry, source: FlexSource) -> bool:
    return isinstance(entry.verdict, Booked) and any(each.source == source for each in entry.receipts)


def _sections_gone(latest_first: list[Entry], now: Contents) -> Iterator[SectionGone]:
    for facts in now.accounts:
        there = {section.section for section in facts.sections}
        for entry in latest_first:
            before = None if entry.contents is None else entry.contents.of(facts.account)
            if before is not None:
                for section in before.sections:
                    if section.section not in there:
                        yield SectionGone(
                            account=facts.account, section=section.section, last_seen=entry.last_received_at
                        )
                break


def _fields_changed(latest_first: list[Entry], now: Contents) -> Iterator[FieldChanged]:
    before = {
        known.section: known
        for entry in reversed(latest_first)
        for known in (() if entry.contents is None else entry.contents.columns)
    }
    for known in now.columns:
        earlier = before.get(known.section)
        if earlier is None:
            continue
        gone = tuple(name for name in earlier.known_by if name not in known.columns)
        came = tuple(name for name in known.known_by if name not in earlier.columns)
        if gone or came:
            yield FieldChanged(section=known.section, gone=gone, came=came)


def told_columns(section: str, *, gone: Collection[str], came: Collection[str]) -> str:
    """Which columns of `section` are missing, and which are new, as a part of a sentence."""
    return " and ".join(
        f"{', '.join(names)} {'is' if len(names) == 1 else 'are'} {word} in {spaced(section)}"
        for names, word in ((gone, "missing"), (came, "new"))
        if names
    )


def spaced(section: str) -> str:
    """``CashTransactions`` as people write it: ``Cash Transactions``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", section)
