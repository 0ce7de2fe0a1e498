"""Adds up what the records of one statement did, before, within and after the days that were asked for."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from broker_sync.accounting import cash_effect, position_effect
from broker_sync.contracts import Rejection
from broker_sync.models import Activity, Instrument
from broker_sync.providers.ibkr.truth import Moved

__all__ = ["Movements"]

_ZERO: Final = Decimal(0)


class Movements:
    """Signed sums: money by currency, units by instrument with the cost basis that they added or released."""

    __slots__ = ("_costs", "_instruments", "_quantities", "cash")

    def __init__(self) -> None:
        """Start with nothing moved."""
        self.cash: dict[str, Decimal] = {}
        self._instruments: dict[str, Instrument] = {}
        self._quantities: dict[str, Decimal] = {}
        self._costs: dict[str, Decimal | None] = {}

    def add(self, outcome: Sequence[Activity] | Rejection, *, cost: Decimal | None) -> None:
        """Take in one record; of a rejected one, what the row itself says it did to a position.

        `cost` is the basis that it added (positive) or released.
        """
        if isinstance(outcome, Rejection):
            if outcome.instrument is not None and outcome.quantity is not None:
                self._move(outcome.instrument, outcome.quantity, cost)
            return
        for activity in outcome:
            for currency, amount in cash_effect(activity).items():
                self.cash[currency] = self.cash.get(currency, _ZERO) + amount
            effect = position_effect(activity)
            if effect and activity.instrument is not None:
                self._move(activity.instrument, effect, cost)

    def _move(self, instrument: Instrument, quantity: Decimal, cost: Decimal | None) -> None:
        key = instrument.key
        self._instruments[key] = instrument
        self._quantities[key] = self._quantities.get(key, _ZERO) + quantity
        known = self._costs.get(key, _ZERO)
        self._costs[key] = None if known is None or cost is None else known + cost

    @property
    def positions(self) -> dict[str, Moved]:
        """What was moved, by instrument key."""
        return {
            key: Moved(instrument=instrument, quantity=self._quantities[key], cost=self._costs[key])
            for key, instrument in self._instruments.items()
        }
