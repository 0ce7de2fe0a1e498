"""On which line of a TOML text a key stands."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["Keys", "has", "line_of"]

Keys = Sequence[str | int]
"""The way to a value: keys of tables, and places (from 0) in lists of tables."""


def line_of(text: str, keys: Keys) -> int | None:
    """The line (from 1) on which the statement begins that first makes `keys` be there; None if unclear.

    A text up to a line can be parsed if, and only if, no statement is cut in two there; so the parser itself
    tells where statements begin.
    """
    lines = text.split("\n")
    name = next(key for key in reversed(keys) if isinstance(key, str))
    for start, line in enumerate(lines):
        if name in line and (before := _parsed(lines[:start])) is not None and not has(before, keys):
            after = next(
                (doc for end in range(start, len(lines)) if (doc := _parsed(lines[: end + 1]))), None
            )
            if after is not None and has(after, keys):
                return start + 1
    return None


def _parsed(lines: Sequence[str]) -> Mapping[str, Any] | None:
    try:
        return tomllib.loads("\n".join(lines) + "\n")
    except tomllib.TOMLDecodeError:
        return None


def has(document: object, keys: Keys) -> bool:
    """Whether there is something at `keys`."""
    found = document
    for key in keys:
        if isinstance(key, int):
            if not isinstance(found, list) or key >= len(found):
                return False
        elif not isinstance(found, dict) or key not in found:
            return False
        found = found[key]  # type: ignore[index,call-overload,unused-ignore]
    return True
