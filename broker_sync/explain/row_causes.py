"""Where records and the tracker's rows part: what is missing there, what is another, what is too much."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from broker_sync.explain.books import Books
from broker_sync.explain.cause import Candidate, Effects, Kind
from broker_sync.explain.effects import less
from broker_sync.explain.entry import Entry
from broker_sync.explain.sentences import DECIDE, SYNC_AGAIN
from broker_sync.explain.twins import Twins

__all__ = ["row_candidates", "subject_of"]

_Legs = Sequence[Entry]


def row_candidates(books: Books, elsewhere: Mapping[str, Books]) -> Iterator[Candidate]:
    """Everything in which the rows of `books` are not its records; `elsewhere` are other accounts."""
    if books.lists_rows:
        finder = _Finder(books, elsewhere)
        yield from finder.of_records()
        yield from finder.of_foreign_rows()
    else:
        yield from _unseen(books)


def subject_of(record: str, legs: _Legs) -> str:
    """A record in words: its id, and what it is."""
    return f"{record} ({_words(legs)})"


def _words(legs: _Legs) -> str:
    return "; ".join(leg.text for leg in legs)


@dataclass(frozen=True, slots=True)
class _Judged:
    """What is said of a record; `subject` is what it is said of where that is not the record itself.

    `remedy` mends it, where that is not what mends all of the kind.
    """

    kind: Kind
    note: str = ""
    see: str = field(default="", kw_only=True)
    subject: str | None = field(default=None, kw_only=True)
    remedy: str = field(default="", kw_only=True)


def _candidate(
    judged: _Judged,
    record: str,
    legs: _Legs,
    effects: Effects,
    *,
    subject: str | None = None,
    is_certain: bool = True,
) -> Candidate:
    return Candidate(
        kind=judged.kind,
        records=(record,),
        effects=effects,
        subject=subject or subject_of(record, legs),
        note=judged.note,
        see=judged.see,
        day=legs[0].day,
        is_certain=is_certain,
        remedy=judged.remedy,
    )


class _Finder:
    """Compares the records and the rows of one account, with an eye on the others."""

    def __init__(self, books: Books, elsewhere: Mapping[str, Books]) -> None:
        self._books = books
        self._twins = Twins(books.records, books.sides)
        self._strays = {name: Twins(its.foreign, books.sides) for name, its in elsewhere.items()}
        self._lacking = {
            name: Twins(
                {record: legs for record, legs in its.records.items() if record not in its.rows}, books.sides
            )
            for name, its in elsewhere.items()
            if its.lists_rows
        }

    def of_records(self) -> Iterator[Candidate]:
        """Records that are missing, or that the tracker has another way."""
        books = self._books
        for record in dict.fromkeys([*books.records, *books.rows]):
            legs, rows = books.records.get(record, ()), books.rows.get(record, ())
            effects = less(books.sides.all_effects(legs), books.sides.all_effects(rows))
            if effects:
                judged = self._changed(record, rows) if rows else next(self._missing(record, legs))
                yield _candidate(judged, record, legs or rows, effects, subject=judged.subject)

    def _missing(self, record: str, legs: _Legs) -> Iterator[_Judged]:
        """What may be said of a record that has no row, the most telling first."""
        found = _found_in(legs, self._strays)
        if found is not None:
            yield _Judged(Kind.WRONG_ACCOUNT, f"The tracker has it in the account of {found[0]}.")
        if all(leg.is_opening for leg in legs):
            yield _Judged(Kind.OPENING_BALANCE, "It is not in the tracker.")
        if record in self._books.late:
            note = "The tracker has it on a later day."
            yield _Judged(Kind.CHANGED, note, remedy=self._decision(legs))
        reason = _first(self._books.evidence.refused, legs)
        if reason is not None:
            yield _Judged(Kind.NOT_IMPORTED, f"The tracker did not take it: {reason}.")
        kept = _first(self._books.evidence.kept, legs)
        if kept is not None:
            yield _Judged(Kind.CHANGED, f"{kept[0].upper()}{kept[1:]}.", remedy=self._decision(legs))
        if record in self._books.booked:
            yield _Judged(Kind.REMOVED, remedy=self._decision(legs))
        if any(leg.is_split for leg in legs):
            yield _Judged(Kind.SPLIT_NOT_APPLIED, "It is not in the tracker.", remedy=SYNC_AGAIN)
        if any(leg.is_undoing for leg in legs):
            yield self._undoing(record, legs)
        yield _Judged(Kind.NOT_IMPORTED)

    def _undoing(self, record: str, legs: _Legs) -> _Judged:
        undone, undoing = self._twins.undone_by(legs, but=record), subject_of(record, legs)
        if undone is None:
            note = "It is in the broker's statement, and not in the tracker."
            return _Judged(Kind.CANCELLED, note, subject=f"what is taken back by {undoing}")
        note = f"What takes it back is not in the tracker: {undoing}."
        return _Judged(Kind.CANCELLED, note, subject=subject_of(undone, self._books.records[undone]))

    def _changed(self, record: str, rows: _Legs) -> _Judged:
        books = self._books
        if any(row.is_opening for row in (*books.records.get(record, ()), *rows)):
            return _Judged(Kind.OPENING_BALANCE, f"The tracker has {_words(rows)}.")
        booked = books.sides.all_effects(books.booked.get(record, ()))
        if record in books.told and booked == books.sides.all_effects(rows):
            return _Judged(Kind.RESTATED, f"The tracker still has {_words(rows)}.")
        return _Judged(Kind.CHANGED, f"The tracker has {_words(rows)}.", remedy=self._decision(rows))

    def _decision(self, legs: _Legs) -> str:
        """The command that lets the broker's content stand, once a sync has met what the person did."""
        is_open = any(leg.external_id in self._books.evidence.conflicts for leg in legs)
        return DECIDE if is_open else ""

    def of_foreign_rows(self) -> Iterator[Candidate]:
        """Rows that stand for no record of the account."""
        books = self._books
        for record, rows in books.foreign.items():
            effects = less({}, books.sides.all_effects(rows))
            if effects:
                yield _candidate(self._too_much(rows), record, rows, effects, is_certain=self._is_known(rows))

    def _too_much(self, rows: _Legs) -> _Judged:
        found = _found_in(rows, self._lacking)
        if found is not None:
            account, record = found
            note = f"It is {record}, and missing in the account of {account}."
            return _Judged(Kind.WRONG_ACCOUNT, note, see=record)
        twin = self._twins.of(rows)
        if twin is not None:
            return _Judged(Kind.IMPORTED_TWICE, f"It says again what {twin} says.", see=twin)
        return _Judged(Kind.ENTERED)

    def _is_known(self, rows: _Legs) -> bool:
        """Whether rows can be told from ours: where our own records are gone, ours would pass for others."""
        known = self._books.evidence.booked or self._books.evidence.settled
        return bool(known) or all(row.external_id is None for row in rows)


