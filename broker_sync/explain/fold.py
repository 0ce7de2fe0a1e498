"""Folds together what all sides agree on, record by record, so that a long history is no load.

Hardly ever do more than a few of many thousand records matter. Those on which statement, books and tracker
are of one mind are kept as sums; in full stay those on which they are not, and those that do the same as one
of them, because one may stand for the other.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from decimal import Context, Decimal
from hashlib import blake2b
from typing import Final

from broker_sync.explain.effects import Sides
from broker_sync.explain.entry import Entry
from broker_sync.models import Instrument
from broker_sync.received import Days
from broker_sync.reconcile import Side, SideKind

__all__ = ["Fold", "Folded"]

_EXACT: Final = Context(prec=60)
_ZERO: Final = Decimal(0)
_SUM: Final = "sum"
_MARK_SIZE: Final = 7  # bytes
_DAY_BITS: Final = 22  # the last of all days has the number 3652059
_IN_TRACKER: Final = 1
_IN_STATEMENT: Final = 2
_PLACES: Final = _IN_TRACKER | _IN_STATEMENT

_Again = Callable[[Collection[str] | None], Iterable[Entry]]
_Amount = tuple[Side, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """What is left in full of the statement, of what was booked, and of the tracker's rows.

    `settled` are sums of all the rest, `instruments` all that any of it is of.
    """

    told: Sequence[Entry]
    booked: Sequence[Entry]
    held: Sequence[Entry]
    settled: Sequence[Entry]
    instruments: Sequence[Instrument]


class Fold:
    """Takes first all that was :meth:`booked`, then what is :meth:`held` and :meth:`told`, one by one.

    `compared` are the instruments that are compared, by which all others are named; what is booked after
    `as_of` does not count.
    """

    def __init__(self, compared: Iterable[Instrument], *, as_of: dt.date) -> None:
        self._sides = Sides(compared)
        self._as_of = as_of
        # By external id what was booked, as a mark, and in its lowest bits where the same was found.
        self._marks: dict[str, int] = {}
        self._record_of: dict[str, str] = {}
        self._held: list[Entry] = []
        self._told: list[Entry] = []

    def booked(self, entry: Entry) -> None:
        """One of ours, as it was put into the tracker."""
        if entry.external_id is not None:
            self._marks[entry.external_id] = self._mark(entry)
            if entry.external_id != entry.record_id:
                self._record_of[entry.external_id] = entry.record_id

    def held(self, entry: Entry) -> None:
        """A row of the tracker."""
        self._take(entry, _IN_TRACKER, self._held)

    def told(self, entry: Entry) -> None:
        """A record of the statement."""
        # Statements overlap, and a record may come with each of them.
        if not self._is_in(_IN_STATEMENT, entry):
            self._take(entry, _IN_STATEMENT, self._told)

    def _take(self, entry: Entry, place: int, others: list[Entry]) -> None:
        name = entry.external_id or ""
        known = self._marks.get(name, 0)
        if known & ~_PLACES == self._mark(entry) and not known & place:
            self._marks[name] = known | place
        else:
            others.append(entry)

    def _is_in(self, place: int, entry: Entry) -> bool:
        """Whether the same was found there."""
        return bool(self._marks.get(entry.external_id or "", 0) & place)

    def _mark(self, entry: Entry) -> int:
        """A number that is another where the day or the effect is, never zero."""
        if entry.instrument is not None:
            self._sides.learn(entry.instrument)
        text = "\n".join(
            f"{side.kind}:{side.name}:{amount.normalize(_EXACT)}" for side, amount in self._amounts(entry)
        )
        digest = int.from_bytes(blake2b(text.encode(), digest_size=_MARK_SIZE).digest(), "big")
        return (digest << _DAY_BITS | entry.day.toordinal()) << _PLACES.bit_length()

    def _amounts(self, entry: Entry) -> Iterable[_Amount]:
        return self._sides.effects(entry).items()

    # --- once all has been taken ---

    def folded(self, again: _Again, *, days: Days | None, edges: Iterable[dt.date]) -> Folded:
        """What is left; `again` gives once more what was booked, all for None, else what has these ids.

        `days` are those of the statement, of which it tells everything. Sums are made from one of `edges`
        (first days of statements) to the next.
        """
        odd = set(self._at_odds(days))
        kept = {self._record_of.get(name, name) for name in odd}
        kept |= {entry.record_id for entry in (*self._held, *self._told)}
        moved = {size for entry in (*self._held, *self._told, *again(odd)) for size in self._sizes(entry)}
        while True:
            whole, found = len(kept), self._sorted(again, kept, moved, edges)
            # Of a record that turned out to matter, some may have gone into the sums already.
            if len(kept) == whole:
                return found

    def _at_odds(self, days: Days | None) -> Iterator[str]:
        """The ids of what was booked and is not everywhere the same."""
        differing = {entry.external_id for entry in (*self._held, *self._told)}
        for name, mark in self._marks.items():
            day = mark >> _PLACES.bit_length() & (1 << _DAY_BITS) - 1
            is_due = days is not None and days.first.toordinal() <= day <= days.last.toordinal()
            due = _PLACES if is_due else _IN_TRACKER
            if mark & due != due or name in differing:
                yield name

    def _sizes(self, entry: Entry) -> list[_Amount]:
        return [(side, abs(amount)) for side, amount in self._amounts(entry)]

    def _sorted(
        self, again: _Again, kept: set[str], moved: AbstractSet[_Amount], edges: Iterable[dt.date]
    ) -> Folded:
        """What is `kept` or like it, and sums of the rest; records in parts that are like it join `kept`."""
        in_parts = set(self._record_of.values())
        booked: list[Entry] = []
        sums = _Sums(edges)
        for entry in again(None):
            record = entry.record_id
            is_kept = record in kept or self._is_like(entry, moved)
            if is_kept and record in in_parts:
                kept.add(record)
            if is_kept:
                booked.append(entry)
            elif entry.day <= self._as_of:
                sums.add(entry, self._amounts(entry))
        # What is the same was remembered only once.
        return Folded(
            told=[*self._told, *(entry for entry in booked if self._is_in(_IN_STATEMENT, entry))],
            booked=booked,
            held=[*self._held, *(entry for entry in booked if self._is_in(_IN_TRACKER, entry))],
            settled=list(sums.entries()),
            instruments=self._sides.instruments,
        )

    def _is_like(self, entry: Entry, moved: AbstractSet[_Amount]) -> bool:
        """Whether it moves as much of anything as something that is kept, or is of a kind that always is."""
        is_special = entry.is_split or entry.is_opening or entry.is_undoing
        return is_special or not moved.isdisjoint(self._sizes(entry))


class _Sums:
    """Adds up effects between days."""

    def __init__(self, edges: Iterable[dt.date]) -> None:
        self._edges = sorted(set(edges))
        self._totals: dict[tuple[int, Side], Decimal] = {}
        self._days: dict[int, dt.date] = {}
        self._of: dict[Side, Entry] = {}

    def add(self, entry: Entry, amounts: Iterable[_Amount]) -> None:
        place = bisect_right(self._edges, entry.day)
        self._days[place] = max(entry.day, self._days.get(place, entry.day))
        for side, amount in amounts:
            self._of.setdefault(side, entry)
            known = self._totals.get((place, side), _ZERO)
            self._totals[place, side] = _EXACT.add(known, amount)

    def entries(self) -> Iterator[Entry]:
        for (place, side), amount in self._totals.items():
            yield _sum_of(side, self._of[side], amount, self._days[place])


def _sum_of(side: Side, like: Entry, amount: Decimal, day: dt.date) -> Entry:
    is_money = side.kind is SideKind.CASH
    return Entry(
        external_id=None,
        record_id=_SUM,
        day=day,
        what=_SUM,
        instrument=None if is_money else like.instrument,
        units=_ZERO if is_money else amount,
        currency=like.currency if is_money else "",
        cash=amount if is_money else _ZERO,
    )
