"""Mistakes that somebody could make in the protocol, each of which some test must notice."""

# ruff: noqa: SLF001, ANN401  # a mistake is made inside, and takes what the right function takes

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import pytest
from sqlalchemy import and_, bindparam, delete, select

import broker_sync.recovery
import broker_sync.vanished
from broker_sync import apply
from broker_sync.apply import Writer
from broker_sync.contracts import Stored, WriteOutcome
from broker_sync.dedup import Kind, Known, SyncRecordStore, ToCreate, ToDelete, lookups
from broker_sync.dedup.lookups import Scope
from broker_sync.dedup.tables import activities, in_scope
from broker_sync.fingerprint import content_hash
from broker_sync.lock import RunLock
from broker_sync.models import Activity
from broker_sync.people import Edits
from broker_sync.sinks.wealthfolio import marks, people
from broker_sync.sinks.wealthfolio.writing import BulkWriter

Apply = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """A mistake; `apply` makes it for as long as the patch lasts."""

    name: str
    apply: Apply

    def __str__(self) -> str:
        return self.name


def _everywhere(patch: pytest.MonkeyPatch, function: Callable[..., Any], by: Callable[..., Any]) -> None:
    """Put `by` in the place of `function` in every module that has it."""
    for name, module in list(sys.modules.items()):
        if name.startswith("broker_sync."):
            for attribute in [each for each, value in vars(module).items() if value is function]:
                patch.setattr(module, attribute, by)


def _stored(activities: Iterable[Activity]) -> list[WriteOutcome]:
    return [Stored(external_id=each.external_id, tracker_id="guessed") for each in activities]


def _confirm_before_act(patch: pytest.MonkeyPatch) -> None:
    async def create(writer: Writer, activities: Sequence[Activity], kind: Kind) -> list[Any]:
        if activities:
            writer._intend(
                [ToCreate(activity=each, content_hash=content_hash(each), kind=kind) for each in activities]
            )
            writer._confirm(_stored(activities))
            await writer.sink.create(writer.account, activities)
        return []

    patch.setattr(Writer, "_create", create)


def _no_intent(patch: pytest.MonkeyPatch) -> None:
    def nothing(*_: object, **__: object) -> None:
        return None

    patch.setattr(SyncRecordStore, "intend", nothing)
    patch.setattr(Writer, "_settle", nothing)


def _intent_after_the_call(patch: pytest.MonkeyPatch) -> None:
    waiting: list[Callable[[], None]] = []
    intend, settle = SyncRecordStore.intend, SyncRecordStore.settle

    def later(store: SyncRecordStore, *given: Any, **named: Any) -> None:
        waiting.append(lambda: intend(store, *given, **named))

    def now(store: SyncRecordStore, *given: Any) -> Any:
        while waiting:
            waiting.pop(0)()
        return settle(store, *given)

    patch.setattr(SyncRecordStore, "intend", later)
    patch.setattr(SyncRecordStore, "settle", now)


def _outcome_is_not_committed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(SyncRecordStore, "settle", lambda *_: [])


def _key_without_account(patch: pytest.MonkeyPatch) -> None:
    key_of = marks.key_of

    def same_for_all(_: str, external_id: str, *leg: str) -> str:
        return key_of("account", external_id, *leg)

    _everywhere(patch, key_of, same_for_all)


def _known_in_any_account(patch: pytest.MonkeyPatch) -> None:
    for name, of in (("_BY_RECORD", activities.c.record_id), ("_BY_EXTERNAL_ID", activities.c.external_id)):
        anywhere = and_(activities.c.sink == bindparam("of_sink"), of.in_(bindparam("ids", expanding=True)))
        patch.setattr(lookups, name, select(*getattr(lookups, name).selected_columns).where(anywhere))


def _settled_as_done_without_asking(patch: pytest.MonkeyPatch) -> None:
    async def settle(writer: Writer) -> list[Any]:
        pending = writer.store.pending(writer.sink.name, writer.account.id)
        outcomes = [Stored(external_id=each.external_id, tracker_id="guessed") for each in pending]
        writer.store.settle(writer.sink.name, writer.account.id, outcomes)
        return []

    patch.setattr(Writer, "settle_unfinished", settle)


def _never_settled(patch: pytest.MonkeyPatch) -> None:
    async def settle(_: Writer) -> list[Any]:
        return []

    patch.setattr(Writer, "settle_unfinished", settle)


def _sent_again_without_asking(patch: pytest.MonkeyPatch) -> None:
    async def as_before(_: BulkWriter, changes: object, there: dict[str, str]) -> dict[str, str]:  # noqa: ARG001
        return there

    patch.setattr(BulkWriter, "_refreshed", as_before)


