"""Opening balances: what an account held before the first day that any statement shows.

They are entries of their own, marked ``OPENING_BALANCE``, derived from the earliest window that is known, and
derived anew whenever an earlier one arrives: then they move back, shrink or vanish, and are never doubled.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from broker_sync.models import OPENING_BALANCE, Account, Activity, ActivityType, Position

__all__ = ["OUT_OF_TRACKER", "BookedBefore", "Window", "cash_anchor", "opening_balances", "position_anchor"]

OUT_OF_TRACKER: Final = "tracker"
"""What stands for a document in a window that was read back out of the tracker."""
_NOON: Final = dt.time(12, tzinfo=dt.UTC)
_ZERO: Final = Decimal(0)
_DAY: Final = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What one statement says of the start of its window; None where it does not say.

    `starting_cash` is signed money by currency, `opening_positions` what was held when `first_day` began.
    `made` is when the statement was made (aware), None where that is not known; `lists` are the kinds of
    records of which it has all.
    """

    first_day: dt.date
    last_day: dt.date
    document: str
    opening_positions: tuple[Position, ...] | None
    starting_cash: Mapping[str, Decimal] | None
    made: dt.datetime | None = None
    lists: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedBefore:
    """What records (opening balances apart) did before an anchor's first day; usually nothing."""

    positions: tuple[Position, ...] = ()
    cash: Mapping[str, Decimal] = field(default_factory=dict)


def position_anchor(windows: Iterable[Window]) -> Window | None:
    """The earliest window that says what was held; of equals the first that came."""
    return _earliest(window for window in windows if window.opening_positions is not None)


def cash_anchor(windows: Iterable[Window]) -> Window | None:
    """The earliest window that says how much cash there was; of equals the first that came."""
    return _earliest(window for window in windows if window.starting_cash is not None)


def _earliest(windows: Iterable[Window]) -> Window | None:
    # A later statement from the same first day on must not have the word: what it cannot explain by then is a
    # drift, and would pass for an opening balance. But any statement knows better than what was read back out
    # of the tracker.
    return min(windows, key=lambda each: (each.first_day, each.document == OUT_OF_TRACKER), default=None)


def opening_balances(
    account: Account,
    windows: Sequence[Window],
    *,
    positions_before: BookedBefore | None = None,
    cash_before: BookedBefore | None = None,
) -> list[Activity]:
    """The opening entries that `windows` call for, positions first, each dated the day before all windows.

    `positions_before` and `cash_before` are what records did before the respective anchor, where an earlier
    window without that section has brought some.
    """
    if not windows:
        return []
    day = min(window.first_day for window in windows) - _DAY
    entries: list[Activity] = []
    anchor = position_anchor(windows)
    if anchor is not None:
        done = {
            position.instrument.key: position for position in (positions_before or BookedBefore()).positions
        }
        held = {position.instrument.key: position for position in anchor.opening_positions or ()}
        for key in [*held, *(key for key in done if key not in held)]:
            entries += _position_entry(account, held.get(key), done.get(key), day)
    anchor = cash_anchor(windows)
    if anchor is not None:
        spent = (cash_before or BookedBefore()).cash
        starting = anchor.starting_cash or {}
        for currency in sorted({*starting, *spent}):
            amount = starting.get(currency, _ZERO) - spent.get(currency, _ZERO)
            entries += _cash_entry(account, currency, amount, day)
    return entries


def _position_entry(
    account: Account, held: Position | None, done: Position | None, day: dt.date
) -> list[Activity]:
    position = held or done
    quantity = (held.quantity if held else _ZERO) - (done.quantity if done else _ZERO)
    if position is None or not quantity:
        return []
    instrument = position.instrument
    size = quantity.copy_abs()  # the direction is in the type
    cost = held.cost if held else None
    units = position.quantity * instrument.multiplier
    return [
        Activity(
            external_id=f"{account.provider}:opening:position:{instrument.key}",
            account_id=account.id,
            account_type=account.account_type,
            date=dt.datetime.combine(day, _NOON),
            activity_type=ActivityType.ADD_HOLDING if quantity > 0 else ActivityType.REMOVE_HOLDING,
            currency=instrument.currency,
            symbol=instrument.symbol,
            quantity=size,
            unit_price=None if cost is None or not units else cost / units,
            fee=_ZERO,
            subtype=OPENING_BALANCE,
            booked_on=day,
            instrument=instrument,
        )
    ]


def _cash_entry(account: Account, currency: str, amount: Decimal, day: dt.date) -> list[Activity]:
    if not amount:
        return []
    return [
        Activity(
            external_id=f"{account.provider}:opening:cash:{currency}",
            account_id=account.id,
            account_type=account.account_type,
            date=dt.datetime.combine(day, _NOON),
            activity_type=ActivityType.TRANSFER_IN if amount > 0 else ActivityType.TRANSFER_OUT,
            currency=currency,
            fee=_ZERO,
            amount=amount.copy_abs(),  # the direction is in the type
            subtype=OPENING_BALANCE,
            booked_on=day,
        )
    ]
