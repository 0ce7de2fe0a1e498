"""``broker-sync ibkr``: gets the statements, syncs account by account, shows the result."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

from broker_sync.archive import Archive
from broker_sync.cli import progress, running
from broker_sync.cli.accounts import (
    accounts_in,
    chosen,
    configured_accounts,
    settings_of,
)
from broker_sync.cli.alone import alone
from broker_sync.cli.boundary import complain
from broker_sync.cli.clock import CLOCK, Clock
from broker_sync.cli.covering import with_coverage
from broker_sync.cli.history import remember_failure, remembered
from broker_sync.cli.jobs import jobs_of
from broker_sync.cli.keeping import keep_files, mark_booked, prune
from broker_sync.cli.notifying import Notifier
from broker_sync.cli.output import print_blocks, print_json, print_line, result_output
from broker_sync.cli.request import Request, check
from broker_sync.cli.same_ids import refuse_other_ids, without_other_ids, without_sections
from broker_sync.cli.started import started
from broker_sync.cli.statements import Statements, archive_of
from broker_sync.cli.stopwatch import Stopwatch
from broker_sync.cli.syncing import Company, sync_all
from broker_sync.cli.warnings import warn_of
from broker_sync.errors import BrokerSyncError, RefusedError
from broker_sync.providers.ibkr import Document, IBKRProvider
from broker_sync.providers.ibkr.admission import admit_of
from broker_sync.report import AccountError, Run, planned_objects, run_blocks, run_object, summary_line
from broker_sync.settings import NoMetrics, Settings, flex_downloads

__all__ = ["PROVIDER_NAME", "book", "run_ibkr", "show", "telling_in_json"]

_log: Final = logging.getLogger(__name__)
PROVIDER_NAME: Final = IBKRProvider.name
_INCOMPLETE: Final = 4


def run_ibkr(request: Request, clock: Clock = CLOCK) -> int:
    """Do what `request` says; the exit status. Raises what keeps all of it from being done."""
    with telling_in_json(as_json=request.as_json):
        settings = started(request.overrides)
        for text in settings.warnings:
            _log.warning(text)
        check(request, settings)
        run, warnings = _measured(request, settings, clock)
    warn_of(run)
    for each in run.errors:
        complain(f"account {each.account}: {each.text}")
    show(run, as_json=request.as_json, no_color=settings.no_color)
    return _status(run, request, warnings)


def _status(run: Run, request: Request, warnings: Sequence[str]) -> int:
    status = run.exit_status(strict=request.strict)
    return _INCOMPLETE if request.strict and warnings and not status else status


def _measured(request: Request, settings: Settings, clock: Clock) -> tuple[Run, list[str]]:
    """What came of the run, and what went wrong when that was handed on, as metrics and to people."""
    watch = Stopwatch(clock)
    causes: dict[str, BrokerSyncError] = {}
    with Notifier(PROVIDER_NAME, request, settings, clock, causes=causes) as notifier:
        try:
            run = _synced(request, settings, clock, watch, causes)
        except BrokerSyncError as error:
            failed = Run(provider=PROVIDER_NAME, error=str(error), refused=isinstance(error, RefusedError))
            # Whoever gave a file is there to be told, and a file that is refused changes nothing.
            if not request.dry_run and not request.files:
                remember_failure(PROVIDER_NAME, error, settings, at=clock.now())
            _publish(failed, request, settings, clock, watch=watch, causes=causes)
            notifier.ended(failed, error.exit_code)
            raise
        warnings = _publish(run, request, settings, clock, watch=watch, causes=causes)
        return run, [*warnings, *notifier.ended(run, _status(run, request, warnings))]


def _synced(
    request: Request,
    settings: Settings,
    clock: Clock,
    watch: Stopwatch,
    causes: dict[str, BrokerSyncError],
) -> Run:
    if request.files:
        return _of_files(request, settings, clock, watch)
    with alone(settings, clock, dry_run=request.dry_run) as is_alone:
        return running.run(_downloaded(request, settings, clock, watch, causes, is_alone=is_alone))


def _publish(
    run: Run,
    request: Request,
    settings: Settings,
    clock: Clock,
    *,
    watch: Stopwatch,
    causes: Mapping[str, BrokerSyncError],
) -> list[str]:
    if request.dry_run or isinstance(settings.metrics, NoMetrics):
        return []
    # What speaks to Prometheus takes a while to import.
    from broker_sync.cli.measuring import flex_facts, publish  # noqa: PLC0415

    queries = () if request.files else flex_downloads(settings.ibkr_accounts)
    flex = flex_facts(queries, causes, settings, clock)
    return running.run(publish(run, settings, clock, watch=watch, flex=flex))


@contextmanager
def telling_in_json(*, as_json: bool) -> Iterator[None]:
    """With `as_json`, tell in JSON what ends the run, and raise it on."""
    try:
        yield
    except BrokerSyncError as error:
        if as_json:
            refused = isinstance(error, RefusedError)
            show(Run(provider=PROVIDER_NAME, error=str(error), refused=refused), as_json=True, no_color=True)
        raise


# --- statements that are given ---


def _of_files(request: Request, settings: Settings, clock: Clock, watch: Stopwatch) -> Run:
    documents = [Document(path) for path in dict.fromkeys(request.files)]
    watched = progress.is_wanted(documents, sys.stderr)
    if watched:
        progress.say_reading(documents, sys.stderr)
    # Whatever can refuse the statements does so here, before the data directory is as much as looked at.
    admitted = admit_of(documents, accounts=configured_accounts(settings))
    names = accounts_in(admitted)
    chosen(names, request.account)
    found = {
        name: Statements(
            settings=settings_of(name, settings),
            admitted=[each for each in admitted if name in each.survey.accounts],
        )
        for name in names
    }
    with alone(settings, clock, dry_run=request.dry_run) as is_alone:
        archive = archive_of(settings, clock, read_only=request.dry_run)
        refuse_other_ids(found, request, settings, archive)
        for name, statements in found.items():
            statements.notes += without_sections(name, statements, archive)
        if not request.dry_run:
            keep_files(archive, admitted)
        watch.stage("read")
        booking = book(found, request, settings, clock, archive=archive, is_alone=is_alone, watched=watched)
        run = running.run(booking)
        watch.stage("sync")
    return run


# --- statements that are fetched ---


async def _downloaded(
    request: Request,
    settings: Settings,
    clock: Clock,
    watch: Stopwatch,
    causes: dict[str, BrokerSyncError],
    *,
    is_alone: Callable[[], None],
) -> Run:
    # What speaks HTTP takes a while to import.
    from broker_sync.cli.fetching import fetch_all, incoming  # noqa: PLC0415

    archive = archive_of(settings, clock, read_only=request.dry_run)
    queries = flex_downloads(settings.ibkr_accounts)
    with incoming(settings, is_dry=request.dry_run) as folder:
        fetched = await fetch_all(queries, request, settings, clock, archive=archive, folder=folder)
        found = fetched.without_failed()
        causes.update(fetched.causes)
        watch.stage("fetch")
        if not found and len(causes) == 1:
            raise next(iter(causes.values()))
        run = await book(
            found,
            request,
            settings,
            clock,
            archive=archive,
            is_alone=is_alone,
            errors=fetched.errors,
            watched=sys.stderr.isatty(),
        )
    if not request.dry_run:
        prune(archive, settings)
    watch.stage("sync")
    return run


# --- both ---


async def book(
    found: Mapping[str, Statements],
    request: Request,
    settings: Settings,
    clock: Clock,
    *,
    archive: Archive,
    is_alone: Callable[[], None],
    errors: Sequence[AccountError] = (),
    watched: bool,
) -> Run:
    """Sync the accounts in `found`, and write down in the archive what was booked.

    `is_alone` is called before anything is written, and raises when another run may be at work.
    """
    allowed, refused = without_other_ids(found, request, settings, archive)
    jobs = [job for job in jobs_of(found, request) if job.account in allowed]
    if not jobs and not errors and len(refused) == 1:
        # Where nothing is left to do, that ends the run as it does with a file.
        refuse_other_ids(found, request, settings, archive)
    run_at = clock.now()
    company = Company(archive=archive, check=is_alone)
    results, failed = await sync_all(jobs, request, settings, company, watched=watched)
    if not request.dry_run:
        for result in results:
            admitted = found[result.account.provider_account_id].admitted
            mark_booked(archive, result, admitted, request, run_at=run_at)
    run = Run(
        provider=PROVIDER_NAME,
        results=with_coverage(results, archive, notes={name: each.notes for name, each in found.items()}),
        errors=[*errors, *refused, *failed],
        dry_run=request.dry_run,
    )
    if request.explain:
        # Few ask, and nobody else should wait for the parts that know how.
        from broker_sync.cli.explaining import with_explanations  # noqa: PLC0415

        run = await with_explanations(run, found, settings, archive)
    return remembered(run, settings, at=clock.now())


def _told(run: Run) -> Mapping[str, Any]:
    """The object of `run`, with its plan still to be made."""
    without = [replace(result, planned=()) for result in run.results]
    told = run_object(replace(run, results=without))
    return {**told, "plan": planned_objects(run)} if "plan" in told else told


def show(run: Run, *, as_json: bool, no_color: bool) -> None:
    """Print what came of `run`."""
    with result_output():
        if as_json:
            print_json(_told(run))
        elif run.results:
            print_blocks(run_blocks(run), no_color=no_color)
            print_line(summary_line(run))
