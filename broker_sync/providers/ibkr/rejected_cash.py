"""What the row of a rejected record says of money, where it says so plainly."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Final

from broker_sync.contracts import Rejection
from broker_sync.errors import ValueFormatError
from broker_sync.providers.ibkr.formats import number
from broker_sync.providers.ibkr.records_corporate import CorporateAction

__all__ = ["rejected_cash"]

_Raw = Mapping[str, str]
_Money = Iterator[tuple[str, Decimal | None]]


def rejected_cash(rejection: Rejection) -> dict[str, Decimal]:
    """Signed money by currency that the record moved; empty where its row does not say, or cannot be read."""
    read = _READERS.get(rejection.section)
    if read is None:
        return {}
    totals: dict[str, Decimal] = {}
    try:
        for currency, amount in read(rejection.raw):
            if currency and amount:
                totals[currency] = totals.get(currency, Decimal(0)) + amount
    except ValueFormatError:
        return {}
    return {currency: amount for currency, amount in totals.items() if amount}


def _trade(raw: _Raw) -> _Money:
    if raw.get("assetCategory") != "CASH":
        yield raw.get("currency", ""), number(raw.get("netCash"))
        return
    # A conversion: its symbol is the pair, its quantity money of the first of both.
    bought, _, paid = raw.get("symbol", "").partition(".")
    yield bought, number(raw.get("quantity"))
    yield paid, number(raw.get("proceeds"))
    yield raw.get("ibCommissionCurrency", ""), number(raw.get("ibCommission"))


def _amount(raw: _Raw) -> _Money:
    yield raw.get("currency", ""), number(raw.get("amount"))


def _corporate(raw: _Raw) -> _Money:
    yield raw.get("currency", ""), CorporateAction(raw).money


def _transfer(raw: _Raw) -> _Money:
    yield raw.get("currency", ""), number(raw.get("cashTransfer"))


_READERS: Final[Mapping[str, Callable[[_Raw], _Money]]] = {
    "Trades": _trade,
    "CashTransactions": _amount,
    "CorporateActions": _corporate,
    "Transfers": _transfer,
}
