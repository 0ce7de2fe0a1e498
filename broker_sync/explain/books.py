"""The records that an account should have, and the rows that its tracker has, both up to one day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from broker_sync.explain.effects import Sides
from broker_sync.explain.entry import Entry
from broker_sync.explain.evidence import Evidence
from broker_sync.models import Instrument

__all__ = ["Books", "instruments_in", "make_books"]

Records = Mapping[str, tuple[Entry, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """`records` are the legs of every record by its id: as the statement has them, else as they were booked.

    `booked` are those that were booked, `told` the ids of those in the statement. `rows` are the rows of ours
    by record, `foreign` all other rows, `late` the records with rows after the day in question; `lists_rows`
    says whether the tracker shows its rows at all. `settled` are sums of records that are not among these.
    """

    evidence: Evidence
    sides: Sides
    records: Records
    booked: Records
    told: frozenset[str]
    rows: Records
    foreign: Records
    late: frozenset[str]
    lists_rows: bool
    settled: tuple[Entry, ...] = ()


def make_books(evidence: Evidence, sides: Sides) -> Books:
    """Sort what is known; what happened after the day in question is left out."""
    told = _by_record(evidence.told.entries if evidence.told else ())
    booked = _by_record(evidence.booked)
    records = {**booked, **told}
    owner = {
        leg.external_id: name for found in (booked, told) for name, legs in found.items() for leg in legs
    }
    ours: dict[str, list[Entry]] = {}
    others: dict[str, list[Entry]] = {}
    for entry in evidence.held or ():
        # A person may have wiped off a row whatever else it said; its external id cannot be changed.
        name = None if entry.external_id is None else owner.get(entry.external_id)
        (others if name is None else ours).setdefault(name or entry.record_id, []).append(entry)

    def until(found: Mapping[str, Iterable[Entry]]) -> Records:
        kept = ((name, [leg for leg in legs if leg.day <= evidence.as_of]) for name, legs in found.items())
        return {name: _in_order(legs) for name, legs in kept if legs}

    return Books(
        evidence=evidence,
        sides=sides,
        records=until(records),
        booked=until(booked),
        told=frozenset(told),
        rows=until(ours),
        foreign=until(others),
        late=frozenset(name for name, rows in ours.items() if any(row.day > evidence.as_of for row in rows)),
        lists_rows=evidence.held is not None,
        settled=tuple(entry for entry in evidence.settled if entry.day <= evidence.as_of),
    )


def _in_order(legs: list[Entry]) -> tuple[Entry, ...]:
    # Which of them was met first depends on who was asked first.
    return tuple(sorted(legs, key=lambda leg: leg.external_id or ""))


def _by_record(entries: Iterable[Entry]) -> dict[str, tuple[Entry, ...]]:
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.record_id, []).append(entry)
    return {name: tuple(legs) for name, legs in found.items()}


def instruments_in(evidence: Evidence) -> Iterator[Instrument]:
    """All instruments that `evidence` names, those of the broker first."""
    yield from evidence.instruments
    told = evidence.told.entries if evidence.told else ()
    for entries in (told, evidence.booked, evidence.held or ()):
        yield from (entry.instrument for entry in entries if entry.instrument is not None)
    for other in evidence.elsewhere.values():
        yield from instruments_in(other)
