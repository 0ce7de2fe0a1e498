"""What is to be synced: one job for each account, over its statements."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from broker_sync.cli.accounts import chosen, tracker_account
from broker_sync.cli.cash_kinds import cash_kinds
from broker_sync.cli.request import Request
from broker_sync.cli.statements import Statements
from broker_sync.cli.syncing import Job
from broker_sync.models import AccountType
from broker_sync.providers.ibkr import IBKRProvider
from broker_sync.providers.ibkr.admission import Admitted
from broker_sync.providers.ibkr.cash_kind import CashKind

__all__ = ["jobs_of"]

_log: Final = logging.getLogger(__name__)


def jobs_of(found: Mapping[str, Statements], request: Request) -> list[Job]:
    """One job for each account in `found`, or for the one that the request names."""
    jobs = []
    for name in chosen(list(found), request.account):
        account = found[name].settings
        over = partial(
            _provider,
            wf_account_id=_tracker_account(name, found),
            upstream_account_id=name,
            account_type=account.account_type,
            zone=account.time_zone,
            cash_kinds=cash_kinds(account),
        )
        provider = over(found[name].admitted)
        jobs.append(Job(account=name, sink=account.sink, provider=provider, over=over))
    return jobs


def _provider(
    admitted: Sequence[Admitted],
    *,
    wf_account_id: str,
    upstream_account_id: str,
    account_type: AccountType,
    zone: dt.tzinfo | None,
    cash_kinds: Mapping[str, CashKind],
) -> IBKRProvider:
    return IBKRProvider(
        admitted=admitted,
        wf_account_id=wf_account_id,
        upstream_account_id=upstream_account_id,
        account_type=account_type,
        zone=zone,
        cash_kinds=cash_kinds,
    )


def _tracker_account(name: str, found: Mapping[str, Statements]) -> str:
    configured = found[name].settings.tracker_account_id
    if found[name].settings.upstream_account_id is not None:
        return tracker_account(name, among=[name], configured=configured)
    if configured is not None and len(found) > 1:
        _log.warning(
            "IBKR_ACCOUNT_ID is not used: it names one account, and the statements have %s", ", ".join(found)
        )
    return tracker_account(name, among=list(found), configured=configured)
