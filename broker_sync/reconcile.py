"""Broker against tracker: every instrument and every currency that either side holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum, unique
from typing import Final

from broker_sync.contracts import Holding
from broker_sync.models import CashBalance, Instrument, Position

__all__ = [
    "CASH_TOLERANCE",
    "NAV_TOLERANCE",
    "SHARE_TOLERANCE",
    "CashDrift",
    "PositionDrift",
    "Side",
    "SideKind",
    "Tolerances",
    "names_of",
    "reconcile_cash",
    "reconcile_positions",
]

SHARE_TOLERANCE: Final = Decimal("0.0001")
"""Units by which a position may differ: brokers round fractions."""

CASH_TOLERANCE: Final = Decimal("0.01")
"""Money by which a balance may differ, in its own currency."""

NAV_TOLERANCE: Final = Decimal("0.01")
"""Part of the broker's net asset value by which the tracker's may differ: prices come from elsewhere."""

_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerances:
    """The most that two sides may differ by and still count as equal.

    `shares` is in units, `cash` in money of each currency, `nav` a part of the broker's value (0.01 is one
    percent).
    """

    shares: Decimal = SHARE_TOLERANCE
    cash: Decimal = CASH_TOLERANCE
    nav: Decimal = NAV_TOLERANCE


@unique
class SideKind(StrEnum):
    """What is compared."""

    POSITION = "position"
    CASH = "cash"
    NAV = "nav"


@dataclass(frozen=True, slots=True, order=True)
class Side:
    """One thing that is compared; `name` is the key of an instrument, else a currency."""

    kind: SideKind
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionDrift:
    """One instrument on both sides; `drift` is broker less tracker, up to `tolerance` both count as equal."""

    instrument: Instrument
    broker: Decimal
    tracker: Decimal
    tolerance: Decimal = SHARE_TOLERANCE

    @property
    def side(self) -> Side:
        """What it is that differs."""
        return Side(SideKind.POSITION, self.instrument.key)

    @property
    def drift(self) -> Decimal:
        """Units that the tracker lacks; negative when it has too many."""
        return self.broker - self.tracker

    def exceeds(self) -> bool:
        """Whether the difference is more than the tolerance, in either direction."""
        return not -self.tolerance <= self.drift <= self.tolerance


@dataclass(frozen=True, slots=True, kw_only=True)
class CashDrift:
    """One currency on both sides; `drift` is broker less tracker, up to `tolerance` both count as equal."""

    currency: str
    broker: Decimal
    tracker: Decimal
    tolerance: Decimal = CASH_TOLERANCE

    @property
    def side(self) -> Side:
        """What it is that differs."""
        return Side(SideKind.CASH, self.currency)

    @property
    def drift(self) -> Decimal:
        """Money that the tracker lacks; negative when it has too much."""
        return self.broker - self.tracker

    def exceeds(self) -> bool:
        """Whether the difference is more than the tolerance, in either direction."""
        return not -self.tolerance <= self.drift <= self.tolerance


def names_of(instrument: Instrument) -> list[str]:
    """All by which an instrument can be recognised, the surest first."""
    names = [f"conid:{instrument.conid}"] if instrument.conid else []
    if instrument.isin:
        names.append(f"isin:{instrument.isin}:{instrument.currency}")
    names.append(f"symbol:{instrument.symbol}:{instrument.currency}")
    return names


def reconcile_positions(
    broker: Iterable[Position], tracker: Iterable[Holding], *, tolerance: Decimal = SHARE_TOLERANCE
) -> list[PositionDrift]:
    """Match both sides by the broker's number, else ISIN and currency, else symbol and currency.

    The result is sorted by symbol; an instrument that one side lacks is there with zero for it.
    """
    sides: dict[str, tuple[Instrument, Decimal, Decimal]] = {}
    index: dict[str, str] = {}
    for position in broker:
        key = position.instrument.key
        held = sides.get(key, (position.instrument, _ZERO, _ZERO))
        sides[key] = (position.instrument, held[1] + position.quantity, _ZERO)
        for name in names_of(position.instrument):
            index.setdefault(name, key)
    for holding in tracker:
        names = names_of(holding.instrument)
        key = next((index[name] for name in names if name in index), holding.instrument.key)
        instrument, told, had = sides.get(key, (holding.instrument, _ZERO, _ZERO))
        sides[key] = (instrument, told, had + holding.quantity)
        index.setdefault(names[0], key)
    drifts = [
        PositionDrift(instrument=instrument, broker=told, tracker=had, tolerance=tolerance)
        for instrument, told, had in sides.values()
    ]
    return sorted(drifts, key=lambda drift: (drift.instrument.symbol, drift.instrument.key))


def reconcile_cash(
    broker: Sequence[CashBalance], tracker: Mapping[str, Decimal], *, tolerance: Decimal = CASH_TOLERANCE
) -> list[CashDrift]:
    """Match both sides by currency, sorted; a currency that one side lacks counts as zero there."""
    told = {balance.currency: balance.ending for balance in broker}
    return [
        CashDrift(
            currency=currency,
            broker=told.get(currency, _ZERO),
            tracker=tracker.get(currency, _ZERO),
            tolerance=tolerance,
        )
        for currency in sorted(told.keys() | tracker.keys())
    ]
