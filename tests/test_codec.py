"""What is written as text reads back the same; text of another form is refused by name."""

import datetime as dt
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker_sync.codec import (
    activity_from_fields,
    activity_from_json,
    activity_to_fields,
    activity_to_json,
    instrument_from_json,
    instrument_to_json,
    opening_from_json,
    opening_to_json,
)
from broker_sync.errors import ValueFormatError
from broker_sync.models import Activity, Instrument, Position
from broker_sync.values import Isin
from tests.storage.samples import activities, buy, instruments, positions

amounts = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12)


@given(activities)
def test_an_activity_reads_back_the_same_from_fields_and_from_json(activity: Activity) -> None:
    assert activity_from_fields(activity_to_fields(activity)) == activity
    assert activity_from_json(activity_to_json(activity)) == activity


@given(instruments)
def test_an_instrument_reads_back_the_same(instrument: Instrument) -> None:
    assert instrument_from_json(instrument_to_json(instrument)) == instrument


@given(
    st.none() | st.lists(positions, max_size=3).map(tuple),
    st.none() | st.dictionaries(st.sampled_from(["GBP", "USD"]), amounts),
)
def test_an_opening_reads_back_the_same_and_unknown_is_not_empty(
    held: tuple[Position, ...] | None, cash: dict[str, Decimal] | None
) -> None:
    assert opening_from_json(opening_to_json(held, cash)) == (held, cash)


def test_values_come_back_as_what_they_were_not_as_text() -> None:
    read = activity_from_json(activity_to_json(buy(1)))
    assert read.date.tzinfo is dt.UTC
    assert read.instrument is not None
    assert isinstance(read.instrument.isin, Isin)


def test_json_is_compact_and_leaves_out_what_is_not_there() -> None:
    text = activity_to_json(buy(1, comment=None))
    assert "comment" not in json.loads(text)
    assert ": " not in text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "{}",
        activity_to_json(buy(1)).replace('"BUY"', '"BOUGHT"'),
        activity_to_json(buy(1)).replace('"quantity":"2"', '"quantity":2'),
        activity_to_json(buy(1)).replace('"quantity":"2"', '"quantity":"NaN"'),
        activity_to_json(buy(1)).replace('"currency":"GBP"', '"currency":null', 1),
        activity_to_json(buy(1)).replace("+00:00", ""),
        activity_to_json(buy(1)).replace('"instrument_multiplier":"1"', '"instrument_multiplier":null'),
    ],
)
def test_json_that_is_not_an_activity_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueFormatError, match="is not a stored activity"):
        activity_from_json(text)


def test_fields_that_are_not_an_activity_are_refused_by_name() -> None:
    with pytest.raises(ValueFormatError, match="is not a stored activity"):
        activity_from_fields({**activity_to_fields(buy(1)), "booked_on": "yesterday"})


def test_text_that_is_not_an_instrument_or_an_opening_is_refused_by_name() -> None:
    with pytest.raises(ValueFormatError, match="is not a stored instrument"):
        instrument_from_json('{"instrument_symbol":"AAPL"}')
    with pytest.raises(ValueFormatError, match="is not a stored opening"):
        opening_from_json('{"positions":[]}')
