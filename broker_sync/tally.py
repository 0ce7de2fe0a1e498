"""Counts what a sync does, in broker records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from broker_sync.contracts import Edited, Refused
from broker_sync.plan import Plan, RecordGroup

__all__ = ["SyncTally"]


@dataclass(slots=True)
class SyncTally:
    """What was planned and what the sink refused of it.

    `records` is all that were planned: ``new + known + updated``; `failed` is the part of `new` that was
    refused, in whole or in one leg. A record that was to be changed and is refused, in whole or in one leg,
    counts as known: it is booked as it was, and the refusal is among `refused`. So does one of which nothing
    was written, since a person has changed it in the tracker.
    """

    records: int = 0
    new: int = 0
    known: int = 0
    updated: int = 0
    deleted: int = 0
    failed: int = 0
    refused: list[Refused] = field(default_factory=list)

    def take_back(self, *, new: int, known: int) -> None:
        """That many new records, and so many that a run before has booked, were held back after all."""
        self.records -= new + known
        self.new -= new
        self.known -= known

    def refuse(self, outcomes: Sequence[Refused | Edited]) -> None:
        """Take in what the sink would not take; what a person has changed is no failure."""
        self.refused += [outcome for outcome in outcomes if isinstance(outcome, Refused)]

    def count(self, plan: Plan, records: Sequence[RecordGroup], not_done: Sequence[Refused | Edited]) -> None:
        """Take in a plan over `records` and what was not done of it."""
        edited = {outcome.external_id for outcome in not_done if isinstance(outcome, Edited)}
        refused = {outcome.external_id for outcome in not_done if isinstance(outcome, Refused)}
        legs = _legs(plan)
        kept = {name for name, asked in legs.items() if asked and asked <= edited}
        new = set(plan.new) - kept
        updated = {name for name in plan.changed if name not in kept and not legs[name] & refused}
        self.records += len(records)
        self.new += len(new)
        self.updated += len(updated)
        self.known += len(plan.new) + len(plan.known) + len(plan.changed) - len(new) - len(updated)
        self.refuse(not_done)
        self.failed += sum(bool(legs[name] & refused) for name in new)


def _legs(plan: Plan) -> dict[str, set[str]]:
    """What was to be written or removed of each record that is new or changed."""
    legs: dict[str, set[str]] = {record_id: set() for record_id in (*plan.new, *plan.changed)}
    for leg in (*plan.create, *plan.update):
        legs[leg.record_id].add(leg.external_id)
    for external_id in plan.delete:
        for record_id in plan.changed:
            if _is_leg(external_id, record_id):
                legs[record_id].add(external_id)
    return legs


def _is_leg(external_id: str, record_id: str) -> bool:
    # Legs share the id of their record, with a suffix.
    return external_id == record_id or external_id.startswith(f"{record_id}:")
