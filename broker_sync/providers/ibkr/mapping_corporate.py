"""Corporate actions: every row is one leg, and what it says of units and money is what is booked.

============================  ====================================================================
what the row moves            how it is booked
============================  ====================================================================
units of a whole split        SPLIT with the ratio of the sentence (:mod:`corporate_splits`)
units alone                   ADD_HOLDING or REMOVE_HOLDING
units out, money in           SELL
units in, money out           BUY
both in, or both out          ADD_HOLDING or REMOVE_HOLDING, and the money as a leg of its own
money alone                   DIVIDEND for dividends and coupons, else CREDIT or FEE
============================  ====================================================================

Where old paper goes for new paper (splits, changed identifiers, mergers for money and shares) money beside it
is not its price, so it is a leg of its own too. The subtype names the kind (:class:`Kind`); signs decide the
direction, so a short position and a cancellation need no rule of their own, the latter only the suffix
``_CANCELLED``. The legs of one action share a `group_id`.

What the broker does not say is what new paper cost: of a merger, spin-off or exchange the row has market
values, and the basis that moved is in the next open positions only. The unit price of such a leg is None, or
the cost basis of the row where the query has it.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Final

from broker_sync.errors import ValueFormatError
from broker_sync.models import SPLIT_ADDS, SPLIT_TAKES, Activity, ActivityType, AssetClass, Instrument
from broker_sync.providers.ibkr.context import Context, UnbookableError
from broker_sync.providers.ibkr.corporate_kinds import SPLITS, Kind, kind_of
from broker_sync.providers.ibkr.corporate_reading import Understood, understand
from broker_sync.providers.ibkr.corporate_splits import split_ratio
from broker_sync.providers.ibkr.corporate_text import Wording
from broker_sync.providers.ibkr.records_corporate import CorporateAction
from broker_sync.providers.ibkr.trade_legs import size_of

__all__ = ["is_corporate_record", "map_corporate"]

_ZERO: Final = Decimal(0)
_PAPER_FOR_PAPER: Final = SPLITS | {Kind.IDENTIFIER_CHANGE}
_MARGINED: Final = frozenset({AssetClass.FUTURE, AssetClass.CFD})
_INCOME: Final = {
    Kind.CASH_DIVIDEND: (None, "DIVIDEND_REVERSAL"),
    Kind.CHOICE_DIVIDEND: (Kind.CHOICE_DIVIDEND.value, "DIVIDEND_REVERSAL"),
    Kind.COUPON: ("INTEREST", "INTEREST_REVERSAL"),
}
"""Kind -> subtypes of its money when it comes in, and when it goes out."""


def is_corporate_record(row: CorporateAction, _: Context) -> bool:
    """Whether the row is a record: not one that sums up others, nor one that says that it moves nothing.

    A proxy vote never moves anything. Other rows are taken at their word only if they say both, that no
    units and that no money moved; a column that is missing or cannot be read makes the row a record, so that
    it is rejected by name.
    """
    return not (row.is_summary or _moves_nothing(row))


def _moves_nothing(row: CorporateAction) -> bool:
    try:
        moved = (row.quantity, row.money)
    except ValueFormatError:
        return False
    is_vote = kind_of(row.type, Wording.of(row.wording)) is Kind.PROXY_VOTE
    return not any(moved) and (is_vote or None not in moved)


def map_corporate(record_id: str, row: CorporateAction, context: Context) -> list[Activity]:
    """The activities of one row; raises UnbookableError or ValueFormatError.

    The sum of their effects is the row's quantity and its proceeds, whatever its kind.
    """
    units, money = row.quantity, row.money
    action = understand(record_id, row, context)
    if units:
        # A query without the columns of money has nothing to say of it, as files of old ones show.
        paid = _ZERO if money is None else money
        return _units_and_money(action, units, paid, _held(action), context)
    if money:
        return [_money_leg(action, money)]
    message = "the row says of neither units nor money that they moved"
    raise UnbookableError(message)


def _held(action: Understood) -> Instrument:
    instrument = action.draft.instrument
    if instrument is None:
        message = "the row names no instrument"
        raise UnbookableError(message)
    return instrument


def _units_and_money(
    action: Understood, units: Decimal, money: Decimal, instrument: Instrument, context: Context
) -> list[Activity]:
    if money and instrument.asset_class in _MARGINED:
        message = "the proceeds of a future or CFD are notional, so the money that this moved is not known"
        raise UnbookableError(message)
    ratio = split_ratio(action.row, action.kind, action.wording, instrument, context.directory)
    if ratio is not None:
        main = _split_leg(action, units, ratio)
    elif money and _is_price(action, units, money):
        return [_deal(action, units, money, instrument)]
    else:
        main = _units_leg(action, units, instrument)
    if not money:
        return [main]
    return [main, replace(_money_leg(action, money), external_id=f"{main.external_id}:cash")]


def _is_price(action: Understood, units: Decimal, money: Decimal) -> bool:
    is_exchange = (units > 0) is (money < 0)
    return is_exchange and action.kind not in _PAPER_FOR_PAPER and not action.wording.pays_both


def _split_leg(action: Understood, units: Decimal, ratio: Decimal) -> Activity:
    return replace(
        action.draft,
        activity_type=ActivityType.SPLIT,
        quantity=size_of(units),
        ratio=ratio,
        subtype=SPLIT_ADDS if units > 0 else SPLIT_TAKES,
    )


def _deal(action: Understood, units: Decimal, money: Decimal, instrument: Instrument) -> Activity:
    return replace(
        action.draft,
        activity_type=ActivityType.BUY if units > 0 else ActivityType.SELL,
        quantity=size_of(units),
        unit_price=-money / (units * instrument.multiplier),
        amount=size_of(money),
        subtype=action.named(action.kind.value),
    )


def _units_leg(action: Understood, units: Decimal, instrument: Instrument) -> Activity:
    cost = action.row.cost
    price = cost / (units * instrument.multiplier) if cost else None
    return replace(
        action.draft,
        activity_type=ActivityType.ADD_HOLDING if units > 0 else ActivityType.REMOVE_HOLDING,
        quantity=size_of(units),
        # A basis with the other sign than its units is none that a price could stand for.
        unit_price=price if price is not None and price > 0 else None,
        subtype=action.named(action.kind.value),
    )


def _money_leg(action: Understood, money: Decimal) -> Activity:
    comes_in = money > 0
    received, taken_back = _INCOME.get(action.kind, (action.kind.value, action.kind.value))
    income = ActivityType.DIVIDEND if action.kind in _INCOME else ActivityType.CREDIT
    return replace(
        action.draft,
        activity_type=income if comes_in else ActivityType.FEE,
        amount=size_of(money),
        subtype=action.named(received if comes_in else taken_back),
    )
