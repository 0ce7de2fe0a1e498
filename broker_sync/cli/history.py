"""Writes down what each run found of each account, so that the next can tell what is new.

A run that fails before it comes to an account is written down, too: a night that failed is not one on which
nothing ran.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from broker_sync import __version__
from broker_sync.confirm import Standing, standings
from broker_sync.dedup import PastResult, RunCounts, SyncRecordStore
from broker_sync.errors import BrokerSyncError
from broker_sync.report import AccountError, Run, account_object
from broker_sync.results import SyncResult
from broker_sync.settings import Settings

__all__ = ["account_error", "begin", "remember_failure", "remembered"]

_log: Final = logging.getLogger(__name__)
_WHOLE_RUN: Final = ""


def begin(store: SyncRecordStore, provider: str) -> int:
    """Write down that a run has begun; its number."""
    return store.begin_run(provider=provider, version=__version__)


def account_error(account: str, error: BrokerSyncError, run_id: int | None = None) -> AccountError:
    """That `error` ended the sync of an account."""
    return AccountError(account=account, text=str(error), exit_code=error.exit_code, run_id=run_id)


def remembered(run: Run, settings: Settings, *, at: dt.datetime) -> Run:
    """`run`, which ended `at`, with what differs by now; that is kept, and all that there is to say.

    Of a dry run nothing is kept. What cannot be kept is an error of the account.
    """
    if run.dry_run:
        return run
    told: dict[str, Sequence[Standing]] = {}
    errors = list(run.errors)
    with SyncRecordStore(settings.data_dir) as store:
        for result in run.results:
            account = result.account.provider_account_id
            try:
                told[account] = _standings(store, result, at)
                _save(store, result, run, told[account], at)
            except BrokerSyncError as error:
                errors.append(account_error(account, error))
        for failed in run.errors:
            _remember_error(store, run.provider, failed, at)
    return replace(run, standings=told, errors=errors)


def _standings(store: SyncRecordStore, result: SyncResult, at: dt.datetime) -> Sequence[Standing]:
    scope = (result.sink, result.account.id)
    before = store.drifts(*scope)
    latest = max((window.last_day for window in store.windows(*scope)), default=None)
    # How things stood on a day that is past says nothing of how they stand.
    if result.last_day is None or (latest is not None and result.last_day < latest):
        return before
    found = standings(before, result, at=at)
    store.save_drifts(*scope, found)
    return found


def _save(
    store: SyncRecordStore, result: SyncResult, run: Run, found: Sequence[Standing], at: dt.datetime
) -> None:
    account = result.account
    explanations = None if run.explanations is None else run.explanations.get(account.provider_account_id, ())
    if result.run_id is not None:
        store.save_result(
            PastResult(
                run_id=result.run_id,
                sink=result.sink,
                account_id=account.id,
                account=account.provider_account_id,
                ended_at=at,
                outcome=result.outcome,
                body=_text(account_object(result, found, explanations)),
            )
        )


def remember_failure(provider: str, error: BrokerSyncError, settings: Settings, *, at: dt.datetime) -> None:
    """Keep that a run as a whole ended `at` with `error`."""
    # Where there is no such directory yet nothing was ever booked, and a failure is no reason to make it.
    if settings.data_dir.is_dir():
        with SyncRecordStore(settings.data_dir) as store:
            _remember_error(store, provider, account_error(_WHOLE_RUN, error), at)


def _remember_error(store: SyncRecordStore, provider: str, error: AccountError, at: dt.datetime) -> None:
    try:
        run_id = begin(store, provider) if error.run_id is None else error.run_id
        store.end_run(run_id, outcome=error.outcome, counts=RunCounts())
        store.save_result(
            PastResult(
                run_id=run_id,
                sink="",
                account_id="",
                account=error.account,
                ended_at=at,
                outcome=error.outcome,
                body=_text({"account": error.account or None, "error": error.text}),
            )
        )
    except BrokerSyncError as problem:
        # The failure itself is what has to be told, and it is.
        _log.warning("the failure could not be written down: %s", problem)


def _text(body: Mapping[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False)
