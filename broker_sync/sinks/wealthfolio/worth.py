"""What an account is worth by the server's own reckoning, where that can be relied on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

from broker_sync.models import Nav
from broker_sync.sinks.wealthfolio.wire import Holdings, Valuation

__all__ = ["nav_of"]

_FRESH: Final = dt.timedelta(days=5)
"""A price may be so old: a long weekend without trading is not longer."""


def nav_of(
    valued: Valuation,
    held: Holdings,
    priced: Mapping[str, dt.date],
    *,
    changed_at: dt.datetime | None,
) -> Nav | None:
    """`valued` in the account's currency; None if what is `held` was not all worth something that day.

    The server counts what has no price as nothing, and goes on with the last price it has. `priced` is the
    day of the latest price by asset, `changed_at` when a row that counts in it was last written.
    """
    if changed_at is not None and valued.calculated_at < changed_at:
        return None
    for each in held.assets:
        price = priced.get(each.asset_id)
        if price is None or price < valued.day - _FRESH:
            return None
    return Nav(currency=valued.currency, day=valued.day, total=valued.total, cash=valued.cash)
