"""``broker-sync ibkr``: checks what was asked, syncs account by account, shows the result."""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import Final

from broker_sync.cli import progress
from broker_sync.cli.accounts import accounts_in, chosen, tracker_account
from broker_sync.cli.boundary import complain
from broker_sync.cli.output import print_blocks, print_json, print_line, result_output
from broker_sync.cli.request import Request, check
from broker_sync.cli.syncing import Job, sync_all
from broker_sync.cli.warnings import warn_of
from broker_sync.errors import BrokerSyncError, RefusedError
from broker_sync.logs import Masker, set_up_logs
from broker_sync.providers.ibkr import Document, IBKRProvider
from broker_sync.providers.ibkr.admission import Admitted, admit
from broker_sync.report import Run, run_blocks, run_object, summary_line
from broker_sync.settings import IBKRSettings, Settings, load_settings

__all__ = ["run_ibkr"]

_log: Final = logging.getLogger(__name__)
_PROVIDER: Final = IBKRProvider.name


def run_ibkr(request: Request) -> int:
    """Do what `request` says; the exit status. Raises what keeps all of it from being done."""
    try:
        settings = load_settings()
        set_up_logs(sys.stderr, masker=Masker(settings.secrets()))
        run = _synced(request, settings)
    except BrokerSyncError as error:
        if request.as_json:
            refused = isinstance(error, RefusedError)
            _show(Run(provider=_PROVIDER, error=str(error), refused=refused), as_json=True, no_color=True)
        raise
    warn_of(run)
    for each in run.errors:
        complain(f"account {each.account}: {each.text}")
    _show(run, as_json=request.as_json, no_color=settings.no_color)
    return run.exit_status(strict=request.strict)


def _synced(request: Request, settings: Settings) -> Run:
    check(request, settings)
    documents = [Document(path) for path in dict.fromkeys(request.files)]
    watched = progress.is_wanted(documents, sys.stderr)
    if watched:
        progress.say_reading(documents, sys.stderr)
    # Whatever can refuse the statements does so here, before the data directory is as much as looked at.
    admitted = admit(documents, configured=settings.ibkr.account_id_upstream)
    jobs = _jobs(admitted, request, settings.ibkr)
    results, errors = asyncio.run(sync_all(jobs, request, settings, watched=watched))
    return Run(provider=_PROVIDER, results=results, errors=errors, dry_run=request.dry_run)


def _jobs(admitted: list[Admitted], request: Request, settings: IBKRSettings) -> list[Job]:
    accounts = accounts_in(admitted)
    if settings.account_id is not None and len(accounts) > 1:
        _log.warning(
            "IBKR_ACCOUNT_ID is not used: it names one account, and the statements have %s",
            ", ".join(accounts),
        )
    return [
        Job(
            account=account,
            provider=IBKRProvider(
                admitted=admitted,
                wf_account_id=tracker_account(account, among=accounts, configured=settings.account_id),
                upstream_account_id=account,
                account_type=settings.account_type,
                zone=settings.time_zone,
            ),
        )
        for account in chosen(accounts, request.account)
    ]


def _show(run: Run, *, as_json: bool, no_color: bool) -> None:
    with result_output():
        if as_json:
            print_json(run_object(run))
        elif run.results:
            print_blocks(run_blocks(run), no_color=no_color)
            print_line(summary_line(run))
