"""When a row stands: on the broker's booking day in the server's own time zone, in the order of the day.

The server files a row under the day that its moment has in the zone of its settings, and works through a day
by moment; what stands at the same moment has no order. A split it applies to whole days.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from broker_sync.accounting import position_effect
from broker_sync.models import Activity

__all__ = ["start_of", "wire_moment", "wire_text"]

_DAY: Final = dt.timedelta(days=1)
_MARGIN: Final = dt.timedelta(minutes=1)
_TICK: Final = dt.timedelta(microseconds=1)
# How far a moment of a booking day can lie outside that day: zones are up to 14 hours off, and a trade may be
# booked days after it was dealt. Farther ones are not told apart by time any more.
_REACH: Final = dt.timedelta(days=10)


def start_of(day: dt.date, zone: dt.tzinfo) -> dt.datetime:
    """The first moment of `day` in `zone`, in UTC."""
    return dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC)


def wire_moment(activity: Activity, zone: dt.tzinfo, *, takes: bool | None = None) -> dt.datetime:
    """The moment, in UTC, that is sent for `activity` to a server with `zone`.

    It is the activity's own where that lies on its booking day there. Moments before and after that day are
    squeezed, in their order, into its first and its last minute. What takes units comes a microsecond later,
    so that it finds what came in at the same moment; `takes` says so of a row that does not as its activity.
    """
    start, end = start_of(activity.booked_on, zone), start_of(activity.booked_on + _DAY, zone)
    last_minute = end - _MARGIN
    moment = activity.date
    if moment < start + _MARGIN:
        moment = start + _squeezed(moment - (start - _REACH))
    elif moment >= last_minute:
        moment = last_minute + _squeezed(moment - last_minute)
    if takes is None:
        takes = position_effect(activity) < 0
    return moment + _TICK if takes else moment


def wire_text(moment: dt.datetime) -> str:
    """`moment` as the server reads it (RFC 3339)."""
    return moment.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


def _squeezed(offset: dt.timedelta) -> dt.timedelta:
    """`offset`, from nought to a minute more than the reach, within a minute less two ticks, in order."""
    span = _REACH + _MARGIN
    bounded = min(max(offset, dt.timedelta()), span)
    return (_MARGIN - 2 * _TICK) * (bounded / span)
