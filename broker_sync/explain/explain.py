"""From what differs and what is known to why it differs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from broker_sync.explain.balance_causes import balance_candidates, unmeasured
from broker_sync.explain.books import Books, instruments_in, make_books
from broker_sync.explain.cause import Candidate, Kind
from broker_sync.explain.effects import Sides
from broker_sync.explain.evidence import Evidence
from broker_sync.explain.explanation import Explanation
from broker_sync.explain.row_causes import row_candidates
from broker_sync.explain.search import WORK
from broker_sync.explain.sentences import command_for, sentences
from broker_sync.explain.shown_causes import shown_candidates, split_guess
from broker_sync.explain.solve import Solution, solve
from broker_sync.reconcile import CashDrift, PositionDrift, Side

__all__ = ["explain"]

_ZERO: Final = Decimal(0)
_Compared = PositionDrift | CashDrift


def explain(compared: Sequence[_Compared], evidence: Evidence, *, work: int = WORK) -> list[Explanation]:
    """Why each of `compared` that exceeds its tolerance does so, in the order given.

    All that was compared must be among them: what is equal must stay so under whatever accounts for the rest.
    At most `work` sums are looked up for one number of causes.
    """
    differing = [drift for drift in compared if drift.exceeds()]
    if not differing:
        return []
    books, candidates = _known(compared, evidence)
    solutions = solve(
        candidates,
        {drift.side: drift.drift if drift.exceeds() else _ZERO for drift in compared},
        {drift.side: drift.tolerance for drift in compared},
        work=work,
    )
    by_side = {side: solution for solution in solutions for side in solution.sides}
    return [_explanation(drift, by_side[drift.side], books) for drift in differing]


def _known(compared: Sequence[_Compared], evidence: Evidence) -> tuple[Books, list[Candidate]]:
    shown: dict[Side, Decimal] = {drift.side: drift.tracker for drift in compared}
    named = [drift.instrument for drift in compared if isinstance(drift, PositionDrift)]
    sides = Sides([*named, *instruments_in(evidence)])
    books = make_books(evidence, sides)
    elsewhere = {name: make_books(other, sides) for name, other in evidence.elsewhere.items()}
    return books, [
        *row_candidates(books, elsewhere),
        *balance_candidates(books),
        *shown_candidates(books, shown),
    ]


def _explanation(drift: _Compared, solution: Solution, books: Books) -> Explanation:
    causes = [each for each in solution.causes if drift.side in each.effects]
    if causes:
        return Explanation(
            drift=drift,
            kind=causes[0].kind,
            causes=tuple(causes),
            text=_text(causes, solution),
            command=command_for(causes),
            is_smallest=solution.is_smallest,
            accounts_for_rest=solution.is_joint,
            tried=solution.tried,
        )
    return next(_guesses(drift, books, solution.tried), _unknown(drift, solution.tried))


def _text(causes: Sequence[Candidate], solution: Solution) -> str:
    told = sentences(causes)
    if solution.is_joint:
        return told
    return f"{told} That accounts for this difference alone, and not for the others."


def _guesses(drift: _Compared, books: Books, tried: int) -> Iterator[Explanation]:
    """What may be the cause, although the numbers do not prove it."""
    if not isinstance(drift, PositionDrift):
        return
    guess = split_guess(books, drift)
    possible = [guess] if guess is not None else unmeasured(books, drift.side)
    if possible:
        doubt = (
            "No record accounts for the difference, so this is only likely."
            if guess is not None
            else "The row does not say what it did to the position, so this is only likely."
        )
        yield Explanation(
            drift=drift,
            kind=possible[0].kind,
            causes=tuple(possible),
            text=f"{sentences(possible)} {doubt}",
            command=command_for(possible),
            is_smallest=False,
            is_proven=False,
            tried=tried,
        )


def _unknown(drift: _Compared, tried: int) -> Explanation:
    looked = f" (all sets of up to {tried} causes were tried)" if tried else ""
    return Explanation(
        drift=drift,
        kind=Kind.UNKNOWN,
        text=f"Nothing that is known accounts for it{looked}.",
        is_smallest=False,
        is_proven=False,
        tried=tried,
    )
