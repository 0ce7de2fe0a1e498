"""``broker-sync ibkr backfill``: fetches what was before, window by window, the newest first.

Each window is booked, and written down as covered, before the next is asked for: a run that is cut off is
picked up where it was by calling it again. Opening balances move back with every window.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import sys
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from broker_sync.archive import Archive
from broker_sync.cli.asking import known_of, wanted
from broker_sync.cli.boundary import complain
from broker_sync.cli.clock import CLOCK, Clock
from broker_sync.cli.covering import known_coverage
from broker_sync.cli.fetching import Fetched, downloads_of, incoming, say
from broker_sync.cli.ibkr import PROVIDER_NAME, book, show, telling_in_json
from broker_sync.cli.latest import latest_statements
from broker_sync.cli.request import Request, check
from broker_sync.cli.statements import archive_of
from broker_sync.cli.warnings import warn_of
from broker_sync.coverage import split, split_at_year_ends
from broker_sync.errors import BrokerSyncError, SettingsError
from broker_sync.logs import Masker, set_up_logs
from broker_sync.providers.ibkr.delivery import EmptyStatementError
from broker_sync.providers.ibkr.downloads import Delivered, Downloads
from broker_sync.providers.ibkr.flex_errors import StatementNotAvailableError
from broker_sync.providers.ibkr.formats import NEW_YORK
from broker_sync.received import Days
from broker_sync.report import AccountError, Run
from broker_sync.settings import FlexDownload, Settings, flex_downloads, load_settings

__all__ = ["run_backfill"]

_DAY: Final = dt.timedelta(days=1)


def run_backfill(
    *, since: dt.date, account: str | None, sink: str | None, as_json: bool, clock: Clock = CLOCK
) -> int:
    """Fetch and book everything back to `since`, or to the account's first day; the exit status."""
    request = Request(files=(), account=account, sink=sink, as_json=as_json)
    with telling_in_json(as_json=as_json):
        settings = load_settings()
        set_up_logs(sys.stderr, masker=Masker(settings.secrets()))
        check(request, settings)
        queries = _queries(settings, account)
        run = asyncio.run(
            _Backfill(request=request, settings=settings, since=since, clock=clock).run(queries)
        )
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
        run = await book(
            found, self.request, self.settings, self.clock, archive=archive, errors=errors, watched=False
        )
        return replace(run, provider=PROVIDER_NAME)

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
                        query, self.request, self.settings, self.clock, archive=archive, folder=folder
                    )
                )
                found = await stack.enter_async_context(aclosing(_newest_first(downloads, windows)))
                done = 0
                async for delivered in found:
                    run = await self._book(query, delivered, archive)
                    done += 1
                    say(_progress(delivered, run, done, len(windows)))
                    errors += run.errors
                    _remove(delivered)
                    if run.errors or delivered.delivery.is_first:
                        break
        return errors

    def _left(self, query: FlexDownload, archive: Archive) -> Days | None:
        """The days from `since` to the day before the first that all accounts of the query have."""
        sink = self.request.sink or query.accounts[0].sink or self.request.sink_name(self.settings)
        known = known_of(query, known_coverage(archive, sink=sink))
        if None in known:
            last = wanted(
                [None], now=self.clock.now(), zone=NEW_YORK, overlap=self.settings.flex.overlap_days
            ).days.last
        else:
            last = max(each.span.first for each in known if each is not None) - _DAY
        return Days(first=self.since, last=last) if self.since <= last else None

    async def _book(self, query: FlexDownload, delivered: Delivered, archive: Archive) -> Run:
        fetched = Fetched()
        fetched.take(query, [delivered])
        return await book(
            fetched.accounts, self.request, self.settings, self.clock, archive=archive, watched=False
        )


async def _newest_first(downloads: Downloads, windows: list[Days]) -> AsyncGenerator[Delivered, None]:
    """The statements of `windows`; ends where the broker has nothing before."""
    for window in windows:
        try:
            yield await downloads.fetch_one(window)
        except EmptyStatementError:
            return
        except StatementNotAvailableError:
            years = split_at_year_ends(window)
            if len(years) == 1:
                return
            for year in reversed(years):
                try:
                    yield await downloads.fetch_one(year)
                except (EmptyStatementError, StatementNotAvailableError):
                    return


def _progress(delivered: Delivered, run: Run, done: int, windows: int) -> str:
    records = sum(result.fetched for result in run.results)
    new = sum(result.new_after_dedup for result in run.results)
    return f"{delivered.delivery.days}: {records} records, {new} new (window {done} of at most {windows})"


def _remove(delivered: Delivered) -> None:
    Path(delivered.admitted.document.path).unlink(missing_ok=True)
