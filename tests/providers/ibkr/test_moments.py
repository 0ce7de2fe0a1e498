from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker_sync.errors import ValueFormatError
from broker_sync.providers.ibkr.formats import DayOrder, read_stamp, to_utc
from broker_sync.providers.ibkr.moments import Clock
from broker_sync.providers.ibkr.records import CashTransaction, Trade
from tests.tables import for_each

from .builders import cash, trade

ZONE_NAMES = [
    "America/New_York", "Europe/London", "Europe/Zurich", "Asia/Hong_Kong", "Asia/Kolkata", "Asia/Kathmandu",
    "Australia/Sydney", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Chatham", "America/Sao_Paulo",
    "Africa/Casablanca", "Pacific/Apia", "UTC",
]  # fmt: skip


def utc(year: int, month: int, day: int, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(year, month, day, hour, minute, tzinfo=dt.UTC)


def when(**changes: str | None) -> dt.datetime | None:
    return Clock().trade_moment(Trade(trade(**changes)))


@for_each(
    ("text", "moment"),
    [
        ("20260115;103000", utc(2026, 1, 15, 15, 30)),
        ("20260520;103000", utc(2026, 5, 20, 14, 30)),
        ("20260308;015900", utc(2026, 3, 8, 6, 59)),
        ("20260308;030000", utc(2026, 3, 8, 7, 0)),
        ("20261101;005900", utc(2026, 11, 1, 4, 59)),
        ("20261101;013000", utc(2026, 11, 1, 5, 30)),
        ("20261101;020000", utc(2026, 11, 1, 7, 0)),
        ("2026-05-20 10:30:00", utc(2026, 5, 20, 14, 30)),
    ],
)
def test_a_time_without_a_zone_is_new_yorks(text: str, moment: dt.datetime) -> None:
    assert Clock().moment(text) == moment


def test_another_zone_can_be_the_accounts() -> None:
    sydney = Clock(zone=ZoneInfo("Australia/Sydney"))
    assert sydney.moment("20260521;003000") == utc(2026, 5, 20, 14, 30)


def test_a_suffix_counts_more_than_the_zone_of_the_account() -> None:
    sydney = Clock(zone=ZoneInfo("Australia/Sydney"))
    assert sydney.moment("2026-05-21;10:30:00 EDT") == utc(2026, 5, 21, 14, 30)


def test_a_day_without_a_time_stands_at_noon_utc() -> None:
    assert Clock().moment("20260520") == utc(2026, 5, 20, 12)


def test_every_moment_is_in_utc() -> None:
    for text in ("20260520", "20260520;103000", "20260520;103000", "20260520;103000 EDT"):
        assert Clock().moment(text).tzinfo is dt.UTC


def test_dates_with_slashes_follow_the_order_of_the_document() -> None:
    assert Clock(order=DayOrder.DAY_FIRST).moment("05/06/2026;103000") == utc(2026, 6, 5, 14, 30)
    assert Clock(order=DayOrder.MONTH_FIRST).moment("05/06/2026;103000") == utc(2026, 5, 6, 14, 30)


# --- the quick way through the usual format says what the general way says ---


def general(text: str, zone: dt.tzinfo) -> dt.datetime | None:
    try:
        return to_utc(read_stamp(text, order=None), zone=zone)
    except ValueFormatError:
        return None


def by(clock: Clock, text: str) -> dt.datetime | None:
    try:
        return clock.moment(text)
    except ValueFormatError:
        return None


stamps = st.datetimes(min_value=dt.datetime(2000, 1, 1), max_value=dt.datetime(2037, 12, 31))  # noqa: DTZ001


@given(
    st.sampled_from(ZONE_NAMES),
    stamps,
    st.lists(st.tuples(st.integers(0, 59), st.integers(0, 59)), max_size=4),
)
def test_the_quick_way_equals_the_general_one(
    name: str, start: dt.datetime, later: list[tuple[int, int]]
) -> None:
    zone = ZoneInfo(name)
    clock = Clock(zone=zone)
    for minute, second in [(0, 0), *later, (59, 59)]:
        text = start.replace(minute=minute, second=second).strftime("%Y%m%d;%H%M%S")
        assert clock.moment(text) == general(text, zone)


def changes_of(name: str, year: int) -> list[dt.datetime]:
    """The local half hours in which the clocks of a place are changed in a year."""
    zone = ZoneInfo(name)

    def changed(start: dt.datetime, step: dt.timedelta) -> bool:
        return start.astimezone(zone).utcoffset() != (start + step).astimezone(zone).utcoffset()

    one_day, half_hour = dt.timedelta(days=1), dt.timedelta(minutes=30)
    days = [dt.datetime(year, 1, 1, tzinfo=dt.UTC) + one_day * number for number in range(366)]
    starts = [day + half_hour * number for day in days if changed(day, one_day) for number in range(48)]
    found = [start + half_hour for start in starts if changed(start, half_hour)]
    return [moment.astimezone(zone).replace(tzinfo=None) for moment in found]


@for_each(
    ("name", "year"),
    [
        ("America/New_York", 2026),
        ("America/New_York", 2006),
        ("Europe/London", 2025),
        ("Australia/Sydney", 2025),
        ("Australia/Lord_Howe", 2025),
        ("America/St_Johns", 2010),
        ("Pacific/Chatham", 2025),
        ("Africa/Casablanca", 2025),
        ("Pacific/Apia", 2011),
    ],
)
def test_the_hour_in_which_clocks_change_is_read_alike(name: str, year: int) -> None:
    zone = ZoneInfo(name)
    changes = changes_of(name, year)
    assert changes
    for change in changes:
        clock = Clock(zone=zone)
        for minutes in range(-150, 151, 5):
            text = (change + dt.timedelta(minutes=minutes)).strftime("%Y%m%d;%H%M%S")
            assert clock.moment(text) == general(text, zone), text


def test_a_wrong_time_in_a_known_hour_is_wrong_still() -> None:
    clock = Clock()
    clock.moment("20260521;143000")
    for rest in ("6000", "3060", ".548", "32.8", ":224", "32,7", "3+01", "30\u0660\u0660", "30:0", "ab12"):
        with pytest.raises(ValueFormatError):
            clock.moment(f"20260521;14{rest}")


@given(st.text("0123456789:.,;+-Z TW", min_size=4, max_size=4))
def test_whatever_follows_a_known_hour_is_read_as_the_general_way_reads_it(rest: str) -> None:
    clock = Clock()
    clock.moment("20260521;143000")
    text = f"20260521;14{rest}"
    assert by(clock, text) == general(text, clock.zone)


@for_each("text", ["99991231;235959", "99991231;230000", "00010101;000000"])
@for_each("zone", ["America/New_York", "Asia/Tokyo"])
def test_the_ends_of_the_calendar_do_no_worse_than_an_error_of_form(text: str, zone: str) -> None:
    clock = Clock(zone=ZoneInfo(zone))
    for _ in range(2):
        moment = by(clock, text)
        assert moment is None or moment.tzinfo is dt.UTC


def test_many_different_hours_and_days_do_not_pile_up() -> None:
    clock = Clock()
    first = dt.datetime(2010, 1, 1, tzinfo=dt.UTC)
    for hours in range(4200):
        moment = first + dt.timedelta(hours=hours)
        local = moment.astimezone(clock.zone)
        if local.fold == 0:
            assert clock.moment(local.strftime("%Y%m%d;%H%M%S")) == moment
    for days in range(4200):
        day = first.date() + dt.timedelta(days=days)
        assert clock.booked_on(Trade({"reportDate": day.isoformat()})) == day


# --- trades ---


def test_a_trade_stands_where_its_date_and_time_say() -> None:
    assert when() == utc(2026, 5, 20, 14, 30)
    assert when(tradeDate=None) == utc(2026, 5, 20, 14, 30)


def test_the_day_may_be_written_otherwise_than_the_moment() -> None:
    assert when(tradeDate="2026-05-20") == utc(2026, 5, 20, 14, 30)
    assert when(dateTime="2026-05-20, 10:30:00") == utc(2026, 5, 20, 14, 30)


def test_an_evening_session_belongs_to_the_exchanges_next_day() -> None:
    assert when(dateTime="20260519;203000") == utc(2026, 5, 20, 12)
    assert when(dateTime="2026-05-19;20:30:00", tradeDate="2026-05-20") == utc(2026, 5, 20, 12)


@for_each("nothing", [None, "", "-", "--", "N/A"])
def test_the_day_and_time_of_trading_do_where_there_is_no_moment(nothing: str | None) -> None:
    assert when(dateTime=nothing, tradeTime="10:30:00") == utc(2026, 5, 20, 14, 30)
    assert when(dateTime=nothing, tradeTime="10:30:00 BST") == utc(2026, 5, 20, 9, 30)
    assert when(dateTime=nothing) == utc(2026, 5, 20, 12)
    assert when(dateTime=nothing, tradeDate=None) is None


@for_each("nothing", ["", "-", "--", "MULTI"])
def test_a_moment_needs_no_day_of_trading(nothing: str) -> None:
    assert when(tradeDate=nothing) == utc(2026, 5, 20, 14, 30)


def test_a_trade_dated_by_day_stands_at_noon() -> None:
    assert when(dateTime="20260520") == utc(2026, 5, 20, 12)


# --- cash ---


def booked(clock: Clock, **changes: str | None) -> tuple[dt.date | None, dt.datetime | None]:
    row = CashTransaction(cash(**changes))
    day = clock.booked_on(row, "dateTime", "date", "settleDate")
    return day, None if day is None else clock.booked_moment(row, day)


def test_a_cash_row_is_booked_on_its_report_date() -> None:
    day, moment = booked(Clock(), dateTime="20260120;202000", reportDate="20260522")
    assert day == dt.date(2026, 5, 22)
    assert moment == utc(2026, 5, 22, 12)


def test_a_moment_on_the_day_of_booking_is_kept() -> None:
    assert booked(Clock(), dateTime="20260522;093000")[1] == utc(2026, 5, 22, 13, 30)


def test_a_late_evening_that_is_the_next_day_in_utc_stays_on_its_day() -> None:
    assert booked(Clock(), dateTime="20260522;202000")[1] == utc(2026, 5, 22, 12)


def test_without_a_report_date_the_next_best_day_counts() -> None:
    assert booked(Clock(), reportDate=None)[0] == dt.date(2026, 5, 22)
    assert booked(Clock(), reportDate="-", dateTime=None, date="2026-05-23")[0] == dt.date(2026, 5, 23)
    assert booked(Clock(), reportDate=None, dateTime="", settleDate="20260524") == (
        dt.date(2026, 5, 24),
        utc(2026, 5, 24, 12),
    )
    assert booked(Clock(), reportDate=None, dateTime=None, settleDate=None) == (None, None)
