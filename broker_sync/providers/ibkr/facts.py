"""What is kept of a statement to know later which days, sections and columns it had; pure."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Final

from broker_sync.coverage import merged, missing
from broker_sync.errors import ValueFormatError
from broker_sync.providers.ibkr.formats import DayOrder, read_day
from broker_sync.providers.ibkr.identity import Identities
from broker_sync.providers.ibkr.records import Record, Trade
from broker_sync.providers.ibkr.sections import BOOKED, RECORD_KINDS, Use, use_of
from broker_sync.providers.ibkr.survey import AccountSurvey, Part, Survey
from broker_sync.received import AccountFacts, Contents, Days, SectionColumns, SectionFacts

__all__ = ["answered", "facts", "is_needed", "listed_kinds"]

_LEEWAY: Final = dt.timedelta(days=5)
_SETTLED: Final = dt.timedelta(days=7)
_NUMBERS: Final = frozenset({"transactionID", "tradeID", "ibExecID"})
_DAYS: Final = {"tradeDate": "20260101", "reportDate": "20260102"}


def is_needed(section: str) -> bool:
    """Whether books or comparison lack something without `section`; others may go and come."""
    return use_of(section) not in {Use.INFORMATIONAL, Use.UNKNOWN}


def facts(found: Survey) -> Contents:
    """What `found` has of each account, futures segments joined; accounts and sections by name.

    A part whose days are missing or cannot be read has none.
    """
    return Contents(
        accounts=tuple(
            _account(found, account)
            for name, account in sorted(found.accounts.items())
            if name  # rows that say of no account are nobody's
        ),
        columns=tuple(
            SectionColumns(
                section=section,
                columns=tuple(sorted(columns)),
                known_by=_known_by(section, columns),
            )
            for section, columns in sorted(found.columns.items())
        ),
    )


def answered(contents: Contents, asked: Days | None, *, now: dt.datetime) -> Contents:
    """`contents`, with the few days at the ends of what was `asked` that the broker left out as holidays.

    A day of the last week may be missing because it is not closed yet, and stays missing.
    """
    if asked is None:
        return contents
    settled = now.date() - _SETTLED
    return replace(contents, accounts=tuple(_answered(each, asked, settled) for each in contents.accounts))


def _answered(account: AccountFacts, asked: Days, settled: dt.date) -> AccountFacts:
    def widened(ranges: tuple[Days, ...]) -> tuple[Days, ...]:
        if not ranges:
            return ranges
        first, last = ranges[0].first, ranges[-1].last
        first = asked.first if dt.timedelta() < first - asked.first <= _LEEWAY else first
        last = asked.last if dt.timedelta() < asked.last - last <= _LEEWAY and asked.last <= settled else last
        return merged(
            [*ranges, Days(first=first, last=ranges[0].first), Days(first=ranges[-1].last, last=last)]
        )

    sections = tuple(replace(each, days=widened(each.days)) for each in account.sections)
    return replace(account, days=widened(account.days), sections=sections)


def _joined(ranges: Iterable[Days]) -> tuple[Days, ...]:
    """The days of one document; between its parts, one for each business day, only holidays are missing."""
    found: list[Days] = []
    for days in merged(ranges):
        if found and days.first - found[-1].last <= _LEEWAY:
            found[-1] = Days(first=found[-1].first, last=days.last)
        else:
            found.append(days)
    return tuple(found)


def listed_kinds(found: Survey, account: str, days: Days) -> frozenset[str]:
    """The kinds of records that the statements of `account` list whole for `days`."""
    told = facts(found).of(account)
    return frozenset(
        RECORD_KINDS[each.section]
        for each in (told.sections if told is not None else ())
        if each.section in BOOKED and not missing(asked=days, got=each.days)
    )


def _account(found: Survey, account: AccountSurvey) -> AccountFacts:
    days_of_part = {number: _days(part, found.order) for number, part in account.parts.items()}
    rows = _rows(account.counts)
    days: dict[str, list[Days]] = {section: [] for section in rows}
    for number, its_days in days_of_part.items():
        # What a futures segment has in a FlexStatement of the account itself has no sections of its own.
        for section in found.part_sections.get(number, ()):
            days.setdefault(section, []).extend(its_days)
    return AccountFacts(
        account=account.account_id,
        days=_joined(day for its_days in days_of_part.values() for day in its_days),
        sections=tuple(
            SectionFacts(section=section, rows=rows.get(section, 0), days=_joined(days[section]))
            for section in sorted(days)
        ),
    )


def _rows(counts: Mapping[tuple[str, str], int]) -> Counter[str]:
    rows: Counter[str] = Counter()
    for (section, _), number in counts.items():
        rows[section] += number
    return rows


def _days(part: Part, order: DayOrder | None) -> list[Days]:
    try:
        first, last = (read_day(part.head.get(name), order=order) for name in ("fromDate", "toDate"))
    except ValueFormatError:
        return []
    return [] if first is None or last is None or last < first else [Days(first=first, last=last)]


def _known_by(section: str, columns: Collection[str]) -> tuple[str, ...]:
    """The numbers of the broker's without which a record would have another id.

    The ids themselves are asked, on a made-up row: what they are made of is written down in one place only.
    Other columns are no evidence of a changed query: some writers leave out what is blank in every row.
    """
    kind = RECORD_KINDS[section]
    make = Trade if section == "Trades" else Record
    row = {name: _DAYS.get(name, str(number)) for number, name in enumerate(sorted(columns))}
    whole = Identities().of(kind, make(row))
    return tuple(
        name
        for name in sorted(_NUMBERS & row.keys())
        if Identities().of(kind, make({other: row[other] for other in row if other != name})) != whole
    )
