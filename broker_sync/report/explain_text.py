"""Why both sides differ, for a person to read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from broker_sync.confirm import Standing
from broker_sync.explain import Explanation, Kind
from broker_sync.nav import nav_off
from broker_sync.reconcile import PositionDrift, Side, SideKind
from broker_sync.report.blocks import BLANK, Block, Line, Tone
from broker_sync.report.drift_text import drift_blocks
from broker_sync.report.wording import counted
from broker_sync.results import NavDrift, SyncResult
from broker_sync.values import decimal_text

__all__ = ["Reconciled", "explanation_blocks", "reconciled_blocks", "side_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """A comparison without a sync: `explanations` by the broker's id of the account, None if not asked for.

    `standings` are what the last run of a sync left, by the same id.
    """

    provider: str
    results: Sequence[SyncResult]
    explanations: Mapping[str, Sequence[Explanation]] | None = None
    standings: Mapping[str, Sequence[Standing]] = field(default_factory=dict)

    @property
    def has_drift(self) -> bool:
        """Whether any account differs beyond tolerance."""
        return any(result.has_drift for result in self.results)


def reconciled_blocks(found: Reconciled) -> list[Block]:
    """Both sides of each account, and why they differ where that was asked for."""
    return [block for result in found.results for block in _account(result, found)]


def _account(result: SyncResult, found: Reconciled) -> Iterator[Block]:
    account = result.account
    name = account.provider_account_id
    shown = name if account.id == name else f"{name} (in the tracker: {account.id})"
    yield Line(f"Account {shown} and {result.sink}, at the end of {result.last_day}", Tone.TITLE)
    yield BLANK
    yield from drift_blocks(result)
    if found.explanations is not None:
        explanations = found.explanations.get(name, ())
        yield from explanation_blocks(explanations, found.standings.get(name, ()))
    for note in result.notes:
        yield Line(f"Note: {note}")
    if result.notes:
        yield BLANK


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
        since = _since([known[side] for each in group if (side := side_of(each)) in known])
        if since:
            yield Line(f"  {since}")
        if group[0].command is not None:
            yield Line(f"  To do: {group[0].command}")
    if groups:
        yield BLANK


def side_of(explanation: Explanation) -> Side:
    """What it is that differs."""
    drift = explanation.drift
    if isinstance(drift, NavDrift):
        return Side(SideKind.NAV, drift.broker.currency)
    return drift.side


def _off(explanation: Explanation) -> str:
    drift = explanation.drift
    if isinstance(drift, NavDrift):
        return f"net asset value {_signed(decimal_text(nav_off(drift)))} {drift.broker.currency}"
    name = drift.instrument.symbol if isinstance(drift, PositionDrift) else drift.currency
    return f"{name} {_signed(decimal_text(drift.drift))}"


def _signed(number: str) -> str:
    return number if number.startswith("-") else f"+{number}"


def _since(standings: Sequence[Standing]) -> str:
    if not standings:
        return ""
    runs = max(standing.runs for standing in standings)
    first: dt.datetime = min(standing.first_seen for standing in standings)
    state = "confirmed" if any(standing.is_confirmed for standing in standings) else "not confirmed yet"
    return f"Found in {counted(runs, 'run')} in a row since {first.date()}: {state}."
