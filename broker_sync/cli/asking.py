"""Which days to ask the broker for, of one query; pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from broker_sync.coverage import AccountCoverage, merged, next_window, split
from broker_sync.errors import SettingsError
from broker_sync.providers.ibkr.facts import is_needed
from broker_sync.received import Days
from broker_sync.settings import FlexDownload

__all__ = ["Wanted", "known_of", "needed_sections", "wanted"]

_DAY: Final = dt.timedelta(days=1)
# A section that has not come for so long was taken out of the query.
_STILL_COMES: Final = dt.timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to ask for.

    `days` are those without which the night has failed; `lacking` are older ones that are not covered, the
    newest first, each at most as long as may be asked for at once. `covered_until` is the last day that is
    covered for all accounts of the query, None if one of them is new.
    """

    days: Days
    covered_until: dt.date | None = None
    lacking: tuple[Days, ...] = ()


def known_of(
    download: FlexDownload, coverage: Sequence[AccountCoverage], *, given: Collection[str]
) -> list[AccountCoverage | None]:
    """What is covered of each account that the query is run for; None for one that is new.

    A query that is run for whichever account it has is taken to have those that it has `given` before.
    """
    by_name = {each.account: each for each in coverage}
    named = [account.upstream_account_id for account in download.accounts]
    if None in named:
        return [by_name[name] for name in sorted(given) if name in by_name] or [None]
    return [by_name.get(name or "") for name in named]


def needed_sections(known: AccountCoverage) -> frozenset[str]:
    """The sections whose gaps matter: those that books or comparison need, and that still come."""
    return frozenset(
        each.section
        for each in known.sections
        if is_needed(each.section) and known.span.last - each.ranges[-1].last <= _STILL_COMES
    )


def wanted(
    known: Sequence[AccountCoverage | None],
    *,
    now: dt.datetime,
    zone: dt.tzinfo,
    overlap: int,
    since: dt.date | None = None,
    until: dt.date | None = None,
) -> Wanted:
    """What to ask for, given what is `known` of each account; `since` and `until` are the user's words.

    Raises :class:`~broker_sync.errors.SettingsError` for a day that is not over.
    """
    last = next_window(None, now=now, zone=zone, first_days=overlap + 1).last
    if since is not None and since > last:
        raise SettingsError(f"--since {since}: {last} is the last day of which there can be a statement yet")
    last = last if until is None else min(until, last)
    covered = [_covered_until(each) for each in known if each is not None]
    covered_until = min(covered) if len(covered) == len(known) else None
    if since is not None or until is not None:
        first = last - overlap * _DAY if since is None else since
        return Wanted(days=Days(first=min(first, last), last=last), covered_until=covered_until)
    first = last - overlap * _DAY
    lacking = [gap for each in known if each is not None for gap in each.gaps_of(needed_sections(each))]
    if covered_until is not None:
        # What was before an account's first covered day is for a backfill; the broker may have nothing there.
        begun = min(each.span.first for each in known if each is not None)
        again = max(begun, covered_until - overlap * _DAY)
        if covered_until >= first:
            first = min(again, last)
        else:
            lacking.append(Days(first=again, last=first - _DAY))
    older = [part for part in merged(lacking) if part.first < first]
    return Wanted(
        days=Days(first=first, last=last),
        covered_until=covered_until,
        lacking=tuple(part for days in reversed(older) for part in reversed(split(days))),
    )


def _covered_until(known: AccountCoverage) -> dt.date:
    watched = known.watched(needed_sections(known))
    return min((each.ranges[-1].last for each in watched), default=known.span.last)
