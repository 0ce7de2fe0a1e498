"""The fingerprint of what an activity says; two with the same fingerprint need no second booking."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from typing import Final

from broker_sync.models import Activity
from broker_sync.values import decimal_text

__all__ = ["content_hash"]

_WRITE: Final = json.JSONEncoder(separators=(",", ":")).encode


def content_hash(activity: Activity) -> str:
    """SHA-256 in hex over everything of `activity` that changes an account, numbers by value (1.0 is 1.00).

    Its ids, symbol, name and comment are left out: they are how it is found and shown, and may be written
    another way by a later version without anything having happened.
    """
    said = [
        activity.activity_type.value,
        activity.date.isoformat(),
        activity.booked_on.isoformat(),
        activity.currency,
        _number(activity.quantity),
        _number(activity.unit_price),
        _number(activity.fee),
        _number(activity.amount),
        activity.subtype,
        "" if activity.instrument is None else activity.instrument.key,
        activity.group_id,
    ]
    if activity.ratio is not None:
        said.append(_number(activity.ratio))
    # A list in JSON, not joined text: no value can spill over into its neighbour.
    return hashlib.sha256(_WRITE(said).encode()).hexdigest()


def _number(number: Decimal | None) -> str | None:
    return None if number is None else decimal_text(number)
