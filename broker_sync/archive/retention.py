"""Which statements need not be kept as bytes any more; pure.

A statement that was booked goes only if every day of every section that it has stays readable in a statement
that is kept and was booked too: one received later, or at least :attr:`Retention.settled_days` after that
day, when the broker has long corrected it. So whatever goes, the books can be made anew from what stays. One
that changed records which were booked before stays for good.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from broker_sync.received import AccountFacts, Booked, Days, Entry, Refused

__all__ = ["Retention", "expendable"]

_DAY: Final = dt.timedelta(days=1)
_Place = tuple[str, dt.date]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long the bytes of statements are kept: for good, unless one of the two is set.

    Those received within `keep_days` stay, and so do the last `keep_last` of each account. `settled_days`
    after a day its records are taken to be final. ValueError for a number below 1.
    """

    keep_days: int | None = None
    keep_last: int | None = None
    settled_days: int = 60

    def __post_init__(self) -> None:
        """Refuse to keep nothing."""
        for number in (self.keep_days, self.keep_last, self.settled_days):
            if number is not None and number < 1:
                raise ValueError(f"statements are kept for 1 day at least, and 1 of them, not {number}")

    @property
    def is_for_good(self) -> bool:
        """Whether nothing ever goes."""
        return self.keep_days is None and self.keep_last is None


def expendable(entries: Sequence[Entry], policy: Retention, *, now: dt.datetime) -> list[Entry]:
    """Those of `entries` whose bytes `policy` lets go at `now`, the oldest first."""
    if policy.is_for_good:
        return []
    whole = sorted(
        (entry for entry in entries if entry.body_removed_at is None),
        key=lambda entry: (entry.last_received_at, entry.sha256),
    )
    protected = _protected(whole, policy, now)
    kept = _Kept(whole, settled=policy.settled_days * _DAY)
    found = []
    for entry in whole:
        if entry.sha256 not in protected and kept.can_spare(entry):
            kept.remove(entry)
            found.append(entry)
    return found


def _protected(oldest_first: Sequence[Entry], policy: Retention, now: dt.datetime) -> set[str]:
    protected = set()
    if policy.keep_days is not None:
        since = now - policy.keep_days * _DAY
        protected |= {entry.sha256 for entry in oldest_first if entry.last_received_at >= since}
    left: dict[str, int] = {}
    for entry in reversed(oldest_first):
        for account in entry.accounts or ("",):
            left[account] = left.get(account, policy.keep_last or 0) - 1  # None keeps none by their number
            if left[account] >= 0:
                protected.add(entry.sha256)
    return protected


class _Kept:
    """The statements that stay, by account and day."""

    def __init__(self, entries: Iterable[Entry], *, settled: dt.timedelta) -> None:
        self._settled = settled
        self._at: dict[_Place, list[tuple[Entry, frozenset[str]]]] = {}
        for entry in entries:
            if isinstance(entry.verdict, Booked):
                for place, sections in _places(entry):
                    self._at.setdefault(place, []).append((entry, sections))

    def remove(self, entry: Entry) -> None:
        """Take one away."""
        for place, _ in _places(entry):
            self._at[place] = [each for each in self._at.get(place, ()) if each[0] is not entry]

    def can_spare(self, entry: Entry) -> bool:
        """Whether the others say all that this one says."""
        if not isinstance(entry.verdict, Booked):
            return isinstance(entry.verdict, Refused)
        if entry.contents is None or any(each.restated for each in entry.verdict.days):
            return False
        # Nothing can stand in for what does not say its days.
        dated = all(section.days for facts in entry.contents.accounts for section in facts.sections)
        return dated and all(self._is_said_by_others(entry, *each) for each in _places(entry))

    def _is_said_by_others(self, entry: Entry, place: _Place, sections: frozenset[str]) -> bool:
        settled = dt.datetime.combine(place[1], dt.time(), tzinfo=dt.UTC) + self._settled
        return any(
            other is not entry
            and sections <= others
            and other.last_received_at >= min(settled, entry.last_received_at)
            for other, others in self._at.get(place, ())
        )


def _places(entry: Entry) -> Iterator[tuple[_Place, frozenset[str]]]:
    """Every account and day, with the sections that the statement has of it."""
    for facts in () if entry.contents is None else entry.contents.accounts:
        on_day: dict[dt.date, frozenset[str]] = {}
        for ranges, sections in _by_ranges(facts):
            for day in (days.first + n * _DAY for days in ranges for n in range(days.count)):
                on_day[day] = on_day[day] | sections if day in on_day else sections
        for day, sections in on_day.items():
            yield (facts.account, day), sections


def _by_ranges(facts: AccountFacts) -> list[tuple[tuple[Days, ...], frozenset[str]]]:
    """The sections that are there for the same days: nearly always all of them."""
    found: dict[tuple[Days, ...], list[str]] = {}
    for section in facts.sections:
        found.setdefault(section.days, []).append(section.section)
    return [(ranges, frozenset(names)) for ranges, names in found.items()]
