"""What a report is made of, whatever it is shown on: lines of words, and tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, unique
from typing import Final

__all__ = ["BLANK", "Block", "Cell", "Column", "Line", "Table", "Tone", "aligned", "printable", "text_of"]


@unique
class Tone(Enum):
    """How something is meant; a terminal shows it as a colour."""

    PLAIN = "plain"
    TITLE = "title"
    GOOD = "good"
    BAD = "bad"
    FAINT = "faint"


@dataclass(frozen=True, slots=True)
class Line:
    """Words, without line breaks."""

    text: str
    tone: Tone = Tone.PLAIN


Cell = str | Line


@dataclass(frozen=True, slots=True)
class Column:
    """The head of a column.

    Numbers stand on the right; they, and what is `whole`, are the last to be broken over lines.
    """

    head: str
    right: bool = False
    whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of as many cells as there are columns."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]


Block = Line | Table
BLANK: Final = Line("")


def text_of(cell: Cell) -> str:
    """The words of a cell, fit to be shown."""
    return printable(cell.text if isinstance(cell, Line) else cell)


def printable(text: str) -> str:
    """`text` with everything that could move a cursor or break a row written as an escape.

    Texts out of a statement are anybody's.
    """
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)


def aligned(numbers: Iterable[str]) -> list[str]:
    """Plain decimal texts, padded on the right so that their points stand below each other."""
    texts = list(numbers)
    widths = [len(text) - text.find(".") if "." in text else 0 for text in texts]
    widest = max(widths, default=0)
    return [text + " " * (widest - width) for text, width in zip(texts, widths, strict=True)]
