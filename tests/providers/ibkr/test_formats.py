from __future__ import annotations

import contextlib
import datetime as dt
import itertools
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker_sync.errors import ValueFormatError
from broker_sync.providers.ibkr.formats import (
    DayOrder,
    Stamp,
    is_null,
    number,
    possible_orders,
    read_day,
    read_stamp,
    read_time,
    to_utc,
)
from tests.tables import for_each

MONTH_FIRST = DayOrder.MONTH_FIRST
DAY_FIRST = DayOrder.DAY_FIRST

DATES = {
    "yyyyMMdd": ("%Y%m%d", None),
    "yyyy-MM-dd": ("%Y-%m-%d", None),
    "MM/dd/yyyy": ("%m/%d/%Y", MONTH_FIRST),
    "MM/dd/yy": ("%m/%d/%y", MONTH_FIRST),
    "dd/MM/yyyy": ("%d/%m/%Y", DAY_FIRST),
    "dd/MM/yy": ("%d/%m/%y", DAY_FIRST),
    "dd-MMM-yy": ("%d-%b-%y", None),
}
"""Every date format of a Flex query -> how it is written, and what the reader must be told."""

TIMES = {"HHmmss": "%H%M%S", "HH:mm:ss": "%H:%M:%S"}
SEPARATORS = [";", ",", " ", "", ", ", "T"]
ZONES = {
    "": None,
    " EDT": -4,
    " BST": 1,
    " America/New_York": -4,
    "-04:00": -4,
    "Z": 0,
    " UTC+02:00": 2,
    " GMT": 0,
}

# 12:34:56 on a day whose numbers tell year, month and day apart, and one whose numbers do not.
MOMENTS = [dt.datetime(2026, 5, 21, 14, 30, 7), dt.datetime(2020, 10, 11, 20, 15, 0)]  # noqa: DTZ001

moments = st.datetimes(min_value=dt.datetime(2000, 1, 1), max_value=dt.datetime(2099, 12, 31)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0)
)


@for_each("time", TIMES)
@for_each("date", DATES)
def test_every_setting_of_a_query_is_read(date: str, time: str) -> None:
    pattern, order = DATES[date]
    for moment, separator in itertools.product(MOMENTS, SEPARATORS):
        text = moment.strftime(f"{pattern}{separator}{TIMES[time]}")
        assert read_stamp(text, order=order) == Stamp(day=moment.date(), clock=moment.time()), text


@for_each("time", TIMES)
@for_each("date", DATES)
def test_every_setting_may_name_its_zone(date: str, time: str) -> None:
    moment = MOMENTS[0]
    pattern, order = DATES[date]
    for (suffix, hours), separator in itertools.product(ZONES.items(), SEPARATORS):
        text = moment.strftime(f"{pattern}{separator}{TIMES[time]}") + suffix
        stamp = read_stamp(text, order=order)
        offset = None if stamp.zone is None else stamp.zone.utcoffset(moment)
        assert (stamp.day, stamp.clock) == (moment.date(), moment.time()), text
        assert offset == (None if hours is None else dt.timedelta(hours=hours)), text


@given(moments, st.sampled_from(sorted(DATES)), st.sampled_from(sorted(TIMES)), st.sampled_from(SEPARATORS))
def test_any_moment_written_in_any_format_is_read_back(
    moment: dt.datetime, date: str, time: str, separator: str
) -> None:
    pattern, order = DATES[date]
    text = moment.strftime(f"{pattern}{separator}{TIMES[time]}")
    assert read_stamp(text, order=order) == Stamp(day=moment.date(), clock=moment.time())


@given(moments, st.sampled_from(sorted(DATES)))
def test_any_day_written_in_any_format_is_read_back(moment: dt.datetime, date: str) -> None:
    pattern, order = DATES[date]
    assert read_day(moment.strftime(pattern), order=order) == moment.date()
    assert moment.date() == read_stamp(moment.strftime(pattern), order=order).day


def test_formats_may_be_mixed_in_one_file() -> None:
    texts = [
        "20250207;154512",
        "2025-02-07;15:45:12",
        "2025-02-07;154512",
        "20250207 154512",
        "2025-02-0715:45:12",
    ]
    assert {read_stamp(text, order=None) for text in texts} == {
        Stamp(day=dt.date(2025, 2, 7), clock=dt.time(15, 45, 12))
    }


@for_each(
    ("text", "day"),
    [
        ("12/31/25", dt.date(2025, 12, 31)),
        ("31/12/25", dt.date(2025, 12, 31)),
        ("12/31/2025;101500", dt.date(2025, 12, 31)),
        ("31/12/2025, 10:15:00", dt.date(2025, 12, 31)),
        ("05/05/2026", dt.date(2026, 5, 5)),
        ("5/5/2026", dt.date(2026, 5, 5)),
        ("21-May-26", dt.date(2026, 5, 21)),
        ("21-MAY-26", dt.date(2026, 5, 21)),
        ("1-Sep-2026", dt.date(2026, 9, 1)),
    ],
)
def test_a_date_that_can_only_be_one_day_needs_no_order(text: str, day: dt.date) -> None:
    assert read_day(text, order=None) == day


