"""Blocks as plain text: aligned, one row a line whatever its length, without any escape codes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rich.cells import cell_len

from broker_sync.report.blocks import Block, Column, Line, text_of

__all__ = ["plain_text"]

_GAP: Final = "  "


def plain_text(blocks: Iterable[Block]) -> str:
    """`blocks` as lines, each ended by a line feed."""
    return "".join(f"{line.rstrip()}\n" for block in blocks for line in _lines(block))


def _lines(block: Block) -> Iterator[str]:
    if isinstance(block, Line):
        yield text_of(block)
        return
    rows = [
        [column.head for column in block.columns],
        *([text_of(cell) for cell in row] for row in block.rows),
    ]
    widths = [max(cell_len(row[place]) for row in rows) for place in range(len(block.columns))]
    for row in rows:
        yield _row(row, block.columns, widths)


def _row(cells: Sequence[str], columns: Sequence[Column], widths: Sequence[int]) -> str:
    padded = []
    for cell, column, width in zip(cells, columns, widths, strict=True):
        space = " " * (width - cell_len(cell))
        padded.append(space + cell if column.right else cell + space)
    return _GAP.join(padded)
