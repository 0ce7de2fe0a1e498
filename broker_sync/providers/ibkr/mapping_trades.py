"""Trades: what is paid in full here, conversions and margined contracts in modules of their own.

For shares, funds, options, warrants, structured products, bonds and coins the identity
netCash = proceeds + taxes + ibCommission holds on every real row; money = quantity x price x multiplier, and
a bond's price is in percent. Accrued interest of a bond is apart from the proceeds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from broker_sync.models import Activity, ActivityType, AssetClass, Instrument
from broker_sync.providers.ibkr.context import Context, UnbookableError, currency_of
from broker_sync.providers.ibkr.mapping_fx import map_conversion
from broker_sync.providers.ibkr.mapping_margin import map_margined
from broker_sync.providers.ibkr.records import Trade
from broker_sync.providers.ibkr.trade_legs import (
    charge_legs,
    dealt_at,
    gross_money,
    instrument_of,
    label,
    money_leg,
    signed_quantity,
    size_of,
)

__all__ = ["TRADE_MAPPINGS", "map_trade", "signed_quantity"]

_ZERO: Final = Decimal(0)
_HALF_A_CENT: Final = Decimal("0.005")

ACCRUED_INTEREST: Final = "ACCRUED_INTEREST"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Money:
    """Signed money of a trade: `gross`, `charges` and `interest` in its currency, `apart` in others."""

    gross: Decimal
    charges: Decimal
    apart: Mapping[str, Decimal]
    interest: Decimal = _ZERO


def map_trade(record_id: str, row: Trade, context: Context) -> list[Activity]:
    """The activities of one execution; raises UnbookableError or ValueFormatError."""
    mapping = TRADE_MAPPINGS.get(row.raw.get("assetCategory", ""))
    if mapping is None:
        message = f"trades of asset category {row.asset_category or '(none)'} are not known"
        raise UnbookableError(message)
    return mapping(record_id, row, context)


def _map_paid_in_full(record_id: str, row: Trade, context: Context) -> list[Activity]:
    quantity = signed_quantity(row)
    currency = currency_of(row.raw.get("currency"))
    instrument = instrument_of(row, context)
    dealt = dealt_at(row, context)
    money = _money(row, quantity, currency, instrument)
    gross, charges = money.gross, money.charges
    account = context.account
    # A purchase that pays, a sale that costs: the row contradicts itself.
    if gross and (gross > 0) is (quantity > 0):
        message = f"a quantity of {quantity} with proceeds of {gross}: the signs contradict each other"
        raise UnbookableError(message)
    net = gross + charges
    fits = charges <= 0 and (quantity > 0 or net >= 0)
    price = row.trade_price
    main = Activity(
        external_id=record_id,
        account_id=account.id,
        account_type=account.account_type,
        date=dealt.at,
        activity_type=ActivityType.BUY if quantity > 0 else ActivityType.SELL,
        currency=currency,
        symbol=instrument.symbol,
        quantity=size_of(quantity),
        # Exact by definition where the price was not ticked: the money is known, and so are the units.
        unit_price=-gross / (quantity * instrument.multiplier) if price is None else price,
        fee=-charges if fits else _ZERO,
        amount=size_of(net if fits else gross),
        subtype=label(row),
        booked_on=dealt.booked_on,
        instrument=instrument,
    )
    legs = money.apart if fits else {**money.apart, currency: charges}
    return [main, *charge_legs(main, legs, record_id), *_interest_leg(main, money.interest, record_id)]


def _money(row: Trade, quantity: Decimal, currency: str, instrument: Instrument) -> _Money:
    commission = row.commission
    taxes = row.taxes or _ZERO
    net = row.net_cash
    gross = gross_money(row, quantity, instrument)
    charges_currency = row.commission_currency
    if commission and charges_currency is not None and charges_currency != currency:
        return _Money(gross=gross, charges=taxes, apart={currency_of(charges_currency): commission})
    charges = (commission or _ZERO) + taxes
    if net is None:
        return _Money(gross=gross, charges=charges, apart={})
    if commission is None:
        # Not ticked: what the cash lacks against the proceeds is what was charged.
        return _Money(gross=gross, charges=net - gross, apart={})
    rest = net - gross - charges
    if -_HALF_A_CENT <= rest <= _HALF_A_CENT:
        return _Money(gross=gross, charges=net - gross, apart={})
    if instrument.asset_class is AssetClass.BOND and _is_accrued_interest(rest, row):
        return _Money(gross=gross, charges=charges, apart={}, interest=rest)
    message = f"netCash {net} is not proceeds {gross} plus taxes and commission {charges}"
    raise UnbookableError(message)


def _is_accrued_interest(rest: Decimal, row: Trade) -> bool:
    # Where the cash of the row has it, it is in this row; else it comes as a cash transaction of its own.
    accrued = row.number("accruedInt") or _ZERO
    return -_HALF_A_CENT <= size_of(rest) - size_of(accrued) <= _HALF_A_CENT


def _interest_leg(main: Activity, interest: Decimal, record_id: str) -> list[Activity]:
    if not interest:
        return []
    return [
        money_leg(
            main,
            interest,
            external_id=f"{record_id}:interest",
            subtype=ACCRUED_INTEREST,
            comes_in_as=ActivityType.DIVIDEND,
        )
    ]


TRADE_MAPPINGS: Final[Mapping[str, Callable[[str, Trade, Context], list[Activity]]]] = {
    "STK": _map_paid_in_full,
    "ETF": _map_paid_in_full,
    "FUND": _map_paid_in_full,
    "OPT": _map_paid_in_full,
    "FOP": _map_paid_in_full,
    "FSOPT": _map_paid_in_full,
    "FSFOP": _map_paid_in_full,
    "WAR": _map_paid_in_full,
    "IOPT": _map_paid_in_full,
    "BOND": _map_paid_in_full,
    "BILL": _map_paid_in_full,
    "CRYPTO": _map_paid_in_full,
    "CMDTY": _map_paid_in_full,
    "CASH": map_conversion,
    "FUT": map_margined,
    "CFD": map_margined,
    "FXCFD": map_margined,
}
"""Asset category of a Trades row -> how it is booked; all others are rejected by name."""
