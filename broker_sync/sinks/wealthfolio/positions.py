"""What the rows of an account add up to, as a check on what the server makes of them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from decimal import Context, Decimal, localcontext
from typing import Final

from broker_sync.sinks.wealthfolio.fields import JsonValue
from broker_sync.sinks.wealthfolio.wire import ActivityRow, Holdings

__all__ = [
    "SPLIT",
    "asset_moved",
    "asset_quantities",
    "before_splits",
    "position_quantities",
    "splits_after",
    "units_moved",
]

SPLIT: Final = "SPLIT"
_ADDS: Final = frozenset({"BUY", "ADD_HOLDING", "TRANSFER_IN"})
_TAKES: Final = frozenset({"SELL", "REMOVE_HOLDING", "TRANSFER_OUT"})
_ALSO_ADDS: Final = frozenset(
    {("DIVIDEND", "DRIP"), ("DIVIDEND", "DIVIDEND_IN_KIND"), ("INTEREST", "STAKING_REWARD")}
)
_EXPIRES: Final = ("ADJUSTMENT", "OPTION_EXPIRY")
_EXACT: Final = Context(prec=60)
_ONE: Final = Decimal(1)
_ZERO: Final = Decimal(0)
_SERVER_ROUNDS: Final = Decimal("0.00000001")
_PLACES: Final = 9

Factors = Mapping[str, Decimal]


def position_quantities(
    rows: Iterable[ActivityRow],
    *,
    zone: dt.tzinfo,
    symbol_of: Callable[[ActivityRow], str | None] = lambda row: row.symbol,
) -> dict[str, Decimal]:
    """Signed quantity by symbol of all posted rows, splits applied, zeros and cash left out.

    Rows of one asset are one position; its symbol is the first that `symbol_of` knows, else the one shown.
    Nothing is cut off at zero, so a sale of what was never bought shows.
    """
    rows = list(rows)
    names: dict[str, str] = {}
    for row in rows:
        name = symbol_of(row)
        if row.asset_id is not None and name is not None:
            names.setdefault(row.asset_id, name)
    for row in rows:
        if row.asset_id is not None:
            names.setdefault(row.asset_id, row.symbol or row.asset_id)
    totals: dict[str, Decimal] = defaultdict(Decimal)
    with localcontext(_EXACT):
        for asset, quantity in asset_quantities(rows, zone=zone).items():
            totals[names.get(asset, asset)] += quantity
    return {name: total for name, total in totals.items() if total}


def asset_quantities(rows: Iterable[ActivityRow], *, zone: dt.tzinfo) -> dict[str, Decimal]:
    """Signed quantity by asset id of all posted rows, in the units of today, zeros left out."""
    posted = sorted((row for row in rows if row.counts), key=lambda row: (row.date, row.created_at))
    splits = _splits(posted, zone)
    held: dict[str, Decimal] = defaultdict(Decimal)
    with localcontext(_EXACT):
        for row in posted:
            asset = asset_moved(row)
            if asset is None or row.quantity is None:
                continue
            units = row.quantity * _factor(splits.get(asset, {}), row.date.astimezone(zone).date())
            held[asset] += units_moved(row, units, held[asset])
    return {asset: quantity for asset, quantity in held.items() if quantity}


def splits_after(rows: Iterable[ActivityRow], day: dt.date, *, zone: dt.tzinfo) -> dict[str, Decimal]:
    """By asset id, how many units of today one unit at the end of `day` is; ones left out."""
    splits = _splits([row for row in rows if row.counts], zone)
    with localcontext(_EXACT):
        factors = {asset: _factor(of_asset, day) for asset, of_asset in splits.items()}
    return {asset: factor for asset, factor in factors.items() if factor != _ONE}


def before_splits(holdings: Holdings, factors: Factors) -> Holdings:
    """`holdings`, which are in the units of today, in those of the day that `factors` are for."""
    return replace(
        holdings,
        assets=tuple(
            replace(asset, quantity=_divided(asset.quantity, factors[asset.asset_id]))
            if asset.asset_id in factors
            else asset
            for asset in holdings.assets
        ),
    )


def _splits(rows: Iterable[ActivityRow], zone: dt.tzinfo) -> dict[str, dict[dt.date, Decimal]]:
    """Ratios by asset and day. The server takes one split of an asset a day, the first, none of nought."""
    splits: dict[str, dict[dt.date, Decimal]] = {}
    for row in rows:
        if row.activity_type == SPLIT and row.asset_id is not None and row.amount:
            splits.setdefault(row.asset_id, {}).setdefault(row.date.astimezone(zone).date(), row.amount)
    return splits


def _factor(splits: Mapping[dt.date, Decimal], day: dt.date) -> Decimal:
    """What splits after `day` make of one unit; what happens on its day is in new units already."""
    factor = _ONE
    for when, ratio in splits.items():
        if when > day:
            factor *= ratio
    return factor


def units_moved(row: ActivityRow, units: Decimal, held: Decimal) -> Decimal:
    """What `row`, of so many `units`, does to what is `held`: signed; that of a split is not told."""
    kind = (row.activity_type, row.subtype)
    if row.activity_type in _ADDS or kind in _ALSO_ADDS:
        return units
    if row.activity_type in _TAKES:
        return -units
    if kind == _EXPIRES:
        return -units if held >= 0 else units
    return _ZERO


def asset_moved(row: ActivityRow) -> str | None:
    """The asset whose units `row` moves."""
    received: JsonValue = row.metadata.get("received_asset_id")
    return received if row.subtype == "DIVIDEND_IN_KIND" and isinstance(received, str) else row.asset_id


def _divided(quantity: Decimal, factor: Decimal) -> Decimal:
    """The plainest number of which the server, which rounds to eight places, has made `quantity`."""
    with localcontext(_EXACT):
        exact = quantity / factor
        for places in range(_PLACES):
            plain = round(exact, places)
            if abs(plain * factor - quantity) <= _SERVER_ROUNDS:
                return plain
        return exact