def _lock_is_not_taken(patch: pytest.MonkeyPatch) -> None:
    def enter(lock: RunLock) -> RunLock:
        return lock

    def leave(
        lock: RunLock,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        del lock, kind, error, trace

    patch.setattr(RunLock, "__enter__", enter)
    patch.setattr(RunLock, "__exit__", leave)


def _update_is_a_create(patch: pytest.MonkeyPatch) -> None:
    async def update(writer: Writer, activities: Sequence[Activity], why: Any) -> list[Any]:
        if not activities:
            return []
        writer._intend([apply._to_update(each, why) for each in activities])
        return writer._confirm(await writer.sink.create(writer.account, activities))

    patch.setattr(Writer, "_update", update)


def _delete_is_only_forgotten(patch: pytest.MonkeyPatch) -> None:
    async def forget(writer: Writer, external_ids: Sequence[str], why: Any) -> list[Any]:
        if external_ids:
            writer._intend([ToDelete(external_id=each, why=why) for each in external_ids])
            gone = [Stored(external_id=each, tracker_id=each, created=False) for each in external_ids]
            writer._confirm(gone)
        return []

    patch.setattr(Writer, "_delete", forget)


def _vanished_without_full_cover(patch: pytest.MonkeyPatch) -> None:
    between = SyncRecordStore.booked_between

    def all_of_them(store: SyncRecordStore, sink: str, account_id: str, *_: object) -> Any:
        return between(store, sink, account_id, dt.date.min, dt.date.max)

    patch.setattr(SyncRecordStore, "booked_between", all_of_them)
    patch.setattr(broker_sync.vanished, "_should_list", lambda *_: True)


def _content_is_ignored(patch: pytest.MonkeyPatch) -> None:
    _everywhere(patch, content_hash, lambda activity: activity.external_id)


def _refused_is_done(patch: pytest.MonkeyPatch) -> None:
    settle = SyncRecordStore.settle

    def done(store: SyncRecordStore, sink: str, account_id: str, outcomes: Sequence[Any]) -> Any:
        told = [
            each
            if isinstance(each, Stored) or hasattr(each, "activity")
            else Stored(external_id=each.external_id, tracker_id="guessed")
            for each in outcomes
        ]
        return settle(store, sink, account_id, told)

    patch.setattr(SyncRecordStore, "settle", done)
    _nothing_is_read_back(patch)


def _what_was_there_is_trusted(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(apply, "_adopted", lambda outcome, *_: outcome)

    async def nothing(*_: object) -> int:
        return 0

    patch.setattr(broker_sync.recovery, "_adopt", nothing)


def _withdrawn_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    """What was booked and was to be changed is taken for something that never was."""
    patch.setattr(SyncRecordStore, "withdraw", _forget)
    _nothing_is_read_back(patch)


def _forget(store: SyncRecordStore, sink: str, account_id: str, external_ids: Collection[str]) -> None:
    with store._database.writing() as connection:
        scope = Scope(sink=sink, account_id=account_id)
        names = activities.c.external_id.in_(list(external_ids))
        connection.execute(delete(activities).where(in_scope(activities), names), scope.key)


def _edits_are_written_over(patch: pytest.MonkeyPatch) -> None:
    _everywhere(patch, people.edited, lambda *_: {})


def _removed_is_taken_for_never_booked(patch: pytest.MonkeyPatch) -> None:
    async def forgets(edits: Edits, _: object, booked: Mapping[str, Known]) -> Any:
        writer = edits._writer
        there = await writer.sink.find(writer.account.id, list(booked))
        _forget(writer.store, writer.sink.name, writer.account.id, booked.keys() - there.keys())
        return {}

    patch.setattr(Edits, "left", forgets)


def _decisions_are_not_carried_out(patch: pytest.MonkeyPatch) -> None:
    async def nothing(*_: object, **__: object) -> list[Any]:
        return []

    _everywhere(patch, broker_sync.recovery.carry_out_decisions, nothing)


def _nothing_is_read_back(patch: pytest.MonkeyPatch) -> None:
    """Each run compares all of the tracker with what is known: that alone would heal some mistakes."""

    async def no(*_: object) -> bool:
        return False

    patch.setattr(broker_sync.recovery, "_is_behind", no)


MUTATIONS = (
    Mutation(name="confirm before act", apply=_confirm_before_act),
    Mutation(name="no intent", apply=_no_intent),
    Mutation(name="intent committed after the call", apply=_intent_after_the_call),
    Mutation(name="outcome not committed", apply=_outcome_is_not_committed),
    Mutation(name="key without account", apply=_key_without_account),
    Mutation(name="known in any account", apply=_known_in_any_account),
    Mutation(name="settled as done without asking", apply=_settled_as_done_without_asking),
    Mutation(name="never settled", apply=_never_settled),
    Mutation(name="sent again without asking", apply=_sent_again_without_asking),
    Mutation(name="lock not taken", apply=_lock_is_not_taken),
    Mutation(name="update treated as create", apply=_update_is_a_create),
    Mutation(name="deleted records only forgotten", apply=_delete_is_only_forgotten),
    Mutation(name="vanished without full cover", apply=_vanished_without_full_cover),
    Mutation(name="content hash ignored", apply=_content_is_ignored),
    Mutation(name="a refusal taken for done", apply=_refused_is_done),
    Mutation(name="what was there already trusted to be right", apply=_what_was_there_is_trusted),
    Mutation(name="a person's edit written over", apply=_edits_are_written_over),
    Mutation(name="what a person removed taken for never booked", apply=_removed_is_taken_for_never_booked),
    Mutation(name="a person's decision not carried out", apply=_decisions_are_not_carried_out),
    Mutation(name="a withdrawn change forgets the record", apply=_withdrawn_is_forgotten),
)
"""Each breaks one promise of the protocol."""
