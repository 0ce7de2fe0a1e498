"""Everything that is known of one account when its two sides are held against each other.

Both sides are connected by four links, and they can part at each of them::

    the broker's balance  =  its records  =  what was booked  =  the tracker's rows  =  the tracker's balance
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from decimal import Decimal

from broker_sync.contracts import Rejection
from broker_sync.explain.entry import Entry
from broker_sync.models import Instrument
from broker_sync.opening import Window
from broker_sync.received import Days

__all__ = ["Evidence", "Limit", "RejectedRecord", "Told"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The records of a statement over `days`; of `kinds` (middle parts of ids) it has all that there are."""

    days: Days
    entries: Sequence[Entry] = ()
    kinds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedRecord:
    """A record that was not booked, and the money that its row says it moved (signed, by currency)."""

    rejection: Rejection
    cash: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A position that the tracker cannot show, and why."""

    instrument: Instrument
    quantity: Decimal
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known of `account` (the broker's id) at the end of `as_of`.

    `told` is the statement that is compared with, `booked` what we put into the tracker, opening balances
    included, and `held` the rows that the tracker has now, None where it does not list them. `refused` says
    by external id why the tracker did not take something, and `kept` why something of ours that is there does
    not count. `windows` are those of all statements that were booked, `elsewhere` is the same for the other
    accounts, by the broker's id. `conflicts` are the external ids that wait for somebody to say whose content
    stands. `settled` are sums of records on which all sides agree, and which are left out of `told`, `booked`
    and `held`; `instruments` are those of all, theirs included.
    """

    account: str
    as_of: dt.date
    told: Told | None = None
    booked: Sequence[Entry] = ()
    held: Sequence[Entry] | None = None
    rejected: Sequence[RejectedRecord] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    windows: Sequence[Window] = ()
    conflicts: AbstractSet[str] = frozenset()
    kept: Mapping[str, str] = field(default_factory=dict)
    settled: Sequence[Entry] = ()
    instruments: Sequence[Instrument] = ()
    limits: Sequence[Limit] = ()
    elsewhere: Mapping[str, Evidence] = field(default_factory=dict)
