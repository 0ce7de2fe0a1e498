"""What the rows of a day do to what an account holds."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from tests.standins.wealthfolio.rules import Rules
from tests.standins.wealthfolio.store import Account, Asset, Row, Store

__all__ = ["Held", "Place", "adjusted", "apply_row", "compiled"]

_ZERO = Decimal(0)
_DUST = Decimal("0.00000001")
_MAJOR = {"GBp": "GBP", "GBX": "GBP", "ZAc": "ZAR", "ZAC": "ZAR", "ILA": "ILS", "KWF": "KWD"}
_IN = {"DEPOSIT", "DIVIDEND", "INTEREST", "CREDIT", "TRANSFER_IN"}
_OUT = {"WITHDRAWAL", "FEE", "TAX", "TRANSFER_OUT"}
_WITH_SHARES = {("DIVIDEND", "DRIP"), ("INTEREST", "STAKING_REWARD"), ("DIVIDEND", "DIVIDEND_IN_KIND")}


@dataclass(frozen=True)
class Place:
    """Where a row is worked out: the release, and the account."""

    store: Store
    rules: Rules
    account: Account


@dataclass
class Held:
    """Units by asset id and cash by currency."""

    units: dict[str, Decimal] = field(default_factory=dict)
    cash: dict[str, Decimal] = field(default_factory=dict)

    def copy(self) -> "Held":
        return Held(dict(self.units), dict(self.cash))

    def pay(self, currency: str, amount: Decimal) -> None:
        self.cash[currency] = self.cash.get(currency, _ZERO) + amount

    def add(self, asset: Asset, units: Decimal, *, below_zero: bool = False) -> None:
        """There is no less than nothing, except of options where the release knows that."""
        held = self.units.get(asset.id, _ZERO) + units
        if units < 0 and not below_zero:
            held = max(held, _ZERO) if asset.id in self.units else _ZERO
        self.units[asset.id] = _ZERO if abs(held) < _DUST else held


def compiled(rows: Iterable[Row]) -> list[Row]:
    """Posted rows only; a dividend that was reinvested is a dividend and a purchase."""
    made: list[Row] = []
    for row in rows:
        if row.status != "POSTED":
            continue
        if (row.type, row.subtype) not in _WITH_SHARES:
            made.append(row)
            continue
        buys = row.subtype != "DIVIDEND_IN_KIND"
        made += [
            replace(row, subtype=None, quantity=None, unit_price=None),
            replace(row, type="BUY" if buys else "TRANSFER_IN", subtype=None, amount=None, fee=_ZERO),
        ]
    return made


def adjusted(store: Store, rows: list[Row]) -> list[Row]:
    """Rows in the units after all splits among `rows`, of whichever account: what comes before a split's day
    is multiplied by its ratio, to eight places."""
    splits: dict[str, dict[dt.date, Decimal]] = {}
    for row in rows:
        day = store.day_of(row.date)
        if row.type == "SPLIT" and row.asset_id and row.amount and day <= store.today():
            splits.setdefault(row.asset_id, {}).setdefault(day, row.amount)
    return [_adjusted(row, store.day_of(row.date), splits.get(row.asset_id or "", {})) for row in rows]


def _adjusted(row: Row, day: dt.date, splits: Mapping[dt.date, Decimal]) -> Row:
    factor = Decimal(1)
    for when, ratio in splits.items():
        if when > day:
            factor *= ratio
    if factor == 1 or row.type == "SPLIT":
        return row
    return replace(
        row,
        quantity=round((row.quantity or _ZERO) * factor, 8),
        unit_price=round(row.unit_price / factor, 8) if row.unit_price else row.unit_price,
    )


def apply_row(place: Place, held: Held, row: Row) -> None:
    """A row that cannot be worked out, for want of an asset or a rate, does nothing at all."""
    asset = place.store.assets.get(row.asset_id or "")
    if row.type in {"BUY", "SELL"}:
        _trade(place, held, row, asset)
    elif row.type in {"TRANSFER_IN", "TRANSFER_OUT"} and asset is not None:
        _move(place, held, row, asset)
    elif row.type == "ADJUSTMENT" and row.subtype == "OPTION_EXPIRY" and asset is not None:
        short = held.units.get(asset.id, _ZERO) < 0
        held.add(asset, row.quantity or _ZERO if short else -(row.quantity or _ZERO))
    elif row.type in _IN or row.type in _OUT:
        held.pay(row.currency, _cash(place.rules, row))
    elif row.type == "FX_EXCHANGE" and row.destination is not None:
        held.pay(row.currency, -(row.amount or _ZERO))
        held.pay(*row.destination)


def _cash(rules: Rules, row: Row) -> Decimal:
    amount, fee = row.amount or _ZERO, row.fee or _ZERO
    if rules.final_amounts:
        return amount if row.type in _IN else -amount
    if row.type in {"FEE", "TAX"}:
        return -(fee or amount)
    return amount - fee if row.type in _IN else -(amount + fee)


def _trade(place: Place, held: Held, row: Row, asset: Asset | None) -> None:
    buys = row.type == "BUY"
    if asset is None or (buys and not _convertible(place, row, asset)):
        return
    quantity, fee = row.quantity or _ZERO, row.fee or _ZERO
    gross = quantity * (row.unit_price or _ZERO) * asset.multiplier
    cash = -(gross + fee) if buys else gross - fee
    if place.rules.final_amounts and row.amount is not None:
        cash = -row.amount if buys else row.amount
    if row.currency != place.account.currency and row.fx_rate:
        held.pay(place.account.currency, cash * row.fx_rate)
    else:
        held.pay(row.currency, cash)
    below_zero = place.rules.short_options and asset.type == "OPTION"
    held.add(asset, quantity if buys else -quantity, below_zero=below_zero)


def _move(place: Place, held: Held, row: Row, asset: Asset) -> None:
    comes = row.type == "TRANSFER_IN"
    if comes and not _convertible(place, row, asset):
        return
    if not place.rules.final_amounts:
        held.pay(row.currency, -(row.fee or _ZERO))
    held.add(asset, (row.quantity or _ZERO) if comes else -(row.quantity or _ZERO))


def _convertible(place: Place, row: Row, asset: Asset) -> bool:
    """Whether the price can be turned into the currency of the asset's quotes."""
    here, there = _MAJOR.get(row.currency, row.currency), _MAJOR.get(asset.quote_ccy, asset.quote_ccy)
    if here == there or (row.fx_rate and place.account.currency in {row.currency, asset.quote_ccy}):
        return True
    return bool(place.store.rates.get((here, there)) or place.store.rates.get((there, here)))
