"""Counts what a sync does, in broker records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from broker_sync.contracts import Refused
from broker_sync.plan import Plan, RecordGroup

__all__ = ["SyncTally"]


@dataclass(slots=True)
class SyncTally:
    """What was planned and what the sink refused of it.

    `records` is all that were planned: ``new + known + updated``; `failed` is the part of `new` that was
    refused, in whole or in one leg.
    """

    records: int = 0
    new: int = 0
    known: int = 0
    updated: int = 0
    deleted: int = 0
    failed: int = 0
    refused: list[Refused] = field(default_factory=list)

    def take_back(self, records: int) -> None:
        """That many new records were held back after all."""
        self.records -= records
        self.new -= records

    def count(self, plan: Plan, records: Sequence[RecordGroup], refused: Sequence[Refused]) -> None:
        """Take in a plan over `records` and what the sink would not take of it."""
        self.records += len(records)
        self.new += len(plan.new)
        self.known += len(plan.known)
        self.updated += len(plan.changed)
        self.refused += refused
        ids = {outcome.external_id for outcome in refused}
        new = set(plan.new)
        self.failed += sum(
            record.record_id in new and any(leg.external_id in ids for leg in record.activities)
            for record in records
        )
