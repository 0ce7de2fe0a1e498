"""Reads the texts of a Flex statement: numbers, days, moments and time zones.

A Flex query can be set to seven date formats, four time formats, four separators and an optional time-zone
suffix, and real files mix them. Nothing here guesses: ``05/06/2026`` needs to be told (:class:`DayOrder`)
which number is the month.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, unique
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from broker_sync.errors import ValueFormatError
from broker_sync.values import exact

__all__ = [
    "NEW_YORK",
    "NUMBERS",
    "DayOrder",
    "Stamp",
    "is_null",
    "number",
    "possible_orders",
    "read_day",
    "read_stamp",
    "read_time",
    "reads_two_ways",
    "to_utc",
]

NEW_YORK: Final = ZoneInfo("America/New_York")
"""The zone in which IBKR writes times unless the account or the query says otherwise."""

_NULLS: Final = frozenset({"", "-", "--", "N/A"})
_REMEMBERED: Final = 16384
_MOST_DIGITS: Final = 40
_PLAIN: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?").fullmatch
_ANY_NULL_DAY: Final = _NULLS | {"MULTI"}

# Abbreviations as IBKR prints them behind a time. Those that stand for several zones in the world
# (CST, IST) are read as the one that IBKR's own offices use.
_SUFFIX_ZONES: Final = {
    "EST": "-0500", "EDT": "-0400", "CST": "-0600", "CDT": "-0500", "MST": "-0700", "MDT": "-0600",
    "PST": "-0800", "PDT": "-0700", "GMT": "+0000", "UTC": "+0000", "UT": "+0000", "Z": "+0000",
    "BST": "+0100", "WET": "+0000", "WEST": "+0100", "CET": "+0100", "CEST": "+0200", "MET": "+0100",
    "MEST": "+0200", "EET": "+0200", "EEST": "+0300", "MSK": "+0300", "IST": "+0530", "HKT": "+0800",
    "SGT": "+0800", "AWST": "+0800", "JST": "+0900", "KST": "+0900", "ACST": "+0930", "ACDT": "+1030",
    "AEST": "+1000", "AEDT": "+1100", "NZST": "+1200", "NZDT": "+1300", "AST": "-0400", "ADT": "-0300",
    "BRT": "-0300", "HST": "-1000", "AKST": "-0900", "AKDT": "-0800",
}  # fmt: skip

_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}

_DAY: Final = (
    r"(?:(?P<iso>\d{4}-\d{2}-\d{2})|(?P<compact>\d{8})"
    r"|(?P<slash>\d{1,2}/\d{1,2}/(?:\d{4}|\d{2}))|(?P<named>\d{1,2}-[A-Za-z]{3}-(?:\d{4}|\d{2})))"
)
_CLOCK: Final = r"(?P<hour>\d{2}):?(?P<minute>\d{2})(?::?(?P<second>\d{2})(?:\.\d+)?)?"
_ZONE: Final = r"(?:\s*(?P<zone>Z|[A-Z]{2,5}|(?:UTC|GMT)?[+-]\d{2}:?\d{2}|[A-Z][A-Za-z_]+/[A-Za-z_/]+))?"
# Without a separator only a full clock follows, or the digits of a year and a time could not be told apart.
_STAMP: Final = re.compile(
    rf"{_DAY}(?:(?:(?:[;,T]\s*|\s+)|(?=\d{{6}}|\d{{2}}:\d{{2}}:\d{{2}})){_CLOCK}{_ZONE})?", re.ASCII
)
_TIME: Final = re.compile(rf"{_CLOCK}{_ZONE}", re.ASCII)


@unique
class DayOrder(Enum):
    """Which number comes first in a date with slashes."""

    MONTH_FIRST = "MM/dd"
    DAY_FIRST = "dd/MM"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """A date-time text as read: `clock` None when it had no time, `zone` None when it named none."""

    day: dt.date
    clock: dt.time | None = None
    zone: dt.tzinfo | None = None


def is_null(text: str | None) -> bool:
    """Whether the broker means "nothing" by `text` (absent, empty, a dash, ``N/A``)."""
    return text is None or text in _NULLS


def number(text: str | None) -> Decimal | None:
    """Read a number, thousands commas allowed (``-2,000``); None for a null.

    Raises :class:`ValueFormatError` for anything else.
    """
    return None if text is None else NUMBERS[text]


class _Numbers(dict[str, Decimal | None]):
    """Numbers by their text: the same few prices, sizes and commissions come again and again."""

    def __missing__(self, text: str) -> Decimal | None:
        if len(self) >= _REMEMBERED:
            self.clear()
        if len(text) <= _MOST_DIGITS and _PLAIN(text) is not None:
            self[text] = value = Decimal(text)
            return value
        self[text] = other = None if text in _NULLS else _bounded(exact(_without_thousands(text)), text)
        return other


def _bounded(value: Decimal, text: str) -> Decimal:
    """`value`, if sums with it can be exact; no account holds more, or less, than such numbers say."""
    digits, exponent = value.as_tuple().digits, value.as_tuple().exponent
    if len(digits) > _MOST_DIGITS or max(abs(int(exponent)), abs(value.adjusted())) > _MOST_DIGITS:
        raise ValueFormatError(kind=f"a number of at most {_MOST_DIGITS} digits", text=text)
    return value


NUMBERS: Final = _Numbers()
"""Text -> number, None for a null; raises :class:`ValueFormatError` for anything else. Bounded.

