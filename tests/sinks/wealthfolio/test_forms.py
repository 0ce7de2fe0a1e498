"""Which form an activity takes depends on what stands beside it."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

from broker_sync.models import OPENING_BALANCE, SPLIT_TAKES, Activity, ActivityType
from broker_sync.sinks.wealthfolio.forms import PLAIN, Form, Money, forms_of, other_leg
from tests.sinks.wealthfolio.payload_samples import (
    APPLE,
    BRITISH,
    FUTURE,
    SCENARIOS,
    act,
    at,
    buy,
    sell,
    split,
    units,
)
from tests.tables import for_each


def _short(activities: list[Activity]) -> list[Decimal]:
    forms = forms_of(activities, dt.UTC)
    return [forms.get(each.external_id, PLAIN).short for each in activities]


@for_each(
    ("activities", "short"),
    [
        ([buy(APPLE, at(2), "10", "1"), sell(APPLE, at(3), "10", "1")], [0, 0]),
        ([sell(APPLE, at(2), "10", "1"), buy(APPLE, at(3), "10", "1")], [10, 10]),
        ([sell(APPLE, at(2), "10", "1"), buy(APPLE, at(3), "4", "1")], [10, 4]),
        ([sell(APPLE, at(2), "10", "1"), buy(APPLE, at(3), "14", "1")], [10, 10]),
        ([buy(APPLE, at(2), "3", "1"), sell(APPLE, at(3), "10", "1")], [0, 7]),
        ([sell(APPLE, at(2), "1", "1"), sell(APPLE, at(3), "2", "1")], [1, 2]),
        ([sell(APPLE, at(3), "10", "1"), buy(BRITISH, at(4), "10", "1")], [10, 0]),
        (
            [
                sell(APPLE, at(2), "10", "1"),
                units(ActivityType.ADD_HOLDING, 1, APPLE, "10", subtype=OPENING_BALANCE),
            ],
            [0, 0],
        ),
        (
            [
                units(ActivityType.REMOVE_HOLDING, 1, APPLE, "5", subtype=OPENING_BALANCE),
                units(ActivityType.TRANSFER_IN, 3, APPLE, "8"),
            ],
            [5, 5],
        ),
        # A split is no trade; what it does to a short position is part of what is short.
        (
            [
                sell(APPLE, at(2), "10", "1"),
                replace(split(3, APPLE, "10", "2:1"), subtype=SPLIT_TAKES),
                buy(APPLE, at(4), "30", "1"),
            ],
            [10, 0, 20],
        ),
        ([units(ActivityType.ADD_HOLDING, 1, FUTURE, "1"), sell(FUTURE, at(2), "2", "1")], [0, 0]),
    ],
)
def test_units_below_nothing_are_told_apart(activities: list[Activity], short: list[int]) -> None:
    assert _short(activities) == [Decimal(each) for each in short]


def test_what_happens_in_one_second_is_bought_before_it_is_sold() -> None:
    assert _short([sell(APPLE, at(2), "10", "1"), buy(APPLE, at(2), "10", "1")]) == [0, 0]


@for_each(
    ("activities", "is_next_day"),
    [
        ([buy(APPLE, at(2), "10", "1"), split(5, APPLE, "10", "2:1")], False),
        ([buy(APPLE, at(5, 10), "10", "1"), split(5, APPLE, "10", "2:1")], True),
        ([buy(APPLE, at(2), "10", "1"), split(5, APPLE, "10", "2:1", hour=20)], True),
        ([split(5, APPLE, "10", "2:1", hour=20), buy(APPLE, at(5, 21), "10", "1")], False),
        (
            [
                buy(APPLE, at(5, 10), "10", "1"),
                split(5, APPLE, "10", "2:1"),
                buy(APPLE, at(5, 15), "10", "1"),
            ],
            False,
        ),
    ],
)
def test_a_split_after_the_trades_of_its_day_or_after_hours_counts_from_the_next(
    activities: list[Activity], *, is_next_day: bool
) -> None:
    last = next(each for each in reversed(activities) if each.activity_type is ActivityType.SPLIT)
    assert forms_of(activities, dt.UTC).get(last.external_id, PLAIN).next_day is is_next_day


@for_each(
    ("held", "quantity", "ratio", "rest"),
    [
        ("10", "30", "4:1", 0),
        ("10", "7", "1:3", "-0.33333333"),
        ("10", "6", "1:3", "0.66666667"),
        ("1000", "666.6667", "1:3", 0),
        ("900", "900", "1:10", -90),
    ],
)
def test_what_a_split_moves_beyond_its_ratio_is_told_apart(
    held: str, quantity: str, ratio: str, rest: str | int
) -> None:
    activities = [buy(APPLE, at(2), held, "1"), split(5, APPLE, quantity, ratio)]
    assert forms_of(activities, dt.UTC).get(activities[1].external_id, PLAIN).rest == Decimal(rest)


def test_a_split_of_nothing_or_of_what_is_short_has_no_rest() -> None:
    short = [sell(APPLE, at(2), "10", "1"), replace(split(5, APPLE, "7", "2:1"), subtype=SPLIT_TAKES)]
    assert forms_of(short, dt.UTC).get(short[1].external_id, PLAIN) == PLAIN


def test_a_split_of_units_whose_trade_is_booked_afterwards_is_all_rest() -> None:
    activities = [split(5, APPLE, "153", "10:1"), buy(APPLE, at(5, 16), "17", "1")]
    assert forms_of(activities, dt.UTC)[activities[0].external_id].rest == 153


def test_the_splits_of_a_day_are_one_to_the_server() -> None:
    splits = [
        split(5, APPLE, "5", "1:2", hour=10),
        split(5, APPLE, "5", "2:1", hour=11),
        split(5, APPLE, "31", "4:1"),
    ]
    forms = forms_of([buy(APPLE, at(2), "10", "1"), *splits], dt.UTC)
    assert [forms[each.external_id] for each in splits] == [
        Form(ratio=Decimal(4), rest=Decimal(1)),
        Form(noted=True),
        Form(noted=True),
    ]


def test_each_leg_of_a_conversion_knows_the_other() -> None:
    sold, bought = SCENARIOS["conversions"][1:3]
    forms = forms_of(SCENARIOS["conversions"], dt.UTC)
    assert forms[sold.external_id] == Form(against=Money("USD", Decimal("1270.33")))
    assert forms[bought.external_id] == Form(against=Money("GBP", Decimal(1000)))


@for_each(
    "legs",
    [
        [],
        [("EUR", "1", ActivityType.TRANSFER_IN), ("CHF", "1", ActivityType.TRANSFER_IN)],
        [("USD", "1", ActivityType.TRANSFER_IN)],
        [("EUR", "1", ActivityType.TRANSFER_OUT)],
        [("EUR", "0", ActivityType.TRANSFER_IN)],
    ],
)
def test_a_leg_without_one_other_leg_stands_alone(legs: list[tuple[str, str, ActivityType]]) -> None:
    own = act(ActivityType.TRANSFER_OUT, at(2), amount="1", subtype="CONVERSION")
    others = [act(kind, at(2), currency, amount=amount) for currency, amount, kind in legs]
    assert other_leg(own, [own, *others]) is None


def test_a_conversion_without_its_other_leg_has_a_plain_form() -> None:
    own = act(ActivityType.TRANSFER_OUT, at(2), amount="1", subtype="CONVERSION")
    assert forms_of([own], dt.UTC) == {}


@for_each(
    ("form", "text"),
    [
        (PLAIN, ""),
        (Form(short=Decimal("1.50")), "short:1.5"),
        (Form(next_day=True), "next-day"),
        (Form(rest=Decimal("-0.30")), "rest:-0.3"),
        (Form(ratio=Decimal("4.0")), "ratio:4"),
        (Form(next_day=True, noted=True), "next-day;noted"),
        (Form(against=Money("GBP", Decimal("1000.10"))), "against:1000.1 GBP"),
        (Form(short=Decimal(1), next_day=True), "short:1;next-day"),
    ],
)
def test_a_form_is_noted_in_words(form: Form, text: str) -> None:
    assert form.text == text
