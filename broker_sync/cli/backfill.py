"""``broker-sync ibkr backfill``: fetches what was before, window by window, the newest first.

Each window is booked, and written down as covered, before the next is asked for: a run that is cut off is
picked up where it was by calling it again. Opening balances move back with every window.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from broker_sync.archive import Archive
from broker_sync.cli import running
from broker_sync.cli.alone import alone
from broker_sync.cli.asking import known_of, wanted
from broker_sync.cli.boundary import complain
from broker_sync.cli.clock import CLOCK, Clock
from broker_sync.cli.covering import entries_of
from broker_sync.cli.fetching import Fetched, downloads_of, gate_of, incoming, say
from broker_sync.cli.ibkr import book, show, telling_in_json
from broker_sync.cli.latest import latest_statements
from broker_sync.cli.request import Request, check
from broker_sync.cli.started import started
from broker_sync.cli.statements import archive_of
from broker_sync.cli.warnings import warn_of
from broker_sync.coverage import coverage, covering, split, split_at_year_ends
from broker_sync.errors import BrokerSyncError, SettingsError
from broker_sync.providers.ibkr.delivery import EmptyStatementError, opened_on
from broker_sync.providers.ibkr.downloads import Delivered, Downloads
from broker_sync.providers.ibkr.flex_errors import StatementNotAvailableError
from broker_sync.providers.ibkr.formats import NEW_YORK
from broker_sync.providers.ibkr.pace import Pace
from broker_sync.received import Days
from broker_sync.report import AccountError, Run
from broker_sync.settings import FlexDownload, Settings, flex_downloads

__all__ = ["run_backfill"]

_DAY: Final = dt.timedelta(days=1)
_SHORTEST: Final = 31  # days
_log: Final = logging.getLogger(__name__)


def run_backfill(
    *, since: dt.date, account: str | None, sink: str | None, as_json: bool, clock: Clock = CLOCK
) -> int:
    """Fetch and book everything back to `since`, or to the account's first day; the exit status."""
    request = Request(files=(), account=account, sink=sink, as_json=as_json)
    with telling_in_json(as_json=as_json):
        settings = started()
        check(request, settings)
        queries = _queries(settings, account)
        with alone(settings, clock) as is_alone:
            backfill = _Backfill(
                request=request, settings=settings, since=since, clock=clock, is_alone=is_alone
            )
            run = running.run(backfill.run(queries))
    warn_of(run)
    for each in run.errors:
        complain(f"account {each.account}: {each.text}")
    show(run, as_json=as_json, no_color=settings.no_color)
    return run.exit_status(strict=False)


def _queries(settings: Settings, account: str | None) -> list[FlexDownload]:
    queries = list(flex_downloads(settings.ibkr_accounts))
    if account is None:
        return queries
    chosen = [
        query
        for query in queries
        if any(each.upstream_account_id in {account, None} for each in query.accounts)
    ]
    if not chosen:
        raise SettingsError(f"--account {account}: no query is set for this account")
    return chosen


