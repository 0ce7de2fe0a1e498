"""What a row itself says it did to money and units: the measure that activities are held against.

Written from the broker's description of the columns, without a look at the mapping.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from broker_sync.accounting import cash_effect, position_effect
from broker_sync.models import Activity

NULLS = {"", "-", "--", "N/A"}
ZERO = Decimal(0)

MARGINED = {"FUT", "CFD", "FXCFD"}
"""Of these the proceeds are notional; only netCash is money."""


def told(raw: Mapping[str, str], name: str) -> Decimal | None:
    text = raw.get(name, "")
    return None if text in NULLS else Decimal(text.replace(",", ""))


def units(raw: Mapping[str, str]) -> Decimal:
    """Signed units of a trade; a sale written without a sign is a sale still."""
    quantity = told(raw, "quantity")
    assert quantity is not None
    return -quantity if raw.get("buySell") == "SELL" and quantity > 0 and not cancels(raw) else quantity


def cancels(raw: Mapping[str, str]) -> bool:
    marks = (raw.get("notes") or raw.get("code") or "").split(";")
    return (
        "(Ca.)" in raw.get("buySell", "")
        or raw.get("transactionType", "").endswith("Cancel")
        or "Ca" in marks
    )


def gross(raw: Mapping[str, str]) -> Decimal:
    """Money before charges: against the units."""
    proceeds = told(raw, "proceeds")
    if proceeds is not None:
        return proceeds
    money = told(raw, "tradeMoney")
    if money is None:
        price = told(raw, "tradePrice")
        assert price is not None
        money = units(raw) * price * (told(raw, "multiplier") or 1)
    return abs(money) if units(raw) < 0 else -abs(money)


def cash_of_trade(raw: Mapping[str, str]) -> dict[str, Decimal]:
    currency = raw["currency"]
    if raw["assetCategory"] == "CASH":
        base, _, quote = raw["symbol"].partition(".")
        moved = [(base, units(raw)), (quote, gross(raw) + (told(raw, "taxes") or ZERO))]
        if commission := told(raw, "ibCommission"):
            moved.append((raw["ibCommissionCurrency"], commission))
        return added(moved)
    commission, charged_in = told(raw, "ibCommission") or ZERO, raw.get("ibCommissionCurrency", "")
    if raw["assetCategory"] in MARGINED:
        apart = commission if charged_in not in {*NULLS, currency} else ZERO
        return added([(currency, told(raw, "netCash") or ZERO), (charged_in, apart)])
    if commission and charged_in not in {*NULLS, currency}:
        return added([(currency, gross(raw) + (told(raw, "taxes") or ZERO)), (charged_in, commission)])
    net = told(raw, "netCash")
    return added([(currency, gross(raw) + (told(raw, "taxes") or ZERO) + commission if net is None else net)])


def cash_of_row(tag: str, raw: Mapping[str, str]) -> dict[str, Decimal]:
    if tag == "Trade":
        return cash_of_trade(raw)
    amount = told(raw, "amount")
    assert amount is not None
    return added([(raw["currency"], amount)])


def units_of_row(tag: str, raw: Mapping[str, str]) -> Decimal:
    return units(raw) if tag == "Trade" and raw["assetCategory"] != "CASH" else ZERO


def added(moved: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    totals: dict[str, Decimal] = {}
    for currency, money in moved:
        totals[currency] = totals.get(currency, ZERO) + money
    return {currency: money for currency, money in totals.items() if money}


def cash_of(activities: Iterable[Activity]) -> dict[str, Decimal]:
    return added(pair for activity in activities for pair in cash_effect(activity).items())


def units_of(activities: Iterable[Activity]) -> Decimal:
    return sum((position_effect(activity) for activity in activities), ZERO)


def assert_booked_as_told(tag: str, raw: Mapping[str, str], activities: list[Activity]) -> None:
    assert cash_of(activities) == cash_of_row(tag, raw), raw
    assert units_of(activities) == units_of_row(tag, raw), raw
