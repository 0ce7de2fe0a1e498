"""``broker-sync explain``: where an activity came from, and what the tracker has of it now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from broker_sync.cli import running
from broker_sync.cli.boundary import complain
from broker_sync.cli.clock import CLOCK, Clock
from broker_sync.cli.in_tracker import LEDGER, in_tracker, ledger_account, named_in_tracker
from broker_sync.cli.looking import looking
from broker_sync.cli.output import print_blocks, print_json, result_output
from broker_sync.cli.started import started
from broker_sync.cli.statements import archive_of
from broker_sync.cli.tracing import Finder
from broker_sync.dedup import Kind, SavedRejection, SyncRecordStore
from broker_sync.dedup.lookups import Scope
from broker_sync.dedup.tracing import Trace
from broker_sync.models import OPENING_BALANCE, Activity
from broker_sync.opening import cash_anchor, position_anchor
from broker_sync.report.explain_id import (
    InTracker,
    TracedChange,
    TracedLeg,
    TracedName,
    TracedRecord,
    TracedRejection,
)
from broker_sync.report.explain_id_json import traced_object
from broker_sync.report.explain_id_text import traced_blocks
from broker_sync.report.wording import listed
from broker_sync.settings import Settings

__all__ = ["run_explain_id"]

_MOST = 10


def run_explain_id(name: str, *, as_json: bool, clock: Clock = CLOCK) -> int:
    """Print what is known of the external or tracker id `name`; the exit status, 1 if nothing is.

    Nothing is changed; the tracker is asked where it is another than the embedded ledger.
    """
    settings = started()
    with looking(settings) as store:
        found, rejected = store.traces(name), store.rejections_named(name)
        past = store.records_with_past(name)
        if not (found or rejected or past):
            renamed = running.run(named_in_tracker(settings, store.scopes(), name))
            found = [trace for each in renamed for trace in store.traces(each)]
        if not (found or rejected or past):
            return _unknown(name, store.similar(name, most=_MOST))
    traced = running.run(_Tracing(settings, clock).traced(name, found, rejected, past))
    with result_output():
        if as_json:
            print_json(traced_object(traced))
        else:
            print_blocks(traced_blocks(traced), no_color=settings.no_color)
    return 0


def _unknown(name: str, similar: Sequence[str]) -> int:
    hint = f"; there is {listed(similar, most=_MOST)}" if similar else ""
    complain(f"nothing goes by the id {name!r}, neither at the broker nor in the tracker{hint}")
    return 1


@dataclass(frozen=True, slots=True)
class _Tracing:
    settings: Settings
    clock: Clock

    async def traced(
        self,
        name: str,
        found: Sequence[Trace],
        rejected: Sequence[tuple[Scope, SavedRejection]],
        past: Sequence[tuple[Scope, str]],
    ) -> TracedName:
        finder = Finder(archive=archive_of(self.settings, self.clock, read_only=True))
        records = []
        for (scope, record_id), group in groupby(found, key=lambda trace: (trace.scope, trace.record_id)):
            legs = list(group)
            records.append(await self._record(finder, scope, record_id, legs))
        booked = {(trace.scope, trace.record_id) for trace in found}
        records += [
            self._removed(finder, scope, record_id)
            for scope, record_id in past
            if (scope, record_id) not in booked
        ]
        return TracedName(
            asked=name,
            records=tuple(records),
            rejections=tuple(self._rejection(finder, scope, each) for scope, each in rejected),
        )

    async def _record(
        self, finder: Finder, scope: Scope, record_id: str, legs: Sequence[Trace]
    ) -> TracedRecord:
        there = await in_tracker(self.settings, scope, legs)
        accounts = self._accounts(scope)
        statements = (
            finder.origin(self._anchor(scope, legs[0].activity))
            if legs[0].kind is Kind.OPENING
            else finder.find(record_id, day=legs[0].activity.booked_on, accounts=accounts)
        )
        found_in = {row.account for each in statements for row in each.rows}
        told = accounts or found_in
        return TracedRecord(
            record_id=record_id,
            is_opening=legs[0].kind is Kind.OPENING,
            sink=scope.sink,
            account_id=scope.account_id,
            account=next(iter(told)) if len(told) == 1 else None,
            booked_on=legs[0].activity.booked_on,
            legs=tuple(_leg(leg, there[leg.external_id]) for leg in legs),
            statements=tuple(statements),
            history=self._history(scope, record_id),
        )

    def _removed(self, finder: Finder, scope: Scope, record_id: str) -> TracedRecord:
        """A record that was booked, and is not any more."""
        past = self._history(scope, record_id)
        last = past[-1].change.old
        accounts = self._accounts(scope)
        return TracedRecord(
            record_id=record_id,
            is_opening=last.subtype == OPENING_BALANCE,
            sink=scope.sink,
            account_id=scope.account_id,
            account=next(iter(accounts)) if len(accounts) == 1 else None,
            booked_on=last.booked_on,
            legs=(),
            statements=tuple(finder.find(record_id, day=last.booked_on, accounts=accounts)),
            history=past,
        )

    def _history(self, scope: Scope, record_id: str) -> tuple[TracedChange, ...]:
        with SyncRecordStore.read_only(self.settings.data_dir) as store:
            past = store.history(scope.sink, scope.account_id, record_id)
        return tuple(
            TracedChange(change=each.change, content_hash=each.content_hash, run=each.run_id, at=each.at)
            for each in past
        )

    def _anchor(self, scope: Scope, opening: Activity) -> str:
        """The statement that an opening balance was worked out from; empty if none is known."""
        with SyncRecordStore.read_only(self.settings.data_dir) as store:
            windows = store.windows(scope.sink, scope.account_id)
        anchor = cash_anchor(windows) if opening.instrument is None else position_anchor(windows)
        return "" if anchor is None else anchor.document

    def _rejection(self, finder: Finder, scope: Scope, saved: SavedRejection) -> TracedRejection:
        rejection = saved.rejection
        return TracedRejection(
            rejection=rejection,
            sink=scope.sink,
            account_id=scope.account_id,
            run=saved.run_id,
            first_seen=saved.first_seen,
            last_seen=saved.last_seen,
            statements=tuple(
                finder.find(rejection.external_id, day=rejection.booked_on, accounts=self._accounts(scope))
            ),
        )

    def _accounts(self, scope: Scope) -> set[str]:
        """What the broker calls the tracker's account, as far as that is known."""
        if scope.sink == LEDGER:
            named = ledger_account(self.settings, scope.account_id)
            return set() if named is None else {named}
        return {
            account.upstream_account_id
            for account in self.settings.ibkr_accounts
            if account.upstream_account_id is not None
            and scope.account_id in {account.tracker_account_id, account.upstream_account_id}
        }


def _leg(trace: Trace, there: InTracker) -> TracedLeg:
    return TracedLeg(
        activity=trace.activity,
        state=trace.state.value,
        operation=trace.operation.value,
        tracker_id=trace.tracker_id,
        reason=trace.reason,
        asked=trace.asked,
        run=trace.run.number,
        run_version=trace.run.version,
        run_started_at=trace.run.run.started_at,
        run_outcome=trace.run.run.outcome,
        updated_at=trace.updated_at,
        tracker=there,
    )
