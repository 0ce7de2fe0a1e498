"""Broker and tracker side by side, for a person to read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from broker_sync.confirm import Standing
from broker_sync.explain import explain_nav
from broker_sync.reconcile import CashDrift, PositionDrift, Side
from broker_sync.report.blocks import BLANK, Block, Cell, Column, Line, Table, Tone, aligned
from broker_sync.report.wording import counted
from broker_sync.results import NavDrift, SyncResult
from broker_sync.values import decimal_text

__all__ = ["drift_blocks"]

Drift = PositionDrift | CashDrift | NavDrift


def drift_blocks(result: SyncResult, standings: Sequence[Standing] = ()) -> Iterator[Block]:
    """Tables of positions, cash and net asset value, as far as they were compared, and the verdict.

    `standings` say of what differs since when it does.
    """
    known = {standing.side: standing for standing in standings}
    for head, drifts in _compared(result):
        if drifts:
            yield _table(head, drifts, known, _cause_of_value(result))
            yield BLANK
    yield _verdict(result)
    yield BLANK


def _compared(result: SyncResult) -> Iterator[tuple[str, Sequence[Drift]]]:
    yield "Position", result.positions or ()
    yield "Cash", result.cash or ()
    if result.nav is not None:
        yield "Net asset value", [result.nav]


def _cause_of_value(result: SyncResult) -> str:
    """Why the values differ, which is plain from the rest."""
    told = explain_nav(result.nav, positions=result.positions, cash=result.cash)
    return "" if told is None else told.kind.value


def _table(head: str, drifts: Sequence[Drift], known: Mapping[Side, Standing], cause: str) -> Table:
    numbers = [
        aligned(decimal_text(number) for number in column)
        for column in (
            [_amounts(drift)[0] for drift in drifts],
            [_amounts(drift)[1] for drift in drifts],
            [drift.drift for drift in drifts],
        )
    ]
    rows: list[list[Cell]] = [
        [_name(drift), *sides, _mark(drift, known.get(drift.side), cause)]
        for drift, *sides in zip(drifts, *numbers, strict=True)
    ]
    heads = [Column(name, right=True) for name in ("broker", "tracker", "drift")]
    return Table(columns=[Column(head), *heads, Column("", whole=True)], rows=rows)


def _name(drift: Drift) -> str:
    return drift.instrument.symbol if isinstance(drift, PositionDrift) else drift.side.name


def _amounts(drift: Drift) -> tuple[Decimal, Decimal]:
    if isinstance(drift, NavDrift):
        return drift.broker.total, drift.tracker.total
    return drift.broker, drift.tracker


def _mark(drift: Drift, standing: Standing | None, cause: str) -> Line:
    if not drift.exceeds():
        return Line("within tolerance" if drift.drift else "equal", Tone.GOOD)
    of_value = f": {cause}" if isinstance(drift, NavDrift) else ""
    return Line(f"DRIFT{_since(standing)}{of_value}", Tone.BAD)


def _since(standing: Standing | None) -> str:
    if standing is None:
        return ""
    return f", confirmed since {standing.first_seen.date()}" if standing.is_confirmed else ", new"


def _verdict(result: SyncResult) -> Line:
    if result.positions is None and result.cash is None:
        return Line("Nothing was compared: the statement does not say what the account holds.", Tone.BAD)
    counts = [
        (drifts, words)
        for drifts, words in (
            (result.positions, ("position", "positions")),
            (result.cash, ("currency", "currencies")),
        )
        if drifts is not None
    ]
    if not result.has_drift:
        told = " and ".join(counted(len(drifts), *words) for drifts, words in counts)
        return Line(f"Broker and tracker agree on {told}.", Tone.GOOD)
    told = " and ".join(
        f"{sum(drift.exceeds() for drift in drifts)} of {counted(len(drifts), *words)}"
        for drifts, words in counts
    )
    return Line(f"Broker and tracker DIFFER in {told}.", Tone.BAD)
