"""What was not booked, for a person to read: grouped by reason, with a few ids of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from broker_sync.contracts import Refused, Rejection
from broker_sync.report.blocks import BLANK, Block, Column, Line, Table, Tone
from broker_sync.report.wording import counted, listed

__all__ = ["failure_blocks", "rejection_blocks"]

_IDS: Final = 3
_REASONS: Final = 20


def rejection_blocks(rejected: Sequence[Rejection]) -> Iterator[Block]:
    """What we did not book."""
    if rejected:
        yield Line(f"Not booked: {counted(len(rejected), 'record')}", Tone.BAD)
        yield from _by_reason([(f"{each.section}: {each.reason}", each.external_id) for each in rejected])


def failure_blocks(failures: Sequence[Refused]) -> Iterator[Block]:
    """What the tracker would not take."""
    if failures:
        yield Line(f"Not taken by the tracker: {counted(len(failures), 'activity', 'activities')}", Tone.BAD)
        yield from _by_reason([(each.reason, each.external_id) for each in failures])


def _by_reason(told: Sequence[tuple[str, str]]) -> Iterator[Block]:
    groups: dict[str, list[str]] = {}
    for reason, external_id in told:
        groups.setdefault(reason, []).append(external_id)
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    rows = [[str(len(ids)), reason, listed(ids, most=_IDS)] for reason, ids in ordered[:_REASONS]]
    yield Table(columns=[Column("count", right=True), Column("reason"), Column("records")], rows=rows)
    if len(ordered) > _REASONS:
        yield Line(f"and {counted(len(ordered) - _REASONS, 'more reason')}")
    yield BLANK
