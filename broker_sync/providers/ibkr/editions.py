"""Which of several statements has the last word on a record: the one that the broker made last.

The days of statements overlap, in one document and over several, and the broker corrects itself. When it made
a statement is in its head (``whenGenerated``); which days it covers says nothing of that.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from broker_sync.contracts import Rejection
from broker_sync.errors import ValueFormatError
from broker_sync.models import Activity
from broker_sync.providers.ibkr.formats import is_null, read_day
from broker_sync.providers.ibkr.moments import Clock
from broker_sync.providers.ibkr.statement import Group

__all__ = ["Edition", "LastWords", "Outcome", "Watched", "overlap", "record_of"]

Outcome = Sequence[Activity] | Rejection
"""What became of one record: its activities, or why there are none."""

_NEVER: Final = dt.datetime.min.replace(tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One FlexStatement: when it was made (in UTC) and its days, None where it does not say so readably."""

    made: dt.datetime | None
    first_day: dt.date | None
    last_day: dt.date | None

    @classmethod
    def of(cls, head: Mapping[str, str], clock: Clock) -> Edition:
        """The one with this `head`; a time that names no zone is in that of the `clock`."""
        return cls(
            made=_moment(head.get("whenGenerated"), clock),
            first_day=_day(head.get("fromDate"), clock),
            last_day=_day(head.get("toDate"), clock),
        )

    @property
    def rank(self) -> tuple[dt.datetime, dt.date]:
        """Grows with how late it was made, then with its last day; what does not say so comes first."""
        return (self.made or _NEVER, self.last_day or dt.date.min)


def _moment(text: str | None, clock: Clock) -> dt.datetime | None:
    # It only orders statements: one that cannot be read is no reason to refuse them.
    try:
        return None if text is None or is_null(text) else clock.moment(text)
    except ValueFormatError:
        return None


def _day(text: str | None, clock: Clock) -> dt.date | None:
    try:
        return read_day(text, order=clock.order)
    except ValueFormatError:
        return None


def overlap(editions: Collection[Edition]) -> bool:
    """Whether two of `editions` have a day in common; those that do not say their days may."""
    days = sorted((each.first_day, each.last_day) for each in editions if each.first_day and each.last_day)
    if len(days) < len(editions):
        return len(editions) > 1
    until = dt.date.min
    for first, last in days:
        if first <= until:
            return True
        until = last
    return False


def record_of(outcome: Outcome) -> str:
    """The id of the record that `outcome` is of."""
    return outcome.external_id if isinstance(outcome, Rejection) else outcome[0].record_id


class Watched:
    """Groups as they come, and the number of the FlexStatement (:attr:`part`) that the latest is in."""

    def __init__(self, groups: Iterable[Group]) -> None:
        """Take nothing yet."""
        self._groups = groups
        self.part = -1

    def __iter__(self) -> Iterator[Group]:
        """The groups, one by one."""
        for group in self._groups:
            self.part = group.part
            yield group


class LastWords:
    """The edition out of which each record came last; costs one entry for each record."""

    def __init__(self) -> None:
        """Start with nothing said."""
        self._editions: list[Edition] = []
        self._places: dict[str, int] = {}
        self._rejected: dict[str, Rejection] = {}

    def hear(self, edition: Edition, outcome: Outcome) -> bool:
        """Whether `edition` has the last word on the record so far: none that was heard was made later."""
        if not self._editions or self._editions[-1] is not edition:
            self._editions.append(edition)
        name = record_of(outcome)
        known = self._places.get(name)
        if known is not None and self._editions[known].rank > edition.rank:
            return False
        self._places[name] = len(self._editions) - 1
        if isinstance(outcome, Rejection):
            self._rejected[name] = outcome
        elif self._rejected:
            self._rejected.pop(name, None)
        return True

    def made_at(self, record_id: str) -> dt.datetime | None:
        """When the edition was made that has the last word on a record; None if neither is known."""
        place = self._places.get(record_id)
        return None if place is None else self._editions[place].made

    @property
    def rejections(self) -> list[Rejection]:
        """The records that were not booked, each once, in the order in which they were heard first."""
        return list(self._rejected.values())
