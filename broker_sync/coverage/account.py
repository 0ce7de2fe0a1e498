"""Which days have been received, by account and section."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from broker_sync.coverage.days import gaps, merged
from broker_sync.received import AccountFacts, Booked, BookedDays, Days, Entry

__all__ = ["AccountCoverage", "Covered", "SectionCoverage", "coverage", "covering"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """One statement has `section` of `account` for `days`; `has_rows` tells nothing for a part of them."""

    account: str
    section: str
    days: Days
    received_at: dt.datetime
    has_rows: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionCoverage:
    """The days for which a section came, and those of the account's for which it did not.

    `gaps` leaves weekends alone out; `received_at` is when it came last, `has_rows` whether it ever had any.
    """

    section: str
    ranges: tuple[Days, ...]
    gaps: tuple[Days, ...]
    received_at: dt.datetime
    has_rows: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCoverage:
    """What has been received of an account: `span` is from its first covered day to its last."""

    account: str
    span: Days
    ranges: tuple[Days, ...]
    gaps: tuple[Days, ...]
    sections: tuple[SectionCoverage, ...]

    def watched(self, sections: Collection[str] | None) -> list[SectionCoverage]:
        """Those of `sections` (None: all) that ever came."""
        return [each for each in self.sections if sections is None or each.section in sections]

    def gaps_of(self, sections: Collection[str] | None = None) -> tuple[Days, ...]:
        """Every day on which at least one of `sections` (None: all that ever came) is missing."""
        return merged([*self.gaps, *(gap for each in self.watched(sections) for gap in each.gaps)])


def covering(entries: Iterable[Entry], *, sink: str | None = None) -> list[Covered]:
    """What `entries` cover: the days that were booked (into `sink`, None: into any), and nothing else.

    A refused statement covers nothing, nor does one that does not say its days.
    """
    return [fact for entry in entries for fact in _of(entry, sink)]


def _of(entry: Entry, sink: str | None) -> Iterator[Covered]:
    if entry.contents is None or not isinstance(entry.verdict, Booked):
        return
    for booked in entry.verdict.days:
        facts = entry.contents.of(booked.account)
        if facts is not None and sink in {None, booked.sink}:
            yield from _sections(facts, booked, entry.last_received_at)


def _sections(facts: AccountFacts, booked: BookedDays, received_at: dt.datetime) -> Iterator[Covered]:
    for section in facts.sections:
        for days in section.days:
            common = days.common(booked.days)
            if common is not None:
                yield Covered(
                    account=facts.account,
                    section=section.section,
                    days=common,
                    received_at=received_at,
                    has_rows=section.rows > 0,
                )


def coverage(facts: Iterable[Covered]) -> list[AccountCoverage]:
    """The coverage of each account in `facts`, by the account's name; sections by theirs."""
    accounts: dict[str, list[Covered]] = {}
    for fact in facts:
        accounts.setdefault(fact.account, []).append(fact)
    return [_account(account, accounts[account]) for account in sorted(accounts)]


def _account(account: str, facts: list[Covered]) -> AccountCoverage:
    ranges = merged(fact.days for fact in facts)
    span = Days(first=ranges[0].first, last=ranges[-1].last)
    sections: dict[str, list[Covered]] = {}
    for fact in facts:
        sections.setdefault(fact.section, []).append(fact)
    return AccountCoverage(
        account=account,
        span=span,
        ranges=ranges,
        gaps=gaps(ranges),
        sections=tuple(_section(name, sections[name], span) for name in sorted(sections)),
    )


def _section(name: str, facts: list[Covered], span: Days) -> SectionCoverage:
    ranges = merged(fact.days for fact in facts)
    return SectionCoverage(
        section=name,
        ranges=ranges,
        gaps=gaps(ranges, within=span),
        received_at=max(fact.received_at for fact in facts),
        has_rows=any(fact.has_rows for fact in facts),
    )
