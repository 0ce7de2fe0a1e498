"""Results of made-up syncs."""

import datetime as dt
from decimal import Decimal

from broker_sync.contracts import Refused, Rejection, SectionCount
from broker_sync.models import (
    OPENING_BALANCE,
    Account,
    AccountType,
    Activity,
    ActivityType,
    Instrument,
    Nav,
)
from broker_sync.reconcile import CashDrift, PositionDrift
from broker_sync.report import Run
from broker_sync.results import NavDrift, SyncResult
from broker_sync.values import CurrencyCode, Isin

ACCOUNT = Account(
    id="tracker-1",
    provider="ibkr",
    provider_account_id="U1234567",
    account_type=AccountType.ISA,
    currency=CurrencyCode("GBP"),
)
OTHER = Account(
    id="U7654321",
    provider="ibkr",
    provider_account_id="U7654321",
    account_type=AccountType.GIA,
    currency=None,
)
WIDGET = Instrument(symbol="WDGT", currency="USD", isin=Isin("US0000001001"), conid="1001")
GADGET = Instrument(symbol="GDGT.L", currency="GBP")
FIRST = dt.date(2026, 5, 1)
LAST = dt.date(2026, 5, 29)
MADE = dt.datetime(2026, 5, 4, 14, 30, 15, tzinfo=dt.UTC)


def buy(account: Account = ACCOUNT) -> Activity:
    """2.5 WDGT for 251 USD."""
    return Activity(
        external_id="ibkr:trade:9001",
        account_id=account.id,
        account_type=account.account_type,
        date=MADE,
        activity_type=ActivityType.BUY,
        currency="USD",
        symbol="WDGT",
        quantity=Decimal("2.50"),
        unit_price=Decimal("1E+2"),
        fee=Decimal(1),
        amount=Decimal("251.00"),
        instrument=WIDGET,
    )


def tax() -> Activity:
    return Activity(
        external_id="ibkr:cash:7001",
        account_id=ACCOUNT.id,
        account_type=ACCOUNT.account_type,
        date=MADE,
        activity_type=ActivityType.FEE,
        currency="GBP",
        amount=Decimal("0.35"),
        subtype="WITHHOLDING_TAX",
    )


def opened_cash(currency: str, amount: str) -> Activity:
    return Activity(
        external_id=f"ibkr:opening:cash:{currency}",
        account_id=ACCOUNT.id,
        account_type=ACCOUNT.account_type,
        date=dt.datetime(2026, 4, 30, 12, tzinfo=dt.UTC),
        activity_type=ActivityType.TRANSFER_IN,
        currency=currency,
        amount=Decimal(amount),
        subtype=OPENING_BALANCE,
    )


def opened_position(instrument: Instrument, quantity: str) -> Activity:
    return Activity(
        external_id=f"ibkr:opening:position:{instrument.key}",
        account_id=ACCOUNT.id,
        account_type=ACCOUNT.account_type,
        date=dt.datetime(2026, 4, 30, 12, tzinfo=dt.UTC),
        activity_type=ActivityType.ADD_HOLDING,
        currency=instrument.currency,
        symbol=instrument.symbol,
        quantity=Decimal(quantity),
        subtype=OPENING_BALANCE,
        instrument=instrument,
    )


def held(instrument: Instrument, broker: str, tracker: str) -> PositionDrift:
    return PositionDrift(instrument=instrument, broker=Decimal(broker), tracker=Decimal(tracker))


def money(currency: str, broker: str, tracker: str) -> CashDrift:
    return CashDrift(currency=currency, broker=Decimal(broker), tracker=Decimal(tracker))


def worth(broker: str, tracker: str) -> NavDrift:
    return NavDrift(
        broker=Nav(currency="GBP", day=LAST, total=Decimal(broker)),
        tracker=Nav(currency="GBP", day=LAST, total=Decimal(tracker)),
    )


def rejection(number: int, reason: str = "options are not booked yet") -> Rejection:
    return Rejection(external_id=f"ibkr:trade:{number}", section="Trades", reason=reason, raw={"x": "y"})


def perfect(account: Account = ACCOUNT) -> SyncResult:
    """A first sync in which everything is well."""
    return SyncResult(
        account=account,
        sink="ledger",
        first_day=FIRST,
        last_day=LAST,
        fetched=3,
        new_after_dedup=3,
        imported=3,
        openings=(opened_position(GADGET, "5"), opened_cash("GBP", "100"), opened_cash("USD", "7")),
        opening_changes=3,
        positions=(held(GADGET, "5", "5.0"), held(WIDGET, "2.5", "2.5")),
        cash=(money("GBP", "99.65", "99.65"), money("USD", "-244", "-244")),
        sections=(
            SectionCount(section="CashTransactions", rows=1, booked=1),
            SectionCount(section="Trades", rows=4, booked=2, informational=2),
        ),
    )


def troubled() -> SyncResult:
    """A later sync in which nothing is well."""
    return SyncResult(
        account=OTHER,
        sink="ledger",
        first_day=FIRST,
        last_day=LAST,
        fetched=12,
        new_after_dedup=2,
        known=3,
        updated=1,
        imported=1,
        deleted=1,
        failed=1,
        failures=(Refused(external_id="ibkr:cash:7002", reason="the ledger is full"),),
        rejected=(
            *(rejection(number) for number in range(1, 6)),
            rejection(6, "the row has no quantity"),
        ),
        openings=(opened_cash("GBP", "100"),),
        positions=(held(GADGET, "5", "4.99995"), held(WIDGET, "2", "3")),
        cash=(money("GBP", "0", "12.5"),),
        nav=worth("1000.10", "1000.10"),
        sections=(SectionCount(section="Trades", rows=12, booked=6, rejected=6),),
        notes=("No statement covers 2026-04-01 to 2026-04-30.",),
    )


def run(*results: SyncResult, dry_run: bool = False) -> Run:
    return Run(provider="ibkr", results=results, dry_run=dry_run)
