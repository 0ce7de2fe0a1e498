"""Downloads the statements of all configured accounts, and sorts them by account.

What goes wrong with one query is told with the accounts that it is for, and does not keep the others from
being fetched.
"""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from broker_sync.archive import Archive
from broker_sync.cli.asking import known_of, wanted
from broker_sync.cli.clock import Clock
from broker_sync.cli.covering import known_coverage
from broker_sync.cli.request import Request
from broker_sync.cli.statements import Statements
from broker_sync.errors import BrokerSyncError, StoreError
from broker_sync.providers.ibkr.breaker_file import Breaker
from broker_sync.providers.ibkr.client import FlexClient, Limits
from broker_sync.providers.ibkr.delivery import says_something
from broker_sync.providers.ibkr.downloads import Delivered, Downloads
from broker_sync.providers.ibkr.flex_address import IBKR_BASE_URL
from broker_sync.providers.ibkr.flex_errors import FlexError
from broker_sync.providers.ibkr.formats import NEW_YORK
from broker_sync.report import AccountError
from broker_sync.settings import FlexDownload, IBKRAccountSettings, Settings

__all__ = ["Fetched", "downloads_of", "fetch_all", "incoming", "say"]

_WORTH_TELLING: Final = 3.0  # seconds


@dataclass(slots=True, kw_only=True)
class Fetched:
    """What was fetched, by the broker's id of the account, and why not, by the id of the query."""

    accounts: dict[str, Statements] = field(default_factory=dict)
    errors: list[AccountError] = field(default_factory=list)
    causes: dict[str, BrokerSyncError] = field(default_factory=dict)

    def take(self, download: FlexDownload, found: Sequence[Delivered]) -> None:
        """Sort in what one query gave."""
        for delivered in found:
            surveys = delivered.admitted.survey.accounts
            telling = [name for name, survey in surveys.items() if says_something(survey)]
            for name in telling or list(surveys):
                known = self.accounts.get(name)
                if known is None:
                    known = self.accounts[name] = Statements(settings=_settings_of(name, download))
                known.admitted.append(delivered.admitted)
                known.notes += delivered.delivery.notes

    def fail(self, download: FlexDownload, error: BrokerSyncError) -> None:
        """Take note that a query gave nothing: none of its accounts is synced then, not even in part."""
        self.causes[download.query_id] = error
        names = [account.upstream_account_id for account in download.accounts]
        for name in names:
            label = f"(query {download.query_id})" if name is None else name
            text = str(error)
            self.errors.append(AccountError(account=label, text=text, exit_code=error.exit_code))

    def without_failed(self) -> dict[str, Statements]:
        """The accounts of which everything was fetched."""
        failed = {error.account for error in self.errors}
        return {name: found for name, found in self.accounts.items() if name not in failed}


def _settings_of(name: str, download: FlexDownload) -> IBKRAccountSettings:
    named = {account.upstream_account_id: account for account in download.accounts}
    return named[name] if name in named else download.accounts[0]


@contextmanager
def incoming(settings: Settings, *, is_dry: bool) -> Iterator[Path]:
    """A folder for statements on their way, gone at the end; of a dry run not in the data directory."""
    try:
        if not is_dry:
            settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        place = None if is_dry else settings.data_dir
        with tempfile.TemporaryDirectory(prefix=".incoming-", dir=place) as folder:
            yield Path(folder)
    except OSError as error:
        raise StoreError(
            f"{settings.data_dir} cannot be written ({error.strerror}). Check BROKER_SYNC_DATA_DIR."
        ) from error


async def fetch_all(
    queries: Sequence[FlexDownload],
    request: Request,
    settings: Settings,
    clock: Clock,
    *,
    archive: Archive,
    folder: Path,
) -> Fetched:
    """What each of `queries` gives for the days that are due, or that `request` names."""
    fetched = Fetched()
    for query in queries:
        sink = request.sink or query.accounts[0].sink or request.sink_name(settings)
        known = known_coverage(archive, sink=sink)
        due = wanted(
            known_of(query, known),
            now=clock.now(),
            zone=NEW_YORK,
            overlap=settings.flex.overlap_days,
            since=request.since,
            until=request.until,
        )
        say(f"Asking IBKR for {due.days} with query {query.query_id} ...")
        try:
            async with downloads_of(
                query, request, settings, clock, archive=archive, folder=folder
            ) as downloads:
                found = await downloads.fetch(due.days, covered_until=due.covered_until)
        except BrokerSyncError as error:
            fetched.fail(query, error)
        else:
            fetched.take(query, found)
    return fetched


@asynccontextmanager
async def downloads_of(
    query: FlexDownload,
    request: Request,
    settings: Settings,
    clock: Clock,
    *,
    archive: Archive,
    folder: Path,
) -> AsyncIterator[Downloads]:
    """What fetches the statements of one query."""
    breaker = Breaker(folder=settings.data_dir, token=query.token, ignored=settings.flex.ignore_breaker)
    gate = _Looking(breaker) if request.dry_run else breaker
    client = FlexClient(
        token=query.token,
        now=clock.now,
        clock=clock.seconds,
        sleep=lambda seconds: _wait(clock, seconds),
        base_url=query.base_url or IBKR_BASE_URL,
        gate=gate,
        limits=Limits(generation=float(settings.flex.deadline_seconds)),
    )
    named = [account.upstream_account_id for account in query.accounts]
    async with client:
        yield Downloads(
            gateway=client,
            archive=archive,
            folder=folder,
            query_id=query.query_id,
            accounts=[] if None in named else [name for name in named if name is not None],
            now=clock.now,
            keep=not request.dry_run,
            accept_changes=request.accept_query_change,
        )


async def _wait(clock: Clock, seconds: float) -> None:
    if seconds >= _WORTH_TELLING:
        say(f"IBKR is not ready; asking again in {seconds:.0f} s ...")
    await clock.sleep(seconds)


class _Looking:
    """A gate for a dry run, which may not even write down that a request failed."""

    def __init__(self, breaker: Breaker) -> None:
        self._breaker = breaker

    def check(self, now: dt.datetime) -> None:
        self._breaker.check(now)

    def record(self, outcome: FlexError | None, now: dt.datetime) -> None:
        """Write nothing."""


def say(text: str) -> None:
    """Tell somebody who watches what is going on."""
    if sys.stderr.isatty():
        print(text, file=sys.stderr, flush=True)  # noqa: T201  # this is the output
