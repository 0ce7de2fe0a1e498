"""Trades of shares and funds, and currency conversions.

Signs and identities of the columns: netCash = proceeds + taxes + ibCommission for shares; a conversion
BASE.QUOTE moves `quantity` of BASE and `proceeds` of QUOTE, its commission is in a currency of its own.
https://www.ibkrguides.com/reportingreference/reportguide/trades_default.htm
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from broker_sync.models import Activity, ActivityType
from broker_sync.providers.ibkr.context import Context, UnbookableError, currency_of, needed
from broker_sync.providers.ibkr.records import Trade

__all__ = ["TRADE_MAPPINGS", "map_trade", "signed_quantity"]

_ZERO: Final = Decimal(0)
_HALF_A_CENT: Final = Decimal("0.005")

CANCELLATION: Final = "CANCELLATION"
CONVERSION: Final = "CONVERSION"
COMMISSION: Final = "COMMISSION"
REBATE: Final = "COMMISSION_REBATE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dealt:
    """When and on which booking day a trade was dealt."""

    at: dt.datetime
    booked_on: dt.date


def map_trade(record_id: str, row: Trade, context: Context) -> list[Activity]:
    """The activities of one execution; raises UnbookableError or ValueFormatError."""
    mapping = TRADE_MAPPINGS.get(row.raw.get("assetCategory", ""))
    if mapping is None:
        message = f"trades of asset category {row.asset_category or '(none)'} are not booked yet"
        raise UnbookableError(message)
    return mapping(record_id, row, context)


def signed_quantity(row: Trade) -> Decimal:
    """Units added (positive) or taken, whichever way the file writes it; raises UnbookableError.

    Real files sign the quantity. Where a sale is written without a sign, its side is the sign; a purchase
    with a minus, or a cancellation with its original's sign, contradicts itself.
    """
    quantity = needed(row.quantity, "quantity")
    if not quantity:
        message = "the quantity is zero"
        raise UnbookableError(message)
    side = row.text("buySell")
    if side is None:
        return quantity
    adds = side.startswith("BUY") is not row.is_cancel
    if adds is (quantity > 0):
        return quantity
    if side == "SELL" and quantity > 0 and not row.is_cancel:
        return -quantity
    message = f"{side} of {quantity}: side and sign contradict each other"
    raise UnbookableError(message)


def _dealt(row: Trade, context: Context) -> Dealt:
    at = context.clock.trade_moment(row)
    booked_on = context.clock.booked_on(row, "tradeDate", "dateTime")
    if at is None or booked_on is None:
        message = "the row has neither dateTime nor tradeDate"
        raise UnbookableError(message)
    return Dealt(at=at, booked_on=booked_on)


def _map_shares(record_id: str, row: Trade, context: Context) -> list[Activity]:
    quantity = signed_quantity(row)
    currency = currency_of(row.raw.get("currency"))
    instrument = context.directory.resolve(row.raw)
    if instrument is None:
        message = "the row names no instrument"
        raise UnbookableError(message)
    dealt = _dealt(row, context)
    gross, charges, apart = _money(row, quantity, currency)
    account = context.account
    # A purchase that pays, a sale that costs: the row contradicts itself.
    if gross and (gross > 0) is (quantity > 0):
        message = f"a quantity of {quantity} with proceeds of {gross}: the signs contradict each other"
        raise UnbookableError(message)
    net = gross + charges
    fits = charges <= 0 and (quantity > 0 or net >= 0)
    size = quantity if quantity > 0 else -quantity
    price = row.trade_price
    main = Activity(
        external_id=record_id,
        account_id=account.id,
        account_type=account.account_type,
        date=dealt.at,
        activity_type=ActivityType.BUY if quantity > 0 else ActivityType.SELL,
        currency=currency,
        symbol=instrument.symbol,
        quantity=size,
        # Exact by definition where the price was not ticked: the money is known, and so are the units.
        unit_price=-gross / (quantity * instrument.multiplier) if price is None else price,
        fee=-charges if fits else _ZERO,
        amount=_size(net if fits else gross),
        subtype=CANCELLATION if row.is_cancel else None,
        booked_on=dealt.booked_on,
        instrument=instrument,
    )
    if fits and not apart:
        return [main]
    legs = apart if fits else {**apart, currency: charges}
    return [main, *_charge_legs(main, legs, record_id)]


def _size(amount: Decimal) -> Decimal:
    # The sign has been checked: it is the direction, which the type of the activity holds.
    return -amount if amount < 0 else amount


def _money(row: Trade, quantity: Decimal, currency: str) -> tuple[Decimal, Decimal, dict[str, Decimal]]:
    """Gross money, charges in the trade's currency, and charges in other currencies; all signed."""
    commission = row.commission
    taxes = row.taxes
    net = row.net_cash
    gross = _gross(row, quantity)
    charges_currency = row.commission_currency
    if commission and charges_currency is not None and charges_currency != currency:
        return gross, taxes or _ZERO, {currency_of(charges_currency): commission}
    charges = (commission or _ZERO) + (taxes or _ZERO)
    if net is None:
        return gross, charges, {}
    if commission is None:
        # Not ticked: what the cash lacks against the proceeds is what was charged.
        return gross, net - gross, {}
    if not -_HALF_A_CENT <= net - gross - charges <= _HALF_A_CENT:
        message = f"netCash {net} is not proceeds {gross} plus taxes and commission {charges}"
        raise UnbookableError(message)
    return gross, net - gross, {}


