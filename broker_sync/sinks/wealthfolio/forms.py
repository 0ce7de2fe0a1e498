"""Which form each activity takes, given all others of its account.

Most have one form. Three depend on what stands beside them: units sold short, or bought back, which the
server must not count; a split after the trades of its own day, which the server would not apply to them; and
the two legs of a conversion, each of which names the other's money.

What is known of an account grows backwards too (opening balances come last, older statements later), so forms
are worked out over the whole account, and rows whose form is another by now are written anew.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal, localcontext
from math import prod
from typing import Final

from broker_sync.accounting import position_effect
from broker_sync.models import Activity, ActivityType
from broker_sync.sinks.wealthfolio.holdable import reason_against
from broker_sync.sinks.wealthfolio.moments import wire_moment
from broker_sync.sinks.wealthfolio.numbers import ROOM
from broker_sync.values import decimal_text

__all__ = ["NEXT_DAY", "PLAIN", "Form", "Money", "forms_of", "is_conversion", "other_leg"]

NEXT_DAY: Final = "next-day"
"""How the text of a form says that a split was put on the day after its own."""

_ZERO: Final = Decimal(0)
_ONE: Final = Decimal(1)
_DAY: Final = dt.timedelta(days=1)
_CONVERSION: Final = "CONVERSION"
_EIGHT_PLACES: Final = Decimal("0.00000001")
_ROUNDING: Final = Decimal("0.0001")
"""Units by which the server may be off after a split: it rounds each lot to eight places."""
_AFTER_HOURS: Final = dt.time(20, tzinfo=dt.UTC)
"""The exchanges of both Americas close at this time at the earliest, all others before."""
_LEGS: Final = frozenset({ActivityType.TRANSFER_IN, ActivityType.TRANSFER_OUT})


@dataclass(frozen=True, slots=True)
class Money:
    """An amount, without sign, in a currency."""

    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How an activity is written.

    `short` of its units are below nothing and are not counted by the server. `against` is the other side of a
    conversion. Of a split, `next_day` puts it on the day after its own, `ratio` is that of all splits of the
    day, which this one stands for, `noted` one for which another stands, and `rest` what it adds (or takes,
    negative) beyond the ratio.
    """

    short: Decimal = _ZERO
    next_day: bool = False
    ratio: Decimal | None = None
    noted: bool = False
    rest: Decimal = _ZERO
    against: Money | None = None

    @property
    def text(self) -> str:
        """The form as it is noted on the row; two forms are the same if their texts are."""
        parts = []
        if self.short:
            parts.append(f"short:{decimal_text(self.short)}")
        if self.next_day:
            parts.append(NEXT_DAY)
        if self.ratio is not None:
            parts.append(f"ratio:{decimal_text(self.ratio)}")
        if self.noted:
            parts.append("noted")
        if self.rest:
            parts.append(f"rest:{decimal_text(self.rest)}")
        if self.against is not None:
            parts.append(f"against:{decimal_text(self.against.amount)} {self.against.currency}")
        return ";".join(parts)


PLAIN: Final = Form()
"""The form of nearly everything."""


def forms_of(activities: Iterable[Activity], zone: dt.tzinfo) -> dict[str, Form]:
    """The form of each of `activities` (those of one account) by external id, plain ones left out."""
    forms: dict[str, Form] = {}
    by_instrument: dict[str, list[Activity]] = {}
    legs: dict[str, list[Activity]] = {}
    for activity in activities:
        if is_conversion(activity):
            legs.setdefault(activity.record_id, []).append(activity)
        instrument = activity.instrument
        if instrument is not None and reason_against(instrument) is None and position_effect(activity):
            by_instrument.setdefault(instrument.key, []).append(activity)
    for dealings in by_instrument.values():
        dealings.sort(key=lambda each: (wire_moment(each, zone), each.external_id))
        forms |= _short_forms(dealings)
        forms |= _split_forms(dealings)
    for pair in legs.values():
        forms |= {each.external_id: Form(against=money) for each in pair if (money := other_leg(each, pair))}
    return forms


