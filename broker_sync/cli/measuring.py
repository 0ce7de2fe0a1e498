"""Tells Prometheus what came of a run; nothing that goes wrong here spoils the run itself."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from broker_sync import __version__
from broker_sync.cli.clock import Clock
from broker_sync.cli.first_use import first_use
from broker_sync.cli.stopwatch import Stopwatch
from broker_sync.confirm import Standing, confirmed
from broker_sync.errors import BrokerSyncError, StoreError
from broker_sync.metrics import (
    AccountFacts,
    Confirmed,
    FlexFacts,
    Nowhere,
    Publisher,
    Pushgateway,
    RunFacts,
    Target,
    Textfile,
    job_name,
    joined,
    snapshot_of,
    told_file,
)
from broker_sync.providers.ibkr.breaker import Open
from broker_sync.providers.ibkr.breaker_file import Breaker
from broker_sync.providers.ibkr.flex_errors import FlexCodeError
from broker_sync.reconcile import SideKind
from broker_sync.report import Run
from broker_sync.results import SyncResult
from broker_sync.settings import FlexDownload, NoMetrics, Settings, ToPushgateway, ToTextfile

__all__ = ["flex_facts", "publish"]

_log: Final = logging.getLogger(__name__)
# The longest lifetime that a token can be given; nothing in the protocol says which one was chosen.
_LONGEST_LIFE: Final = dt.timedelta(days=365)


def flex_facts(
    queries: Iterable[FlexDownload],
    causes: Mapping[str, BrokerSyncError],
    settings: Settings,
    clock: Clock,
) -> FlexFacts:
    """What the downloads of `queries` showed; `causes` is why one failed, by query id."""
    return joined(_facts_of(query, causes.get(query.query_id), settings, clock) for query in queries)


def _facts_of(
    query: FlexDownload, cause: BrokerSyncError | None, settings: Settings, clock: Clock
) -> FlexFacts:
    named = [account.token_expires for account in query.accounts if account.token_expires is not None]
    if named:
        expires = dt.datetime.combine(min(named), dt.time(), tzinfo=dt.UTC)
    else:
        expires = first_use(settings.data_dir, query.token, now=clock.now()) + _LONGEST_LIFE
    return FlexFacts(
        error_code=_code(cause), token_expires=expires, breaker_open=_is_held_back(query, settings, clock)
    )


def _is_held_back(query: FlexDownload, settings: Settings, clock: Clock) -> bool | None:
    try:
        standing = Breaker(folder=settings.data_dir, token=query.token).standing(clock.now())
    except StoreError:
        # The run has said what is wrong with the file.
        return None
    return isinstance(standing, Open)


def _code(cause: BrokerSyncError | None) -> int | None:
    if cause is None:
        return 0
    is_told = isinstance(cause, FlexCodeError) and cause.code.isdecimal()
    return int(cause.code) if is_told and isinstance(cause, FlexCodeError) else None


async def publish(
    run: Run, settings: Settings, clock: Clock, *, watch: Stopwatch, flex: FlexFacts | None = None
) -> list[str]:
    """Hand on what came of `run`; the warnings, which are in the log already."""
    job = job_name(run.provider)
    facts = RunFacts(
        run=run,
        ended=clock.now(),
        version=__version__,
        duration=watch.total,
        stages=watch.stages,
        accounts={
            result.account.provider_account_id: _account_facts(
                result, run.standings.get(result.account.provider_account_id, ())
            )
            for result in run.results
        },
        flex=flex or FlexFacts(),
        trackers={each.sink: each.sink_version for each in run.results if each.sink_version is not None},
    )
    publisher = Publisher(job=job, target=_target(settings, job), sleep=clock.sleep)
    warnings = await publisher.publish(snapshot_of(facts))
    for text in warnings:
        _log.warning(text)
    return warnings


def _account_facts(result: SyncResult, standings: Sequence[Standing]) -> AccountFacts:
    known = result.coverage
    return AccountFacts(
        gaps=None if known is None else [(gap.first, gap.last) for gap in known.gaps],
        conflicts=len(result.conflicts),
        confirmed=Confirmed(
            instruments=confirmed(standings, SideKind.POSITION),
            currencies=confirmed(standings, SideKind.CASH),
            nav=bool(confirmed(standings, SideKind.NAV)),
        ),
    )


def _target(settings: Settings, job: str) -> Target:
    match settings.metrics:
        case ToPushgateway(url=url):
            return Pushgateway(url=url, told=told_file(settings.data_dir, job))
        case ToTextfile(path=path):
            return Textfile(path=path)
        case NoMetrics():
            return Nowhere()
