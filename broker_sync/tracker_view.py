"""What the tracker holds on a day, and what of it came from records."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from broker_sync.accounting import cash_effect, position_effect
from broker_sync.contracts import Holding, Sink
from broker_sync.models import Account, Activity, Position
from broker_sync.opening import BookedBefore, Window, cash_anchor, position_anchor

__all__ = ["TrackerView"]

_DAY: Final = dt.timedelta(days=1)
_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackerView:
    """Reads `account` in `sink`."""

    sink: Sink
    account: Account

    async def holdings(self, *, as_of: dt.date) -> Sequence[Holding]:
        """Signed holdings at the end of `as_of`."""
        return await self.sink.holdings(self.account.id, as_of=as_of)

    async def cash(self, *, as_of: dt.date) -> dict[str, Decimal]:
        """Signed cash by currency at the end of `as_of`."""
        return dict(await self.sink.cash(self.account.id, as_of=as_of))

    async def booked_before(
        self, windows: Sequence[Window], *, openings: Sequence[Activity]
    ) -> tuple[BookedBefore, BookedBefore]:
        """What records did before the position and the cash anchor, opening balances apart.

        Only an earlier window without the section can have brought any, so the tracker is asked only then.
        """
        first = min((window.first_day for window in windows), default=None)
        positions, cash = position_anchor(windows), cash_anchor(windows)
        return (
            await self._before(positions, first, openings),
            await self._before(cash, first, openings),
        )

    async def _before(
        self, anchor: Window | None, first: dt.date | None, openings: Sequence[Activity]
    ) -> BookedBefore:
        if anchor is None or anchor.first_day == first:
            return BookedBefore()
        day = anchor.first_day - _DAY
        cash = await self.cash(as_of=day)
        held = {each.instrument.key: each for each in await self.holdings(as_of=day)}
        for opening in openings:
            _add(cash, {currency: -amount for currency, amount in cash_effect(opening).items()})
            instrument = opening.instrument
            if instrument is not None:
                # What records have taken away again by then is not among the holdings.
                known = held.get(instrument.key, Holding(instrument=instrument, quantity=_ZERO))
                quantity = known.quantity - position_effect(opening)
                held[instrument.key] = replace(known, quantity=quantity)
        positions = tuple(
            Position(instrument=each.instrument, quantity=each.quantity) for each in held.values()
        )
        return BookedBefore(positions=positions, cash=cash)


def _add(totals: dict[str, Decimal], more: Mapping[str, Decimal]) -> None:
    for name, amount in more.items():
        totals[name] = totals.get(name, _ZERO) + amount
