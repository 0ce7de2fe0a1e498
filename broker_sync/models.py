"""What broker-sync speaks of: accounts, instruments, activities, positions and balances.

All of it is frozen. Quantities and amounts are :class:`~decimal.Decimal`, never negative on an activity:
the direction is in its type. Times are aware and in UTC; days are the broker's booking days.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, fields
from decimal import Decimal
from enum import StrEnum, unique
from typing import Any, Final

from broker_sync.values import CurrencyCode, Isin

__all__ = [
    "OPENING_BALANCE",
    "SPLIT_ADDS",
    "SPLIT_TAKES",
    "Account",
    "AccountType",
    "Activity",
    "ActivityType",
    "AssetClass",
    "CashBalance",
    "Instrument",
    "Nav",
    "Position",
    "traded",
]

_UTC: Final = dt.UTC
_set: Final = object.__setattr__
_UNKNOWN_DAY: Final = dt.date.min

OPENING_BALANCE: Final = "OPENING_BALANCE"
"""Subtype of an activity that stands for what an account held before the first known day."""


SPLIT_ADDS: Final = "SPLIT_ADDS"
"""Subtype of a SPLIT that adds units: a forward split of what is held, a reverse split of what is short."""

SPLIT_TAKES: Final = "SPLIT_TAKES"
"""Subtype of a SPLIT that takes units away."""


@unique
class AccountType(StrEnum):
    """The tax wrapper of an account."""

    GIA = "GIA"
    ISA = "ISA"
    JISA = "JISA"
    LISA = "LISA"
    SIPP = "SIPP"
    IRA = "IRA"
    ROTH_IRA = "ROTH_IRA"
    K401 = "401K"
    RRSP = "RRSP"
    TFSA = "TFSA"
    SUPER = "SUPER"
    PEA = "PEA"
    CORPORATE = "CORPORATE"
    OTHER = "OTHER"


@unique
class ActivityType(StrEnum):
    """What an activity is; :mod:`broker_sync.accounting` says what each does to cash and positions."""

    BUY = "BUY"
    SELL = "SELL"
    SPLIT = "SPLIT"
    DIVIDEND = "DIVIDEND"
    INTEREST = "INTEREST"
    DEPOSIT = "DEPOSIT"
    WITHDRAWAL = "WITHDRAWAL"
    TRANSFER_IN = "TRANSFER_IN"
    TRANSFER_OUT = "TRANSFER_OUT"
    ADD_HOLDING = "ADD_HOLDING"
    REMOVE_HOLDING = "REMOVE_HOLDING"
    FEE = "FEE"
    TAX = "TAX"
    CREDIT = "CREDIT"


@unique
class AssetClass(StrEnum):
    """What kind of thing an instrument is; it decides how price, quantity and money hang together."""

    STOCK = "STOCK"
    FUND = "FUND"
    OPTION = "OPTION"
    FUTURE = "FUTURE"
    FUTURE_OPTION = "FUTURE_OPTION"
    BOND = "BOND"
    WARRANT = "WARRANT"
    STRUCTURED = "STRUCTURED"
    CFD = "CFD"
    CRYPTO = "CRYPTO"
    COMMODITY = "COMMODITY"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account: `id` is the tracker's name for it, `provider_account_id` the broker's."""

    id: str
    provider: str
    provider_account_id: str
    account_type: AccountType
    currency: CurrencyCode | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """A thing that can be held.

    `symbol` is canonical (Yahoo's form), `currency` the one it is dealt in, `conid` the broker's own number
    for it. `multiplier` turns price times quantity into money.
    """

    symbol: str
    currency: str
    asset_class: AssetClass = AssetClass.STOCK
    isin: Isin | None = None
    conid: str | None = None
    exchange: str | None = None
    name: str | None = None
    multiplier: Decimal = Decimal(1)
    broker_symbol: str | None = None

    @property
    def key(self) -> str:
        """Identity: the broker's number, else ISIN and currency, else symbol and currency."""
        if self.conid:
            return f"conid:{self.conid}"
        if self.isin:
            return f"isin:{self.isin}:{self.currency}"
        return f"symbol:{self.symbol}:{self.currency}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One thing that happened to one account, in one currency.

    `external_id` is unique within the account; the legs of one broker record share its `record_id` (the
    activity's own id unless given). `date` is the moment, in UTC, `booked_on` the day on which the broker's
    own statements count it (that of `date` unless given). `amount` is the cash that moved, all charges
    included: what a BUY cost, what a SELL brought. `fee` is the part of it that was charges (trades only).
    `quantity` and `unit_price` are None where there is no instrument. `group_id` links activities that belong
    together (the legs of a conversion, a dividend and its taxes). `ratio` is that of a SPLIT, new units for
    one old; its `quantity` is what it added or took, its `subtype` (:data:`SPLIT_ADDS`,
    :data:`SPLIT_TAKES`) says which of the two.

    Raises ValueError for a naive `date`, and for a negative quantity, fee or amount.
    """

    external_id: str
    account_id: str
    account_type: AccountType
    date: dt.datetime
    activity_type: ActivityType
    currency: str
    symbol: str | None = None
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    fee: Decimal | None = None
    amount: Decimal | None = None
    subtype: str | None = None
    ratio: Decimal | None = None
    booked_on: dt.date = _UNKNOWN_DAY
    record_id: str = ""
    instrument: Instrument | None = None
    group_id: str | None = None
    comment: str | None = None

    def __post_init__(self) -> None:
        """Check the numbers, bring the date to UTC and fill in what follows from the rest."""
        for name in ("quantity", "fee", "amount"):
            number = getattr(self, name)
            if number is not None and number.is_signed():
                _set(self, name, _not_negative(name, number))
        if self.date.tzinfo is not _UTC:
            _set(self, "date", _in_utc(self.date))
        if self.booked_on is _UNKNOWN_DAY:
            _set(self, "booked_on", self.date.date())
        if not self.record_id:
            _set(self, "record_id", self.external_id)


class _Draft:
    """An activity that can still be written to; it becomes one by a change of its class.

    A frozen dataclass pays for each field that it sets, which is most of what mapping a plain trade costs.
    """

    __slots__ = tuple(field.name for field in fields(Activity))


def traded(  # noqa: PLR0917 - naming the arguments costs as much as the call
    external_id: str,
    account_id: str,
    account_type: AccountType,
    date: dt.datetime,
    activity_type: ActivityType,
    currency: str,
    instrument: Instrument,
    quantity: Decimal,
    unit_price: Decimal,
    fee: Decimal,
    amount: Decimal,
    booked_on: dt.date,
) -> Activity:
    """The activity of a plain purchase or sale, made in a fifth of the time of :class:`Activity`.

    Nothing is checked: `date` is in UTC and the numbers are not negative, or it must not be called.
    """
    draft: Any = _Draft()
    draft.external_id = draft.record_id = external_id
    draft.account_id = account_id
    draft.account_type = account_type
    draft.date = date
    draft.activity_type = activity_type
    draft.currency = currency
    draft.symbol = instrument.symbol
    draft.quantity = quantity
    draft.unit_price = unit_price
    draft.fee = fee
    draft.amount = amount
    draft.booked_on = booked_on
    draft.instrument = instrument
    draft.subtype = draft.ratio = draft.group_id = draft.comment = None
    draft.__class__ = Activity
    activity: Activity = draft
    return activity


def _in_utc(date: dt.datetime) -> dt.datetime:
    if date.tzinfo is None:
        message = f"{date.isoformat()} has no time zone"
        raise ValueError(message)
    return date.astimezone(dt.UTC)


def _not_negative(name: str, number: Decimal) -> Decimal:
    if number:
        message = f"{name} {number} is negative; the direction belongs in the type"
        raise ValueError(message)
    return number.copy_abs()


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """How much of an instrument is held at the end of a day; negative when short.

    `cost` is the money paid for all of it, charges included, in the instrument's currency; None if unknown.
    `price` is the broker's closing price in the same currency.
    """

    instrument: Instrument
    quantity: Decimal
    cost: Decimal | None = None
    price: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CashBalance:
    """Money in one currency at the start and the end of a window, by trade date; negative when borrowed."""

    currency: str
    ending: Decimal
    starting: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Nav:
    """Net asset value in the account's base currency at the end of `day`."""

    currency: str
    day: dt.date
    total: Decimal
    cash: Decimal | None = None
    extra: dict[str, Any] = field(default_factory=dict)
