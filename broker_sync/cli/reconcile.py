"""``broker-sync reconcile``: compares both sides by the statements in the archive, and does nothing else."""

from __future__ import annotations

import datetime as dt
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Final

from broker_sync.archive import Archive
from broker_sync.cli import running
from broker_sync.cli.clock import CLOCK, Clock
from broker_sync.cli.explaining import explained
from broker_sync.cli.ibkr import PROVIDER_NAME, telling_in_json
from broker_sync.cli.jobs import jobs_of
from broker_sync.cli.looking import looking
from broker_sync.cli.output import print_blocks, print_json, result_output
from broker_sync.cli.request import Request
from broker_sync.cli.started import started
from broker_sync.cli.statements import archive_of
from broker_sync.cli.statements_until import statements_until
from broker_sync.cli.syncing import Job
from broker_sync.comparison import compare
from broker_sync.confirm import Standing
from broker_sync.contracts import Sink, Truth
from broker_sync.dedup import SyncRecordStore
from broker_sync.errors import RefusedError
from broker_sync.registry import open_sink
from broker_sync.report import Run
from broker_sync.report.reconcile_json import reconciled_object
from broker_sync.report.reconcile_text import reconciled_blocks
from broker_sync.results import SyncResult
from broker_sync.settings import Settings
from broker_sync.tracker_view import TrackerView
from broker_sync.windows import gap_notes

__all__ = ["run_reconcile"]

_DAY: Final = dt.timedelta(days=1)
_DRIFT: Final = 4


def run_reconcile(
    *,
    account: str | None = None,
    sink: str | None = None,
    as_of: dt.date | None = None,
    explain: bool = False,
    strict: bool = False,
    as_json: bool = False,
    clock: Clock = CLOCK,
) -> int:
    """Compare, and with `explain` say why the sides differ; the exit status, 4 if they do and `strict`.

    By the latest statement that was booked, or, `as_of` a day, by one that has that day. Raises
    :class:`~broker_sync.errors.RefusedError` where there is none.
    """
    request = Request(files=(), account=account, sink=sink, as_json=as_json)
    with telling_in_json(as_json=as_json):
        settings = started()
        archive = archive_of(settings, clock, read_only=True)
        comparing = _Comparing(request=request, settings=settings, archive=archive, as_of=as_of)
        found = running.run(comparing.run(explain=explain))
    with result_output():
        if as_json:
            print_json(reconciled_object(found))
        else:
            print_blocks(reconciled_blocks(found), no_color=settings.no_color)
    return _DRIFT if strict and found.has_drift else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Comparing:
    request: Request
    settings: Settings
    archive: Archive
    as_of: dt.date | None

    async def run(self, *, explain: bool) -> Run:
        """Compare what was asked for; to explain it, all the other accounts, too."""
        found = statements_until(self.settings, self.archive, as_of=self.as_of)
        wanted = self.request.account
        if not found or wanted not in {None, *found}:
            raise RefusedError(_nothing(wanted, self.as_of))
        # Which names the tracker has for the accounts depends on all of them.
        jobs = jobs_of(found, replace(self.request, account=None))
        if not explain:
            jobs = [job for job in jobs if wanted in {None, job.account}]
        results, standings = await self._compared(jobs)
        told = await explained(results, found, self.settings, self.archive) if explain else None
        return Run(
            provider=PROVIDER_NAME,
            results=[each for each in results if wanted in {None, each.account.provider_account_id}],
            explanations=told,
            standings=standings,
        )

    async def _compared(self, jobs: list[Job]) -> tuple[list[SyncResult], dict[str, list[Standing]]]:
        results: list[SyncResult] = []
        standings: dict[str, list[Standing]] = {}
        sinks: dict[str, Sink] = {}
        async with AsyncExitStack() as stack:
            store = stack.enter_context(looking(self.settings))
            for job in jobs:
                name = self.request.sink or job.sink or self.request.sink_name(self.settings)
                if name not in sinks:
                    sinks[name] = open_sink(name, self.settings, read_only=True)
                    stack.push_async_callback(sinks[name].close)
                    await sinks[name].login()
                result = await self._result(job, sinks[name], store)
                results.append(result)
                standings[job.account] = store.drifts(result.sink, result.account.id)
        return results, standings

    async def _result(self, job: Job, sink: Sink, store: SyncRecordStore) -> SyncResult:
        truth = await self._truth(job)
        account = truth.account
        view = TrackerView(sink=sink, account=account)
        compared = await compare([truth], view, self.settings.tolerances)
        return SyncResult(
            account=account,
            sink=sink.name,
            first_day=truth.first_day,
            last_day=truth.last_day,
            positions=compared.positions,
            cash=compared.cash,
            nav=compared.nav,
            notes=gap_notes(store.windows(sink.name, account.id)),
        )

    async def _truth(self, job: Job) -> Truth:
        before = None if self.as_of is None else self.as_of + _DAY
        async for _ in job.provider.fetch(before=before):
            pass  # what is asked of it next is known once all has been read
        truths = job.provider.truths()
        if not truths:
            raise RefusedError(f"The latest statement of account {job.account} does not say its days.")
        return truths[-1]


def _nothing(account: str | None, as_of: dt.date | None) -> str:
    whose = "" if account is None else f" of account {account}"
    when = "" if as_of is None else f" that has {as_of}"
    return (
        f"The archive has no booked statement{whose}{when}, so there is nothing to compare with. "
        "Sync one first: broker-sync ibkr."
    )
