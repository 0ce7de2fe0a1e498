"""Which days to ask the broker for, of one query; pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from broker_sync.coverage import AccountCoverage, next_window
from broker_sync.providers.ibkr.facts import is_needed
from broker_sync.received import Days
from broker_sync.settings import FlexDownload

__all__ = ["Wanted", "known_of", "needed_sections", "wanted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The `days` to ask for, and the last day that is `covered_until` now for all accounts of the query."""

    days: Days
    covered_until: dt.date | None


def known_of(download: FlexDownload, coverage: Sequence[AccountCoverage]) -> list[AccountCoverage | None]:
    """What is covered of each account that the query is run for; None for one that is new.

    A query that is run for whichever account it has is taken to have those that are known.
    """
    by_name = {each.account: each for each in coverage}
    if any(account.upstream_account_id is None for account in download.accounts):
        return [*coverage] or [None]
    return [by_name.get(account.upstream_account_id or "") for account in download.accounts]


def needed_sections(known: AccountCoverage) -> frozenset[str]:
    """The sections whose gaps matter: without them books or comparison would lack something."""
    return frozenset(each.section for each in known.sections if is_needed(each.section))


def wanted(
    known: Sequence[AccountCoverage | None],
    *,
    now: dt.datetime,
    zone: dt.tzinfo,
    overlap: int,
    since: dt.date | None = None,
    until: dt.date | None = None,
) -> Wanted:
    """What to ask for, given what is `known` of each account; `since` and `until` are the user's words."""
    windows = [
        next_window(
            each,
            now=now,
            zone=zone,
            overlap=overlap,
            # As many as the next night asks for again; `ibkr backfill` fetches what was before.
            first_days=overlap + 1,
            sections=None if each is None else needed_sections(each),
        )
        for each in known
    ]
    last = windows[0].last if until is None else min(until, windows[0].last)
    first = min(window.first for window in windows) if since is None else since
    covered = [each.span.last for each in known if each is not None]
    return Wanted(
        days=Days(first=min(first, last), last=last),
        covered_until=min(covered) if len(covered) == len(known) else None,
    )