def is_conversion(activity: Activity) -> bool:
    """Whether it is one of the two legs of a currency conversion."""
    return activity.activity_type in _LEGS and activity.subtype == _CONVERSION and activity.quantity is None


def other_leg(activity: Activity, legs: Sequence[Activity]) -> Money | None:
    """The money of the one leg among `legs` that goes the other way in another currency; None unless one."""
    others = [
        each
        for each in legs
        if each.activity_type is not activity.activity_type and each.currency != activity.currency
    ]
    if len(others) != 1 or not others[0].amount or not activity.amount:
        return None
    return Money(others[0].currency, others[0].amount)


def _short_forms(dealings: Sequence[Activity]) -> Mapping[str, Form]:
    """The part of each of `dealings`, in order, that is done with less than nothing."""
    forms: dict[str, Form] = {}
    held = _ZERO
    for activity in dealings:
        effect = position_effect(activity)
        below = min(effect, -held) if effect > 0 else -effect - max(held, _ZERO)
        if below > 0 and activity.activity_type is not ActivityType.SPLIT:
            forms[activity.external_id] = Form(short=below)
        held += effect
    return forms


def _split_forms(dealings: Sequence[Activity]) -> Mapping[str, Form]:
    """The splits that come after the trades of their own day, and those that come on one day.

    Up to 3.5 the server applies a split to all its accounts, and one on the next day again: so it must
    not depend on what one account traded, and one after hours counts from the next day on everywhere. Of the
    splits of a day the server takes the first, so that one stands for all.
    """
    by_day: dict[dt.date, list[_Split]] = {}
    held = at_start = _ZERO
    today = dt.date.min
    for place, activity in enumerate(dealings):
        if activity.booked_on != today:
            at_start, today = held, activity.booked_on
        if _is_split(activity):
            late = _is_late(activity, dealings[:place], dealings[place + 1 :])
            split = _Split(activity, held, at_start=held if late else at_start, late=late)
            by_day.setdefault(today + _DAY if late else today, []).append(split)
        held += position_effect(activity)
    return {name: form for splits in by_day.values() for name, form in _forms_of_a_day(splits).items()}


@dataclass(frozen=True, slots=True)
class _Split:
    """A split, what was held before it and at the start of its day, and whether that is the next day."""

    activity: Activity
    held: Decimal
    _: KW_ONLY
    at_start: Decimal
    late: bool


def _is_late(split: Activity, before: Iterable[Activity], after: Iterable[Activity]) -> bool:
    day = split.booked_on
    if any(each.booked_on == day and not _is_split(each) for each in after):
        return False
    is_after_hours = split.date >= dt.datetime.combine(day, _AFTER_HOURS)
    return is_after_hours or any(each.booked_on == day and not _is_split(each) for each in before)


def _forms_of_a_day(splits: Sequence[_Split]) -> Mapping[str, Form]:
    first, *others = splits
    ratio = prod((each.activity.ratio or _ONE for each in splits), start=_ONE)
    added = sum((position_effect(each.activity) for each in splits), _ZERO)
    forms = {each.activity.external_id: Form(next_day=each.late, noted=True) for each in others}
    form = Form(
        next_day=first.late, ratio=ratio if others else None, rest=_rest(first, added=added, ratio=ratio)
    )
    return forms if form == PLAIN else {first.activity.external_id: form, **forms}


def _rest(split: _Split, *, added: Decimal, ratio: Decimal) -> Decimal:
    """What has to come or go for the server to have as many units as there are.

    It multiplies what was held when the day began. Brokers round, and pay for the fraction; they split what
    was dealt during the day, and units, too, whose trade they book only afterwards.
    """
    held, at_start = max(split.held, _ZERO), max(split.at_start, _ZERO)
    with localcontext(ROOM):
        there = max(at_start * ratio + held - at_start, _ZERO)
        rest = max(split.held + added, _ZERO) - there
        return rest.quantize(_EIGHT_PLACES) if abs(rest) > _ROUNDING else _ZERO


def _is_split(activity: Activity) -> bool:
    return activity.activity_type is ActivityType.SPLIT
