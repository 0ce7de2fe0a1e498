"""Whether a week of nights is good enough to rely on: nearly all complete, the last one fresh, no drift.

Every account is judged by itself. A night is a day in UTC; what ran on it last, and came to an end, counts.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Any, Final

__all__ = ["FRESH", "AccountSoak", "Drifted", "Found", "Night", "NightState", "Soak", "judge"]

FRESH: Final = dt.timedelta(hours=36)
"""How long ago the last complete night may be."""

_DAY: Final = dt.timedelta(days=1)
_COMPLETE: Final = frozenset({"ok", "drift"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a run that ended at `ended_at` (aware) found of `account`; empty for a run that came to none.

    `outcome` is ``ok``, ``drift``, ``failed`` or ``refused``, `body` the JSON object of the account as it was
    printed, or of what went wrong.
    """

    account: str
    ended_at: dt.datetime
    outcome: str
    body: str


@unique
class NightState(StrEnum):
    """How a night ended."""

    EQUAL = "equal"
    DRIFT = "drift"
    NOT_COMPARED = "not compared"
    FAILED = "failed"
    NO_RUN = "no run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drifted:
    """What differed: a symbol or a currency, and by how much (decimal text, broker less tracker)."""

    name: str
    drift: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """One account on one `day` (UTC); `error` is what was told of a night that failed."""

    day: dt.date
    state: NightState
    drifts: Sequence[Drifted] = ()
    error: str | None = None

    @property
    def is_complete(self) -> bool:
        """Whether the account was synced."""
        return self.state not in {NightState.FAILED, NightState.NO_RUN}


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSoak:
    """An account: its nights, the earliest first, and in sentences why they are not good enough."""

    account: str
    nights: Sequence[Night]
    last_success: dt.datetime | None
    reasons: Sequence[str]

    @property
    def complete(self) -> int:
        """How many nights are complete."""
        return sum(night.is_complete for night in self.nights)


@dataclass(frozen=True, slots=True, kw_only=True)
class Soak:
    """The judgement on the nights from `first` to `last`, of which `needed` are to be complete.

    `reasons` are those that lie with no account in particular.
    """

    first: dt.date
    last: dt.date
    needed: int
    accounts: Sequence[AccountSoak]
    reasons: Sequence[str] = ()

    @property
    def holds(self) -> bool:
        """Whether there is nothing against it."""
        return not self.reasons and not any(account.reasons for account in self.accounts)


def judge(found: Iterable[Found], *, accounts: Iterable[str], days: int, now: dt.datetime) -> Soak:
    """The judgement on the last `days` nights before `now` (aware); `found` in the order of time.

    The last night is today's, or yesterday's as long as nothing has ended today. Of seven nights six are to
    be complete, of others as large a part. `accounts` (the broker's ids) are judged even if nothing was found
    of them.
    """
    told = list(found)
    today = _day(now)
    last = today if any(_day(each.ended_at) == today for each in told) else today - _DAY
    first = last - (days - 1) * _DAY
    names = sorted({*accounts, *(each.account for each in told if each.account)})
    needed = -(-days * 6 // 7)
    return Soak(
        first=first,
        last=last,
        needed=needed,
        accounts=[_account(name, told, first, last, needed=needed, now=now) for name in names],
        reasons=[] if names else [_nothing(told)],
    )


def _nothing(told: Sequence[Found]) -> str:
    if told:
        return f"No run has come to an account yet. The last one ended with: {_error(told[-1])}"
    return "There is no history yet: nothing was synced in these nights."


def _day(moment: dt.datetime) -> dt.date:
    return moment.astimezone(dt.UTC).date()


def _account(
    name: str, told: Sequence[Found], first: dt.date, last: dt.date, *, needed: int, now: dt.datetime
) -> AccountSoak:
    own = [each for each in told if each.account in {name, ""}]
    days = [first + number * _DAY for number in range((last - first).days + 1)]
    nights = [_night(day, [each for each in own if _day(each.ended_at) == day]) for day in days]
    successes = [each.ended_at for each in own if each.outcome in _COMPLETE]
    last_success = max(successes, default=None)
    reasons = [*_incomplete(nights, needed), *_stale(last_success, now), *_differing(nights)]
    return AccountSoak(account=name, nights=nights, last_success=last_success, reasons=reasons)


def _night(day: dt.date, found: Sequence[Found]) -> Night:
    if not found:
        return Night(day=day, state=NightState.NO_RUN)
    complete = [each for each in found if each.outcome in _COMPLETE]
    if not complete:
        return Night(day=day, state=NightState.FAILED, error=_error(found[-1]))
    counts = complete[-1]
    body = _body(counts)
    if counts.outcome == "drift":
        return Night(day=day, state=NightState.DRIFT, drifts=list(_drifts(body)))
    compared = body.get("compared")
    is_compared = isinstance(compared, Mapping) and compared.get("positions") is True
    return Night(day=day, state=NightState.EQUAL if is_compared else NightState.NOT_COMPARED)


def _body(found: Found) -> Mapping[str, Any]:
    try:
        body = json.loads(found.body)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _error(found: Found) -> str:
    body = _body(found)
    if isinstance(body.get("error"), str):
        return str(body["error"])
    failures = body.get("failures")
    number = len(failures) if isinstance(failures, list) else 0
    return f"{number} records were not taken by the tracker" if number else found.outcome


def _drifts(body: Mapping[str, Any]) -> Iterator[Drifted]:
    for listed, label in (("positions", "symbol"), ("cash", "currency")):
        for side in body.get(listed) or ():
            if side["drift"] != "0":
                yield Drifted(name=side[label], drift=side["drift"])


def _incomplete(nights: Sequence[Night], needed: int) -> Iterator[str]:
    complete = sum(night.is_complete for night in nights)
    if complete < needed:
        others = [night for night in nights if not night.is_complete]
        told = ", ".join(f"{night.day} ({night.state})" for night in others)
        yield f"{complete} of {len(nights)} nights are complete, {needed} must be. The others: {told}."


def _stale(last_success: dt.datetime | None, now: dt.datetime) -> Iterator[str]:
    if last_success is None:
        yield "No night is complete, so the last success is not known."
    elif now - last_success > FRESH:
        hours = (now - last_success) // dt.timedelta(hours=1)
        yield f"The last complete night is {hours} hours ago, it must not be more than 36."


def _differing(nights: Sequence[Night]) -> Iterator[str]:
    for night in nights:
        if night.state is NightState.DRIFT:
            told = ", ".join(f"{each.name} by {each.drift}" for each in night.drifts)
            yield f"On {night.day} broker and tracker differed: {told or 'see the log of that night'}."
    silent = [str(night.day) for night in nights if night.state is NightState.NOT_COMPARED]
    if silent:
        yield (
            f"Positions were not compared on {', '.join(silent)}: the statement did not list them. "
            "Tick Open Positions in the Flex query."
        )
