"""Why both sides differ, for a person to read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from broker_sync.confirm import Standing
from broker_sync.explain import Explanation, Kind
from broker_sync.reconcile import PositionDrift
from broker_sync.report.blocks import BLANK, Block, Line, Tone
from broker_sync.report.wording import counted
from broker_sync.results import NavDrift
from broker_sync.values import decimal_text

__all__ = ["explanation_blocks"]


def explanation_blocks(
    explanations: Sequence[Explanation], standings: Sequence[Standing] = ()
) -> Iterator[Block]:
    """One paragraph for each cause, with all that it made differ; nothing for nothing."""
    known = {standing.side: standing for standing in standings}
    groups: dict[tuple[Kind, str], list[Explanation]] = {}
    for each in explanations:
        groups.setdefault((each.kind, each.text), []).append(each)
    if groups:
        yield Line("Why", Tone.TITLE)
    for (kind, text), group in groups.items():
        yield Line(f"{', '.join(_off(each) for each in group)}: {kind.value}", Tone.BAD)
        yield Line(f"  {text}")
        since = _since([known[side] for each in group if (side := each.drift.side) in known])
        if since:
            yield Line(f"  {since}")
        if group[0].command is not None:
            yield Line(f"  To do: {group[0].command}")
    if groups:
        yield BLANK


def _off(explanation: Explanation) -> str:
    drift = explanation.drift
    off = _signed(decimal_text(drift.drift))
    if isinstance(drift, NavDrift):
        return f"net asset value {off} {drift.broker.currency}"
    name = drift.instrument.symbol if isinstance(drift, PositionDrift) else drift.currency
    return f"{name} {off}"


def _signed(number: str) -> str:
    return number if number.startswith("-") else f"+{number}"


def _since(standings: Sequence[Standing]) -> str:
    if not standings:
        return ""
    runs = max(standing.runs for standing in standings)
    first: dt.datetime = min(standing.first_seen for standing in standings)
    state = "confirmed" if any(standing.is_confirmed for standing in standings) else "not confirmed yet"
    return f"Found in {counted(runs, 'run')} in a row since {first.date()}: {state}."
