"""A comparison without a sync, for a person to read."""

from __future__ import annotations

from collections.abc import Iterator

from broker_sync.report.blocks import BLANK, Block, Line, Tone
from broker_sync.report.drift_text import drift_blocks
from broker_sync.report.explain_text import explanation_blocks
from broker_sync.report.run import Run
from broker_sync.results import SyncResult

__all__ = ["reconciled_blocks"]


def reconciled_blocks(run: Run) -> list[Block]:
    """Both sides of each account, and why they differ where that was asked for."""
    return [block for result in run.results for block in _account(result, run)]


def _account(result: SyncResult, run: Run) -> Iterator[Block]:
    account = result.account
    name = account.provider_account_id
    shown = name if account.id == name else f"{name} (in the tracker: {account.id})"
    standings = run.standings.get(name, ())
    yield Line(f"Account {shown} and {result.sink}, at the end of {result.last_day}", Tone.TITLE)
    yield BLANK
    yield from drift_blocks(result, standings)
    yield from explanation_blocks((run.explanations or {}).get(name, ()), standings)
    for note in result.notes:
        yield Line(f"Note: {note}")
    if result.notes:
        yield BLANK
