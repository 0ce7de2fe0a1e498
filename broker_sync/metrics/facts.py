"""What is known of a run beside its results; what is None was not found out, and nothing is said of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from broker_sync.report.run import Run

__all__ = ["TOKEN_EXPIRED", "AccountFacts", "Confirmed", "FlexFacts", "RunFacts", "joined", "weekdays_in"]

TOKEN_EXPIRED: Final = 1012
"""The broker's code for a token that has expired."""

_DAY: Final = dt.timedelta(days=1)
_SATURDAY: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """What differed in two runs in a row: instruments (by key), currencies, net asset value."""

    instruments: frozenset[str] = frozenset()
    currencies: frozenset[str] = frozenset()
    nav: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """Beside the result of one account: `conflicts` with people's edits, `gaps` as first and last days."""

    confirmed: Confirmed | None = None
    conflicts: int | None = None
    gaps: Sequence[tuple[dt.date, dt.date]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FlexFacts:
    """What a download showed. `error_code` is the broker's, 0 if it went well, None if nothing was asked."""

    error_code: int | None = None
    token_expires: dt.datetime | None = None
    breaker_open: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """A run that `ended` then (aware); `accounts` goes by the broker's ids, as `run` does.

    `trackers` are the releases of the trackers by their names, as far as they say it, `version` is ours.
    """

    run: Run
    ended: dt.datetime
    version: str
    duration: dt.timedelta | None = None
    stages: Mapping[str, dt.timedelta] = field(default_factory=dict)
    accounts: Mapping[str, AccountFacts] = field(default_factory=dict)
    flex: FlexFacts = field(default_factory=FlexFacts)
    trackers: Mapping[str, str] = field(default_factory=dict)


def joined(downloads: Iterable[FlexFacts]) -> FlexFacts:
    """The worst of several downloads in one run: an expired token first, the earliest end."""
    facts = list(downloads)
    codes = {each.error_code for each in facts if each.error_code is not None}
    ends = [each.token_expires for each in facts if each.token_expires is not None]
    open_ones = [each.breaker_open for each in facts if each.breaker_open is not None]
    return FlexFacts(
        error_code=TOKEN_EXPIRED if TOKEN_EXPIRED in codes else max(codes, default=None),
        token_expires=min(ends, default=None),
        breaker_open=any(open_ones) if open_ones else None,
    )


def weekdays_in(gaps: Iterable[tuple[dt.date, dt.date]]) -> int:
    """How many days from Monday to Friday the stretches have, both ends included."""
    days = (first + number * _DAY for first, last in gaps for number in range((last - first).days + 1))
    return sum(day.weekday() < _SATURDAY for day in days)
