"""Bytes to rows: streams a Flex document, keeping nothing but where it is.

Rows come in groups, neighbours of one tag together, because there are hundreds of thousands of them. Groups
without a tag or section stand for structure: see :class:`Group`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from broker_sync.providers.ibkr.scan import Rows, Start, events
from broker_sync.providers.ibkr.sections import Use, use_of

__all__ = ["PART", "PARTS", "ROOT", "Group", "NotAStatementError", "groups"]

ROOT: Final = "FlexQueryResponse"
PARTS: Final = "FlexStatements"
PART: Final = "FlexStatement"


class Group(NamedTuple):
    """Rows of one tag with the same columns, side by side in one section of one FlexStatement.

    `names` are the columns, `values` the rows, one value for each column. `part` counts the FlexStatements
    from 0. With an empty `tag` the group is the section itself, with an empty `section` it is the
    FlexStatement (`tag` is :data:`PART`) or the list of them (:data:`PARTS`, `part` -1).
    """

    part: int
    section: str
    tag: str
    names: tuple[str, ...]
    values: list[tuple[str, ...]]

    @property
    def rows(self) -> list[dict[str, str]]:
        """The attributes of each row."""
        return [dict(zip(self.names, row, strict=True)) for row in self.values]


class NotAStatementError(Exception):
    """Well-formed XML, but its root element `root` is not that of a Flex query's reply."""

    def __init__(self, root: str) -> None:
        super().__init__(f"its outermost element is {root}, not {ROOT}")
        self.root = root


def groups(chunks: Iterable[bytes]) -> Iterator[Group]:
    """Yield the rows of a document in file order; elements inside a row (lots of a position) are left out.

    Raises :class:`~broker_sync.providers.ibkr.scan.ScanError` where the document is not XML, not whole or not
    safe, and :class:`NotAStatementError`.
    """
    place = _Place()
    for event in events(chunks):
        if isinstance(event, Rows):
            if place.depth == 4:
                yield Group(place.part, place.section, event.tag, event.names, event.values)
                continue
            for attributes in event.attributes:
                yield from place.structure(event.tag, attributes)
        elif isinstance(event, Start):
            yield from place.structure(event.tag, event.attributes)
            place.depth += 1
        else:
            place.depth -= 1


class _Place:
    """Where in the document the reading is: root (depth 0), list, statement, section, row."""

    def __init__(self) -> None:
        self.depth = 0
        self.part = -1
        self.section = ""

    def structure(self, tag: str, attributes: dict[str, str]) -> list[Group]:
        """The group for an element that begins here, if it stands for anything."""
        if self.depth == 0 and tag != ROOT:
            raise NotAStatementError(tag)
        if self.depth == 1 and tag == PARTS:
            return [_one(-1, "", PARTS, attributes)]
        if self.depth == 2 and tag == PART:
            self.part += 1
            return [_one(self.part, "", PART, attributes)]
        if self.depth == 3:
            self.section = tag
            opening = _one(self.part, tag, "", attributes)
            # A section that is not known may say all it has to say in attributes of its own: that is a row.
            is_row = bool(attributes) and use_of(tag) is Use.UNKNOWN
            return [opening, _one(self.part, tag, tag, attributes)] if is_row else [opening]
        if self.depth == 4:
            return [_one(self.part, self.section, tag, attributes)]
        return []


def _one(part: int, section: str, tag: str, attributes: dict[str, str]) -> Group:
    return Group(part, section, tag, tuple(attributes), [tuple(attributes.values())])
