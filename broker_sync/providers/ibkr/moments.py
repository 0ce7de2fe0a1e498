"""When a row happened: the moment in UTC, and the day on which the broker books it."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

from broker_sync.providers.ibkr.formats import (
    NEW_YORK,
    DayOrder,
    Stamp,
    is_null,
    read_day,
    read_stamp,
    read_time,
    to_utc,
)
from broker_sync.providers.ibkr.records import Record

__all__ = ["PAST_HOUR", "Clock"]

_NOON: Final = dt.time(12, tzinfo=dt.UTC)
PAST_HOUR: Final = {
    f"{minute:02}{second:02}": dt.timedelta(minutes=minute, seconds=second)
    for minute in range(60)
    for second in range(60)
}
"""Minutes and seconds, as in ``3059``, to the time past the hour."""


class _Days(dict[str, dt.date | None]):
    """Days by their text; a statement has a few hundred of them and names each in thousands of rows."""

    def __init__(self, order: DayOrder | None) -> None:
        super().__init__()
        self._order = order

    def __missing__(self, text: str) -> dt.date | None:
        day = read_day(text, order=self._order)
        if len(self) >= 4096:
            self.clear()
        self[text] = day
        return day


class Clock:
    """Reads the times of one account: `zone` is the one of times that name none.

    `hours` holds the starts of hours that were met (by ``20260521;14``), `days` the days (by their text).
    """

    __slots__ = ("days", "hours", "order", "zone")

    def __init__(self, *, zone: dt.tzinfo = NEW_YORK, order: DayOrder | None = None) -> None:
        """Times are New York's unless `zone` says otherwise; `order` is that of dates with slashes."""
        self.zone = zone
        self.order = order
        self.days = _Days(order)
        self.hours: dict[str, dt.datetime] = {}

    def moment(self, text: str) -> dt.datetime:
        """The moment of a date with time, noon UTC where the text has no time.

        Raises :class:`~broker_sync.errors.ValueFormatError`.
        """
        # The format of nearly all rows (20260521;143000) is put together from its hour and what is past it.
        hour = self.hours.get(text[:11])
        past = PAST_HOUR.get(text[11:])
        return self._learn(text) if hour is None or past is None else hour + past

    def _learn(self, text: str) -> dt.datetime:
        moment = self._general(text)
        if re.fullmatch(r"[0-9]{8};[0-9]{6}", text):
            start, end = self._general(f"{text[:11]}0000"), self._general(f"{text[:11]}5959")
            # Not an hour in which the zone's clock changes.
            if end - start == PAST_HOUR["5959"]:
                if len(self.hours) >= 4096:
                    self.hours.clear()
                self.hours[text[:11]] = start
        return moment

    def _general(self, text: str) -> dt.datetime:
        stamp = read_stamp(text, order=self.order)
        if stamp.clock is None:
            return dt.datetime.combine(stamp.day, _NOON)
        return to_utc(stamp, zone=self.zone)

    def trade_moment(self, row: Record) -> dt.datetime | None:
        """When a trade was dealt: ``dateTime``, else ``tradeDate`` with ``tradeTime``, else the day alone.

        An evening session starts before midnight; the exchange's day rules, so such a trade stands at noon
        of its ``tradeDate``.
        """
        raw = row.raw
        stamp = raw.get("dateTime")
        trade_date = raw.get("tradeDate")
        if stamp and not is_null(stamp):
            if not trade_date or stamp.startswith(trade_date):
                return self.moment(stamp)
            day = row.day("tradeDate")
            if day is not None and read_stamp(stamp, order=self.order).day != day:
                return dt.datetime.combine(day, _NOON)
            return self.moment(stamp)
        day = row.day("tradeDate")
        return None if day is None else self._on(day, row.text("tradeTime"))

    def _on(self, day: dt.date, time: str | None) -> dt.datetime:
        if time is None:
            return dt.datetime.combine(day, _NOON)
        clock, zone = read_time(time)
        return to_utc(Stamp(day=day, clock=clock, zone=zone), zone=self.zone)

    def booked_moment(self, row: Record, booked_on: dt.date) -> dt.datetime:
        """When a booking stands: its ``dateTime`` if that is on the day it was booked, else that day's noon.

        The ``dateTime`` of a dividend or tax is the event, which can lie months before the booking.
        """
        stamp = row.text("dateTime")
        if stamp is not None:
            moment = self.moment(stamp)
            if moment.date() == booked_on:
                return moment
        return dt.datetime.combine(booked_on, _NOON)

    def booked_on(self, row: Record, *others: str) -> dt.date | None:
        """The broker's booking day: ``reportDate``, else the first of `others` that the row has."""
        for name in ("reportDate", *others):
            text = row.raw.get(name)
            day = self.days[text] if text else None
            if day is not None:
                return day
        return None
