"""Takes values out of a JSON object, each of the kind that it must be; pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache
from sys import intern
from typing import Any

from broker_sync.received import Days

__all__ = [
    "Json",
    "SidecarError",
    "count",
    "days",
    "is_null",
    "moment",
    "name_of",
    "object_of",
    "objects",
    "ranges",
    "text",
    "texts",
]

Json = Mapping[str, Any]


class SidecarError(ValueError):
    """A sidecar is not what this program writes; the message says where."""


def _value(raw: Json, name: str) -> object:
    if name not in raw:
        raise SidecarError(f"{name} is missing")
    value: object = raw[name]
    return value


def _wrong(name: str, value: object, kind: str) -> SidecarError:
    return SidecarError(f"{name} is {value!r}, which is not {kind}")


def is_null(raw: Json, name: str) -> bool:
    """Whether `name` is null; it must be there."""
    return _value(raw, name) is None


def text(raw: Json, name: str) -> str:
    """A text."""
    value = _value(raw, name)
    if not isinstance(value, str):
        raise _wrong(name, value, "a text")
    return value


def name_of(raw: Json, name: str) -> str:
    """A text that many statements share."""
    return intern(text(raw, name))


def count(raw: Json, name: str) -> int:
    """A number of things."""
    value = _value(raw, name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _wrong(name, value, "a count")
    return value


def moment(raw: Json, name: str) -> dt.datetime:
    """A moment, in UTC."""
    value = text(raw, name)
    try:
        found = dt.datetime.fromisoformat(value)
        if found.tzinfo is not None:
            return found.astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:
        raise _wrong(name, value, "a moment") from error
    raise _wrong(name, value, "a moment with its time zone")


def _list(raw: Json, name: str) -> list[Any]:
    value = _value(raw, name)
    if not isinstance(value, list):
        raise _wrong(name, value, "a list")
    return value


def object_of(raw: Json, name: str) -> Json:
    """An object."""
    value = _value(raw, name)
    if not isinstance(value, dict):
        raise _wrong(name, value, "an object")
    return value


def objects(raw: Json, name: str) -> list[Json]:
    """A list of objects."""
    values = _list(raw, name)
    if not set(map(type, values)) <= {dict}:
        raise _wrong(name, values, "a list of objects")
    return values


def texts(raw: Json, name: str) -> tuple[str, ...]:
    """A list of texts."""
    values = _list(raw, name)
    if not set(map(type, values)) <= {str}:
        raise _wrong(name, values, "a list of texts")
    return _shared(tuple(values))


def days(raw: Json, name: str) -> Days:
    """A range of days: a list of the first and the last."""
    return _days(name, _value(raw, name))


def ranges(raw: Json, name: str) -> tuple[Days, ...]:
    """A list of ranges of days."""
    return tuple(_days(name, value) for value in _list(raw, name))


def _days(name: str, value: object) -> Days:
    if not isinstance(value, list) or len(value) != 2 or not set(map(type, value)) <= {str}:
        raise _wrong(name, value, "a first and a last day")
    try:
        return _range(*value)
    except ValueError as error:
        raise _wrong(name, value, "a first and a last day") from error


# Thousands of statements have the same columns, all sections of one the same days: each is held once.
@lru_cache(maxsize=256)
def _shared(values: tuple[str, ...]) -> tuple[str, ...]:
    return values


@lru_cache(maxsize=1024)
def _range(first: str, last: str) -> Days:
    return Days(first=dt.date.fromisoformat(first), last=dt.date.fromisoformat(last))
