"""The kinds of values that a setting can have: what is accepted, and what becomes of the text."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from typing import Final, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from broker_sync.models import AccountType
from broker_sync.settings.kind import Kind, T
from broker_sync.settings.secret import Address, Secret, shown

__all__ = [
    "ACCOUNT_TYPE",
    "ADDRESS",
    "DAY",
    "DECIMAL",
    "FLAG",
    "PASSWORD",
    "PRESENCE",
    "QUERIES",
    "TEXT",
    "TIME_ZONE",
    "TOKEN",
    "WISH",
    "choice",
    "whole",
]

_E = TypeVar("_E", bound=StrEnum)
_YES: Final = frozenset({"1", "true", "yes", "on"})
_NO: Final = frozenset({"0", "false", "no", "off"})
_QUERY_NUMBER: Final = {"type": "integer", "minimum": 1}
_QUERY_TEXT: Final = {"type": "string", "pattern": "^[0-9][0-9, ]*$"}
_PLAIN_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_PLAIN_NUMBER: Final = re.compile(r"[0-9]+(\.[0-9]+)?")


# --- texts ---


def _text(text: str) -> str:
    stripped = text.strip()
    if not stripped.isprintable():
        raise ValueError
    return stripped


def _token(text: str) -> Secret:
    return Secret(_text(text))


def _password(text: str) -> Secret:
    if not text.isprintable():
        raise ValueError
    return Secret(text)


def _queries(text: str) -> tuple[str, ...]:
    numbers = tuple(dict.fromkeys(_text(text).replace(",", " ").split()))
    if not all(number.isascii() and number.isdigit() for number in numbers):
        raise ValueError
    return numbers


TEXT: Final = Kind(title="a text on one line", read=_text, example='"text"')
TOKEN: Final = Kind(title="one line", read=_token, example='"token"', is_secret=True)
PASSWORD: Final = Kind(title="one line", read=_password, example='"password"', is_secret=True)
QUERIES: Final = Kind(
    title="the number of a Flex query (digits, not its name), or several of them",
    read=_queries,
    example="[1234567]",
    written=(list, str, int),
    schema={
        "anyOf": [
            _QUERY_NUMBER,
            _QUERY_TEXT,
            {"type": "array", "items": {"anyOf": [_QUERY_NUMBER, _QUERY_TEXT]}},
        ]
    },
    show=", ".join,
)


def _address(text: str) -> Address:
    parts = urlsplit(_text(text))  # raises ValueError for half an IPv6 address
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError
    return Address(text.strip())


ADDRESS: Final = Kind(
    title="an address that begins with http:// or https://",
    read=lambda text: _without_message(_address, text),
    example='"https://host.example"',
    schema={"type": "string", "pattern": "^https?://."},
    show=shown,
)


# --- numbers, days, yes or no ---


def whole(least: int, most: int | None, *, of: str) -> Kind[int]:
    """Whole numbers from `least` to `most` (None: without end), counting `of`."""
    title = f"a whole number of {of}, at least {least}" + ("" if most is None else f" and at most {most}")

    def read(text: str) -> int:
        number = int(text) if text.strip().isascii() and text.strip().isdigit() else -1
        if number < least or (most is not None and number > most):
            raise ValueError
        return number

    limits = {"minimum": least} | ({} if most is None else {"maximum": most})
    return Kind(
        title=title, read=read, example=str(least), written=(int,), schema={"type": "integer", **limits}
    )


def _decimal(text: str) -> Decimal:
    if not _PLAIN_NUMBER.fullmatch(text.strip()):
        raise ValueError
    return Decimal(text.strip())


DECIMAL: Final = Kind(
    title="a number such as 0.01, zero or more",
    read=_decimal,
    example="0.01",
    written=(Decimal, int),
    schema={"type": "number", "minimum": 0},
    show=lambda number: format(number, "f"),
)


def _day(text: str) -> dt.date:
    if not _PLAIN_DAY.fullmatch(text.strip()):  # fromisoformat takes weeks and packed forms too
        raise ValueError
    return dt.date.fromisoformat(text.strip())


DAY: Final = Kind(
    title="a day of the form YYYY-MM-DD",
    read=lambda text: _without_message(_day, text),
    example="2026-12-31",
    written=(dt.date, str),
    schema={"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
    show=dt.date.isoformat,
)


def _flag(text: str) -> bool:
    word = text.strip().lower()
    if word not in _YES | _NO:
        raise ValueError
    return word in _YES


def _yes_or_no(flag: bool) -> str:  # noqa: FBT001  # shows one value
    return "yes" if flag else "no"


FLAG: Final = Kind(
    title="yes or no (1, true, yes, on; 0, false, no, off)",
    read=_flag,
    example="true",
    written=(bool,),
    schema={"type": "boolean"},
    show=_yes_or_no,
)
WISH: Final = Kind(
    title="anything; 0, false, no and off mean no",
    read=lambda text: text.strip().lower() not in _NO,
    example="true",
    written=(bool,),
    schema={"type": "boolean"},
    show=_yes_or_no,
)
PRESENCE: Final = Kind(
    title="anything at all",
    read=bool,  # "whatever it says": https://no-color.org
    example="true",
    written=(bool,),
    schema={"type": "boolean"},
    show=_yes_or_no,
)


# --- one of a few ---


def choice(names: type[_E]) -> Kind[_E]:
    """One of `names`, in small letters or capitals."""
    known = {str(name).lower(): name for name in names}

    def read(text: str) -> _E:
        try:
            return known[text.strip().lower()]
        except KeyError:
            raise ValueError from None

    written = [str(name) for name in names]
    return Kind(
        title=f"one of {', '.join(written)}",
        read=read,
        example=f'"{written[0]}"',
        schema={"type": "string", "enum": written},
    )


ACCOUNT_TYPE: Final = choice(AccountType)


def _time_zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text.strip())
    except (KeyError, OSError, ValueError):
        raise ValueError from None


TIME_ZONE: Final = Kind(
    title="an IANA time zone, such as America/New_York or Europe/London",
    read=_time_zone,
    example='"Europe/London"',
)


def _without_message(read: Callable[[str], T], text: str) -> T:
    """What `read` makes of `text`; the words of a library are not for users."""
    try:
        return read(text)
    except ValueError:
        raise ValueError from None
