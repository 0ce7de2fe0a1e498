"""Broker and tracker side by side, for a person to read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from broker_sync.reconcile import CashDrift, PositionDrift
from broker_sync.report.blocks import BLANK, Block, Cell, Column, Line, Table, Tone, aligned
from broker_sync.report.wording import counted
from broker_sync.results import SyncResult
from broker_sync.values import decimal_text

__all__ = ["drift_blocks"]

Drift = PositionDrift | CashDrift


def drift_blocks(result: SyncResult) -> Iterator[Block]:
    """Tables of positions, cash and net asset value, as far as they were compared, and the verdict."""
    for head, drifts in _compared(result):
        if drifts:
            yield _table(head, drifts)
            yield BLANK
    yield _verdict(result)
    yield BLANK


def _compared(result: SyncResult) -> Iterator[tuple[str, Sequence[Drift]]]:
    yield "Position", result.positions or ()
    yield "Cash", result.cash or ()
    if result.nav is not None:
        broker, tracker = result.nav.broker, result.nav.tracker
        yield (
            "Net asset value",
            [CashDrift(currency=broker.currency, broker=broker.total, tracker=tracker.total)],
        )


def _table(head: str, drifts: Sequence[Drift]) -> Table:
    numbers = [
        aligned(decimal_text(number) for number in column)
        for column in (
            [drift.broker for drift in drifts],
            [drift.tracker for drift in drifts],
            [drift.drift for drift in drifts],
        )
    ]
    rows: list[list[Cell]] = [
        [_name(drift), *sides, _mark(drift)] for drift, *sides in zip(drifts, *numbers, strict=True)
    ]
    heads = [Column(name, right=True) for name in ("broker", "tracker", "drift")]
    return Table(columns=[Column(head), *heads, Column("", whole=True)], rows=rows)


def _name(drift: Drift) -> str:
    return drift.instrument.symbol if isinstance(drift, PositionDrift) else drift.currency


def _mark(drift: Drift) -> Line:
    if drift.exceeds():
        return Line("DRIFT", Tone.BAD)
    return Line("within tolerance" if drift.drift else "equal", Tone.GOOD)


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
