"""A day stays a day in the server's zone, and what happened first stands first."""

import datetime as dt
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from broker_sync.models import ActivityType
from broker_sync.sinks.wealthfolio.moments import start_of, wire_moment, wire_text
from tests.sinks.wealthfolio.payload_samples import APPLE, act, buy, sell
from tests.tables import for_each

DAY = dt.date(2026, 3, 2)
ZONES = ("UTC", "America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kolkata")


def _on(zone: str, moment: dt.datetime) -> dt.date:
    return moment.astimezone(ZoneInfo(zone)).date()


@for_each(("zone", "hour"), [(zone, hour) for zone in ZONES for hour in range(-30, 56, 5)])
def test_a_row_is_filed_under_its_booking_day_wherever_the_server_is(zone: str, hour: int) -> None:
    date = dt.datetime.combine(DAY, dt.time(), dt.UTC) + dt.timedelta(hours=hour)
    activity = act(ActivityType.DEPOSIT, date, amount="1", booked_on=DAY)
    assert _on(zone, wire_moment(activity, ZoneInfo(zone))) == DAY


def test_a_moment_on_its_day_is_sent_as_it_is() -> None:
    activity = buy(APPLE, dt.datetime(2026, 3, 2, 15, 30, 1, tzinfo=dt.UTC), "1", "1")
    assert wire_moment(activity, ZoneInfo("America/New_York")) == activity.date


@given(
    st.sampled_from(ZONES),
    st.integers(-4 * 86400, 5 * 86400),
    st.integers(1, 86400),
)
def test_what_happened_first_stands_first(zone: str, first: int, later: int) -> None:
    start = dt.datetime.combine(DAY, dt.time(), dt.UTC)
    moments = [start + dt.timedelta(seconds=each) for each in (first, first + later)]
    early, late = (
        wire_moment(act(ActivityType.DEPOSIT, each, amount="1", booked_on=DAY), ZoneInfo(zone))
        for each in moments
    )
    assert early < late
    assert _on(zone, early) == _on(zone, late) == DAY


@for_each("hours", [-1, 24])
def test_a_moment_of_another_day_keeps_its_place_beside_the_edge_of_the_day(hours: int) -> None:
    start = dt.datetime.combine(DAY, dt.time(), dt.UTC)
    moments = [start + dt.timedelta(hours=hours, seconds=second) for second in range(-3660, 3661, 30)]
    sent = [
        wire_moment(act(ActivityType.DEPOSIT, each, amount="1", booked_on=DAY), ZoneInfo("UTC"))
        for each in moments
    ]
    assert sent == sorted(set(sent))


def test_what_takes_units_comes_after_what_adds_them_at_the_same_moment() -> None:
    moment = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
    zone = ZoneInfo("UTC")
    bought, sold = buy(APPLE, moment, "1", "1"), sell(APPLE, moment, "1", "1")
    assert wire_moment(bought, zone) < wire_moment(sold, zone)
    assert wire_moment(sold, zone) - wire_moment(bought, zone) < dt.timedelta(milliseconds=1)


def test_what_is_booked_long_after_it_was_dealt_still_stands_on_its_booking_day() -> None:
    old = act(ActivityType.DEPOSIT, dt.datetime(2020, 1, 1, tzinfo=dt.UTC), amount="1", booked_on=DAY)
    early = act(ActivityType.DEPOSIT, dt.datetime(2030, 1, 1, tzinfo=dt.UTC), amount="1", booked_on=DAY)
    zone = ZoneInfo("Europe/London")
    assert (
        _on("Europe/London", wire_moment(old, zone)) == _on("Europe/London", wire_moment(early, zone)) == DAY
    )


def test_a_day_with_a_change_of_the_clock_begins_when_the_zone_says() -> None:
    assert start_of(dt.date(2026, 3, 30), ZoneInfo("Europe/London")).hour == 23
    assert start_of(dt.date(2026, 3, 29), ZoneInfo("Europe/London")).hour == 0


def test_a_moment_is_written_in_utc() -> None:
    moment = dt.datetime(2026, 3, 2, 10, 0, 0, 5, tzinfo=ZoneInfo("America/New_York"))
    assert wire_text(moment) == "2026-03-02T15:00:00.000005Z"
