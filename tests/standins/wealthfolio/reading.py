"""Reads what a client sent as strictly as the server does, and no stricter."""

import datetime as dt
import json
from decimal import Decimal, InvalidOperation
from typing import Any

from tests.standins.wealthfolio.replies import bad_body, refused

__all__ = ["decimal_of", "flag", "moment_of", "nested", "number_text", "parsed", "query_day", "text", "whole"]

Json = dict[str, Any]


def parsed(body: bytes, content_type: str) -> Json:
    if content_type.partition(";")[0].strip() != "application/json":
        raise bad_body("JSON was expected", status=415)
    try:
        value = json.loads(body, parse_float=Decimal, parse_int=Decimal)
    except ValueError as error:
        raise bad_body(str(error), status=400) from None
    if not isinstance(value, dict):
        raise bad_body("an object was expected")
    return value


def text(fields: Json, name: str, *, needed: bool = False) -> str | None:
    value = fields.get(name)
    if value is None and not needed:
        return None
    if not isinstance(value, str):
        raise bad_body(f"missing field `{name}`" if name not in fields else f"{name}: expected a string")
    return value


def flag(fields: Json, name: str, *, needed: bool = False) -> bool | None:
    value = fields.get(name)
    if value is None and not needed:
        return None
    if not isinstance(value, bool):
        raise bad_body(f"missing field `{name}`" if name not in fields else f"{name}: expected a boolean")
    return value


def whole(fields: Json, name: str) -> int:
    value = fields.get(name)
    if not isinstance(value, Decimal) or value != int(value):
        raise bad_body(f"missing field `{name}`" if name not in fields else f"{name}: expected i64")
    return int(value)


def nested(fields: Json, *names: str) -> Json | None:
    """The first of `names` that is there: some fields have two."""
    for name in names:
        value = fields.get(name)
        if value is not None:
            if not isinstance(value, dict):
                raise bad_body(f"{name}: expected an object")
            return value
    return None


def decimal_of(fields: Json, name: str) -> Decimal | None:
    """A number or a text with one; an empty text is none. Text is exact, a number has been a float."""
    value = fields.get(name)
    if value is None or value == "":
        return None
    try:
        if isinstance(value, str):
            return Decimal(value)
        if isinstance(value, Decimal):
            return Decimal(repr(float(value))) if value != int(value) else value
    except InvalidOperation:
        pass
    raise bad_body(f"{name}: not a decimal")


def number_text(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def moment_of(value: str) -> dt.datetime:
    """RFC 3339 with an offset, or a day, which is midnight in UTC. ValueError for anything else."""
    if len(value) == 10:
        return dt.datetime.combine(dt.date.fromisoformat(value), dt.time(), dt.UTC)
    if len(value) < 20 or value[4] != "-" or value[10] not in "Tt ":
        raise ValueError(value)
    moment = dt.datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError(value)
    return moment.astimezone(dt.UTC)


def query_day(value: str | None, name: str) -> dt.date | None:
    if value is None:
        return None
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        raise refused(f"Invalid {name}") from None
