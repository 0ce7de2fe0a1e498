"""Adds to the results of a run what is known of the days that are covered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from broker_sync.archive import Archive
from broker_sync.cli.asking import needed_sections
from broker_sync.coverage import AccountCoverage, coverage, covering, has_weekday
from broker_sync.providers.ibkr.identity import PROVIDER
from broker_sync.received import Days, Entry, FlexSource
from broker_sync.results import SyncResult

__all__ = ["entries_of", "known_coverage", "with_coverage"]


def known_coverage(archive: Archive, *, sink: str) -> list[AccountCoverage]:
    """What has been booked into `sink` so far, by account."""
    return coverage(covering(archive.catalogue(PROVIDER).entries, sink=sink))


def entries_of(archive: Archive, query_id: str) -> list[Entry]:
    """The statements that this Flex query gave, in the order in which they came."""
    source = FlexSource(query_id=query_id)
    return [
        entry
        for entry in archive.catalogue(PROVIDER).entries
        if any(receipt.source == source for receipt in entry.receipts)
    ]


def with_coverage(
    results: Sequence[SyncResult], archive: Archive, *, notes: Mapping[str, Sequence[str]]
) -> list[SyncResult]:
    """`results` with the days that are covered of each account, and with `notes` on what was delivered."""
    return [_with(result, archive, notes) for result in results]


def _with(result: SyncResult, archive: Archive, notes: Mapping[str, Sequence[str]]) -> SyncResult:
    account = result.account.provider_account_id
    known = {each.account: each for each in known_coverage(archive, sink=result.sink)}.get(account)
    told = [*notes.get(account, ()), *result.notes, *_section_gaps(known)]
    return replace(result, coverage=known, notes=tuple(dict.fromkeys(told)))


def _section_gaps(known: AccountCoverage | None) -> list[str]:
    """A sentence for each section that is missing on days of which there are statements."""
    if known is None:
        return []
    gaps = {
        each.section: days
        for each in known.watched(needed_sections(known))
        if (days := [left for gap in each.gaps for left in _within(gap, known.ranges)])
    }
    return [
        f"{section} is missing for {days[0]}{_and_more(len(days) - 1)}: the statements of these days lack it."
        for section, days in gaps.items()
    ]


def _within(gap: Days, ranges: Iterable[Days]) -> Iterator[Days]:
    for days in ranges:
        common = gap.common(days)
        if common is not None and has_weekday(common):
            yield common


def _and_more(number: int) -> str:
    return f" and {number} more" if number else ""
