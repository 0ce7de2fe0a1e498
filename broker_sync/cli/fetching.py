"""Downloads the statements of all configured accounts, and sorts them by account.

What goes wrong with one query is told with the accounts that it is for, and does not keep the others from
being fetched.
"""

from __future__ import annotations

import datetime as dt
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from broker_sync.archive import Archive
from broker_sync.cli.asking import known_of, wanted
from broker_sync.cli.clock import Clock
from broker_sync.cli.covering import entries_of, known_coverage
from broker_sync.cli.request import Request
from broker_sync.cli.statements import Statements
from broker_sync.cli.unavailable import Unavailable
from broker_sync.coverage import AccountCoverage
from broker_sync.errors import BrokerSyncError, RefusedError, StoreError, TransientError
from broker_sync.providers.ibkr.breaker_file import Breaker
from broker_sync.providers.ibkr.client import FlexClient, Gate, Limits
from broker_sync.providers.ibkr.delivery import says_something
from broker_sync.providers.ibkr.downloads import Delivered, Downloads
from broker_sync.providers.ibkr.flex_address import IBKR_BASE_URL
from broker_sync.providers.ibkr.flex_errors import FlexError, LockedOutError, StatementNotAvailableError
from broker_sync.providers.ibkr.formats import NEW_YORK
from broker_sync.providers.ibkr.pace import Pace
from broker_sync.received import Days
from broker_sync.report import AccountError
from broker_sync.settings import FlexDownload, IBKRAccountSettings, Secret, Settings

__all__ = ["Fetched", "downloads_of", "fetch_all", "gate_of", "incoming", "known_of_query", "say"]

_WORTH_TELLING: Final = 3.0  # seconds
_REFUSED: Final = 3
_INCOMING: Final = ".incoming-"
_FORGOTTEN: Final = 24 * 3600.0  # seconds


@dataclass(slots=True, kw_only=True)
class Fetched:
    """What was fetched, by the broker's id of the account, and why not, by the id of the query."""

    accounts: dict[str, Statements] = field(default_factory=dict)
    errors: list[AccountError] = field(default_factory=list)
    causes: dict[str, BrokerSyncError] = field(default_factory=dict)

    def take(self, download: FlexDownload, found: Sequence[Delivered]) -> None:
        """Sort in what one query gave; a configured account that is in none of it has failed."""
        named = {account.upstream_account_id for account in download.accounts}
        for delivered in found:
            surveys = delivered.admitted.survey.accounts
            telling = {name for name, survey in surveys.items() if says_something(survey)}
            for name in [name for name in surveys if name in named or name in telling] or list(surveys):
                known = self.accounts.get(name)
                if known is None:
                    known = self.accounts[name] = Statements(settings=_settings_of(name, download))
                known.admitted.append(delivered.admitted)
                known.notes += delivered.delivery.notes
        there = {name for delivered in found for name in delivered.admitted.survey.accounts}
        for absent in sorted(name for name in named if name is not None and name not in there):
            text = (
                f"the statement of query {download.query_id} does not have this account. Check the accounts "
                "that the query selects in Client Portal, and the configured account."
            )
            self.errors.append(AccountError(account=absent, text=text, exit_code=_REFUSED))

    def note(self, found: Sequence[Delivered], text: str) -> None:
        """Add a sentence to every account in `found`."""
        for delivered in found:
            for name in delivered.admitted.survey.accounts:
                if name in self.accounts:
                    self.accounts[name].notes.append(text)

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
            _clear_forgotten(settings.data_dir)
        place = None if is_dry else settings.data_dir
        with tempfile.TemporaryDirectory(prefix=_INCOMING, dir=place) as folder:
            yield Path(folder)
    except OSError as error:
        raise StoreError(
            f"{settings.data_dir} cannot be written ({error.strerror}). Check BROKER_SYNC_DATA_DIR."
        ) from error


