"""What the broker says an account held, out of the sections that are not records.

Several statements of one account ("Breakout by Day") are one window: positions and ending cash are those of
the last, starting cash that of the first, and the records of all of them lie between. Of two to one day the
one that was made later counts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from broker_sync.models import CashBalance, Instrument, Nav, Position
from broker_sync.providers.ibkr.editions import Edition
from broker_sync.providers.ibkr.formats import DayOrder, read_day
from broker_sync.providers.ibkr.instruments import Directory
from broker_sync.providers.ibkr.moments import Clock
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


def _in_time(account: AccountSurvey, order: DayOrder | None) -> list[tuple[int, Part, Edition]]:
    """The parts, with their numbers, from the earliest last day to the latest; of one day, as made."""
    clock = Clock(order=order)
    parts = [(number, part, Edition.of(part.head, clock)) for number, part in account.parts.items()]
    return sorted(parts, key=lambda each: (each[2].last_day or dt.date.min, each[2].rank))


def position_truth(
    account: AccountSurvey, directory: Directory, *, order: DayOrder | None
) -> list[Position] | None:
    """Open positions at the end of the window by instrument; None where OpenPositions is missing.

    Lots are parts of the summary beside them, and are added up where there is none.
    """
    told = [each for each in _in_time(account, order) if each[1].positions is not None]
    if not told:
        return None
    last = told[-1][2].last_day
    # What is said of a futures segment is said on top; what is said again takes the place of the first.
    at_end = {
        (part.head.get("accountId", ""), number < 0): part.positions or ()
        for number, part, edition in told
        if edition.last_day == last
    }
    rows = [OpenPosition(raw, order) for found in at_end.values() for raw in found]
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
    in_time = _in_time(account, order)
    for _, part, _ in in_time:
        ending.update(
            (_key(row, part), row.ending_cash) for row in _told(part, order) if row.ending_cash is not None
        )
    # Where days overlap, the statement with the latest last day need not be that with the latest first one.
    latest_first = in_time[::-1]
    for _, part, _ in sorted(latest_first, key=lambda each: each[2].first_day or dt.date.max):
        for row in _told(part, order):
            starting.setdefault(_key(row, part), row.starting_cash)
    if not ending:
        return None
    return [_balance(currency, starting, ending) for currency in sorted({currency for currency, _ in ending})]


def _told(part: Part, order: DayOrder | None) -> list[CashReportCurrency]:
    rows = [CashReportCurrency(raw, order) for raw in part.cash or ()]
    return [row for row in rows if row.is_currency and row.ending_cash is not None]


def _key(row: CashReportCurrency, part: Part) -> tuple[str, str]:
    # A futures segment has cash of its own, which belongs to the account on top of the rest.
    return row.currency, part.head.get("accountId", "")


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
    for _, part, _ in _in_time(account, order):
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
