"""The server's JSON is read without a guess: what is not of its kind is named."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest

from broker_sync.sinks.wealthfolio.errors import AnswerError
from broker_sync.sinks.wealthfolio.fields import Fields, JsonValue, objects
from tests.tables import for_each


def _one(value: JsonValue) -> Fields:
    return Fields.of({"it": value, "other": 1}, "a thing")


@for_each(
    ("read", "value", "expected"),
    [
        (Fields.text, "text", "text"),
        (Fields.maybe_text, None, None),
        (Fields.flag, False, False),
        (Fields.maybe_flag, None, None),
        (Fields.count, 0, 0),
        (Fields.number, "10.50", Decimal("10.50")),
        (Fields.number, Decimal("1.5"), Decimal("1.5")),
        (Fields.number, 2, Decimal(2)),
        (Fields.maybe_number, None, None),
        (Fields.maybe_part, None, None),
        (Fields.day, "2026-01-05", dt.date(2026, 1, 5)),
        (Fields.moment, "2026-01-05T15:00:00+01:00", dt.datetime(2026, 1, 5, 14, tzinfo=dt.UTC)),
        (Fields.moment, "2026-01-05T15:00:00Z", dt.datetime(2026, 1, 5, 15, tzinfo=dt.UTC)),
        (Fields.moment, "2026-01-05T15:00:00.5", dt.datetime(2026, 1, 5, 15, 0, 0, 500000, tzinfo=dt.UTC)),
        (
            Fields.moment,
            "2026-01-05T15:00:00.123456789Z",
            dt.datetime(2026, 1, 5, 15, 0, 0, 123456, tzinfo=dt.UTC),
        ),
    ],
)
def test_a_field_of_its_kind_is_read(
    read: Callable[[Fields, str], object], value: JsonValue, expected: object
) -> None:
    assert read(_one(value), "it") == expected


@for_each(
    ("read", "wrong"),
    [
        (Fields.text, 1),
        (Fields.maybe_text, []),
        (Fields.flag, "true"),
        (Fields.maybe_flag, 1),
        (Fields.count, True),
        (Fields.count, Decimal("1.5")),
        (Fields.number, "1,5"),
        (Fields.number, True),
        (Fields.maybe_number, []),
        (Fields.day, "5 January"),
        (Fields.moment, "yesterday"),
        (Fields.moment, "2026-01-05T15:00:00.x"),
        (Fields.part, "text"),
        (Fields.parts, {}),
        (Fields.parts, [1]),
    ],
)
def test_a_field_of_another_kind_is_named(read: Callable[[Fields, str], object], wrong: JsonValue) -> None:
    with pytest.raises(AnswerError, match=r"it"):
        read(_one(wrong), "it")


@for_each(
    "read",
    [Fields.text, Fields.flag, Fields.count, Fields.number, Fields.day, Fields.moment, Fields.part],
)
def test_a_field_that_is_missing_or_null_is_named_with_those_that_are_there(
    read: Callable[[Fields, str], object],
) -> None:
    with pytest.raises(AnswerError, match="a thing without it; it has it, other"):
        read(_one(None), "it")
    with pytest.raises(AnswerError, match="it has nothing"):
        read(Fields({}, "a thing"), "it")


@for_each(
    ("value", "kind"),
    [
        (None, "nothing"),
        (True, "true or false"),
        (1, "a number"),
        (Decimal("1.5"), "a number"),
        ("x", "a text"),
        ([], "a list"),
    ],
)
def test_what_is_no_object_is_told_by_its_kind(value: JsonValue, kind: str) -> None:
    with pytest.raises(AnswerError, match=f"{kind} where a thing"):
        Fields.of(value, "a thing")


def test_what_is_no_list_is_told_by_its_kind() -> None:
    with pytest.raises(AnswerError, match="an object where a list"):
        objects({"a": 1}, "things")


def test_parts_are_objects_one_by_one() -> None:
    parts = _one([{"a": 1}, {"a": 2}]).parts("it")
    assert [part.count("a") for part in parts] == [1, 2]
