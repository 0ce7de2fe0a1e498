"""The one way through the house: provider, plan, sink, opening balances, comparison."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from broker_sync.abilities import Dates, Limits, Notes, Twins
from broker_sync.apply import Writer
from broker_sync.changes import Change, Why
from broker_sync.comparison import Comparison, compare
from broker_sync.contracts import Provider, Refused, Rejection, SectionCount, Sink, Truth, Twin
from broker_sync.dedup import Kind, Known, RunCounts, State, SyncRecordStore
from broker_sync.errors import SettingsError
from broker_sync.fingerprint import content_hash
from broker_sync.models import Account, Activity
from broker_sync.newest import Newest, outdated_note
from broker_sync.opening import Window, opening_balances
from broker_sync.people import Edits
from broker_sync.plan import Plan, RecordGroup, batches, group_records, make_plan
from broker_sync.reconcile import PositionDrift, Tolerances
from broker_sync.recovery import recover
from broker_sync.rehearsal import rehearse
from broker_sync.results import NotHeld, SyncResult
from broker_sync.tally import SyncTally
from broker_sync.tracker_view import TrackerView
from broker_sync.vanished import Vanished, vanished
from broker_sync.verify import (
    HELD_BACK,
    actions,
    called_for,
    held_back,
    moves_units_untraded,
    unverified,
)
from broker_sync.windows import gap_notes, gaps, window_of

__all__ = ["SyncResult", "sync_provider_to_wealthfolio"]

_USUAL: Final = Tolerances()
Progress = Callable[[int], None]


def _alone() -> None:
    """Nobody else is at work."""


async def sync_provider_to_wealthfolio(
    *,
    provider: Provider,
    sink: Sink,
    dedup: SyncRecordStore,
    since: dt.date | None = None,
    before: dt.date | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    version: str = "",
    delete_vanished: bool = False,
    tolerances: Tolerances = _USUAL,
    run_id: int | None = None,
    check: Callable[[], None] = _alone,
    forgotten: Callable[[], Provider] | None = None,
) -> SyncResult:
    """Bring one account of `provider` into `sink` (any sink), each record once, and compare both sides.

    `since` and `before` (exclusive) bound the booking days. With `dry_run` nothing is written anywhere and
    the result says what would be. `progress` is told the number of records seen, now and then. A record that
    the broker no longer lists is reported, and with `delete_vanished` removed from the sink. Differences up
    to the `tolerances` count as none. `run_id` is a run that has begun in `dedup`; without it one is begun
    here. `check` is called before anything is written, and raises when another run may be at work.
    `forgotten` opens statements that were booked before and that `dedup` does not know: it may be an older
    one, so what the tracker has is known again first. Raises a
    :class:`~broker_sync.errors.BrokerSyncError`; what was booked until then stays booked and is known.
    """
    if dry_run:
        with dedup.rehearsal() as copy:
            rehearsal = rehearse(sink)
            result = await sync_provider_to_wealthfolio(
                provider=provider,
                sink=rehearsal,
                dedup=copy,
                since=since,
                before=before,
                progress=progress,
                version=version,
                delete_vanished=delete_vanished,
                tolerances=tolerances,
                forgotten=forgotten,
            )
        # Of what would be written the tracker does not know what it is worth.
        nav = None if rehearsal.is_changed else result.nav
        return replace(result, run_id=None, planned=rehearsal.planned, nav=nav)
    account = provider.accounts()[0]
    await sink.login()
    _claim(account, sink, dedup)
    if run_id is None:
        run_id = dedup.begin_run(provider=provider.name, version=version)
    writer = Writer(account=account, sink=sink, store=dedup, run_id=run_id, check=check)
    found = await recover(writer, provider=provider.name, forgotten=forgotten)
    sync = _Sync(provider=provider, writer=writer, delete_vanished=delete_vanished, tolerances=tolerances)
    sync.tally.refuse(found.not_done)
    async for batch in batches(provider.fetch(since=since, before=before)):
        await sync.book(batch)
        # The embedded ledger never waits, so without this an interrupt would be heard only at the end.
        await asyncio.sleep(0)
        if progress is not None:
            progress(sync.tally.records)
    result = await sync.finish()
    dedup.end_run(run_id, outcome=result.outcome, counts=_counts(result))
    return replace(result, run_id=run_id, notes=(*found.notes, *result.notes))


def _claim(account: Account, sink: Sink, store: SyncRecordStore) -> None:
    """Two accounts of the broker in one of the tracker's would pass for each other's corrections."""
    provider, number = account.provider, account.provider_account_id
    owner = store.owner(sink.name, account.id)
    if owner is None:
        store.keep_owner(sink.name, account.id, provider=provider, provider_account_id=number)
    elif owner != (provider, number):
        raise SettingsError(
            f"The account {account.id} in {sink.name} is that of {owner[1]} at the broker, "
            f"not of {number}: nothing was booked. Give each of them an account of its own in the tracker "
            "(IBKR_ACCOUNT_ID)."
        )


class _Sync:
    """One run over one account."""

    def __init__(
        self,
        *,
        provider: Provider,
        writer: Writer,
        delete_vanished: bool,
        tolerances: Tolerances,
    ) -> None:
        self._provider = provider
        self._writer = writer
        self._delete_vanished = delete_vanished
        self._tolerances = tolerances
        self._seen: set[str] = set()
        self._scope = (writer.sink.name, writer.account.id)
        self.tally = SyncTally()
        self._edits = Edits(writer)
        self._untraded: list[RecordGroup] = []
        self._aside: list[RecordGroup] = []
        self._held_back = _waiting(writer)
        # Those that a run booked which did not come to its end.
        self._unverified = writer.store.awaiting_verification(*self._scope)
        self._booked_before: set[str] = set()
        self._newest = Newest(writer.store.windows(*self._scope))
        self._outdated = 0

    @property
    def _account(self) -> Account:
        return self._writer.account

    async def book(self, records: Sequence[RecordGroup]) -> None:
        """Write what is new or changed in `records`; what was held back waits for the open positions."""
        self._seen.update(record.record_id for record in records)
        self._aside += [record for record in records if record.record_id in self._held_back]
        await self._book([record for record in records if record.record_id not in self._held_back])

    async def _book(self, given: Sequence[RecordGroup]) -> None:
        store = self._writer.store
        known = store.lookup_records(*self._scope, [record.record_id for record in given])
        records = self._without_outdated(given, known)
        booked = {leg.external_id: leg for legs in known.values() for leg in legs if leg.is_booked}
        left = await self._edits.left((leg for record in records for leg in record.activities), booked)
        plan = make_plan(records, known, content_hash=content_hash, left=left)
        fresh, before = set(plan.new), self._unverified.intersection(plan.known)
        untraded = [each for each in records if moves_units_untraded(each)]
        self._untraded += [each for each in untraded if each.record_id in fresh | before]
        self._booked_before |= before
        waiting = {each.record_id for each in untraded} & fresh
        if waiting:
            store.await_verification(*self._scope, waiting)
        self.tally.count(plan, records, await self._writer.carry_out(plan))

    def _without_outdated(
        self, records: Sequence[RecordGroup], known: Mapping[str, Sequence[Known]]
    ) -> list[RecordGroup]:
        """Those of which no statement that was made later knows better; the others count as known.

        What the tracker has refused of that one is asked for again, if this one says the same of it.
        """
        outdated = [each for each in records if self._is_outdated(each)]
        if not outdated:
            return list(records)
        refused = _refused(known)
        outdated = [
            each
            for each in outdated
            if not any(refused.get(leg.external_id) == content_hash(leg) for leg in each.activities)
        ]
        self.tally.refuse(self._refused_otherwise(outdated, refused))
        other = make_plan(outdated, known, content_hash=content_hash)
        self._outdated += len(other.new) + len(other.changed)
        names = {each.record_id for each in outdated}
        self.tally.count(Plan(known=tuple(names)), outdated, ())
        return [each for each in records if each.record_id not in names]

    def _refused_otherwise(
        self, outdated: Sequence[RecordGroup], refused: Mapping[str, str]
    ) -> list[Refused]:
        """What is not there of `outdated`, since the tracker refused what the later statement says of it."""
        legs = [leg.external_id for each in outdated for leg in each.activities if leg.external_id in refused]
        if not legs:
            return []
        reasons = self._writer.store.refusals(*self._scope)
        return [Refused(external_id=leg, reason=reasons[leg]) for leg in legs]

    def _is_outdated(self, record: RecordGroup) -> bool:
        made = self._provider.made_at(record.record_id) if isinstance(self._provider, Dates) else None
        return self._newest.supersedes(record.record_id, record.activities[0].booked_on, made)

    def _outdated_notes(self, truths: Sequence[Truth]) -> list[str]:
        if not self._outdated:
            return []
        notes = [outdated_note(self._outdated)]
        if self._is_of_the_past(truths):
            notes.append(f"The broker has made a later statement of {truths[-1].last_day} than this one.")
        return notes

    def _is_of_the_past(self, truths: Sequence[Truth]) -> bool:
        return bool(truths) and self._newest.is_outdated(truths[-1].last_day, truths[-1].made)

    async def finish(self) -> SyncResult:
        """Settle rejections and opening balances, then compare both sides."""
        truths = self._provider.truths()
        windows = self._keep_windows(truths)
        gone = await self._settle_vanished(truths)
        openings, changes = await self._balance_openings(windows)
        twins = await self._twins()
        compared = await self._compare(truths)
        # Where days are missing, what happened on them is the likelier reason for any difference.
        is_judged = not gaps(windows) and not self._is_of_the_past(truths)
        judged = compared.positions or () if is_judged else ()
        waiting = await self._verify(judged, truths)
        if waiting is not None:
            compared = await self._compare(truths)
        # Comparing is when a tracker puts right what stands otherwise by now.
        await self._writer.learn_ids()
        rejected = [*self._provider.rejections(), *(waiting or ())]
        store = self._writer.store
        # Of all that was seen, not only of what is new: a run that died may have booked it before.
        store.clear_rejections(*self._scope, self._seen.difference(each.external_id for each in rejected))
        store.save_rejections(*self._scope, rejected, run_id=self._writer.run_id)
        verified = self._seen & store.awaiting_verification(*self._scope)
        if verified:
            store.end_verification(*self._scope, verified)
        return SyncResult(
            account=self._account,
            sink=self._writer.sink.name,
            first_day=min((truth.first_day for truth in truths), default=None),
            last_day=max((truth.last_day for truth in truths), default=None),
            fetched=self.tally.records + len(rejected),
            new_after_dedup=self.tally.new,
            known=self.tally.known,
            imported=self.tally.new - self.tally.failed,
            updated=self.tally.updated,
            deleted=self.tally.deleted,
            failed=self.tally.failed,
            failures=tuple(self.tally.refused),
            rejected=tuple(rejected),
            openings=tuple(openings),
            opening_changes=changes,
            sections=_sections(truths),
            notes=(
                *gap_notes(windows),
                *_notes(truths),
                *self._outdated_notes(truths),
                *await self._tracker_notes(),
            ),
            vanished=tuple(gone),
            changes=self._changes(),
            conflicts=tuple(self._edits.conflicts()),
            not_held=tuple(await self._not_held(truths)),
            twins=tuple(twins),
            positions=compared.positions,
            cash=compared.cash,
            nav=compared.nav,
        )

    def _changes(self) -> tuple[Change, ...]:
        return tuple(each for each in self._writer.changes if each.why is not Why.DERIVED_ANEW)

    async def _settle_vanished(self, truths: Sequence[Truth]) -> list[Vanished]:
        if not truths:
            return []
        seen = self._seen | {rejection.external_id for rejection in self._provider.rejections()}
        first, last = min(truth.first_day for truth in truths), max(truth.last_day for truth in truths)
        booked = self._writer.store.booked_between(*self._scope, first, last)
        unlisted = vanished(
            booked, seen=seen, truths=truths, provider=self._provider.name, newest=self._newest
        )
        self._forget_refused(first, last, seen, truths)
        gone, nowhere = await self._edits.settle_gone(unlisted)
        # There is nothing to remove: this only forgets them.
        self.tally.refuse(
            await self._writer.carry_out(Plan(delete=tuple(nowhere)), kind=Kind.RECORD, why=Why.VANISHED)
        )
        if self._delete_vanished and gone:
            legs = tuple(leg for each in gone for leg in each.external_ids if not self._edits.is_kept(leg))
            not_done = await self._writer.carry_out(Plan(delete=legs), why=Why.VANISHED)
            kept = {leg for each in gone for leg in each.external_ids if leg not in legs}
            kept |= {outcome.external_id for outcome in not_done}
            self.tally.refuse(not_done)
            self.tally.deleted += sum(not kept & set(each.external_ids) for each in gone)
        return gone

    def _forget_refused(self, first: dt.date, last: dt.date, seen: set[str], truths: Sequence[Truth]) -> None:
        """Forget what the tracker has refused, and the broker lists no more."""
        refused = self._writer.store.refused_between(*self._scope, first, last)
        unlisted = vanished(
            refused, seen=seen, truths=truths, provider=self._provider.name, newest=self._newest
        )
        legs = [leg for each in unlisted for leg in each.external_ids]
        if legs:
            self._writer.store.forget_refused(*self._scope, legs)

    def _keep_windows(self, truths: Sequence[Truth]) -> list[Window]:
        store = self._writer.store
        for truth in truths:
            store.save_window(*self._scope, window_of(truth), run_id=self._writer.run_id)
        return store.windows(*self._scope)

    async def _balance_openings(self, windows: Sequence[Window]) -> tuple[list[Activity], int]:
        store = self._writer.store
        standing = store.opening_activities(*self._scope)
        view = TrackerView(sink=self._writer.sink, account=self._account)
        positions_before, cash_before = await view.booked_before(windows, openings=standing)
        wanted = opening_balances(
            self._account, windows, positions_before=positions_before, cash_before=cash_before
        )
        openings = store.openings(*self._scope)
        booked = {key: entry for key, entry in openings.items() if entry.is_booked}
        left = await self._edits.left(wanted, booked)
        known = {key: [entry] for key, entry in openings.items()}
        plan = make_plan(group_records(wanted), known, content_hash=content_hash, left=left)
        here = {entry.external_id for entry in wanted}
        gone = tuple(key for key in booked if key not in here and not self._edits.is_kept(key))
        plan = Plan(create=plan.create, update=plan.update, delete=(*plan.delete, *gone))
        self.tally.refuse(await self._writer.carry_out(plan, kind=Kind.OPENING, why=Why.DERIVED_ANEW))
        return wanted, len(plan.create) + len(plan.update) + len(plan.delete)

    async def _verify(
        self, drifts: Sequence[PositionDrift], truths: Sequence[Truth]
    ) -> list[Rejection] | None:
        """Hold back what does not verify, book what does by now; None if there was nothing to decide."""
        aside, booked = actions(self._aside), actions(self._untraded)
        wrong = unverified(booked, drifts)
        if not aside and not wrong:
            return None
        due = called_for(aside, drifts)
        for action in due:
            await self._book(action.records)
        for action in wrong:
            legs = tuple(leg.external_id for record in action.records for leg in record.activities)
            self.tally.refuse(await self._writer.carry_out(Plan(delete=legs), why=Why.TAKEN_BACK))
            known = sum(record.record_id in self._booked_before for record in action.records)
            self.tally.take_back(new=len(action.records) - known, known=known)
        waiting = [*(action for action in aside if action not in due), *wrong]
        day = truths[-1].last_day if truths else dt.date.min
        return [rejection for action in waiting for rejection in held_back(action, day=day)]

    async def _not_held(self, truths: Sequence[Truth]) -> list[NotHeld]:
        sink = self._writer.sink
        if not truths or not isinstance(sink, Limits):
            return []
        last = max(truth.last_day for truth in truths)
        return [
            NotHeld(instrument=each.instrument, quantity=each.quantity, reason=each.reason)
            for each in await sink.cannot_hold(self._account.id, as_of=last)
        ]

    async def _twins(self) -> Sequence[Twin]:
        # Before both sides are compared: what is taken over there must not count twice.
        sink = self._writer.sink
        return await sink.twins(self._account.id, ()) if isinstance(sink, Twins) else ()

    async def _tracker_notes(self) -> Sequence[str]:
        sink = self._writer.sink
        return await sink.notes(self._account.id) if isinstance(sink, Notes) else ()

    async def _compare(self, truths: Sequence[Truth]) -> Comparison:
        view = TrackerView(sink=self._writer.sink, account=self._account)
        return await compare(truths, view, self._tolerances)


def _waiting(writer: Writer) -> frozenset[str]:
    """The records that are held back; what a run booked before it died does not wait any more."""
    scope = (writer.sink.name, writer.account.id)
    names = [
        saved.rejection.external_id
        for saved in writer.store.rejections(*scope)
        if saved.rejection.reason.startswith(HELD_BACK)
    ]
    known = writer.store.lookup_records(*scope, names)
    return frozenset(name for name in names if not any(leg.is_booked for leg in known.get(name, ())))


def _refused(known: Mapping[str, Sequence[Known]]) -> dict[str, str]:
    """What the tracker would not create, by external id, with the fingerprint of what it was."""
    legs = [leg for its_legs in known.values() for leg in its_legs]
    return {leg.external_id: leg.content_hash for leg in legs if leg.state is State.FAILED}


def _sections(truths: Iterable[Truth]) -> tuple[SectionCount, ...]:
    totals: dict[str, SectionCount] = {}
    for count in (count for truth in truths for count in truth.sections):
        known = totals.get(count.section, SectionCount(section=count.section, rows=0))
        totals[count.section] = SectionCount(
            section=count.section,
            rows=known.rows + count.rows,
            booked=known.booked + count.booked,
            informational=known.informational + count.informational,
            rejected=known.rejected + count.rejected,
        )
    return tuple(totals[name] for name in sorted(totals))


def _notes(truths: Sequence[Truth]) -> list[str]:
    notes = [note for truth in truths for note in truth.notes]
    if truths and all(truth.positions is None for truth in truths):
        notes.append("The statement has no Open Positions: positions were not compared.")
    if truths and all(truth.cash is None for truth in truths):
        notes.append("The statement has no Cash Report by currency: cash was not compared.")
    return notes


def _counts(result: SyncResult) -> RunCounts:
    return RunCounts(
        fetched=result.fetched,
        new=result.new_after_dedup,
        known=result.known,
        updated=result.updated,
        imported=result.imported,
        failed=result.failed,
        rejected=len(result.rejected),
    )
