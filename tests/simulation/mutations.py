"""Mistakes that a mapping could have, put into the tables that it is made of, one at a time.

Each is a small change of what one kind of record becomes. The simulation must fail under every one of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, cast

import pytest

from broker_sync import accounting
from broker_sync.models import SPLIT_ADDS, SPLIT_TAKES, Activity, ActivityType
from broker_sync.providers.ibkr import bookings
from broker_sync.providers.ibkr.context import Context
from broker_sync.providers.ibkr.mapping import RECORDS
from broker_sync.providers.ibkr.mapping_cash import CASH_KINDS
from broker_sync.providers.ibkr.mapping_trades import TRADE_MAPPINGS
from broker_sync.providers.ibkr.records import Record

Change = Callable[[Record, list[Activity]], list[Activity]]
Apply = Callable[[pytest.MonkeyPatch], None]

TRADES = ("Trades", "Trade")
CASH = ("CashTransactions", "CashTransaction")
CORPORATE = ("CorporateActions", "CorporateAction")
TRANSFERS = ("Transfers", "Transfer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """A mistake by name; `kinds` are what must happen to an account for it to show."""

    name: str
    apply: Apply
    kinds: Sequence[str] = ()

    def __str__(self) -> str:
        return self.name


# --- the ways in which a record can come out wrong ---

_OPPOSITE = {
    ActivityType.BUY: ActivityType.SELL,
    ActivityType.DEPOSIT: ActivityType.WITHDRAWAL,
    ActivityType.TRANSFER_IN: ActivityType.TRANSFER_OUT,
    ActivityType.ADD_HOLDING: ActivityType.REMOVE_HOLDING,
    ActivityType.CREDIT: ActivityType.FEE,
    ActivityType.DIVIDEND: ActivityType.FEE,
    ActivityType.SPLIT: ActivityType.SPLIT,
}
_OPPOSITE |= {other: one for one, other in _OPPOSITE.items() if one is not ActivityType.DIVIDEND}
_TURNED = {SPLIT_ADDS: SPLIT_TAKES, SPLIT_TAKES: SPLIT_ADDS}


def _turned(leg: Activity) -> Activity:
    subtype = _TURNED.get(leg.subtype or "", leg.subtype)
    return replace(leg, activity_type=_OPPOSITE[leg.activity_type], subtype=subtype)


def _wrong_sign(_: Record, legs: list[Activity]) -> list[Activity]:
    return [_turned(leg) for leg in legs]


def _without_charges(_: Record, legs: list[Activity]) -> list[Activity]:
    main, fee = legs[0], legs[0].fee or Decimal(0)
    assert main.amount is not None
    is_paid = main.activity_type is ActivityType.BUY
    return [replace(main, amount=main.amount - fee if is_paid else main.amount + fee), *legs[1:]]


def _swapped_legs(_: Record, legs: list[Activity]) -> list[Activity]:
    out, into, *rest = legs
    return [replace(out, amount=into.amount), replace(into, amount=out.amount), *rest]


def _charged_in_the_quote(_: Record, legs: list[Activity]) -> list[Activity]:
    return [*legs[:2], *(replace(leg, currency=legs[0].currency) for leg in legs[2:])]


def _by_the_day_of_the_event(row: Record, legs: list[Activity]) -> list[Activity]:
    day = row.day("tradeDate") or row.day("dateTime")
    return [replace(leg, booked_on=day or leg.booked_on) for leg in legs]


def _a_day_late(_: Record, legs: list[Activity]) -> list[Activity]:
    return [replace(leg, booked_on=leg.booked_on + dt.timedelta(days=1)) for leg in legs]


def _one_for_one(_: Record, legs: list[Activity]) -> list[Activity]:
    """As if a contract were for one unit."""
    main = legs[0]
    multiplier = main.instrument.multiplier if main.instrument else Decimal(1)
    return [replace(main, amount=(main.amount or Decimal(0)) / multiplier), *legs[1:]]


def _main_leg_alone(_: Record, legs: list[Activity]) -> list[Activity]:
    return legs[:1]


def _in_units(_: Record, legs: list[Activity]) -> list[Activity]:
    """As if the face value of a bond were a number of bonds."""
    return [replace(leg, quantity=leg.quantity and leg.quantity / 1000) for leg in legs]


def _notional(row: Record, legs: list[Activity]) -> list[Activity]:
    """As if a future were paid for."""
    is_buy = legs[0].activity_type is ActivityType.ADD_HOLDING
    kind = ActivityType.BUY if is_buy else ActivityType.SELL
    proceeds = row.number("proceeds") or Decimal(0)
    return [replace(legs[0], activity_type=kind, amount=proceeds.copy_abs()), *legs[1:]]


def _by_the_column_of_direction(row: Record, legs: list[Activity]) -> list[Activity]:
    is_in = row.raw.get("direction") == "IN"
    kind = ActivityType.TRANSFER_IN if is_in else ActivityType.TRANSFER_OUT
    return [replace(leg, activity_type=kind) for leg in legs]


def _cancelled_is_kept(row: Record, legs: list[Activity]) -> list[Activity]:
    """As if a row that takes another back said it again."""
    return [_turned(leg) for leg in legs] if "Ca" in row.codes else legs


def _paid_in_own_currency(_: Record, legs: list[Activity]) -> list[Activity]:
    """As if everything were paid for in the currency in which the instrument is dealt."""
    return [replace(leg, currency=leg.instrument.currency) if leg.instrument else leg for leg in legs]


# --- putting them into the tables ---


def _table(table: object) -> MutableMapping[Any, Any]:
    return cast("MutableMapping[Any, Any]", table)


def in_records(
    place: tuple[str, str], change: Change, *, only: Callable[[Record], bool] | None = None
) -> Apply:
    """Change what the rows of a section become (all, or `only` some)."""

    def apply(patch: pytest.MonkeyPatch) -> None:
        mapping = RECORDS[place]

        def book(record_id: str, row: Record, context: Context) -> list[Activity]:
            legs = mapping.book(record_id, row, context)
            return change(row, legs) if only is None or only(row) else legs

        _no_short_way(patch)
        patch.setitem(_table(RECORDS), place, replace(mapping, book=book))

    return apply


def _no_short_way(patch: pytest.MonkeyPatch) -> None:
    """Send plain trades through the table, too."""
    patch.setattr(bookings, "plain_shares", lambda _names, _context: lambda _values: None)


def in_trades(change: Change, *categories: str) -> Apply:
    """Change what trades of some categories become."""
    return in_records(TRADES, change, only=lambda row: row.raw.get("assetCategory") in categories)


def in_cash(change: Change, *types: str) -> Apply:
    """Change what cash rows of some types become."""
    return in_records(CASH, change, only=lambda row: row.raw.get("type") in types)


def is_record_always(place: tuple[str, str]) -> Apply:
    """Take every row of a section for a record."""

    def apply(patch: pytest.MonkeyPatch) -> None:
        mapping = replace(RECORDS[place], is_record=lambda _row, _context: True)
        patch.setitem(_table(RECORDS), place, mapping)

    return apply


def _other_way(kind: str) -> Apply:
    """Book money in of a kind of cash row as money out, and the other way round."""

    def apply(patch: pytest.MonkeyPatch) -> None:
        known = CASH_KINDS[kind]
        turned = replace(known, money_in=known.money_out, money_out=known.money_in)
        patch.setitem(_table(CASH_KINDS), kind, turned)

    return apply


def _sign(table: object, activity_type: ActivityType) -> Apply:
    def apply(patch: pytest.MonkeyPatch) -> None:
        signs = _table(table)
        patch.setitem(signs, activity_type, -signs[activity_type])

    return apply


_BUY_AND_SELL = ("buy", "sell", "sell-short", "cover")
_CONVERT = ("convert", "convert-automatically", "sweep")


def _mistake(name: str, apply: Apply, *kinds: str) -> Mutation:
    return Mutation(name=name, apply=apply, kinds=kinds)


MUTATIONS = (
    _mistake("a purchase of shares is a sale", in_trades(_wrong_sign, "STK"), *_BUY_AND_SELL),
    _mistake("charges of a trade are left out", in_trades(_without_charges, "STK"), *_BUY_AND_SELL),
    _mistake(
        "a trade counts on the day on which it was dealt",
        in_trades(_by_the_day_of_the_event, "STK"),
        *_BUY_AND_SELL,
    ),
    _mistake(
        "a commission in another currency is left out", in_trades(_main_leg_alone, "STK"), *_BUY_AND_SELL
    ),
    _mistake("a cancelled trade is booked again", in_records(TRADES, _cancelled_is_kept), "buy", "cancel"),
    _mistake("the legs of a conversion change places", in_trades(_swapped_legs, "CASH"), *_CONVERT),
    _mistake(
        "a conversion is charged in the currency sold", in_trades(_charged_in_the_quote, "CASH"), *_CONVERT
    ),
    _mistake("a tax given back is a tax", _other_way("Withholding Tax"), "pay-dividend", "correct-tax"),
    _mistake(
        "a dividend counts on the day of its event",
        in_records(CASH, _by_the_day_of_the_event),
        "pay-dividend",
        "rebook-dividend",
    ),
    _mistake(
        "a dividend is paid in the currency of the trades",
        in_cash(_paid_in_own_currency, "Dividends"),
        "pay-dividend",
    ),
    _mistake("sums beside cash rows are booked", is_record_always(CASH), "deposit", "charge"),
    _mistake("an option is for one share", in_trades(_one_for_one, "OPT"), "buy-option", "write-option"),
    _mistake(
        "an option that settles in cash is booked from both sections",
        is_record_always(("OptionEAE", "OptionEAE")),
        "settle-in-cash",
        "expire",
    ),
    _mistake(
        "the face value of a bond is a number of bonds", in_trades(_in_units, "BOND"), "buy-bond", "redeem"
    ),
    _mistake(
        "interest within the money of a bond is left out", in_trades(_main_leg_alone, "BOND"), "buy-bond"
    ),
    _mistake("a future is paid for", in_trades(_notional, "FUT"), "day-trade", "open-future"),
    _mistake(
        "the margin of a future is a day late",
        in_records(("StmtFunds", "StatementOfFundsLine"), _a_day_late),
        "open-future",
    ),
    _mistake("the money of a merger is left out", in_records(CORPORATE, _main_leg_alone), "merge-for-both"),
    _mistake(
        "a cancelled corporate action is booked again",
        in_records(CORPORATE, _cancelled_is_kept),
        "split",
        "take-back",
    ),
    _mistake(
        "a transfer goes where its direction says",
        in_records(TRANSFERS, _by_the_column_of_direction),
        "bring-shares",
        "send-back",
    ),
)
"""Mistakes that somebody could make, by what they get wrong."""

WRONG_SIGNS = (
    *(Mutation(name=f"{section}/{tag} with the wrong sign", apply=in_records((section, tag), _wrong_sign))
      for section, tag in RECORDS),
    *(Mutation(name=f"trades of {category} with the wrong sign", apply=in_trades(_wrong_sign, category))
      for category in TRADE_MAPPINGS),
    *(Mutation(name=f"{kind} with the wrong sign", apply=_other_way(kind)) for kind in CASH_KINDS),
    *(Mutation(name=f"{each} with the wrong sign in cash", apply=_sign(accounting._CASH_SIGN, each))  # noqa: SLF001
      for each, sign in accounting._CASH_SIGN.items() if sign),  # noqa: SLF001
    *(Mutation(name=f"{each} with the wrong sign in units", apply=_sign(accounting._POSITION_SIGN, each))  # noqa: SLF001
      for each in accounting._POSITION_SIGN),  # noqa: SLF001
)  # fmt: skip
"""A wrong sign in every place that has one."""