def _clear_forgotten(data_dir: Path) -> None:
    """Remove what runs that were killed have left behind, once they are long gone."""
    for folder in data_dir.glob(f"{_INCOMING}*"):
        if time.time() - folder.stat().st_mtime > _FORGOTTEN:
            shutil.rmtree(folder, ignore_errors=True)


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
    paces: dict[Secret, Pace] = {}
    gates: dict[Secret, Gate] = {}
    unavailable = Unavailable(settings.data_dir, now=clock.now())
    for query in queries:
        due = wanted(
            known_of_query(query, request, settings, archive),
            now=clock.now(),
            zone=NEW_YORK,
            overlap=settings.flex.overlap_days,
            since=request.since,
            until=request.until,
        )
        pace = paces.setdefault(query.token, Pace())
        gate = gates.setdefault(query.token, gate_of(query, request, settings))
        say(f"Asking IBKR for {due.days} with query {query.query_id} ...")
        try:
            async with downloads_of(
                query, request, settings, clock, archive=archive, folder=folder, gate=gate, pace=pace
            ) as downloads:
                found = await downloads.fetch(due.days, covered_until=due.covered_until)
                older, notes = await _older(downloads, due.lacking, unavailable)
        except BrokerSyncError as error:
            fetched.fail(query, error)
        else:
            fetched.take(query, [*older, *found])
            for text in notes:
                fetched.note(found, text)
    if not request.dry_run:
        unavailable.save()
    return fetched


async def _older(
    downloads: Downloads, lacking: Sequence[Days], unavailable: Unavailable
) -> tuple[list[Delivered], list[str]]:
    """What there is of older days that are not covered, the earliest first, and a sentence for each lack.

    The night does not hang on them: what cannot be had is a gap, which is told.
    """
    found: list[Delivered] = []
    notes = []
    for days in lacking:
        if unavailable.is_known(downloads.query_id, days):
            continue
        say(f"Asking IBKR for {days}, which are not covered ...")
        try:
            found = [*await downloads.fetch_range(days), *found]
        except (StatementNotAvailableError, RefusedError) as error:
            unavailable.add(downloads.query_id, days)
            notes.append(f"Nothing could be had for {days}, which are not covered: {error}")
        except TransientError as error:
            notes.append(f"Nothing could be had for {days}, which are not covered: {error}")
            break
    return found, notes


def known_of_query(
    query: FlexDownload, request: Request, settings: Settings, archive: Archive
) -> list[AccountCoverage | None]:
    """What is covered of the accounts that `query` is run for."""
    sink = request.sink or query.accounts[0].sink or request.sink_name(settings)
    given = {account for entry in entries_of(archive, query.query_id) for account in entry.accounts}
    return known_of(query, known_coverage(archive, sink=sink), given=given)


def gate_of(query: FlexDownload, request: Request, settings: Settings) -> Gate:
    """What stands before each request with the token of `query`."""
    breaker = Breaker(folder=settings.data_dir, token=query.token, ignored=settings.flex.ignore_breaker)
    return _Looking(breaker) if request.dry_run else breaker


@asynccontextmanager
async def downloads_of(
    query: FlexDownload,
    request: Request,
    settings: Settings,
    clock: Clock,
    *,
    archive: Archive,
    folder: Path,
    gate: Gate,
    pace: Pace,
) -> AsyncIterator[Downloads]:
    """What fetches the statements of one query."""
    client = FlexClient(
        token=query.token,
        now=clock.now,
        clock=clock.seconds,
        sleep=lambda seconds: _wait(clock, seconds),
        base_url=query.base_url or IBKR_BASE_URL,
        gate=gate,
        pace=pace,
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
    """A gate for a dry run, which may not write down that a request failed, but does not repeat it."""

    def __init__(self, breaker: Breaker) -> None:
        self._breaker = breaker
        self._locked_out: LockedOutError | None = None

    def check(self, now: dt.datetime) -> None:
        if self._locked_out is not None:
            raise self._locked_out
        self._breaker.check(now)

    def record(self, outcome: FlexError | None, now: dt.datetime) -> None:  # noqa: ARG002  # writes nothing
        if isinstance(outcome, LockedOutError):
            self._locked_out = outcome


def say(text: str) -> None:
    """Tell somebody who watches what is going on."""
    if sys.stderr.isatty():
        print(text, file=sys.stderr, flush=True)  # noqa: T201  # this is the output
