"""What a statement shows of the query that made it: sections, columns, levels of detail, formats.

Everything is gathered in one reading, and what is kept does not grow with the rows. A document that cannot
be read to its end leaves what was found before.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from broker_sync.errors import ValueFormatError
from broker_sync.providers.ibkr.formats import is_null, read_day
from broker_sync.providers.ibkr.scan import ScanError
from broker_sync.providers.ibkr.sections import Use, use_of
from broker_sync.providers.ibkr.statement import PART, Group, NotAStatementError
from broker_sync.providers.ibkr.survey import counts_for_owner

__all__ = ["Facts", "Format", "TagFacts", "format_of", "gather"]

_MOST: Final = 100
"""How many different values of one kind are kept: more tell nothing more."""

_DAYS: Final = ("date", "dateTime", "reportDate", "settleDate", "tradeDate")
_STAMP: Final = re.compile(
    r"(?P<day>(?P<compact>\d{8})|(?P<iso>\d{4}-\d\d-\d\d)|\d\d?(?P<mark>[/-])(?:\d\d?|[A-Za-z]{3})(?P=mark)"
    r"(?P<year>\d{4}|\d\d))(?:[;,T ]*(?P<clock>\d\d:?\d\d(?P<seconds>:?\d\d)?).*)?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """How a date or a date with time is written; `has_seconds` is None where there is no time."""

    has_slashes: bool = False
    has_short_year: bool = False
    has_seconds: bool | None = None


@dataclass(slots=True)
class TagFacts:
    """What the rows of one tag show; `empty` are the columns in which no row has anything."""

    rows: int = 0
    columns: set[str] = field(default_factory=set)
    empty: set[str] = field(default_factory=set)
    levels: set[str] = field(default_factory=set)
    currencies: set[str] = field(default_factory=set)
    stamps: set[Format] = field(default_factory=set)


@dataclass(slots=True)
class Facts:
    """What a document shows; `broken` says why it could not be read to its end, None where it could.

    `windows` are the first and last day of each FlexStatement that can be read without knowing which number
    is the month; `days` are the formats of all dates, `tags` what was found by section and tag.
    `is_anonymous` says whether the head of a FlexStatement names no account.
    """

    broken: str | None = None
    statements: int = 0
    accounts: list[str] = field(default_factory=list)
    aliases: set[str] = field(default_factory=set)
    is_anonymous: bool = False
    windows: set[tuple[dt.date, dt.date]] = field(default_factory=set)
    days: set[Format] = field(default_factory=set)
    tags: dict[str, dict[str, TagFacts]] = field(default_factory=dict)

    def rows(self, section: str) -> int:
        """The rows of `section`, whatever their tag."""
        return sum(tag.rows for tag in self.tags.get(section, {}).values())


def gather(groups: Iterable[Group]) -> Facts:
    """Read `groups` to their end, or to where they break off."""
    facts = Facts()
    try:
        for group in groups:
            _take(group, facts)
    except (ScanError, NotAStatementError) as error:
        facts.broken = str(error)
    return facts


def format_of(text: str) -> Format | None:
    """How `text` is written; None where it is no date."""
    match = _STAMP.fullmatch(text)
    if match is None:
        return None
    return Format(
        has_slashes=match["mark"] == "/",
        has_short_year=match["year"] is not None and len(match["year"]) == 2,
        has_seconds=None if match["clock"] is None else match["seconds"] is not None,
    )


def _take(group: Group, facts: Facts) -> None:
    if not group.section:
        if group.tag == PART:
            _take_head(group.rows[0], facts)
        return
    tags = facts.tags.setdefault(group.section, {})
    # Sections such as the account information say what they have to say in attributes of their own; of one
    # that is not known these come again as a row.
    if group.tag or (group.names and use_of(group.section) is not Use.UNKNOWN):
        _take_rows(group, tags.setdefault(group.tag or group.section, TagFacts()), facts)


def _take_head(head: dict[str, str], facts: Facts) -> None:
    facts.statements += 1
    account = head.get("accountId")
    if account is None or is_null(account):
        facts.is_anonymous = True
    else:
        _note_account(account, facts)
    for name in ("fromDate", "toDate"):
        _note_format(head.get(name, ""), facts.days)
    try:
        first, last = (read_day(head.get(name), order=None) for name in ("fromDate", "toDate"))
    except ValueFormatError:
        return
    if first is not None and last is not None and len(facts.windows) < _MOST:
        facts.windows.add((first, last))


def _take_rows(group: Group, tag: TagFacts, facts: Facts) -> None:
    new = set(group.names) - tag.columns
    tag.columns |= new
    tag.empty |= new
    tag.rows += len(group.values)
    for place, name in enumerate(group.names):
        if name in tag.empty and not all(is_null(values[place]) for values in group.values):
            tag.empty.remove(name)
    _note_values(group, "levelOfDetail", tag.levels)
    _note_values(group, "currency", tag.currencies)
    # Sums and forecasts of other accounts do not make those accounts part of the document.
    if counts_for_owner(group.section, group.tag):
        for account in _values(group, "accountId"):
            if not is_null(account):
                _note_account(account, facts)
    _note_values(group, "acctAlias", facts.aliases)
    for name in _DAYS:
        for text in _values(group, name)[:_MOST]:
            _note_format(text, facts.days)
            if name == "dateTime":
                _note_format(text, tag.stamps)


def _values(group: Group, name: str) -> Sequence[str]:
    """The different values of one column in a group, in their order."""
    if name not in group.names:
        return ()
    place = group.names.index(name)
    return list(dict.fromkeys(values[place] for values in group.values))


def _note_values(group: Group, name: str, known: set[str]) -> None:
    known.update(_values(group, name)[: _MOST - len(known)] if len(known) < _MOST else ())


def _note_account(account: str, facts: Facts) -> None:
    if account not in facts.accounts and len(facts.accounts) < _MOST:
        facts.accounts.append(account)


def _note_format(text: str, known: set[Format]) -> None:
    found = format_of(text)
    if found is not None:
        known.add(found)
