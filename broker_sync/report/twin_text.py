"""Rows of the tracker that most likely stand for the same things as ours, for a person to read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from broker_sync.contracts import Twin, TwinFate
from broker_sync.report.blocks import BLANK, Block, Cell, Column, Line, Table, Tone
from broker_sync.report.wording import counted

__all__ = ["twin_blocks"]

_MOST: Final = 20
_HEADS: Final[Mapping[TwinFate, tuple[str, Tone]]] = {
    TwinFate.LIKELY: ("a person typed in, too; --adopt has ours take their place", Tone.BAD),
    TwinFate.OF_ANOTHER_TOOL: ("another tool wrote, too, or that are linked; they stay", Tone.BAD),
    TwinFate.TAKEN_OVER: ("a person had typed in, taken over: ours stand in their place", Tone.PLAIN),
}


def twin_blocks(twins: Sequence[Twin]) -> Iterator[Block]:
    """The twins by what became of them; what stands there twice comes first."""
    for fate, (words, tone) in _HEADS.items():
        found = [twin for twin in twins if twin.fate is fate]
        if not found:
            continue
        yield Line(f"Likely twins: {counted(len(found), 'row')} that {words}:", tone)
        rows: list[list[Cell]] = [[each.text, each.external_id] for each in found[:_MOST]]
        yield Table(columns=(Column("row in the tracker"), Column("the same as", whole=True)), rows=rows)
        if len(found) > _MOST:
            yield Line(f"and {len(found) - _MOST} more")
        yield BLANK