@for_each("month", range(1, 13))
def test_every_month_has_its_name(month: int) -> None:
    day = dt.date(2026, month, 3)
    assert read_day(day.strftime("%d-%b-%y"), order=None) == day


def test_an_ambiguous_date_is_not_guessed() -> None:
    with pytest.raises(ValueFormatError):
        read_day("05/06/2026", order=None)
    assert read_day("05/06/2026", order=MONTH_FIRST) == dt.date(2026, 5, 6)
    assert read_day("05/06/2026", order=DAY_FIRST) == dt.date(2026, 6, 5)


def test_an_order_under_which_a_date_does_not_exist_is_an_error() -> None:
    with pytest.raises(ValueFormatError):
        read_day("31/12/2025", order=MONTH_FIRST)


@for_each(
    ("text", "orders"),
    [
        ("05/06/2026", {MONTH_FIRST, DAY_FIRST}),
        ("12/31/2025", {MONTH_FIRST}),
        ("31/12/2025;101500", {DAY_FIRST}),
        ("13/13/2025", set()),
        ("20260506", {MONTH_FIRST, DAY_FIRST}),
        ("not a date", {MONTH_FIRST, DAY_FIRST}),
    ],
)
def test_a_date_says_which_orders_it_allows(text: str, orders: set[DayOrder]) -> None:
    assert possible_orders(text) == orders


@for_each("text", [None, "", "-", "--", "N/A"])
def test_a_broker_says_nothing_in_several_ways(text: str | None) -> None:
    assert is_null(text)
    assert number(text) is None
    assert read_day(text, order=None) is None


def test_a_row_of_many_days_has_no_day() -> None:
    assert read_day("MULTI", order=None) is None
    assert not is_null("MULTI")


@for_each(
    ("text", "value"),
    [
        ("0", "0"),
        ("-0", "0"),
        ("-2,000", "-2000"),
        ("1,234,567.89", "1234567.89"),
        ("+1,000", "1000"),
        ("0.000001655", "0.000001655"),
        ("1E-7", "0.0000001"),
    ],
)
def test_numbers_are_read_as_the_broker_writes_them(text: str, value: str) -> None:
    assert number(text) == Decimal(value)
    assert number(text) == Decimal(value), "and once more from memory"


@for_each("text", ["1,23", "12,34,567", ",5", "1,000,", "0.0 ()", "abc", "1 000", "1.000,50", "NaN", " 1"])
def test_a_wrong_number_is_an_error_of_form(text: str) -> None:
    with pytest.raises(ValueFormatError):
        number(text)


@for_each("text", ["9" * 40, "-" + "9" * 39 + ".9", "0." + "3" * 39, "1e39", "1E-40", "0e9"])
def test_a_number_has_at_most_forty_digits(text: str) -> None:
    assert number(text) == Decimal(text)


TOO_LONG = ["1e150", "1e41", "1e-41", "9" * 42, "-" + "9" * 41 + "." + "9", "0." + "3" * 41, "-1" + "0" * 60]


@for_each("text", [*TOO_LONG, "1e999", "0e99"])
def test_a_number_that_no_account_can_hold_is_an_error_of_form(text: str) -> None:
    with pytest.raises(ValueFormatError, match="is not a number of at most 40 digits"):
        number(text)


def test_many_different_numbers_do_not_pile_up() -> None:
    for value in range(20_000):
        assert number(f"7.{value}") == Decimal(f"7.{value}")


WRONG_STAMPS = [
    "", "x", "2026", "20261301", "20260230", "2026-13-01", "2026-5-1", "20260521;250000",
    "20260521;146000", "20260521;143061", "20260521;14", "21-Mai-26", "31-Feb-26", "00000000",
    "05/06/0000", "20260521;143000 XYZ", "20260521;143000 ABCDEF", "20260521;143000 edt",
    "20260521;143000 Nowhere/City", "20260521;143000 America/Argentina", "20260521;143000 Abc//x",
    "20260521 EDT", "2026052;143000", "20260521;143000;", "1 20260521", "45/45/2026",
]  # fmt: skip


@for_each("text", WRONG_STAMPS)
def test_a_wrong_date_is_an_error_of_form(text: str) -> None:
    for order in (None, MONTH_FIRST, DAY_FIRST):
        with pytest.raises(ValueFormatError):
            read_stamp(text, order=order)


@for_each("offset", ["+9999", "-2400", "+24:00"])
def test_an_offset_that_no_clock_has_is_an_error_of_form(offset: str) -> None:
    with pytest.raises(ValueFormatError):
        read_stamp(f"20260521;143000 {offset}", order=None)
    with pytest.raises(ValueFormatError):
        read_time(f"14:30:00 {offset}")


@for_each(
    "text", ["\u0660\u0665/06/2026", "\uff12\uff10260521", "2026052\u0661;143000", "20260521;14300\u0660"]
)
def test_only_ascii_digits_make_a_date(text: str) -> None:
    with pytest.raises(ValueFormatError):
        read_stamp(text, order=MONTH_FIRST)


