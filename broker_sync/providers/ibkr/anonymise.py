"""A statement without what is its owner's: same structure, same ties, other names, numbers and amounts.

Money and units are multiplied by one secret factor, without rounding. Every sum, every product of a price and
every balance that held still holds, and the statement is read, booked, rejected and compared as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final
from xml.sax.saxutils import escape

from broker_sync.providers.ibkr.anonymise_columns import treatment
from broker_sync.providers.ibkr.anonymise_secret import Secret
from broker_sync.providers.ibkr.anonymise_values import Choices, Replace, Values
from broker_sync.providers.ibkr.scan import End, Rows, Start, events
from broker_sync.providers.ibkr.statement import ROOT, NotAStatementError

__all__ = ["Choices", "Secret", "anonymised"]

_REMEMBERED: Final = 4096
_ESCAPES: Final = {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
_CATEGORY: Final = "assetCategory"
_CONVERSIONS: Final = frozenset({"CASH", "FXCFD"})


def anonymised(chunks: Iterable[bytes], secret: Secret, choices: Choices) -> Iterator[str]:
    """The document in `chunks`, anonymised, in pieces of XML; nothing of it is held.

    Text between the elements and comments are left out. Raises
    :class:`~broker_sync.providers.ibkr.scan.ScanError` where the document is not XML, not whole or not safe,
    :class:`~broker_sync.providers.ibkr.statement.NotAStatementError`, and ValueError where a year cannot be
    moved so far.
    """
    writer = _Writer(Values(secret, choices))
    depth = 0
    for event in events(chunks):
        if isinstance(event, End):
            depth -= 1
            yield f"{' ' * depth}</{event.tag}>\n"
            continue
        if depth == 0 and event.tag != ROOT:
            raise NotAStatementError(event.tag)
        if isinstance(event, Rows):
            yield from writer.rows(event, depth)
        else:
            yield writer.start(event, depth)
            depth += 1


class _Column(dict[str, str]):
    """What the values of a column become, as written in XML with its name; bounded."""

    def __init__(self, name: str, replace: Replace) -> None:
        super().__init__()
        self._name = name
        self._replace = replace

    def __missing__(self, text: str) -> str:
        if len(self) >= _REMEMBERED:
            self.clear()
        self[text] = written = f' {self._name}="{escape(self._replace(text), _ESCAPES)}"'
        return written


class _Writer:
    """Writes elements; remembers what it has seen of their columns."""

    def __init__(self, values: Values) -> None:
        self._values = values
        self._columns: dict[tuple[str, str, bool], _Column] = {}

    def start(self, event: Start, depth: int) -> str:
        category = event.attributes.get(_CATEGORY, "")
        columns = self._of(event.tag, tuple(event.attributes), is_conversion=category in _CONVERSIONS)
        return f"{' ' * depth}<{event.tag}{_told(columns, event.attributes.values())}>\n"

    def rows(self, event: Rows, depth: int) -> Iterator[str]:
        start = f"{' ' * depth}<{event.tag}"
        place = event.names.index(_CATEGORY) if _CATEGORY in event.names else None
        columns = self._of(event.tag, event.names, is_conversion=False)
        for_conversions = self._of(event.tag, event.names, is_conversion=True)
        for values in event.values:
            is_conversion = place is not None and values[place] in _CONVERSIONS
            yield f"{start}{_told(for_conversions if is_conversion else columns, values)} />\n"

    def _of(self, tag: str, names: Sequence[str], *, is_conversion: bool) -> list[_Column]:
        if len(self._columns) > _REMEMBERED:
            self._columns.clear()
        return [self._column(tag, name, is_conversion=is_conversion) for name in names]

    def _column(self, tag: str, name: str, *, is_conversion: bool) -> _Column:
        key = tag, name, is_conversion
        known = self._columns.get(key)
        if known is None:
            replace = self._values.replacer(treatment(tag, name), is_conversion=is_conversion)
            known = self._columns[key] = _Column(name, replace)
        return known


def _told(columns: Sequence[_Column], values: Iterable[str]) -> str:
    return "".join([column[text] for column, text in zip(columns, values, strict=True)])
