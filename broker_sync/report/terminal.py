"""Blocks as Rich renderables, which fit themselves to the width of the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from rich import box
from rich.cells import cell_len
from rich.console import RenderableType
from rich.table import Table as RichTable
from rich.text import Text

from broker_sync.report.blocks import Block, Cell, Line, Table, Tone, text_of

__all__ = ["renderables"]

_STYLES: Final[Mapping[Tone, str]] = {
    Tone.PLAIN: "",
    Tone.TITLE: "bold",
    Tone.GOOD: "green",
    Tone.BAD: "bold red",
    Tone.FAINT: "dim",
}

_GAP: Final = 2
_LEAST: Final = 3  # columns in which a text can still be folded


def renderables(blocks: Iterable[Block], *, width: int) -> list[RenderableType]:
    """One renderable for each block, for a terminal of `width` columns.

    What is too wide is folded, never cut: half a number is a wrong one.
    """
    return [_table(block, width) if isinstance(block, Table) else _text(block) for block in blocks]


def _table(table: Table, width: int) -> RichTable:
    shown = RichTable(
        box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold"
    )
    widths = [_width(table, place) for place in range(len(table.columns))]
    fits = _room_for_whole(table, widths) <= width
    places = [size if column.right else 0 for column, size in zip(table.columns, widths, strict=True)]
    for column, place in zip(table.columns, places, strict=True):
        # Rich folds other columns first, but cuts these off when that is not enough.
        whole = fits and (column.right or column.whole)
        shown.add_column(_text(column.head, place), overflow="fold", no_wrap=whole)
    for row in table.rows:
        shown.add_row(*(_text(cell, place) for cell, place in zip(row, places, strict=True)))
    return shown


def _width(table: Table, place: int) -> int:
    return max(
        cell_len(text) for text in (table.columns[place].head, *(text_of(row[place]) for row in table.rows))
    )


def _room_for_whole(table: Table, widths: Sequence[int]) -> int:
    """Columns of the terminal below which something that should stay whole would have to be cut."""
    return sum(
        _GAP + (size if column.right or column.whole else min(size, _LEAST))
        for column, size in zip(table.columns, widths, strict=True)
    )


def _text(cell: Cell, place: int = 0) -> Text:
    # Rich's own way to put a text to the right takes away the spaces by which decimal points are aligned.
    tone = cell.tone if isinstance(cell, Line) else Tone.PLAIN
    return Text(text_of(cell).rjust(place), style=_STYLES[tone], overflow="fold")