def _first(said: Mapping[str, str], legs: _Legs) -> str | None:
    """What is said of the first of `legs` that anything is said of."""
    ids = (leg.external_id for leg in legs if leg.external_id is not None)
    return next((said[name] for name in ids if name in said), None)


def _found_in(legs: _Legs, others: Mapping[str, Twins]) -> tuple[str, str] | None:
    """Which of the `others` has something that is the same as `legs`, by its id or by what it does."""
    by_id = [(account, twins.named(legs)) for account, twins in others.items()]
    by_effect = [(account, twins.of(legs)) for account, twins in others.items()]
    return next(((account, record) for account, record in (*by_id, *by_effect) if record is not None), None)


def _unseen(books: Books) -> Iterator[Candidate]:
    """Where the tracker does not show its rows, any of them may be gone, or be there twice."""
    for record, legs in books.records.items():
        effects = books.sides.all_effects(legs)
        if not effects:
            continue
        if record not in books.booked:
            is_split = any(leg.is_split for leg in legs)
            kind = Kind.SPLIT_NOT_APPLIED if is_split else Kind.NOT_IMPORTED
            yield _candidate(_Judged(kind), record, legs, effects)
            continue
        kind = Kind.OPENING_BALANCE if legs[0].is_opening else Kind.REMOVED
        yield _candidate(_Judged(kind), record, legs, effects, is_certain=False)
        yield _candidate(_Judged(Kind.IMPORTED_TWICE), record, legs, less({}, effects), is_certain=False)
