"""The time zone that an account's statements are written in, told by the hour of its dividends.

IBKR stamps dividends and their taxes at 20:20 New York time. An account that is set to another zone shows the
same moments on another clock.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from broker_sync.providers.ibkr.formats import NEW_YORK, Stamp

__all__ = ["zone_of_dividends"]

_STAMPED_AT: Final = dt.time(20, 20)

# Where IBKR has customers; of zones with the same clock the first is as good as the others.
_ZONES: Final = (
    "America/New_York", "Europe/London", "Europe/Zurich", "Europe/Helsinki", "America/Chicago",
    "America/Denver", "America/Los_Angeles", "America/Sao_Paulo", "Asia/Dubai", "Asia/Kolkata",
    "Asia/Singapore", "Asia/Tokyo", "Australia/Brisbane", "Australia/Sydney", "Australia/Adelaide",
    "Pacific/Auckland", "UTC",
)  # fmt: skip


def zone_of_dividends(stamps: Iterable[Stamp]) -> dt.tzinfo | None:
    """The first zone whose clock shows most of `stamps` at 20:20 New York time; None if none does.

    Stamps with a zone of their own, or without a time, say nothing.
    """
    return _zone_of(tuple(stamp for stamp in stamps if stamp.clock is not None and stamp.zone is None))


# A statement is asked several times.
@lru_cache(maxsize=32)
def _zone_of(told: Sequence[Stamp]) -> dt.tzinfo | None:
    if not told:
        return None
    for name in _ZONES:
        zone = ZoneInfo(name)
        fitting = sum(_is_stamped_there(stamp, zone) for stamp in told)
        if fitting * 2 > len(told):
            return zone
    return None


def _is_stamped_there(stamp: Stamp, zone: dt.tzinfo) -> bool:
    there = dt.datetime.combine(stamp.day, stamp.clock or _STAMPED_AT, tzinfo=zone)
    return there.astimezone(NEW_YORK).time().replace(second=0) == _STAMPED_AT
