"""Accounts and activities for the tests of the stores: a few by hand, all others from hypothesis."""

import dataclasses
import datetime as dt
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from broker_sync.models import Account, AccountType, Activity, ActivityType, AssetClass, Instrument, Position
from broker_sync.values import CurrencyCode, Isin

ACCOUNT = Account(
    id="isa",
    provider="ibkr",
    provider_account_id="U12345678",
    account_type=AccountType.ISA,
    currency=CurrencyCode("GBP"),
)
VUAG = Instrument(
    symbol="VUAG.L",
    currency="GBP",
    isin=Isin("IE00BFMXXD54"),
    conid="375080233",
    exchange="LSEETF",
    name="Vanguard S&P 500 UCITS ETF (acc)",
)
AAPL = Instrument(symbol="AAPL", currency="USD", conid="265598")
START = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)


def buy(
    number: int,
    *,
    quantity: str = "2",
    instrument: Instrument = VUAG,
    date: dt.datetime | None = None,
    **changes: Any,  # noqa: ANN401  # any attribute
) -> Activity:
    """Trade `number`, `number` days after the start if not at `date`, at 100 with a charge of 1."""
    size = Decimal(quantity)
    trade = Activity(
        external_id=f"ibkr:trade:{number}",
        account_id=ACCOUNT.id,
        account_type=ACCOUNT.account_type,
        date=START + dt.timedelta(days=number) if date is None else date,
        activity_type=ActivityType.BUY,
        currency=instrument.currency,
        symbol=instrument.symbol,
        quantity=size,
        unit_price=Decimal(100),
        fee=Decimal(1),
        amount=size * 100 + 1,
        instrument=instrument,
    )
    return changed(trade, **changes)


def deposit(number: int, amount: str, currency: str = "GBP") -> Activity:
    """Deposit `number`, `number` days after the start."""
    return Activity(
        external_id=f"ibkr:cash:{number}",
        account_id=ACCOUNT.id,
        account_type=ACCOUNT.account_type,
        date=START + dt.timedelta(days=number),
        activity_type=ActivityType.DEPOSIT,
        currency=currency,
        amount=Decimal(amount),
    )


def changed(activity: Activity, **changes: Any) -> Activity:  # noqa: ANN401  # any attribute
    """`activity` with other values for some of its attributes."""
    return dataclasses.replace(activity, **changes)


_texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
_maybe_texts = st.none() | _texts
_numbers = st.decimals(min_value=0, max_value=10**15, allow_nan=False, allow_infinity=False, places=8) | (
    st.decimals(min_value=0, max_value=10**9, allow_nan=False, allow_infinity=False)
)
_maybe_numbers = st.none() | _numbers
_days = st.dates(dt.date(1990, 1, 1), dt.date(2090, 1, 1))
_zones = st.sampled_from([dt.UTC, dt.timezone(dt.timedelta(hours=-5)), dt.timezone(dt.timedelta(hours=8))])
_isins = st.from_regex(r"[A-Z]{2}[A-Z0-9]{9}[0-9]", fullmatch=True).map(Isin)

instruments = st.builds(
    Instrument,
    symbol=_texts,
    currency=_texts,
    asset_class=st.sampled_from(AssetClass),
    isin=st.none() | _isins,
    conid=_maybe_texts,
    exchange=_maybe_texts,
    name=_maybe_texts,
    multiplier=_numbers,
    broker_symbol=_maybe_texts,
)
positions = st.builds(
    Position,
    instrument=instruments,
    quantity=_numbers | _numbers.map(lambda number: -number),
    cost=_maybe_numbers,
    price=_maybe_numbers,
)
activities = st.builds(
    Activity,
    external_id=_texts,
    account_id=_texts,
    account_type=st.sampled_from(AccountType),
    date=st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2090, 1, 1), timezones=_zones),  # noqa: DTZ001
    activity_type=st.sampled_from(ActivityType),
    currency=_texts,
    symbol=_maybe_texts,
    quantity=_maybe_numbers,
    unit_price=_maybe_numbers,
    ratio=_maybe_numbers,
    fee=_maybe_numbers,
    amount=_maybe_numbers,
    subtype=_maybe_texts,
    booked_on=_days,
    record_id=_texts,
    instrument=st.none() | instruments,
    group_id=_maybe_texts,
    comment=_maybe_texts,
)
