"""Where the tracker's rows and its own balances part: what it cannot hold, or did not reckon with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Final

from broker_sync.explain.balance_causes import unmeasured
from broker_sync.explain.books import Books
from broker_sync.explain.cause import Candidate, Kind
from broker_sync.explain.effects import less
from broker_sync.explain.row_causes import subject_of
from broker_sync.reconcile import PositionDrift, Side
from broker_sync.values import decimal_text

__all__ = ["shown_candidates", "split_guess"]

_ZERO: Final = Decimal(0)
_MOST_PARTS: Final = 100
_USUAL: Final = frozenset({Fraction(3, 2), Fraction(2, 3)})


def shown_candidates(books: Books, shown: Mapping[Side, Decimal]) -> Iterator[Candidate]:
    """Everything by which the rows do not come to what the tracker shows on the sides in `shown`."""
    for limit in books.evidence.limits:
        side = books.sides.of(limit.instrument)
        effects = less({side: limit.quantity}, {side: shown.get(side, _ZERO)})
        if effects:
            yield Candidate(
                kind=Kind.CANNOT_HOLD,
                records=(side.name,),
                effects=effects,
                subject=f"{decimal_text(limit.quantity)} {limit.instrument.symbol}",
                note=f"The reason: {limit.reason}.",
            )
    yield from _splits(books)
    if books.lists_rows:
        yield from _miscounted(books, shown)


def _splits(books: Books) -> Iterator[Candidate]:
    for record, legs in books.rows.items():
        effects = books.sides.all_effects(leg for leg in legs if leg.is_split)
        if effects:
            yield Candidate(
                kind=Kind.SPLIT_NOT_APPLIED,
                records=(record,),
                effects=effects,
                subject=subject_of(record, legs),
                note="The tracker has it, and holds what it held before.",
                day=legs[0].day,
                is_certain=False,
            )


def _miscounted(books: Books, shown: Mapping[Side, Decimal]) -> Iterator[Candidate]:
    rows = [row for found in (books.rows, books.foreign) for legs in found.values() for row in legs]
    counted = books.sides.all_effects([*books.settled, *rows])
    for side, amount in sorted(less(counted, shown).items()):
        if side in shown:
            yield Candidate(
                kind=Kind.MISCOUNTED,
                records=(side.name,),
                effects={side: amount},
                subject=f"{decimal_text(counted.get(side, _ZERO))} {side.name}",
                note=f"It shows {decimal_text(shown[side])}.",
                day=books.evidence.as_of,
                is_certain=False,
            )


def split_guess(books: Books, drift: PositionDrift) -> Candidate | None:
    """That a split was not applied, where both quantities are in a ratio that splits have.

    Where a record about the instrument was rejected, the ratio may be an unusual one.
    """
    if not drift.tracker or (drift.broker > 0) is not (drift.tracker > 0):
        return None
    side = drift.side
    ratio = Fraction(drift.broker) / Fraction(drift.tracker)
    about = [each.records[0] for each in unmeasured(books, side)]
    is_whole = min(ratio.numerator, ratio.denominator) == 1 or ratio in _USUAL or bool(about)
    if not is_whole or max(ratio.numerator, ratio.denominator) > _MOST_PARTS:
        return None
    return Candidate(
        kind=Kind.SPLIT_NOT_APPLIED,
        records=tuple(about),
        effects={side: drift.drift},
        subject=f"what is held at the broker is {ratio.numerator} for {ratio.denominator} in the tracker; it",
        note=f"It may be in {', '.join(about)}, which was not booked." if about else "",
        is_certain=False,
    )