def _gross(row: Trade, quantity: Decimal) -> Decimal:
    """Money before charges, signed from the account's side."""
    proceeds = row.proceeds
    if proceeds is not None:
        return proceeds
    money = row.trade_money
    if money is None:
        multiplier = row.multiplier or Decimal(1)
        return -quantity * needed(row.trade_price, "proceeds, tradeMoney or tradePrice") * multiplier
    # tradeMoney has the quantity's sign in signed files and none in the others.
    return _size(money) if quantity < 0 else -_size(money)


def _charge_legs(main: Activity, charges: Mapping[str, Decimal], record_id: str) -> list[Activity]:
    return [
        Activity(
            external_id=f"{record_id}:{'fee' if amount < 0 else 'rebate'}{'' if number == 0 else number + 1}",
            account_id=main.account_id,
            account_type=main.account_type,
            date=main.date,
            activity_type=ActivityType.FEE if amount < 0 else ActivityType.CREDIT,
            currency=currency,
            symbol=main.symbol,
            amount=_size(amount),
            fee=_ZERO,
            subtype=COMMISSION if amount < 0 else REBATE,
            booked_on=main.booked_on,
            record_id=record_id,
            instrument=main.instrument,
            group_id=record_id,
        )
        for number, (currency, amount) in enumerate(sorted(charges.items()))
        if amount
    ]


def _map_conversion(record_id: str, row: Trade, context: Context) -> list[Activity]:
    base, quote = _pair(row)
    quantity = signed_quantity(row)
    if row.currency and row.currency != quote:
        message = f"{row.symbol} settles in {quote}, but the row's currency is {row.currency}"
        raise UnbookableError(message)
    gross = _gross(row, quantity)
    if (gross > 0) is (quantity > 0):
        message = f"{quantity} {base} against {gross} {quote}: both legs go the same way"
        raise UnbookableError(message)
    dealt = _dealt(row, context)
    bought = (base, quantity) if quantity > 0 else (quote, gross)
    sold = (quote, gross) if quantity > 0 else (base, quantity)
    legs = [
        _conversion_leg(
            ActivityType.TRANSFER_OUT, *sold, record_id=record_id, dealt=dealt, row=row, context=context
        ),
        _conversion_leg(
            ActivityType.TRANSFER_IN, *bought, record_id=record_id, dealt=dealt, row=row, context=context
        ),
    ]
    charges = _conversion_charges(row, quote)
    return [*legs, *_charge_legs(legs[0], charges, record_id)]


def _pair(row: Trade) -> tuple[str, str]:
    base, dot, quote = row.symbol.partition(".")
    if not dot:
        message = f"{row.symbol!r} is not a pair of currencies"
        raise UnbookableError(message)
    return currency_of(base), currency_of(quote)


def _conversion_charges(row: Trade, quote: str) -> dict[str, Decimal]:
    charges: dict[str, Decimal] = {}
    if row.taxes:
        charges[quote] = row.taxes
    if row.commission:
        if row.commission_currency is None:
            message = "the commission has no currency: tick IB Commission Currency in the Flex query"
            raise UnbookableError(message)
        currency = currency_of(row.commission_currency)
        charges[currency] = charges.get(currency, _ZERO) + row.commission
    return charges


def _conversion_leg(
    kind: ActivityType,
    currency: str,
    money: Decimal,
    *,
    record_id: str,
    dealt: Dealt,
    row: Trade,
    context: Context,
) -> Activity:
    return Activity(
        external_id=f"{record_id}:{'out' if kind is ActivityType.TRANSFER_OUT else 'in'}",
        account_id=context.account.id,
        account_type=context.account.account_type,
        date=dealt.at,
        activity_type=kind,
        currency=currency,
        amount=_size(money),
        fee=_ZERO,
        subtype=CONVERSION,
        booked_on=dealt.booked_on,
        record_id=record_id,
        group_id=record_id,
        comment=f"{row.symbol} at {row.raw.get('tradePrice', '?')}",
    )


TRADE_MAPPINGS: Final[Mapping[str, Callable[[str, Trade, Context], list[Activity]]]] = {
    "STK": _map_shares,
    "ETF": _map_shares,
    "FUND": _map_shares,
    "CASH": _map_conversion,
}
"""Asset category of a Trades row -> how it is booked; all others are rejected by name."""
