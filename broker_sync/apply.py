"""Intent, act, confirm: the only way in which anything is written to a sink.

What will be asked is committed before the sink is called, what it answered after. A run that finds an intent
without an answer asks the sink, by external id, what it has, and never sends again on suspicion.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from broker_sync.abilities import Keeps, Overrides, Renumbers
from broker_sync.changes import Change, Why
from broker_sync.contracts import Edited, Held, Refused, Sink, Stored, Untouched, WriteOutcome
from broker_sync.dedup import (
    Adopted,
    Intent,
    Kind,
    Operation,
    Pending,
    Settlement,
    SyncRecordStore,
    ToCreate,
    ToDelete,
    ToRecreate,
    ToUpdate,
)
from broker_sync.fingerprint import content_hash
from broker_sync.models import Account, Activity
from broker_sync.plan import Plan

__all__ = ["NotDone", "Writer"]

NotDone = Refused | Edited
"""What the sink would not take, and what a person has changed there."""

_BATCH = 500


def _unchecked() -> None:
    """Nobody else is at work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Writes to one account in one sink, on behalf of one run.

    `check` raises when another run may be at work on the same account; it is called before anything is
    written. `changes` are what was overwritten or removed so far.
    """

    account: Account
    sink: Sink
    store: SyncRecordStore
    run_id: int
    check: Callable[[], None] = _unchecked
    changes: list[Change] = field(default_factory=list)

    # --- what a run before has left ---

    async def settle_unfinished(self) -> list[str]:
        """Find out what became of the intents of a run that died; nothing that may be there is sent again.

        Gives back what was to be created again and is not there: :meth:`resume` goes on with it.
        """
        pending = self.store.pending(self.sink.name, self.account.id)
        if not pending:
            return []
        there = await self.sink.find(self.account.id, [intent.external_id for intent in pending])
        told = await self.told(there)
        done = [
            outcome
            for intent in pending
            if (outcome := _outcome(intent, there, told.get(intent.external_id))) is not None
        ]
        self._settle(done)
        finished = {outcome.external_id for outcome in done}
        open_ = [intent for intent in pending if intent.external_id not in finished]
        self.withdraw(intent.external_id for intent in open_ if intent.operation is not Operation.RECREATE)
        return [intent.external_id for intent in open_ if intent.operation is Operation.RECREATE]

    def withdraw(self, external_ids: Iterable[str]) -> None:
        """Take back intents that were not carried out; what was to be changed is known as it was."""
        self.store.withdraw(self.sink.name, self.account.id, list(external_ids))

    async def told(self, external_ids: Iterable[str]) -> Mapping[str, Held]:
        """What the sink says that it has of `external_ids`; nothing where it cannot tell."""
        names = list(external_ids)
        if not names or not isinstance(self.sink, Keeps):
            return {}
        return {each.external_id: each async for each in self.sink.held(self.account.id, names)}

    # --- writing ---

    async def carry_out(
        self, plan: Plan, *, kind: Kind = Kind.RECORD, why: Why = Why.RESTATED
    ) -> list[NotDone]:
        """Write `plan`: deletions first, then updates, then what is new; gives back what was not done."""
        not_done = await self._delete(plan.delete, why)
        not_done += await self._update(plan.update, why)
        return not_done + await self._create(plan.create, kind)

    async def recreate(self, external_ids: Sequence[str]) -> list[NotDone]:
        """Create again what is booked, and what the sink has lost.

        All of it is intended at once: a run that dies on the way leaves it to the next, whatever is there.
        """
        self._intend([ToRecreate(external_id=each) for each in external_ids])
        return await self.resume()

    async def resume(self) -> list[NotDone]:
        """Create again what that is intended for; gives back what was not done."""
        pending = self.store.pending(self.sink.name, self.account.id)
        again = [intent.activity for intent in pending if intent.operation is Operation.RECREATE]
        not_done: list[NotDone] = []
        for start in range(0, len(again), _BATCH):
            self.check()
            batch = again[start : start + _BATCH]
            not_done += self._confirm(await self.sink.create(self.account, batch))
        return not_done

    async def overrule(self, update: Sequence[Activity], delete: Sequence[str]) -> list[NotDone]:
        """Write over what a person has changed in the sink, since a person says so."""
        sink = self.sink
        if not isinstance(sink, Overrides):
            return await self.carry_out(Plan(update=tuple(update), delete=tuple(delete)), why=Why.OVERWRITTEN)
        not_done: list[NotDone] = []
        if delete:
            self._intend([ToDelete(external_id=each, why=Why.OVERWRITTEN) for each in delete])
            not_done += self._confirm(await sink.remove(self.account, delete))
        if update:
            self._intend([_to_update(each, Why.OVERWRITTEN) for each in update])
            not_done += self._confirm(await sink.overwrite(self.account, update))
        return not_done

    async def _create(self, activities: Sequence[Activity], kind: Kind) -> list[NotDone]:
        if not activities:
            return []
        self._intend(
            [ToCreate(activity=each, content_hash=content_hash(each), kind=kind) for each in activities]
        )
        outcomes = await self.sink.create(self.account, activities)
        told = await self.told([each.external_id for each in outcomes if _was_there(each)])
        wanted = {each.external_id: each for each in activities}
        adopted = [_adopted(each, told.get(each.external_id), wanted[each.external_id]) for each in outcomes]
        self._settle(adopted)
        differing = [
            wanted[each.external_id]
            for each in adopted
            if isinstance(each, Adopted) and each.content_hash != content_hash(wanted[each.external_id])
        ]
        return _not_done(outcomes) + await self._update(differing, Why.RESTATED)

    async def _update(self, activities: Sequence[Activity], why: Why) -> list[NotDone]:
        if not activities:
            return []
        self._intend([_to_update(each, why) for each in activities])
        return self._confirm(await self.sink.update(self.account, activities))

    async def _delete(self, external_ids: Sequence[str], why: Why) -> list[NotDone]:
        if not external_ids:
            return []
        self._intend([ToDelete(external_id=each, why=why) for each in external_ids])
        return self._confirm(await self.sink.delete(self.account, external_ids))

    def _intend(self, intents: Sequence[Intent]) -> None:
        self.check()
        self.store.intend(self.sink.name, self.account.id, intents, run_id=self.run_id)

    def _confirm(self, outcomes: Sequence[Settlement]) -> list[NotDone]:
        self._settle(outcomes)
        return _not_done(outcomes)

    async def learn_ids(self) -> None:
        """Know what the sink calls each activity by now, also those that nobody asked it to write."""
        if isinstance(self.sink, Renumbers):
            ids = await self.sink.tracker_ids(self.account.id)
            self.store.renumber(self.sink.name, self.account.id, ids)

    def _settle(self, outcomes: Sequence[Settlement]) -> None:
        if outcomes:
            self.changes.extend(self.store.settle(self.sink.name, self.account.id, outcomes))


def _to_update(activity: Activity, why: Why) -> ToUpdate:
    return ToUpdate(activity=activity, content_hash=content_hash(activity), why=why)


def _not_done(outcomes: Iterable[Settlement]) -> list[NotDone]:
    return [outcome for outcome in outcomes if isinstance(outcome, Refused | Edited)]


def _was_there(outcome: WriteOutcome) -> bool:
    """Whether what was to be created was there before: as it was written, or as a person has changed it."""
    return isinstance(outcome, Edited) or (isinstance(outcome, Stored) and not outcome.created)


def _adopted(outcome: WriteOutcome, told: Held | None, wanted: Activity) -> Settlement:
    """What there is to write down of a create: what was written before, where the sink can tell it."""
    if isinstance(outcome, Refused) or told is None or told.activity is None:
        return outcome
    found = content_hash(told.activity)
    if isinstance(outcome, Stored) and found == content_hash(wanted):
        return outcome
    return Adopted(tracker_id=told.tracker_id, activity=told.activity, content_hash=found)


def _outcome(intent: Pending, there: Mapping[str, str], told: Held | None) -> Settlement | None:
    """What became of `intent`; None if it was not carried out, or if nobody can tell."""
    name = intent.external_id
    is_there = name in there
    stored = Stored(external_id=name, tracker_id=there.get(name, ""), created=False)
    match intent.operation:
        case Operation.CREATE:
            return _adopted(stored, told, intent.activity) if is_there else None
        case Operation.RECREATE:
            return stored if is_there else None
        case Operation.DELETE:
            return None if is_there else stored
        case Operation.UPDATE:
            # Otherwise it is taken back, and the next plan, which compares contents, makes it again.
            is_done = isinstance(told, Untouched) and content_hash(told.activity) == intent.content_hash
            return stored if is_done else None
