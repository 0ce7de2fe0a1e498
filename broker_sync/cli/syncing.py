"""Runs the pipeline for each account; the failure of one does not keep the others from being synced."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from broker_sync import __version__
from broker_sync.cli import progress
from broker_sync.cli.request import Request
from broker_sync.contracts import Provider, Sink
from broker_sync.dedup import SyncRecordStore
from broker_sync.errors import BrokerSyncError
from broker_sync.pipeline import sync_provider_to_wealthfolio
from broker_sync.registry import open_sink
from broker_sync.report import AccountError
from broker_sync.results import SyncResult
from broker_sync.settings import OnVanished, Settings

__all__ = ["Job", "sync_all"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One account (the broker's id) to sync, into `sink`, or where the request says if it is None."""

    account: str
    provider: Provider
    sink: str | None = None


async def sync_all(
    jobs: Sequence[Job], request: Request, settings: Settings, *, watched: bool
) -> tuple[list[SyncResult], list[AccountError]]:
    """What came of each of `jobs`; with `watched` progress is shown on stderr."""
    read_only = request.dry_run
    results, errors = [], []
    sinks: dict[str, Sink] = {}
    try:
        with SyncRecordStore(settings.data_dir / "sync.db", read_only=read_only) as dedup:
            for job in jobs:
                name = request.sink or job.sink or request.sink_name(settings)
                try:
                    if name not in sinks:
                        sinks[name] = open_sink(name, settings, read_only=read_only)
                    results.append(await _sync(job, sinks[name], dedup, request, settings, watched=watched))
                except BrokerSyncError as error:
                    errors.append(
                        AccountError(account=job.account, text=str(error), exit_code=error.exit_code)
                    )
    finally:
        for sink in sinks.values():
            await sink.close()
    return results, errors


async def _sync(
    job: Job, sink: Sink, dedup: SyncRecordStore, request: Request, settings: Settings, *, watched: bool
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
                share_tolerance=settings.tolerances.shares,
                cash_tolerance=settings.tolerances.cash,
                delete_vanished=settings.on_vanished is OnVanished.DELETE,
            )
        finally:
            await job.provider.close()