Numbers have at most 40 digits before the point, behind it and in all.
"""


def _without_thousands(text: str) -> str:
    return text.replace(",", "") if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", text, re.ASCII) else text


def possible_orders(text: str) -> frozenset[DayOrder]:
    """The day orders under which `text` is a date; both for a text without slashes."""
    match = _STAMP.match(text)
    if match is None or match["slash"] is None:
        return frozenset(DayOrder)
    first, second, _ = (int(part) for part in match["slash"].split("/"))
    orders = {DayOrder.MONTH_FIRST} if first <= 12 else set()
    return frozenset(orders | ({DayOrder.DAY_FIRST} if second <= 12 else set()))


def reads_two_ways(text: str) -> bool:
    """Whether `text` is one day with the month first and another with the day first."""
    match = _STAMP.match(text)
    if match is None or match["slash"] is None:
        return False
    first, second, _ = (int(part) for part in match["slash"].split("/"))
    return first <= 12 and second <= 12 and first != second


def read_day(text: str | None, *, order: DayOrder | None) -> dt.date | None:
    """Read the day out of a date or a date with time; None for a null or ``MULTI``."""
    if text is None or text in _ANY_NULL_DAY:
        return None
    return read_stamp(text, order=order).day


@lru_cache(maxsize=4096)
def read_stamp(text: str, *, order: DayOrder | None) -> Stamp:
    """Read a date with an optional time and zone; raises :class:`ValueFormatError`.

    With `order` None a date with slashes is only read if both orders mean the same day.
    """
    match = _STAMP.fullmatch(text.strip())
    if match is None:
        raise ValueFormatError(kind="a date or a date with time", text=text)
    try:
        day = _day(match, order=order)
        clock = None if match["hour"] is None else _clock(match)
    except ValueError as error:
        raise ValueFormatError(kind="a date or a date with time", text=text) from error
    return Stamp(day=day, clock=clock, zone=_zone(match["zone"]))


@lru_cache(maxsize=4096)
def read_time(text: str) -> tuple[dt.time, dt.tzinfo | None]:
    """Read a time of day with its zone, if it names one; raises :class:`ValueFormatError`."""
    match = _TIME.fullmatch(text.strip())
    if match is None:
        raise ValueFormatError(kind="a time of day", text=text)
    try:
        return _clock(match), _zone(match["zone"])
    except ValueError as error:
        raise ValueFormatError(kind="a time of day", text=text) from error


def to_utc(stamp: Stamp, *, zone: dt.tzinfo) -> dt.datetime:
    """The moment of `stamp`, whose clock must be set; `zone` counts where the text names none."""
    clock = stamp.clock or dt.time(12)
    moment = dt.datetime.combine(stamp.day, clock, tzinfo=stamp.zone or zone)
    try:
        return moment.astimezone(dt.UTC)
    except OverflowError as error:
        raise ValueFormatError(kind="a moment within the calendar", text=moment.isoformat()) from error


def _day(match: re.Match[str], *, order: DayOrder | None) -> dt.date:
    if (plain := match["iso"] or match["compact"]) is not None:
        return dt.date.fromisoformat(plain)
    if (named := match["named"]) is not None:
        day, month, year = named.split("-")
        return dt.date(_year(year), _MONTHS[month.lower()] if month.lower() in _MONTHS else 0, int(day))
    first, second, year = match["slash"].split("/")
    if order is None:
        order = _only_order(int(first), int(second))
    month, day = (first, second) if order is DayOrder.MONTH_FIRST else (second, first)
    return dt.date(_year(year), int(month), int(day))


def _only_order(first: int, second: int) -> DayOrder:
    if first > 12:
        return DayOrder.DAY_FIRST
    if second > 12 or first == second:
        return DayOrder.MONTH_FIRST
    message = "the order of day and month is not known"
    raise ValueError(message)


def _year(text: str) -> int:
    # Flex statements begin in this century; a two-digit year cannot mean another one.
    return int(text) if len(text) == 4 else 2000 + int(text)


def _clock(match: re.Match[str]) -> dt.time:
    return dt.time(int(match["hour"]), int(match["minute"]), int(match["second"] or "0"))


def _zone(text: str | None) -> dt.tzinfo | None:
    if text is None:
        return None
    if "/" in text:
        return _named_zone(text)
    offset = _SUFFIX_ZONES.get(text, text.removeprefix("UTC").removeprefix("GMT")).replace(":", "")
    if not re.fullmatch(r"[+-](?:[01]\d|2[0-3])[0-5]\d", offset):
        raise ValueFormatError(kind="a known time-zone suffix", text=text)
    minutes = int(offset[1:3]) * 60 + int(offset[3:])
    return dt.timezone(dt.timedelta(minutes=-minutes if offset[0] == "-" else minutes))


def _named_zone(name: str) -> dt.tzinfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueFormatError(kind="a known time zone", text=name) from error
