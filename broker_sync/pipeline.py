"""The one way through the house: provider, plan, sink, opening balances, comparison."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from decimal import Decimal
from typing import Final

from broker_sync.abilities import Limits
from broker_sync.apply import Writer
from broker_sync.contracts import Provider, Refused, Rejection, SectionCount, Sink, Truth
from broker_sync.dedup import Kind, RunCounts, SyncRecordStore
from broker_sync.fingerprint import content_hash
from broker_sync.models import Account, Activity
from broker_sync.opening import Window, opening_balances
from broker_sync.plan import Plan, RecordGroup, group_records, make_plan
from broker_sync.reconcile import (
    CASH_TOLERANCE,
    SHARE_TOLERANCE,
    CashDrift,
    PositionDrift,
    reconcile_cash,
    reconcile_positions,
)
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

_BATCH: Final = 500
Progress = Callable[[int], None]


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
    share_tolerance: Decimal = SHARE_TOLERANCE,
    cash_tolerance: Decimal = CASH_TOLERANCE,
) -> SyncResult:
    """Bring one account of `provider` into `sink` (any sink), each record once, and compare both sides.

    `since` and `before` (exclusive) bound the booking days. With `dry_run` nothing is written anywhere and
    the result says what would be. `progress` is told the number of records seen, now and then. A record that
    the broker no longer lists is reported, and with `delete_vanished` removed from the sink. Differences up
    to the tolerances count as none. Raises a
    :class:`~broker_sync.errors.BrokerSyncError`; what was booked until then stays booked and is known.
    """
    account = provider.accounts()[0]
    await sink.login()
    run_id = 0 if dry_run else dedup.begin_run(provider=provider.name, version=version)
    writer = Writer(account=account, sink=sink, store=dedup, run_id=run_id)
    sync = _Sync(
        provider=provider,
        writer=writer,
        dry_run=dry_run,
        delete_vanished=delete_vanished,
        tolerances=(share_tolerance, cash_tolerance),
    )
    if not dry_run:
        await writer.settle_unfinished()
    async for batch in _batches(provider.fetch(since=since, before=before)):
        await sync.book(batch)
        # The embedded ledger never waits, so without this an interrupt would be heard only at the end.
        await asyncio.sleep(0)
        if progress is not None:
            progress(sync.tally.records)
    result = await sync.finish()
    if not dry_run:
        dedup.end_run(run_id, outcome=result.outcome, counts=_counts(result))
    return result


async def _batches(activities: AsyncIterator[Activity]) -> AsyncIterator[list[RecordGroup]]:
    """Whole records, some hundreds at a time; a record that comes again starts a new batch."""
    batch: list[Activity] = []
    records: set[str] = set()
    current = ""
    async for activity in activities:
        if activity.record_id != current:
            current = activity.record_id
            if current in records or len(records) >= _BATCH:
                yield group_records(batch)
                batch, records = [], set()
            records.add(current)
        batch.append(activity)
    if batch:
        yield group_records(batch)


class _Sync:
    """One run over one account."""

    def __init__(
        self,
        *,
        provider: Provider,
        writer: Writer,
        dry_run: bool,
        delete_vanished: bool,
        tolerances: tuple[Decimal, Decimal],
    ) -> None:
        self._provider = provider
        self._writer = writer
        self._dry_run = dry_run
        self._delete_vanished = delete_vanished
        self._tolerances = tolerances
        self._seen: set[str] = set()
        self._scope = (writer.sink.name, writer.account.id)
        self.tally = SyncTally()
        self._planned: list[Activity] = []
        self._untraded: list[RecordGroup] = []
        self._aside: list[RecordGroup] = []
        self._held_back = {
            saved.rejection.external_id
            for saved in writer.store.rejections(*self._scope)
            if saved.rejection.reason.startswith(HELD_BACK)
        }

    @property
    def _account(self) -> Account:
        return self._writer.account

    async def book(self, records: Sequence[RecordGroup]) -> None:
        """Write what is new or changed in `records`; what was held back waits for the open positions."""
        self._seen.update(record.record_id for record in records)
        self._aside += [record for record in records if record.record_id in self._held_back]
        await self._book([record for record in records if record.record_id not in self._held_back])

    async def _book(self, records: Sequence[RecordGroup]) -> None:
        store = self._writer.store
        known = store.lookup_records(*self._scope, [record.record_id for record in records])
        plan = make_plan(records, known, content_hash=content_hash)
        refused = await self._carry_out(plan, Kind.RECORD)
        self.tally.count(plan, records, refused)
        new = set(plan.new)
        self._untraded += [each for each in records if each.record_id in new and moves_units_untraded(each)]
        if not self._dry_run and plan.new:
            store.clear_rejections(*self._scope, plan.new)

    async def _carry_out(self, plan: Plan, kind: Kind) -> list[Refused]:
        if not self._dry_run:
            return await self._writer.carry_out(plan, kind=kind)
        self._planned += [*plan.create, *plan.update]
        return []

    async def finish(self) -> SyncResult:
        """Settle rejections and opening balances, then compare both sides."""
        truths = self._provider.truths()
        windows = self._keep_windows(truths)
        gone = await self._settle_vanished(truths)
        openings, changes = await self._balance_openings(windows)
        positions, cash = await self._compare(truths)
        # Where days are missing, what happened on them is the likelier reason for any difference.
        judged = () if gaps(windows) else positions or ()
        waiting = await self._verify(judged, truths)
        if waiting is not None:
            positions, cash = await self._compare(truths)
        rejected = [*self._provider.rejections(), *(waiting or ())]
        if not self._dry_run:
            self._writer.store.save_rejections(*self._scope, rejected, run_id=self._writer.run_id)
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
            notes=(*gap_notes(windows), *_notes(truths)),
            planned=tuple(self._planned),
            vanished=tuple(gone),
            not_held=tuple(await self._not_held(truths)),
            positions=positions,
            cash=cash,
        )

    async def _settle_vanished(self, truths: Sequence[Truth]) -> list[Vanished]:
        if not truths:
            return []
        seen = self._seen | {rejection.external_id for rejection in self._provider.rejections()}
        first, last = min(truth.first_day for truth in truths), max(truth.last_day for truth in truths)
        booked = self._writer.store.booked_between(*self._scope, first, last)
        gone = vanished(booked, seen=seen, truths=truths, provider=self._provider.name)
        if self._delete_vanished and gone and not self._dry_run:
            legs = tuple(external_id for each in gone for external_id in each.external_ids)
            refused = await self._carry_out(Plan(delete=legs), Kind.RECORD)
            kept = {outcome.external_id for outcome in refused}
            self.tally.refused += refused
            self.tally.deleted += sum(not kept & set(each.external_ids) for each in gone)
        return gone

    def _keep_windows(self, truths: Sequence[Truth]) -> list[Window]:
        store = self._writer.store
        windows = [window_of(truth) for truth in truths]
        if self._dry_run:
            return [*store.windows(*self._scope), *windows]
        for window in windows:
            store.save_window(*self._scope, window, run_id=self._writer.run_id)
        return store.windows(*self._scope)

    async def _balance_openings(self, windows: Sequence[Window]) -> tuple[list[Activity], int]:
        store = self._writer.store
        standing = store.opening_activities(*self._scope)
        view = TrackerView(sink=self._writer.sink, account=self._account, planned=self._planned)
        positions_before, cash_before = await view.booked_before(windows, openings=standing)
        wanted = opening_balances(
            self._account, windows, positions_before=positions_before, cash_before=cash_before
        )
        known = {key: [entry] for key, entry in store.openings(*self._scope).items()}
        plan = make_plan(group_records(wanted), known, content_hash=content_hash)
        gone = tuple(key for key in known if key not in {entry.external_id for entry in wanted})
        plan = Plan(create=plan.create, update=plan.update, delete=(*plan.delete, *gone))
        refused = await self._carry_out(plan, Kind.OPENING)
        self.tally.refused += refused
        return wanted, len(plan.create) + len(plan.update) + len(plan.delete)

    async def _verify(
        self, drifts: Sequence[PositionDrift], truths: Sequence[Truth]
    ) -> list[Rejection] | None:
        """Hold back what does not verify, book what does by now; None if there was nothing to decide."""
        aside, booked = actions(self._aside), actions(self._untraded)
        wrong = [] if self._dry_run else unverified(booked, drifts)
        if not aside and not wrong:
            return None
        due = called_for(aside, drifts)
        for action in due:
            await self._book(action.records)
        for action in wrong:
            legs = tuple(leg.external_id for record in action.records for leg in record.activities)
            self.tally.refused += await self._writer.carry_out(Plan(delete=legs))
            self.tally.take_back(len(action.records))
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

    async def _compare(
        self, truths: Sequence[Truth]
    ) -> tuple[list[PositionDrift] | None, list[CashDrift] | None]:
        view = TrackerView(sink=self._writer.sink, account=self._account, planned=self._planned)
        positions = cash = None
        shares, money = self._tolerances
        # Two queries may tell them apart: each is compared as of the last statement that has it.
        for truth in [truth for truth in truths if truth.positions is not None][-1:]:
            held = await view.holdings(as_of=truth.last_day)
            positions = reconcile_positions(truth.positions or (), held, tolerance=shares)
        for truth in [truth for truth in truths if truth.cash is not None][-1:]:
            there = await view.cash(as_of=truth.last_day)
            cash = reconcile_cash(truth.cash or (), there, tolerance=money)
        return positions, cash


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
