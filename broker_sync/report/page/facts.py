"""What a page is made of, as it is kept: nothing here is worked out yet.

Days are the broker's, moments are aware. `body` is the JSON object of an account as ``--json`` prints it;
what an earlier version did not tell may be missing there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from broker_sync.coverage import AccountCoverage
from broker_sync.models import Activity

__all__ = ["AccountFacts", "Body", "NotBooked", "PageFacts", "Told", "count_of"]

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one run found of an account when it ended.

    `outcome` is ``ok``, ``drift``, ``failed`` or ``refused``. Of a run that did not come to an end of the
    account, `body` has nothing but ``error``.
    """

    ended_at: dt.datetime
    outcome: str
    body: Body

    @property
    def error(self) -> str | None:
        """Why there is nothing else to tell."""
        error = self.body.get("error")
        return None if error is None else str(error)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotBooked:
    """A record that was not booked, and why; `booked_on` is the broker's day, None where the row has none."""

    external_id: str
    section: str
    reason: str
    booked_on: dt.date | None
    first_seen: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """One account in one tracker (`sink`); `told` has the earliest first, and the failures of whole runs.

    `booked` are the latest bookings, the last one first.
    """

    account: str
    sink: str
    told: Sequence[Told] = ()
    coverage: AccountCoverage | None = None
    not_booked: Sequence[NotBooked] = ()
    booked: Sequence[Activity] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFacts:
    """Everything; `failed` are the runs as a whole that failed, where there is no account to tell of them."""

    made_at: dt.datetime
    days: int
    accounts: Sequence[AccountFacts] = ()
    failed: Sequence[Told] = field(default=())


def count_of(told: Told, name: str) -> int:
    """How many there were of `name`, which is a number or a list; 0 where nothing is said of it."""
    value = told.body.get(name, 0)
    return len(value) if isinstance(value, list) else int(value)
