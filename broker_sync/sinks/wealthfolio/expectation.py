"""What the server should come to hold, by our own reckoning: so one knows when it has finished its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from broker_sync.accounting import total_cash
from broker_sync.models import AssetClass
from broker_sync.sinks.wealthfolio.book import Book
from broker_sync.sinks.wealthfolio.positions import SPLIT, asset_quantities
from broker_sync.sinks.wealthfolio.wire import Holdings

__all__ = ["expectation"]

# The server keeps what it has worked out as floats, and rounds units and prices to eight places at a split.
_CLOSE_UNITS: Final = Decimal("0.00005")
_CLOSE_CASH: Final = Decimal("0.005")


def expectation(
    book: Book, zone: dt.tzinfo, *, until: dt.date = dt.date.max
) -> Callable[[Holdings], bool] | None:
    """A test of whether holdings at the end of `until`, in the units of today, are what `book` adds up to.

    None where that cannot be foretold: rows of others are among them, or activities that count are not known.
    """
    if any(row.counts for row in book.foreign):
        return None
    if any(entry.activity is None or entry.touched is not None for entry in book.entries.values()):
        return None
    rows = [
        row for row in book.rows if row.activity_type == SPLIT or row.date.astimezone(zone).date() <= until
    ]
    units = asset_quantities(rows, zone=zone)
    cash = total_cash(each for each in book.activities if each.booked_on <= until)
    # The server does not show an option any more once its day is over, whether or not anything closed it.
    fading = {
        asset: units[asset]
        for asset, named in book.instruments.items()
        if asset in units and any(each.asset_class is AssetClass.OPTION for each in named.values())
    }

    def is_it(holdings: Holdings) -> bool:
        held = {each.asset_id: each.quantity for each in holdings.assets}
        money = {each.currency: each.amount for each in holdings.cash}
        return _agree(units, {**fading, **held}, _CLOSE_UNITS) and _agree(cash, money, _CLOSE_CASH)

    return is_it


def _agree(ours: Mapping[str, Decimal], theirs: Mapping[str, Decimal], tolerance: Decimal) -> bool:
    nought = Decimal(0)
    return all(
        abs(ours.get(name, nought) - theirs.get(name, nought)) <= tolerance for name in {*ours, *theirs}
    )
