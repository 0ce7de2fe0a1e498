"""By how much an account would differ from what it is; pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Context, Decimal, FloatOperation, Inexact
from typing import Final

from broker_sync.contracts import Holding
from broker_sync.explain.entry import Entry
from broker_sync.models import Instrument

__all__ = ["Effects"]

_ZERO: Final = Decimal(0)
_EXACT: Final = Context(prec=100, traps=[Inexact, FloatOperation])
_Days = dict[dt.date, Decimal]


@dataclass(slots=True)
class Effects:
    """What was added and taken off, by instrument or currency and booking day."""

    _units: dict[str, _Days] = field(default_factory=dict)
    _cash: dict[str, _Days] = field(default_factory=dict)
    _instruments: dict[str, Instrument] = field(default_factory=dict)

    def add(self, entry: Entry) -> None:
        """What `entry` does comes to what there is."""
        self._take(entry, entry.units, entry.cash)

    def take_off(self, entry: Entry) -> None:
        """What `entry` does is there no more."""
        self._take(entry, -entry.units, -entry.cash)

    def _take(self, entry: Entry, units: Decimal, cash: Decimal) -> None:
        if units and entry.instrument is not None:
            key = entry.instrument.key
            self._instruments[key] = entry.instrument
            _add(self._units.setdefault(key, {}), entry.day, units)
        if cash:
            _add(self._cash.setdefault(entry.currency, {}), entry.day, cash)

    def on_holdings(self, held: Iterable[Holding], as_of: dt.date) -> list[Holding]:
        """What was `held` at the end of `as_of`, with these effects; zero quantities left out."""
        there = {each.instrument.key: each for each in held}
        instruments = self._instruments | {key: each.instrument for key, each in there.items()}
        totals = _with({key: each.quantity for key, each in there.items()}, self._units, as_of)
        return [Holding(instrument=instruments[key], quantity=total) for key, total in totals.items()]

    def on_cash(self, cash: Mapping[str, Decimal], as_of: dt.date) -> dict[str, Decimal]:
        """The `cash` by currency at the end of `as_of`, with these effects; zeros left out."""
        return _with(cash, self._cash, as_of)

    def on_symbols(self, quantities: Mapping[str, Decimal]) -> dict[str, Decimal]:
        """The `quantities` by symbol, with all these effects; zeros left out."""
        totals = dict(quantities)
        for key, days in self._units.items():
            symbol = self._instruments[key].symbol
            totals[symbol] = _EXACT.add(totals.get(symbol, _ZERO), _sum(days.values()))
        return {symbol: total for symbol, total in totals.items() if total}


def _with(there: Mapping[str, Decimal], more: Mapping[str, _Days], as_of: dt.date) -> dict[str, Decimal]:
    totals = dict(there)
    for name, days in more.items():
        until = _sum(amount for day, amount in days.items() if day <= as_of)
        totals[name] = _EXACT.add(totals.get(name, _ZERO), until)
    return {name: total for name, total in totals.items() if total}


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    total = _ZERO
    for amount in amounts:
        total = _EXACT.add(total, amount)
    return total


def _add(days: _Days, day: dt.date, amount: Decimal) -> None:
    days[day] = _EXACT.add(days.get(day, _ZERO), amount)
