"""Whether movements of units that no trade made verify against the broker's next open positions.

A corporate action is booked as its rows say. Where the broker's own positions then differ by exactly what it
moved, in every instrument that it moved, the rows are not what happened (yet): it is held back by name, and
tried again when the positions call for it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from broker_sync.accounting import position_effect
from broker_sync.contracts import Rejection
from broker_sync.models import OPENING_BALANCE, Activity, ActivityType
from broker_sync.plan import RecordGroup
from broker_sync.reconcile import SHARE_TOLERANCE, PositionDrift

__all__ = ["HELD_BACK", "Action", "actions", "called_for", "held_back", "moves_units_untraded", "unverified"]

HELD_BACK: Final = "held back: it does not verify against the open positions"
"""How the reason of such a rejection begins."""

_UNTRADED: Final = frozenset({ActivityType.ADD_HOLDING, ActivityType.REMOVE_HOLDING, ActivityType.SPLIT})
_TRADE: Final = "trade"
_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """The records that one event consists of, and what they do together, by instrument key."""

    records: tuple[RecordGroup, ...]
    effects: dict[str, Decimal]


def moves_units_untraded(record: RecordGroup) -> bool:
    """Whether the record adds or takes units without a trade; opening balances aside."""
    return any(
        leg.activity_type in _UNTRADED and leg.subtype != OPENING_BALANCE and _section(leg) != _TRADE
        for leg in record.activities
    )


def actions(records: Iterable[RecordGroup]) -> list[Action]:
    """The events that `records` make up, told apart by the group of their activities."""
    groups: dict[str, list[RecordGroup]] = {}
    for record in records:
        first = record.activities[0]
        groups.setdefault(first.group_id or record.record_id, []).append(record)
    return [Action(records=tuple(group), effects=_effects(group)) for group in groups.values()]


def _effects(records: Sequence[RecordGroup]) -> dict[str, Decimal]:
    effects: dict[str, Decimal] = {}
    for leg in (leg for record in records for leg in record.activities):
        effect = position_effect(leg)
        if effect and leg.instrument is not None:
            key = leg.instrument.key
            effects[key] = effects.get(key, _ZERO) + effect
    return {key: effect for key, effect in effects.items() if effect}


def unverified(booked: Iterable[Action], drifts: Sequence[PositionDrift]) -> list[Action]:
    """Those of `booked` without which both sides would be equal in every instrument that they moved."""
    return [action for action in booked if _explains(action, drifts, sign=-1)]


def called_for(aside: Iterable[Action], drifts: Sequence[PositionDrift]) -> list[Action]:
    """Those of `aside` with which both sides would be equal in every instrument that they move."""
    return [action for action in aside if _explains(action, drifts, sign=1)]


def _explains(action: Action, drifts: Sequence[PositionDrift], *, sign: int) -> bool:
    off = {drift.instrument.key: drift.drift for drift in drifts if drift.exceeds()}
    return bool(action.effects) and all(
        key in off and -SHARE_TOLERANCE <= off[key] - sign * effect <= SHARE_TOLERANCE
        for key, effect in action.effects.items()
    )


def held_back(action: Action, *, day: dt.date) -> list[Rejection]:
    """The rejections of an event that does not verify on `day`."""
    return [
        Rejection(
            external_id=record.record_id,
            section=_section(record.activities[0]),
            reason=f"{HELD_BACK} of {day}",
            raw={leg.external_id: leg.comment or leg.activity_type.value for leg in record.activities},
            booked_on=record.activities[0].booked_on,
            instrument=record.activities[0].instrument,
        )
        for record in action.records
    ]


def _section(leg: Activity) -> str:
    # The middle part of an id names the kind of its record.
    return leg.external_id.split(":")[1]
