"""What a kind of value is, which a setting can have.

A source hands on texts. `Kind.read` makes a value of one, or raises ValueError: with a message if the text
is wrong in a way of its own, else without one, and `Kind.title` says what is accepted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

__all__ = ["ANY_TEXT", "Kind", "T"]

T = TypeVar("T")
_TEXTS: Final = (str,)
ANY_TEXT: Final[Mapping[str, object]] = {"type": "string", "minLength": 1}
"""What a JSON schema says of a text that is there."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kind(Generic[T]):
    """One kind of value.

    `title` says what is accepted, as the end of a sentence; `written` are the types that it may have in TOML
    (bool, int, Decimal, date, list or str), `schema` what a JSON schema says of it there, `example` a value
    as TOML has it. A text of a path is made absolute by the source that knows where it is relative to. Each
    kind is equal to itself alone.
    """

    title: str
    read: Callable[[str], T]
    example: str
    written: tuple[type, ...] = _TEXTS
    schema: Mapping[str, object] = field(default_factory=lambda: ANY_TEXT)
    is_path: bool = False
    is_secret: bool = False
    show: Callable[[T], str] = str
