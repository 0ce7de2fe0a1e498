"""Runs the pipeline for each account; the failure of one does not keep the others from being synced."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

from broker_sync import __version__
from broker_sync.abilities import Release
from broker_sync.archive import Archive
from broker_sync.cli import progress
from broker_sync.cli.forgotten import forgotten_in
from broker_sync.cli.history import account_error, begin
from broker_sync.cli.request import Request
from broker_sync.contracts import Provider, Sink
from broker_sync.dedup import SyncRecordStore
from broker_sync.errors import BrokerSyncError
from broker_sync.pipeline import sync_provider_to_wealthfolio
from broker_sync.providers.ibkr.admission import Admitted
from broker_sync.registry import open_sink
from broker_sync.report import AccountError
from broker_sync.results import SyncResult
from broker_sync.settings import OnVanished, Settings

__all__ = ["Company", "Job", "sync_all"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One account (the broker's id) to sync, into `sink`, or where the request says if it is None.

    `over` makes a provider of other statements of it.
    """

    account: str
    provider: Provider
    over: Callable[[Sequence[Admitted]], Provider]
    sink: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """Who else there is to ask: `archive` for what was booked before, `check` before anything is written.

    `check` raises when another run may be at work.
    """

    archive: Archive | None
    check: Callable[[], None]


async def sync_all(
    jobs: Sequence[Job], request: Request, settings: Settings, company: Company, *, watched: bool
) -> tuple[list[SyncResult], list[AccountError]]:
    """What came of each of `jobs`; with `watched` progress is shown on stderr."""
    read_only = request.dry_run
    results, errors = [], []
    sinks: dict[str, Sink] = {}
    try:
        with SyncRecordStore(settings.data_dir / "sync.db", read_only=read_only) as dedup:
            for job in jobs:
                name = request.sink or job.sink or request.sink_name(settings)
                run_id = None
                try:
                    run_id = None if read_only else begin(dedup, job.provider.name)
                    if name not in sinks:
                        sinks[name] = open_sink(name, settings, read_only=read_only)
                    told = await _sync(
                        job,
                        sinks[name],
                        dedup,
                        request,
                        settings,
                        company=company,
                        run_id=run_id,
                        watched=watched,
                    )
                    results.append(replace(told, sink_version=_version_of(sinks[name])))
                except BrokerSyncError as error:
                    errors.append(account_error(job.account, error, run_id))
    finally:
        for sink in sinks.values():
            await sink.close()
    return results, errors


async def _sync(
    job: Job,
    sink: Sink,
    dedup: SyncRecordStore,
    request: Request,
    settings: Settings,
    *,
    company: Company,
    run_id: int | None,
    watched: bool,
) -> SyncResult:
    with ExitStack() as shown:
        tell = (
            shown.enter_context(progress.booking(job.account, sys.stderr, no_color=settings.no_color))
            if watched
            else None
        )
        try:
            return await sync_provider_to_wealthfolio(
                provider=job.provider,
                sink=sink,
                dedup=dedup,
                since=request.since,
                before=request.before,
                dry_run=request.dry_run,
                progress=tell,
                version=__version__,
                tolerances=settings.tolerances,
                run_id=run_id,
                delete_vanished=settings.on_vanished is OnVanished.DELETE,
                check=company.check,
                forgotten=_forgotten(job, sink, dedup, company),
            )
        finally:
            await job.provider.close()


def _version_of(sink: Sink) -> str | None:
    # The embedded ledger is a part of this program.
    return sink.version if isinstance(sink, Release) else __version__


def _forgotten(
    job: Job, sink: Sink, dedup: SyncRecordStore, company: Company
) -> Callable[[], Provider] | None:
    if company.archive is None:
        return None
    return forgotten_in(
        company.archive,
        dedup,
        account=job.account,
        tracker_account=job.provider.accounts()[0].id,
        sink=sink.name,
        over=job.over,
    )
