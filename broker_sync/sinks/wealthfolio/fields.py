"""Reading the server's JSON without guessing: a field is there and of its kind, or an error names it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias, TypeVar

from broker_sync.errors import ValueFormatError
from broker_sync.sinks.wealthfolio.errors import AnswerError
from broker_sync.values import exact

__all__ = ["Fields", "JsonValue", "objects"]

JsonValue: TypeAlias = "bool | int | Decimal | str | list[JsonValue] | dict[str, JsonValue] | None"
"""What JSON can hold; a number with a point or an exponent is a Decimal."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Fields:
    """One JSON object; `what` says what it is, for the errors, all of which are :class:`AnswerError`.

    A field that is null reads as one that is not there: the server writes both.
    """

    values: Mapping[str, JsonValue]
    what: str

    @classmethod
    def of(cls, value: JsonValue, what: str) -> Fields:
        """`value` as an object."""
        if not isinstance(value, dict):
            raise AnswerError(f"Wealthfolio sent {_kind(value)} where {what}, an object, was expected.")
        return cls(value, what)

    def text(self, name: str) -> str:
        """A text that must be there."""
        return self._there(name, self.maybe_text(name))

    def maybe_text(self, name: str) -> str | None:
        """A text, None if there is none."""
        value = self.values.get(name)
        if value is None or isinstance(value, str):
            return value
        raise self._wrong(name, "a text")

    def flag(self, name: str) -> bool:
        """A yes or no that must be there."""
        return self._there(name, self.maybe_flag(name))

    def maybe_flag(self, name: str) -> bool | None:
        """A yes or no, None if there is none."""
        value = self.values.get(name)
        if value is None or isinstance(value, bool):
            return value
        raise self._wrong(name, "true or false")

    def count(self, name: str) -> int:
        """A whole number that must be there."""
        value = self._there(name, self.values.get(name))
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        raise self._wrong(name, "a whole number")

    def number(self, name: str) -> Decimal:
        """A number, written as one or as text, that must be there."""
        return self._there(name, self.maybe_number(name))

    def maybe_number(self, name: str) -> Decimal | None:
        """A number, written as one or as text, None if there is none."""
        value = self.values.get(name)
        if value is None or isinstance(value, Decimal):
            return value
        if isinstance(value, str):
            try:
                return exact(value)
            except ValueFormatError:
                raise self._wrong(name, "a number") from None
        if isinstance(value, int) and not isinstance(value, bool):
            return Decimal(value)
        raise self._wrong(name, "a number")

    def moment(self, name: str) -> dt.datetime:
        """A moment that must be there, in UTC; one without a zone is in UTC already."""
        text = self.text(name)
        try:
            moment = dt.datetime.fromisoformat(_in_microseconds(text))
        except ValueError:
            raise self._wrong(name, "a moment (RFC 3339)") from None
        return moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)

    def day(self, name: str) -> dt.date:
        """A day that must be there."""
        try:
            return dt.date.fromisoformat(self.text(name))
        except ValueError:
            raise self._wrong(name, "a day (YYYY-MM-DD)") from None

    def part(self, name: str) -> Fields:
        """An object that must be there."""
        return self._there(name, self.maybe_part(name))

    def maybe_part(self, name: str) -> Fields | None:
        """An object, None if there is none."""
        value = self.values.get(name)
        return None if value is None else Fields.of(value, f"{name} of {self.what}")

    def parts(self, name: str) -> list[Fields]:
        """A list of objects that must be there."""
        return objects(self.values.get(name), f"{name} of {self.what}")

    def _there(self, name: str, value: _T | None) -> _T:
        if value is None:
            known = ", ".join(sorted(self.values)) or "nothing"
            raise AnswerError(f"Wealthfolio sent {self.what} without {name}; it has {known}.")
        return value

    def _wrong(self, name: str, expected: str) -> AnswerError:
        return AnswerError(
            f"Wealthfolio sent {self.what} with {name} {self.values[name]!r}; {expected} was expected."
        )


def objects(value: JsonValue, what: str) -> list[Fields]:
    """`value` as a list of objects, each of them called `what` in errors."""
    if not isinstance(value, list):
        raise AnswerError(f"Wealthfolio sent {_kind(value)} where a list ({what}) was expected.")
    return [Fields.of(each, f"one of {what}") for each in value]


def _in_microseconds(text: str) -> str:
    """`text` without what Python's moments cannot hold: the server writes nanoseconds."""
    head, point, rest = text.partition(".")
    if not point:
        return text
    digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
    return f"{head}.{digits[:6]:0<6}{rest[len(digits) :]}"


def _kind(value: JsonValue) -> str:
    if value is None:
        return "nothing"
    kinds = {bool: "true or false", int: "a number", Decimal: "a number", str: "a text", list: "a list"}
    return kinds.get(type(value), "an object")
