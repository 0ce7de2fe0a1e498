"""``broker-sync ibkr status``: what is known without asking anybody."""

from __future__ import annotations

from collections.abc import Iterator

from broker_sync.archive import Archive
from broker_sync.cli.asking import wanted
from broker_sync.cli.clock import CLOCK, Clock
from broker_sync.cli.covering import known_coverage
from broker_sync.cli.fetching import known_of_query
from broker_sync.cli.looking import looking
from broker_sync.cli.output import print_blocks, print_json, result_output
from broker_sync.cli.request import Request
from broker_sync.cli.started import started
from broker_sync.cli.statements import archive_of
from broker_sync.providers.ibkr.breaker import Open
from broker_sync.providers.ibkr.breaker_file import Breaker
from broker_sync.providers.ibkr.formats import NEW_YORK
from broker_sync.providers.ibkr.identity import PROVIDER
from broker_sync.report.status_text import (
    AccountStatus,
    QueryStatus,
    RunStatus,
    Status,
    status_blocks,
    status_object,
)
from broker_sync.settings import Settings, flex_downloads

__all__ = ["run_status"]


def run_status(*, as_json: bool, clock: Clock = CLOCK) -> int:
    """Print it; the exit status, 0 whatever it is that is told."""
    settings = started()
    status = _status(settings, clock)
    with result_output():
        if as_json:
            print_json(status_object(status))
        else:
            print_blocks(status_blocks(status), no_color=settings.no_color)
    return 0


def _status(settings: Settings, clock: Clock) -> Status:
    archive = archive_of(settings, clock, read_only=True)
    with looking(settings) as store:
        runs = [
            RunStatus(started_at=run.started_at, ended_at=run.ended_at, outcome=run.outcome)
            for run in store.latest_runs(PROVIDER)
        ]
    return Status(
        queries=tuple(_queries(settings, archive, clock)),
        accounts=tuple(_accounts(settings, archive)),
        runs=tuple(runs),
    )


def _queries(settings: Settings, archive: Archive, clock: Clock) -> Iterator[QueryStatus]:
    now = clock.now()
    for query in flex_downloads(settings.ibkr_accounts):
        standing = Breaker(folder=settings.data_dir, token=query.token).standing(now)
        known = known_of_query(query, Request(files=(), sink=None), settings, archive)
        due = wanted(known, now=now, zone=NEW_YORK, overlap=settings.flex.overlap_days)
        expiries = [each.token_expires for each in query.accounts if each.token_expires is not None]
        yield QueryStatus(
            query_id=query.query_id,
            accounts=tuple(each.upstream_account_id or "(any)" for each in query.accounts),
            due=due.days,
            locked_until=standing.until if isinstance(standing, Open) else None,
            why=standing.why if isinstance(standing, Open) else "",
            token_expires=min(expiries, default=None),
        )


def _accounts(settings: Settings, archive: Archive) -> Iterator[AccountStatus]:
    entries = archive.catalogue(PROVIDER).entries
    sinks = {Request(files=()).sink_name(settings), *(a.sink for a in settings.ibkr_accounts if a.sink)}
    for sink in sorted(sinks):
        for known in known_coverage(archive, sink=sink):
            received = [entry.last_received_at for entry in entries if known.account in entry.accounts]
            yield AccountStatus(coverage=known, sink=sink, received_at=max(received, default=None))
