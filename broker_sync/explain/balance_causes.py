"""Where the broker's balances and the records part: what was rejected, taken back, or never seen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import chain
from typing import Final

from broker_sync.contracts import Rejection
from broker_sync.explain.books import Books
from broker_sync.explain.cause import Candidate, Effects, Kind
from broker_sync.explain.effects import less, total
from broker_sync.explain.evidence import RejectedRecord
from broker_sync.explain.row_causes import subject_of
from broker_sync.explain.sentences import TAKE_BACK
from broker_sync.explain.twins import Twins
from broker_sync.opening import Window, cash_anchor, position_anchor
from broker_sync.reconcile import Side, SideKind
from broker_sync.windows import gaps

__all__ = ["balance_candidates", "unmeasured"]

_DAY: Final = dt.timedelta(days=1)


def balance_candidates(books: Books) -> Iterator[Candidate]:
    """What the broker's balances have in them, or no more, and the records do not tell."""
    rejected = [
        _rejected(books, each)
        for each in books.evidence.rejected
        if _day(each.rejection) <= books.evidence.as_of
    ]
    yield from (candidate for candidate in rejected if candidate.effects)
    yield from _never_seen(books, rejected)
    yield from _cancelled(books)


# --- rejected ---


def _day(rejection: Rejection) -> dt.date:
    return rejection.booked_on or dt.date.min


def _rejected(books: Books, rejected: RejectedRecord) -> Candidate:
    rejection = rejected.rejection
    effects = {Side(SideKind.CASH, currency): amount for currency, amount in rejected.cash.items() if amount}
    if rejection.instrument is not None and rejection.quantity:
        effects[books.sides.of(rejection.instrument)] = rejection.quantity
    symbol = "" if rejection.instrument is None else f", {rejection.instrument.symbol}"
    return Candidate(
        kind=Kind.REJECTED,
        records=(rejection.external_id,),
        effects=effects,
        subject=f"{rejection.external_id} ({rejection.section}{symbol})",
        note=f"It was not booked: {rejection.reason}.",
        day=_day(rejection),
    )


def unmeasured(books: Books, side: Side) -> list[Candidate]:
    """Rejected records about the instrument `side` whose rows do not say what they did to it."""
    return [
        _rejected(books, each)
        for each in books.evidence.rejected
        if each.rejection.instrument is not None
        and not each.rejection.quantity
        and books.sides.of(each.rejection.instrument) == side
        and _day(each.rejection) <= books.evidence.as_of
    ]


# --- before the first window, and between two ---


def _never_seen(books: Books, rejected: Sequence[Candidate]) -> Iterator[Candidate]:
    """What the first window opened with and no opening balance has; what happened while nobody looked."""
    windows = [each for each in books.evidence.windows if each.first_day <= books.evidence.as_of]
    known = [*rejected]
    for kind, anchor in (
        (SideKind.POSITION, position_anchor(windows)),
        (SideKind.CASH, cash_anchor(windows)),
    ):
        if anchor is not None:
            effects = _lacking(books, anchor, known, kind)
            opened = [_opening(anchor, side, amount) for side, amount in sorted(effects.items())]
            known += opened
            yield from opened
    for first, last in gaps(windows):
        found = _gap(books, windows, (first, last), known)
        if found is not None:
            known.append(found)
            yield found


def _opening(anchor: Window, side: Side, amount: Decimal) -> Candidate:
    return Candidate(
        kind=Kind.OPENING_BALANCE,
        records=(f"opening:{side.kind.value}:{side.name}",),
        effects={side: amount},
        subject=f"the opening balance of {side.name} on {anchor.first_day}",
        note="It is not what the first statement says.",
        day=anchor.first_day - _DAY,
    )


def _gap(
    books: Books, windows: Sequence[Window], gap: tuple[dt.date, dt.date], known: Sequence[Candidate]
) -> Candidate | None:
    after = [window for window in windows if window.first_day > gap[1]]
    parts = [
        _lacking(books, anchor, known, kind)
        for kind, anchor in (
            (SideKind.POSITION, position_anchor(after)),
            (SideKind.CASH, cash_anchor(after)),
        )
        if anchor is not None
    ]
    effects = total(parts)
    if not effects:
        return None
    return Candidate(
        kind=Kind.OUTSIDE_WINDOWS,
        records=(f"{gap[0]} to {gap[1]}",),
        effects=effects,
        subject=f"{gap[0]} to {gap[1]}",
        day=gap[0],
        until=gap[1],
    )


def _lacking(books: Books, window: Window, known: Sequence[Candidate], kind: SideKind) -> dict[Side, Decimal]:
    """What `window` opened with, less what the records and the causes `known` so far came to by then."""
    every = chain(books.settled, chain.from_iterable(books.records.values()))
    booked = books.sides.all_effects(leg for leg in every if leg.day < window.first_day)
    causes = total(each.effects for each in known if each.day < window.first_day)
    left = less(less(_opened(books, window), booked), causes)
    return {side: amount for side, amount in left.items() if side.kind is kind}


def _opened(books: Books, window: Window) -> Effects:
    held: Mapping[Side, Decimal] = total(
        {books.sides.of(position.instrument): position.quantity}
        for position in window.opening_positions or ()
    )
    cash = {
        Side(SideKind.CASH, currency): amount for currency, amount in (window.starting_cash or {}).items()
    }
    return {**held, **cash}


# --- taken back ---


def _cancelled(books: Books) -> Iterator[Candidate]:
    """What was booked, and is not in the statement although its day and its kind are."""
    told = books.evidence.told
    if told is None:
        return
    listed = {record: legs for record, legs in books.records.items() if record in books.told}
    twins = Twins(listed, books.sides)
    for record, legs in books.booked.items():
        is_due = told.days.first <= legs[0].day <= told.days.last and _kind_of(record) in told.kinds
        if not is_due or record in books.told or legs[0].is_opening:
            continue
        twin = twins.of(legs)
        # Two numbers of the broker's are two records, however alike. A number and a hash can be one.
        if twin is not None and _is_numbered(twin) is _is_numbered(record):
            twin = None
        yield Candidate(
            kind=Kind.CANCELLED if twin is None else Kind.IMPORTED_TWICE,
            records=(record,),
            effects=less({}, books.sides.all_effects(legs)),
            subject=subject_of(record, legs),
            note="The broker does not list it any more."
            if twin is None
            else f"It says again what {twin} says.",
            see=twin or "",
            day=legs[0].day,
            is_certain=False,
            remedy=TAKE_BACK,
        )


def _is_numbered(record: str) -> bool:
    return record.rpartition(":")[2].isdecimal()


def _kind_of(record: str) -> str:
    """The middle part of an id."""
    return record.partition(":")[2].partition(":")[0]
