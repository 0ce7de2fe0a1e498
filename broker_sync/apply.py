"""Intent, act, confirm: the only way in which anything is written to a sink.

What will be asked is committed before the sink is called, what it answered after. A run that finds an intent
without an answer asks the sink, by external id, what it has, and never sends again on suspicion.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from broker_sync.contracts import Refused, Sink, Stored, WriteOutcome
from broker_sync.dedup import Intent, Kind, Operation, Pending, SyncRecordStore, ToCreate, ToDelete, ToUpdate
from broker_sync.fingerprint import content_hash
from broker_sync.models import Account, Activity
from broker_sync.plan import Plan

__all__ = ["Writer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Writes to one account in one sink, on behalf of one run."""

    account: Account
    sink: Sink
    store: SyncRecordStore
    run_id: int

    async def settle_unfinished(self) -> None:
        """Find out what became of the intents of a run that died; nothing is sent again."""
        pending = self.store.pending(self.sink.name, self.account.id)
        if not pending:
            return
        there = await self.sink.find(self.account.id, [intent.external_id for intent in pending])
        # Whether an update took place cannot be seen from the id: it is taken back, and the next plan, which
        # compares contents, makes it again.
        done = [intent for intent in pending if _was_done(intent, there)]
        self.store.settle(
            self.sink.name,
            self.account.id,
            [
                Stored(
                    external_id=intent.external_id,
                    tracker_id=there.get(intent.external_id, ""),
                    created=False,
                )
                for intent in done
            ],
        )
        finished = {intent.external_id for intent in done}
        lost = [intent.external_id for intent in pending if intent.external_id not in finished]
        self.store.withdraw(self.sink.name, self.account.id, lost)

    async def carry_out(self, plan: Plan, *, kind: Kind = Kind.RECORD) -> list[Refused]:
        """Write `plan`: deletions first, then updates, then what is new; gives back what the sink refused."""
        refused = await self._delete(plan.delete)
        refused += await self._update(plan.update)
        return refused + await self._create(plan.create, kind)

    async def _create(self, activities: Sequence[Activity], kind: Kind) -> list[Refused]:
        if not activities:
            return []
        self._intend(
            [ToCreate(activity=each, content_hash=content_hash(each), kind=kind) for each in activities]
        )
        return self._confirm(await self.sink.create(self.account, activities))

    async def _update(self, activities: Sequence[Activity]) -> list[Refused]:
        if not activities:
            return []
        self._intend([ToUpdate(activity=each, content_hash=content_hash(each)) for each in activities])
        return self._confirm(await self.sink.update(self.account, activities))

    async def _delete(self, external_ids: Sequence[str]) -> list[Refused]:
        if not external_ids:
            return []
        self._intend([ToDelete(external_id=each) for each in external_ids])
        return self._confirm(await self.sink.delete(self.account, external_ids))

    def _intend(self, intents: Sequence[Intent]) -> None:
        self.store.intend(self.sink.name, self.account.id, intents, run_id=self.run_id)

    def _confirm(self, outcomes: Sequence[WriteOutcome]) -> list[Refused]:
        self.store.settle(self.sink.name, self.account.id, outcomes)
        return [outcome for outcome in outcomes if isinstance(outcome, Refused)]


def _was_done(intent: Pending, there: Collection[str]) -> bool:
    if intent.operation is Operation.CREATE:
        return intent.external_id in there
    return intent.operation is Operation.DELETE and intent.external_id not in there
