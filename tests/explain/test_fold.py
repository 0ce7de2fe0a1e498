"""What all sides agree on is folded into sums, and no explanation is another for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from broker_sync.explain import Entry, Evidence, Explanation, Fold, Folded, explain
from broker_sync.reconcile import PositionDrift
from tests.explain.test_causes import ALL, CAUSES, in_june, told, without
from tests.explain.world import (
    BUY,
    CONVERSION,
    DIVIDEND,
    LAST,
    MAY,
    OPENINGS,
    RECORDS,
    SELL,
    SPLIT,
    WIDGET,
    WINDOW,
    World,
    day,
    entry,
    foreign,
)
from tests.tables import for_each

D = Decimal
UNBOUGHT = without(BUY, among=RECORDS)
UNDOING = entry("ibkr:trade:8", day(20), "SELL", WIDGET, "-10", "1000")


def fold(evidence: Evidence, world: World) -> Evidence:
    """`evidence` as somebody finds it who reads an account from one end to the other."""
    named = [drift.instrument for drift in world.compared() if isinstance(drift, PositionDrift)]
    folding = Fold(named, as_of=evidence.as_of)
    for each in evidence.booked:
        folding.booked(each)
    for each in evidence.held or ():
        folding.held(each)
    for each in evidence.told.entries if evidence.told else ():
        folding.told(each)
    found = folding.folded(
        lambda names: [each for each in evidence.booked if names is None or each.external_id in names],
        days=evidence.told.days if evidence.told else None,
        edges=[window.first_day for window in evidence.windows],
    )
    return replace(
        evidence,
        told=None if evidence.told is None else replace(evidence.told, entries=found.told),
        booked=found.booked,
        held=None if evidence.held is None else found.held,
        settled=found.settled,
        instruments=found.instruments,
        elsewhere={name: fold(other, world) for name, other in evidence.elsewhere.items()},
    )


def same(found: Sequence[Explanation], expected: Sequence[Explanation]) -> bool:
    return [(*each, why.text) for each, why in zip(told([*found]), found, strict=True)] == [
        (*each, why.text) for each, why in zip(told([*expected]), expected, strict=True)
    ]


@for_each(("claim", "world", "expected"), [*CAUSES, ("days without a statement", in_june(), [])])
def test_no_explanation_is_another_for_it(claim: str, world: World, expected: object) -> None:
    del claim, expected
    whole = world.explained()
    assert same(explain(world.compared(), fold(world.evidence, world)), whole)


ROWS = st.sampled_from([*ALL, foreign("row-1", SELL), foreign("row-2", BUY, day=day(6)), UNDOING])
CHANGED = st.builds(
    lambda row, units, cash: replace(
        row, units=row.units * units, cash=row.cash * cash, day=max(row.day, day(3))
    ),
    ROWS,
    st.sampled_from([1, 1, 1, 2, -1]),
    st.sampled_from([1, 1, 1, 2, -1]),
)
SOME = st.lists(CHANGED, max_size=4, unique_by=lambda row: row.external_id)


def mixed(base: Sequence[Entry], gone: Sequence[Entry], more: Sequence[Entry]) -> list[Entry]:
    left = [each for each in base if each not in gone]
    return [*left, *(each for each in more if each.external_id not in {row.external_id for row in left})]


@given(
    gone=st.lists(st.lists(ROWS, max_size=3), min_size=3, max_size=3),
    more=st.lists(SOME, min_size=3, max_size=3),
)
def test_whatever_is_mixed_up_no_explanation_is_another_for_it(
    gone: list[list[Entry]], more: list[list[Entry]]
) -> None:
    of_ours = [[each for each in rows if each.external_id] for rows in more]
    world = World(
        told=mixed(RECORDS, gone[0], of_ours[0]),
        booked=mixed(ALL, gone[1], of_ours[1]),
        held=mixed(ALL, gone[2], more[2]),
    )
    assert same(explain(world.compared(), folded(world)), world.explained())


def folded(world: World) -> Evidence:
    return fold(world.evidence, world)


def names(entries: Sequence[Entry]) -> list[str]:
    return sorted({each.record_id for each in entries})


SPECIAL = names((*OPENINGS, SPLIT))


def test_of_what_agrees_only_sums_are_left() -> None:
    found = folded(World())
    assert names(found.booked) == SPECIAL
    assert found.told is not None
    assert (names(found.told.entries), names(found.held or ())) == (["ibkr:ca:4"], SPECIAL)
    sums = {(each.currency or each.instrument, each.units, each.cash) for each in found.settled}
    assert sums == {(WIDGET, D(6), D(0)), ("USD", D(0), D("-679.5")), ("GBP", D(0), D(100))}


def test_sums_are_made_from_one_statement_to_the_next() -> None:
    second = replace(WINDOW, first_day=day(12))
    found = folded(World(windows=(WINDOW, second)))
    assert {(each.day, each.cash) for each in found.settled if each.currency == "USD"} == {
        (day(11), D(-562)),
        (day(19), D("-117.5")),
    }


@for_each(
    ("claim", "world", "kept"),
    [
        ("missing in the tracker", World(held=without(SELL)), ["ibkr:trade:2"]),
        ("missing in the books", World(booked=without(SELL)), ["ibkr:trade:2"]),
        ("missing in the statement", World(told=without(SELL, among=RECORDS)), ["ibkr:trade:2"]),
        ("there twice", World(held=(*ALL, SELL)), ["ibkr:trade:2"]),
        ("a leg is missing", World(held=without(CONVERSION[0])), ["ibkr:trade:5"]),
        ("on another day", World(held=(*without(BUY), replace(BUY, day=day(5)))), ["ibkr:trade:1"]),
        ("of another amount", World(held=(*without(BUY), replace(BUY, cash=D(-1000)))), ["ibkr:trade:1"]),
        ("restated", World(told=(*UNBOUGHT, replace(BUY, cash=D(-1000)))), ["ibkr:trade:1"]),
        ("a row of others", World(held=(*ALL, foreign("row-1", SELL, cash=D(7)))), ["ibkr:trade:2", "row-1"]),
        ("the same money", World(held=(*ALL, foreign("r", DIVIDEND))), ["ibkr:cash:3", "r"]),
        ("what is undone", World(told=(*RECORDS, UNDOING)), ["ibkr:trade:1", "ibkr:trade:8"]),
    ],
)  # fmt: skip
def test_what_is_not_of_one_mind_stays_with_all_that_is_like_it(
    claim: str, world: World, kept: list[str]
) -> None:
    del claim
    found = folded(world)
    told_of = found.told.entries if found.told else ()
    assert names((*found.booked, *(found.held or ()), *told_of)) == sorted({*SPECIAL, *kept})


def test_what_stays_is_the_same_on_all_sides_as_before() -> None:
    world = World(held=(*ALL, foreign("row-1", SELL, cash=D(7))))
    found = folded(world)
    assert found.told is not None
    for entries in (found.told.entries, found.booked, found.held or ()):
        assert SELL in entries
        assert BUY not in entries


def test_a_record_in_parts_stays_whole() -> None:
    # It is the second leg that the row is like: the first is met before anybody knows.
    found = folded(World(held=(*ALL, foreign("row-1", CONVERSION[1]))))
    assert [leg in found.booked for leg in CONVERSION] == [True, True]
    assert {each.currency for each in found.settled if each.cash} == {"USD"}
    assert sum(each.cash for each in found.settled) == D("-549.5")


def test_before_the_statement_nothing_needs_to_be_in_it() -> None:
    early = entry("ibkr:trade:0", dt.date(2026, 3, 2), "BUY", WIDGET, "1", "-10")
    found = folded(World(booked=(*ALL, early), held=(*ALL, early)))
    assert names(found.booked) == SPECIAL


def test_what_comes_after_the_day_in_question_counts_for_nothing() -> None:
    late = entry("ibkr:trade:6", LAST + (MAY.last - MAY.first), "BUY", WIDGET, "100", "-10")
    found = folded(World(booked=(*ALL, late), held=(*ALL, late)))
    assert names(found.booked) == SPECIAL
    assert {each.units for each in found.settled if each.instrument == WIDGET} == {D(6)}


def test_a_record_that_overlapping_statements_tell_twice_is_one() -> None:
    found = folded(World(told=(*RECORDS, SELL)))
    assert names(found.booked) == SPECIAL


def test_a_tracker_that_lists_nothing_leaves_everything_as_it_is() -> None:
    found = folded(World(held=None))
    assert found.held is None
    assert list(found.booked) == list(ALL)
    assert found.settled == []


def test_numbers_that_are_written_otherwise_are_the_same() -> None:
    other = replace(BUY, units=D("10.00"), cash=D("-1.001E+3"))
    assert names(folded(World(held=(*without(BUY), other))).booked) == SPECIAL


def test_a_change_of_minus_one_to_minus_two_is_noticed() -> None:
    # To Python's own hash these two are one.
    fee, dearer = (entry("ibkr:cash:9", day(3), "FEE", cash=amount) for amount in ("-1", "-2"))
    assert "ibkr:cash:9" in names(folded(World(booked=(*ALL, fee), held=(*ALL, dearer))).booked)


def test_what_is_folded_is_a_value() -> None:
    empty = Fold([], as_of=LAST).folded(lambda _: [], days=None, edges=[])
    assert empty == Folded(told=[], booked=[], held=[], settled=[], instruments=[])


def test_what_has_no_id_of_ours_is_not_taken_for_booked() -> None:
    folding = Fold([WIDGET], as_of=LAST)
    folding.booked(replace(BUY, external_id=None))
    folding.held(BUY)
    left = folding.folded(lambda _: [], days=None, edges=[])
    assert list(left.held) == [BUY]
