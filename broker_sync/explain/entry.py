"""What one activity, or one row of a tracker, does to an account; the plainest form of both."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from broker_sync.accounting import cash_effect, position_effect
from broker_sync.models import OPENING_BALANCE, Activity, ActivityType, Instrument
from broker_sync.values import decimal_text

__all__ = ["Entry", "entry_of"]

_ZERO: Final = Decimal(0)
_UNDOING: Final = ("CANCELLATION", "_CANCELLED", "_REVERSAL")
"""How the subtypes of activities end that take back another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An effect on one instrument and one currency at most; `units` and `cash` are signed.

    `day` is the booking day. `external_id` is None for a row that is not ours; its `record_id` is then the
    tracker's own id of it. `what` is its type, for people. `is_undoing` says that it takes back another.
    """

    external_id: str | None
    record_id: str
    day: dt.date
    what: str
    instrument: Instrument | None = None
    units: Decimal = _ZERO
    currency: str = ""
    cash: Decimal = _ZERO
    is_opening: bool = False
    is_undoing: bool = False

    @property
    def is_split(self) -> bool:
        """Whether it is a split of what is held."""
        return self.what == ActivityType.SPLIT.value

    @property
    def text(self) -> str:
        """What it is, in a few words."""
        parts = [self.what, self.day.isoformat()]
        if self.units and self.instrument is not None:
            parts.append(f"{decimal_text(self.units)} {self.instrument.symbol}")
        if self.cash:
            parts.append(f"{decimal_text(self.cash)} {self.currency}")
        return ", ".join(parts)


def entry_of(activity: Activity) -> Entry:
    """What `activity` does."""
    (currency, cash), *_ = [*cash_effect(activity).items(), ("", _ZERO)]
    return Entry(
        external_id=activity.external_id,
        record_id=activity.record_id,
        day=activity.booked_on,
        what=activity.activity_type.value,
        instrument=activity.instrument,
        units=position_effect(activity),
        currency=currency,
        cash=cash,
        is_opening=activity.subtype == OPENING_BALANCE,
        is_undoing=(activity.subtype or "").endswith(_UNDOING),
    )
