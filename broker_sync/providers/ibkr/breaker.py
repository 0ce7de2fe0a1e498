"""When to stop asking IBKR: after a lock-out, and before failed attempts earn one; pure.

IBKR locks a token out (code 1025) after repeated failed requests for a statement. It documents neither
how many nor for how long; users tell of ten minutes to days. So after a lock-out nothing is sent for 12
hours, for 24 after a second one with no success in between, then 48, at most 72. And after 5 failed requests
within 12 hours nothing is sent until the first of them is 12 hours old. One success forgets everything.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from broker_sync.errors import TransientError
from broker_sync.providers.ibkr.errors import IBKRError

__all__ = [
    "MOST_FAILURES",
    "OVERRIDE",
    "WITHIN",
    "BreakerOpenError",
    "BreakerState",
    "Closed",
    "Failure",
    "LockOut",
    "Open",
    "Standing",
    "after_failure",
    "after_lockout",
    "lockout_length",
    "settled",
    "standing",
]

MOST_FAILURES: Final = 5
WITHIN: Final = dt.timedelta(hours=12)

_HOURS: Final = WITHIN // dt.timedelta(hours=1)
_LOCKOUT: Final = dt.timedelta(hours=12)
_LONGEST_LOCKOUT: Final = dt.timedelta(hours=72)

OVERRIDE: Final = "IBKR_FLEX_IGNORE_BREAKER"
"""The setting that lets requests through all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A failed request: when (aware), and what IBKR said of it."""

    at: dt.datetime
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LockOut:
    """IBKR has locked the token out: last seen when, what it said, how many times with no success between."""

    at: dt.datetime
    why: str
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerState:
    """What is remembered of one token; `failures` are the latest, in order of time."""

    lockout: LockOut | None = None
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class Closed:
    """Requests may be sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """No request may be sent before `until`."""

    until: dt.datetime
    why: str


Standing: TypeAlias = Closed | Open


class BreakerOpenError(IBKRError, TransientError):
    """Nothing was sent, since it would have made things worse; `until` is when requests go out again."""

    def __init__(self, found: Open) -> None:
        super().__init__(
            f"Nothing was asked of IBKR, and nothing will be until {_shown(found.until)}: {found.why} "
            "Mend that first; a new token is not held up. To send all the same, at the risk of a longer "
            f"lock-out, set {OVERRIDE}=1."
        )
        self.until = found.until
        self.why = found.why


def _shown(moment: dt.datetime) -> str:
    return f"{moment.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"


def lockout_length(times: int) -> dt.timedelta:
    """How long nothing is sent after the `times`-th lock-out in a row (from 1)."""
    return min(_LOCKOUT * (1 << min(times - 1, 10)), _LONGEST_LOCKOUT)


def standing(state: BreakerState, now: dt.datetime) -> Standing:
    """Whether requests may be sent at `now`; :func:`settled` state is expected."""
    found = [each for each in (_locked_out(state), _too_many(state)) if each is not None and now < each.until]
    return max(found, key=lambda each: each.until) if found else Closed()


def _locked_out(state: BreakerState) -> Open | None:
    lockout = state.lockout
    if lockout is None:
        return None
    return Open(
        until=lockout.at + lockout_length(lockout.times),
        why=f"IBKR locked the account out at {_shown(lockout.at)} ({lockout.why}).",
    )


def _too_many(state: BreakerState) -> Open | None:
    latest = state.failures[-MOST_FAILURES:]
    if len(latest) < MOST_FAILURES:
        return None
    return Open(
        until=latest[0].at + WITHIN,
        why=f"{MOST_FAILURES} requests for a statement failed within {_HOURS} hours, "
        f"and more could lock the account out. The last failed with: {latest[-1].why}.",
    )


def after_failure(state: BreakerState, failure: Failure) -> BreakerState:
    """The state once `failure` has been counted."""
    return replace(state, failures=(*state.failures, failure)[-MOST_FAILURES:])


def after_lockout(state: BreakerState, failure: Failure) -> BreakerState:
    """The state once IBKR has said, with `failure`, that the token is locked out."""
    times = 1 if state.lockout is None else state.lockout.times + 1
    return replace(state, lockout=LockOut(at=failure.at, why=failure.why, times=times))


def settled(state: BreakerState, now: dt.datetime) -> BreakerState:
    """The state with nothing in the future.

    What seems to lie ahead was written when a clock was wrong; it counts as happening now, so that it neither
    is forgotten nor holds for ever.
    """
    lockout = state.lockout
    if lockout is not None and lockout.at > now:
        lockout = replace(lockout, at=now)
    failures = tuple(replace(each, at=min(each.at, now)) for each in state.failures)
    return BreakerState(lockout=lockout, failures=failures)