ALPHABET = "0123456789/:;-,.+ TZEDBSamyJUN\u0663"


@given(st.text(ALPHABET, max_size=24) | st.text(max_size=12), st.sampled_from([None, MONTH_FIRST, DAY_FIRST]))
def test_no_text_does_worse_than_an_error_of_form(text: str, order: DayOrder | None) -> None:
    for read in (
        lambda: read_stamp(text, order=order),
        lambda: read_day(text, order=order),
        lambda: read_time(text),
        lambda: number(text),
        lambda: possible_orders(text),
    ):
        with contextlib.suppress(ValueFormatError):
            read()


@for_each("text", ["14:30:07", "143007", " 14:30:07 "])
def test_a_time_is_read_with_and_without_colons(text: str) -> None:
    assert read_time(text) == (dt.time(14, 30, 7), None)


def test_a_time_may_leave_out_its_seconds_and_ignores_their_fractions() -> None:
    assert read_time("14:30")[0] == dt.time(14, 30)
    assert read_time("14:30:07.123")[0] == dt.time(14, 30, 7)


def test_a_time_may_name_its_zone() -> None:
    clock, zone = read_time("14:30:00 BST")
    assert (clock, zone) == (dt.time(14, 30), dt.timezone(dt.timedelta(hours=1)))


@for_each("text", ["", "14", "25:00:00", "14:61:00", "noon", "20260521;143000", "14:30:00 XYZ"])
def test_a_wrong_time_is_an_error_of_form(text: str) -> None:
    with pytest.raises(ValueFormatError):
        read_time(text)


# As the tz database says it, so that the table is not held against itself.
SUFFIXES = {
    "EST": ("America/New_York", 1), "EDT": ("America/New_York", 7), "CST": ("America/Chicago", 1),
    "CDT": ("America/Chicago", 7), "MST": ("America/Denver", 1), "MDT": ("America/Denver", 7),
    "PST": ("America/Los_Angeles", 1), "PDT": ("America/Los_Angeles", 7), "AKST": ("America/Anchorage", 1),
    "AKDT": ("America/Anchorage", 7), "HST": ("Pacific/Honolulu", 1), "AST": ("America/Halifax", 1),
    "ADT": ("America/Halifax", 7), "BRT": ("America/Sao_Paulo", 7), "GMT": ("Europe/London", 1),
    "BST": ("Europe/London", 7), "WET": ("Europe/Lisbon", 1), "WEST": ("Europe/Lisbon", 7),
    "CET": ("Europe/Zurich", 1), "CEST": ("Europe/Zurich", 7), "MET": ("Europe/Berlin", 1),
    "MEST": ("Europe/Berlin", 7), "EET": ("Europe/Helsinki", 1), "EEST": ("Europe/Helsinki", 7),
    "MSK": ("Europe/Moscow", 1), "IST": ("Asia/Kolkata", 1), "HKT": ("Asia/Hong_Kong", 1),
    "SGT": ("Asia/Singapore", 1), "AWST": ("Australia/Perth", 1), "JST": ("Asia/Tokyo", 1),
    "KST": ("Asia/Seoul", 1), "ACST": ("Australia/Darwin", 1), "ACDT": ("Australia/Adelaide", 1),
    "AEST": ("Australia/Sydney", 7), "AEDT": ("Australia/Sydney", 1), "NZST": ("Pacific/Auckland", 7),
    "NZDT": ("Pacific/Auckland", 1), "UTC": ("UTC", 1), "UT": ("UTC", 1), "Z": ("UTC", 1),
}  # fmt: skip


@for_each(("suffix", "place"), SUFFIXES.items(), ids=SUFFIXES)
def test_a_suffix_means_the_clock_of_its_place(suffix: str, place: tuple[str, int]) -> None:
    name, month = place
    stamp = read_stamp(f"2025{month:02}15;120000 {suffix}", order=None)
    there = dt.datetime(2025, month, 15, 12, tzinfo=ZoneInfo(name))
    assert to_utc(stamp, zone=dt.UTC) == there


def test_a_zone_in_the_text_counts_more_than_the_accounts() -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    told = read_stamp("20260521;143000 BST", order=None)
    untold = read_stamp("20260521;143000", order=None)
    assert to_utc(told, zone=tokyo) == dt.datetime(2026, 5, 21, 13, 30, tzinfo=dt.UTC)
    assert to_utc(untold, zone=tokyo) == dt.datetime(2026, 5, 21, 5, 30, tzinfo=dt.UTC)


@for_each("text", ["99991231;235959", "00010101;000000"])
@for_each("zone", ["America/New_York", "Asia/Tokyo"])
def test_a_moment_beyond_the_calendar_is_an_error_of_form(text: str, zone: str) -> None:
    stamp = read_stamp(text, order=None)
    try:
        moment = to_utc(stamp, zone=ZoneInfo(zone))
    except ValueFormatError:
        return
    assert moment.tzinfo is dt.UTC
