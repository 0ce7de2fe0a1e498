"""What the broker says an account held, out of the sections that are not records.

Several statements of one account ("Breakout by Day") are one window: positions and ending cash are those of
the last, starting cash that of the first, and the records of all of them lie between.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from broker_sync.models import CashBalance, Instrument, Nav, Position
from broker_sync.providers.ibkr.formats import DayOrder, read_day
from broker_sync.providers.ibkr.instruments import Directory
from broker_sync.providers.ibkr.records import CashReportCurrency, EquitySummary, OpenPosition
from broker_sync.providers.ibkr.survey import AccountSurvey, Part

__all__ = ["Moved", "cash_truth", "nav_truth", "opening_positions", "position_truth", "window"]

_ZERO: Final = Decimal(0)
_NOT_HELD: Final = frozenset({"CASH", "FXCFD"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What the records of a window did to one instrument; `cost` None when a row does not say its basis."""

    instrument: Instrument
    quantity: Decimal = _ZERO
    cost: Decimal | None = _ZERO


def window(account: AccountSurvey, *, order: DayOrder | None) -> tuple[dt.date, dt.date] | None:
    """First and last day over all parts; None when no part says."""
    first = [
        day for part in account.parts.values() if (day := read_day(part.head.get("fromDate"), order=order))
    ]
    last = [day for part in account.parts.values() if (day := read_day(part.head.get("toDate"), order=order))]
    return (min(first), max(last)) if first and last else None


def _in_time(account: AccountSurvey, order: DayOrder | None) -> list[Part]:
    """The parts from the earliest to the latest; parts of one day in the order of the file."""
    return sorted(
        account.parts.values(),
        key=lambda part: read_day(part.head.get("toDate"), order=order) or dt.date.min,
    )


def position_truth(
    account: AccountSurvey, directory: Directory, *, order: DayOrder | None
) -> list[Position] | None:
    """Open positions at the end of the window by instrument; None where OpenPositions is missing.

    Lots are parts of the summary beside them, and are added up where there is none.
    """
    told = [part for part in _in_time(account, order) if part.positions is not None]
    if not told:
        return None
    last = read_day(told[-1].head.get("toDate"), order=order)
    rows = [
        OpenPosition(raw, order)
        for part in told
        if read_day(part.head.get("toDate"), order=order) == last
        for raw in part.positions or ()
    ]
    rows = [row for row in rows if row.raw.get("assetCategory") not in _NOT_HELD]
    totals = [row for row in rows if not row.is_lot]
    return _by_instrument(totals or rows, directory)


def _by_instrument(rows: Iterable[OpenPosition], directory: Directory) -> list[Position]:
    positions: dict[tuple[str, str], Position] = {}
    for row in rows:
        instrument = directory.resolve(row.raw)
        quantity = row.position
        if instrument is None or quantity is None:
            continue
        # The same instrument twice at one level is the same position said twice, unless they are lots or
        # the parts of a model portfolio.
        part = str(len(positions)) if row.is_lot else row.raw.get("model", "")
        positions[instrument.key, part] = Position(
            instrument=instrument, quantity=quantity, cost=row.cost_money, price=row.mark_price
        )
    return _merged(positions.values())


def _merged(positions: Iterable[Position]) -> list[Position]:
    merged: dict[str, Position] = {}
    for position in positions:
        key = position.instrument.key
        known = merged.get(key)
        if known is None:
            merged[key] = position
        else:
            cost = None if known.cost is None or position.cost is None else known.cost + position.cost
            merged[key] = replace(known, quantity=known.quantity + position.quantity, cost=cost)
    return [position for position in merged.values() if position.quantity]


def cash_truth(account: AccountSurvey, *, order: DayOrder | None) -> list[CashBalance] | None:
    """Cash by currency over the window; None where CashReport is missing or gives only the base total."""
    starting: dict[tuple[str, str], Decimal | None] = {}
    ending: dict[tuple[str, str], Decimal] = {}
    for part in _in_time(account, order):
        # A futures segment has cash of its own, which belongs to the account on top of the rest.
        segment = part.head.get("accountId", "")
        for raw in part.cash or ():
            row = CashReportCurrency(raw, order)
            if row.is_currency and row.ending_cash is not None:
                starting.setdefault((row.currency, segment), row.starting_cash)
                ending[row.currency, segment] = row.ending_cash
    if not ending:
        return None
    return [_balance(currency, starting, ending) for currency in sorted({currency for currency, _ in ending})]


def _balance(
    currency: str,
    starting: Mapping[tuple[str, str], Decimal | None],
    ending: Mapping[tuple[str, str], Decimal],
) -> CashBalance:
    starts = [amount for (name, _), amount in starting.items() if name == currency]
    known = [amount for amount in starts if amount is not None]
    return CashBalance(
        currency=currency,
        starting=sum(known, _ZERO) if len(known) == len(starts) else None,
        ending=sum((amount for (name, _), amount in ending.items() if name == currency), _ZERO),
    )


def nav_truth(account: AccountSurvey, *, order: DayOrder | None) -> Nav | None:
    """The account's value on the last day that EquitySummaryInBase gives; None where it is missing."""
    days: dict[dt.date, EquitySummary] = {}
    for part in account.parts.values():
        for raw in part.equity:
            row = EquitySummary(raw, order)
            day = row.report_date
            if day is not None and row.total is not None:
                days[day] = row
    if not days:
        return None
    day = max(days)
    row = days[day]
    currency = row.text("currency") or account.base_currency
    if currency is None or row.total is None:
        return None
    return Nav(currency=currency, day=day, total=row.total, cash=row.cash)


def opening_positions(positions: Sequence[Position], moved: Mapping[str, Moved]) -> list[Position]:
    """What was held before the window: what is held after it less what its records did, at the broker's cost.

    The cost is exact where every record in between says the basis that it added or released; else it is the
    broker's present cost of one unit, and None where nothing is held any more.
    """
    after = {position.instrument.key: position for position in positions}
    opening: list[Position] = []
    for key in [*after, *(key for key in moved if key not in after)]:
        held = after.get(key)
        change = moved.get(key) or Moved(instrument=after[key].instrument)
        quantity = (held.quantity if held else _ZERO) - change.quantity
        if quantity:
            cost = _opening_cost(held, change, quantity)
            opening.append(Position(instrument=change.instrument, quantity=quantity, cost=cost))
    return opening


def _opening_cost(held: Position | None, change: Moved, quantity: Decimal) -> Decimal | None:
    if held is None:
        return None if change.cost is None else -change.cost
    if held.cost is None:
        return None
    if change.cost is None:
        return held.cost / held.quantity * quantity
    return held.cost - change.cost
