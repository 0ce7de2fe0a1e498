"""Days, moments and numbers as people read them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Final

__all__ = [
    "FILLING",
    "MONEY",
    "aligned_numbers",
    "day_words",
    "moment_words",
    "month_words",
    "number_words",
    "side_words",
    "signed",
]

MONEY: Final = 2
"""The places that an amount of money has at least."""

_MONTHS: Final = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_SPACE: Final = "\u00a0"
_FIGURE: Final = "\u2007"
_POINT: Final = "\u2008"
FILLING: Final = _FIGURE + _POINT
"""What :func:`aligned_numbers` fills up with."""

_MINUS: Final = "\u2212"


def day_words(day: dt.date) -> str:
    """``30 Sep 2025``, held together."""
    return f"{day.day}{_SPACE}{_MONTHS[day.month - 1]}{_SPACE}{day.year}"


def month_words(day: dt.date) -> str:
    """``Sep 2025``."""
    return f"{_MONTHS[day.month - 1]}{_SPACE}{day.year}"


def moment_words(moment: dt.datetime) -> str:
    """``30 Sep 2025, 02:05 UTC``."""
    there = moment.astimezone(dt.UTC)
    return f"{day_words(there.date())}, {there:%H:%M}{_SPACE}UTC"


def number_words(number: str, *, places: int = 0) -> str:
    """A decimal text with a real minus, its thousands apart, and so many places at least."""
    sign = _MINUS if number.startswith("-") else ""
    whole, _, fraction = number.removeprefix("-").partition(".")
    filled = fraction.ljust(places, "0")
    return f"{sign}{int(whole):,}{'.' if filled else ''}{filled}"


def signed(number: str, *, places: int = 0) -> str:
    """As :func:`number_words`, with its sign even if it is a plus."""
    told = number_words(number, places=places)
    return told if told.startswith(_MINUS) else f"+{told}"


def aligned_numbers(numbers: Iterable[str]) -> list[str]:
    """Numbers in words, filled up so that their points stand below each other where they end alike."""
    told = list(numbers)
    most = max((len(each.partition(".")[2]) for each in told), default=0)
    return [_filled(each, most) for each in told]


def _filled(number: str, most: int) -> str:
    _, point, fraction = number.partition(".")
    missing = _FIGURE * (most - len(fraction))
    return f"{number}{'' if point or not most else _POINT}{missing}"


def side_words(of: str, label: str) -> str:
    """What a person calls one thing that is compared: an instrument as it is, else with what of it."""
    names = {"cash": f"{label} cash", "nav": f"Net asset value ({label})"}
    return names.get(of, label)
