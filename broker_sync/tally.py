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
    refused, in whole or in one leg. A record of which nothing was changed, since a person has changed it in
    the tracker, counts as known.
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
        left = _left(plan, {outcome.external_id for outcome in not_done if isinstance(outcome, Edited)})
        self.records += len(records)
        self.new += len(plan.new)
        self.known += len(plan.known) + left
        self.updated += len(plan.changed) - left
        self.refuse(not_done)
        ids = {outcome.external_id for outcome in not_done if isinstance(outcome, Refused)}
        new = set(plan.new)
        self.failed += sum(
            record.record_id in new and any(leg.external_id in ids for leg in record.activities)
            for record in records
        )


def _left(plan: Plan, edited: set[str]) -> int:
    """How many of the changed records were left as they are, whole."""
    if not edited:
        return 0
    asked = [*(leg.external_id for leg in (*plan.create, *plan.update)), *plan.delete]
    return sum(
        all(each in edited for each in asked if _is_leg(each, record_id)) for record_id in plan.changed
    )


def _is_leg(external_id: str, record_id: str) -> bool:
    # Legs share the id of their record, with a suffix.
    return external_id == record_id or external_id.startswith(f"{record_id}:")
