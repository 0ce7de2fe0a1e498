"""What a tag looks like without its attribute values: checked once, then looked up."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Final, Literal, TypeAlias

from broker_sync.providers.ibkr.scan_nesting import MAX_ATTRIBUTES

__all__ = ["OddMarkupError", "Shape", "Shapes"]

Role: TypeAlias = Literal["start", "end", "row"]

_NAME: Final = r"[A-Za-z_:][A-Za-z0-9_:.\-]*+"
_TAG: Final = re.compile(rf'(?P<tag>{_NAME})(?P<attributes>(?: ++{_NAME} *+= *+"")*+) *+(?P<empty>/?)> *+')
_END_TAG: Final = re.compile(rf"/(?P<tag>{_NAME}) *+> *+")
_ATTRIBUTE: Final = re.compile(rf"({_NAME}) *+=")

_MAX_SHAPES: Final = 512
_MAX_LENGTH: Final = 16_384


class OddMarkupError(Exception):
    """The markup is not of the plain kind; whether it is right is for the full XML parser to say."""


class Shape:
    """A tag and the white space after it, less its attribute values.

    `marks` are the texts before, between and after the values, without the ``<``. `role` is ``row`` for an
    empty-element tag. `met` is how many tags of the shape there were in blocks with no other.
    """

    def __init__(self, *, marks: list[str], role: Role, tag: str, names: tuple[str, ...]) -> None:
        self.marks = marks
        self.role = role
        self.tag = tag
        self.names = names
        self.parts = 2 * len(names) + 1
        self.met = 0

    @cached_property
    def rows(self) -> re.Pattern[str]:
        """A tag of this shape that reaches up to a ``<`` or the end; a group for each value."""
        return re.compile("<" + '"([^"]*+)"'.join(map(re.escape, self.marks)) + "(?![^<])")


class Shapes:
    """The shapes met so far, or the latest of them: hostile documents could make them up without end."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...], Shape] = {}

    def of(self, marks: list[str]) -> Shape:
        """The shape with these marks; :class:`OddMarkupError` if they are not those of a plain tag."""
        key = tuple(marks)
        shape = self._known.get(key)
        if shape is None:
            shape = _checked(marks)
            if len(self._known) >= _MAX_SHAPES:
                self._known.clear()
            self._known[key] = shape
        return shape


def _checked(marks: list[str]) -> Shape:
    text = '""'.join(marks)
    if len(text) > _MAX_LENGTH:
        raise OddMarkupError
    if end := _END_TAG.fullmatch(text):
        return Shape(marks=marks, role="end", tag=end["tag"], names=())
    start = _TAG.fullmatch(text)
    if start is None:
        raise OddMarkupError
    names = tuple(_ATTRIBUTE.findall(start["attributes"]))
    if len(set(names)) != len(names) or len(names) > MAX_ATTRIBUTES:
        raise OddMarkupError
    return Shape(marks=marks, role="row" if start["empty"] else "start", tag=start["tag"], names=names)