@dataclass(frozen=True, kw_only=True)
class _Backfill:
    request: Request
    settings: Settings
    since: dt.date
    clock: Clock
    is_alone: Callable[[], None]

    async def run(self, queries: list[FlexDownload]) -> Run:
        """All queries; at the end both sides are compared as the latest statement has them."""
        archive = archive_of(self.settings, self.clock)
        errors: list[AccountError] = []
        for query in queries:
            try:
                errors += await self._query(query, archive)
            except BrokerSyncError as error:
                fetched = Fetched()
                fetched.fail(query, error)
                errors += fetched.errors
        found = latest_statements(self.settings, archive, account=self.request.account)
        return await book(
            found,
            self.request,
            self.settings,
            self.clock,
            archive=archive,
            is_alone=self.is_alone,
            errors=errors,
            watched=False,
        )

    async def _query(self, query: FlexDownload, archive: Archive) -> list[AccountError]:
        errors: list[AccountError] = []
        left = self._left(query, archive)
        if left is None:
            say(f"Query {query.query_id}: everything since {self.since} is covered.")
            return errors
        windows = split(left)[::-1]
        with incoming(self.settings, is_dry=False) as folder:
            async with AsyncExitStack() as stack:
                downloads = await stack.enter_async_context(
                    downloads_of(
                        query,
                        self.request,
                        self.settings,
                        self.clock,
                        archive=archive,
                        folder=folder,
                        gate=gate_of(query, self.request, self.settings),
                        pace=Pace(),
                    )
                )
                begun = _Begun()
                found = await stack.enter_async_context(aclosing(_newest_first(downloads, windows, begun)))
                done = 0
                async for delivered in found:
                    run = await self._book(query, delivered, archive)
                    done += 1
                    begun.learn(delivered)
                    _log.info(_progress(delivered, run, done))
                    errors += run.errors
                    _remove(delivered)
                    if run.errors or delivered.delivery.is_first:
                        break
                if not done:
                    _log.warning(
                        "IBKR gives nothing before %s with query %s: the account began then, or the query "
                        "does not take ranges of days",
                        left.last,
                        query.query_id,
                    )
        return errors

    def _left(self, query: FlexDownload, archive: Archive) -> Days | None:
        """The days from `since` to the day before the first that this query has given."""
        sink = self.request.sink or query.accounts[0].sink or self.request.sink_name(self.settings)
        entries = entries_of(archive, query.query_id)
        known = known_of(
            query,
            coverage(covering(entries, sink=sink)),
            given={account for entry in entries for account in entry.accounts},
        )
        if None in known:
            overlap = self.settings.flex.overlap_days
            last = wanted([None], now=self.clock.now(), zone=NEW_YORK, overlap=overlap).days.last
        else:
            last = max(each.span.first for each in known if each is not None) - _DAY
        return Days(first=self.since, last=last) if self.since <= last else None

    async def _book(self, query: FlexDownload, delivered: Delivered, archive: Archive) -> Run:
        fetched = Fetched()
        fetched.take(query, [delivered])
        return await book(
            fetched.accounts,
            self.request,
            self.settings,
            self.clock,
            archive=archive,
            is_alone=self.is_alone,
            watched=False,
        )


@dataclass(slots=True)
class _Begun:
    """The day on which the accounts of a query were opened, once their statements say so."""

    day: dt.date | None = None

    def learn(self, delivered: Delivered) -> None:
        survey = delivered.admitted.survey
        days = [opened_on(account, survey.order) for account in survey.accounts.values()]
        told = [day for day in days if day is not None]
        self.day = min(told) if told and len(told) == len(days) else self.day

    def cut(self, window: Days) -> Days | None:
        """`window` without the days before; None if that leaves nothing."""
        if self.day is None or self.day <= window.first:
            return window
        return Days(first=self.day, last=window.last) if self.day <= window.last else None


async def _newest_first(
    downloads: Downloads, windows: list[Days], begun: _Begun
) -> AsyncGenerator[Delivered, None]:
    """The statements of `windows`; ends where the broker has nothing before.

    A range of which the broker has only a part is refused as a whole: it is asked for year by year, then in
    halves, down to a month.
    """
    left = list(windows)
    while left:
        window = begun.cut(left.pop(0))
        if window is None:
            return
        try:
            yield await downloads.fetch_one(window)
        except EmptyStatementError:
            return
        except StatementNotAvailableError:
            parts = split_at_year_ends(window)
            if len(parts) == 1 and window.count > _SHORTEST:
                parts = split(window, max_days=(window.count + 1) // 2)
            if len(parts) == 1:
                return
            left[:0] = parts[::-1]


def _progress(delivered: Delivered, run: Run, done: int) -> str:
    records = sum(result.fetched for result in run.results)
    new = sum(result.new_after_dedup for result in run.results)
    return f"window {done}: {delivered.delivery.days}, {records} records, {new} new"


def _remove(delivered: Delivered) -> None:
    Path(delivered.admitted.document.path).unlink(missing_ok=True)
