"""What a person has made of a row is compared with what is wanted, by all that moves money or units."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

from broker_sync.models import Activity, ActivityType
from broker_sync.sinks.wealthfolio.agreeing import agreeing
from broker_sync.sinks.wealthfolio.book import make_book
from broker_sync.sinks.wealthfolio.forms import PLAIN, Form
from broker_sync.sinks.wealthfolio.payload import needs_asset, rows_of
from broker_sync.sinks.wealthfolio.rows import AssetRef, Row
from broker_sync.sinks.wealthfolio.wire import ActivityRow
from tests.sinks.wealthfolio.payload_samples import APPLE, at, buy, cash, sell
from tests.sinks.wealthfolio.test_book import TARGET, kept
from tests.tables import for_each

TRADE = buy(APPLE, at(2), "10", "250", "1")
DEPOSIT = cash(ActivityType.DEPOSIT, 1, "5")


def wanted(activity: Activity, form: Form = PLAIN) -> list[Row]:
    asset = AssetRef(id="asset", currency="USD") if needs_asset(activity) else None
    return rows_of(activity, form, asset, TARGET)


def edited(row: Row, number: int = 0, **changes: Any) -> ActivityRow:  # noqa: ANN401  # any attribute
    there = replace(kept(row, number), is_user_modified=True, unit_price=row.unit_price, fee=row.fee)
    return replace(there, **changes)


def agrees(activity: Activity, **changes: Any) -> bool:  # noqa: ANN401  # any attribute
    (row,) = wanted(activity)
    return bool(agreeing(make_book("wf-1", [edited(row, **changes)]), [row], dt.UTC))


def test_what_says_the_same_agrees_under_the_id_of_its_main_row() -> None:
    rows = wanted(sell(APPLE, at(3), "10", "250"), Form(short=Decimal(4)))
    book = make_book("wf-1", [edited(row, number) for number, row in enumerate(rows)])
    (name,) = book.entries
    assert agreeing(book, rows, dt.UTC) == {name: "row-0"}
    assert agreeing(book, rows[:1], dt.UTC) == {}
    other = [replace(rows[0], key="broker-sync:wf-1:ibkr:other"), replace(rows[1], key="nobody's")]
    assert agreeing(book, other, dt.UTC) == {}


@for_each(
    ("activity", "changes"),
    {
        "a note of the person's": (DEPOSIT, {"comment": "mine"}),
        "another hour of the day": (DEPOSIT, {"date": at(1, 23)}),
        "units where none move": (DEPOSIT, {"quantity": Decimal(1), "unit_price": Decimal(9)}),
        "nothing for nought": (DEPOSIT, {"fee": Decimal(0)}),
        "no amount of a trade": (TRADE, {"amount": None}),
    }.values(),
)
def test_what_moves_nothing_makes_no_difference(activity: Activity, changes: dict[str, Any]) -> None:
    assert agrees(activity, **changes)


@for_each(
    ("activity", "changes"),
    {
        "amount": (DEPOSIT, {"amount": Decimal(6)}),
        "no amount": (DEPOSIT, {"amount": None}),
        "type": (DEPOSIT, {"activity_type": "WITHDRAWAL"}),
        "label": (DEPOSIT, {"subtype": "BONUS"}),
        "currency": (DEPOSIT, {"currency": "EUR"}),
        "day": (DEPOSIT, {"date": at(2)}),
        "draft": (DEPOSIT, {"status": "DRAFT"}),
        "account": (DEPOSIT, {"account_id": "wf-2"}),
        "key": (DEPOSIT, {"idempotency_key": "broker-sync:wf-1:" + DEPOSIT.external_id + "#short"}),
        "not a person's": (DEPOSIT, {"is_user_modified": False}),
        "asset": (TRADE, {"asset_id": "another"}),
        "quantity": (TRADE, {"quantity": Decimal(11)}),
        "price": (TRADE, {"unit_price": Decimal(251)}),
        "charge": (TRADE, {"fee": Decimal(2)}),
        "amount of a trade": (TRADE, {"amount": Decimal(1)}),
    }.values(),
)
def test_anything_else_does(activity: Activity, changes: dict[str, Any]) -> None:
    assert not agrees(activity, **changes)
