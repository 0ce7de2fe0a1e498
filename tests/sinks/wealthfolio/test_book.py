"""What an account has is told apart: rows of ours by activity, and everybody else's."""

import datetime as dt
import json
from dataclasses import replace
from decimal import Decimal

from broker_sync.models import Activity
from broker_sync.sinks.wealthfolio.book import Book, make_book
from broker_sync.sinks.wealthfolio.expectation import expectation
from broker_sync.sinks.wealthfolio.forms import PLAIN, Form
from broker_sync.sinks.wealthfolio.marks import key_of
from broker_sync.sinks.wealthfolio.payload import needs_asset, rows_of
from broker_sync.sinks.wealthfolio.payload_parts import Target
from broker_sync.sinks.wealthfolio.rows import AssetRef, Row
from broker_sync.sinks.wealthfolio.wire import ActivityRow, HeldAsset, HeldCash, Holdings
from tests.sinks.wealthfolio.payload_samples import APPLE, CALL, at, buy, sell
from tests.tables import for_each

TARGET = Target(account_id="wf-1", currency="USD", zone=dt.UTC)
NOW = dt.datetime(2026, 4, 1, tzinfo=dt.UTC)


def kept(row: Row, number: int) -> ActivityRow:
    """`row` as the server keeps it."""
    return ActivityRow(
        id=f"row-{number}",
        account_id="wf-1",
        activity_type=row.type,
        subtype=row.subtype,
        status="POSTED",
        date=row.moment,
        currency=row.currency,
        quantity=row.quantity,
        amount=row.amount,
        asset_id=row.asset,
        idempotency_key=row.key,
        metadata=json.loads(row.metadata),
        created_at=NOW,
        updated_at=NOW + dt.timedelta(seconds=number),
    )


def wire(*activities: Activity, form: Form = PLAIN) -> list[ActivityRow]:
    written = []
    for activity in activities:
        asset = AssetRef(id=f"asset-{activity.symbol}", currency="USD") if needs_asset(activity) else None
        written += rows_of(activity, form, asset, TARGET)
    return [kept(row, number) for number, row in enumerate(written)]


def book(*rows: ActivityRow) -> Book:
    return make_book("wf-1", rows)


def test_the_rows_of_an_activity_are_one_entry_the_main_one_first() -> None:
    activity = buy(APPLE, at(2), "80", "255", "0.77")
    rows = wire(activity, form=Form(short=Decimal(50)))
    entry = book(*reversed(rows)).entries[activity.external_id]
    assert (entry.activity, entry.form) == (activity, "short:50")
    assert [row.id for row in entry.rows] == ["row-0", "row-1"]
    assert entry.touched is None


def test_rows_of_others_are_nobodys_entry() -> None:
    (ours,) = wire(buy(APPLE, at(2), "1", "1"))
    typed = replace(ours, id="typed", idempotency_key=None)
    other_account = replace(ours, id="other", idempotency_key=key_of("wf-2", "ibkr:1"))
    found = book(ours, typed, other_account)
    assert [row.id for row in found.foreign] == ["typed", "other"]


def test_a_row_whose_metadata_was_wiped_or_copied_is_ours_by_its_key() -> None:
    (row,) = wire(buy(APPLE, at(2), "1", "1"))
    copied = replace(row, idempotency_key=key_of("wf-1", "ibkr:other"))
    for changed in (replace(row, metadata={}), copied):
        (entry,) = book(changed).entries.values()
        assert (entry.activity, entry.form) == (None, "")
        assert book(changed).instruments == {}


@for_each(
    ("changes", "why"),
    [
        ({"is_user_modified": True}, "a person has changed it in Wealthfolio"),
        ({"status": "DRAFT"}, "it is DRAFT in Wealthfolio"),
        (
            {"is_user_modified": True, "status": "DRAFT"},
            "a person has changed it in Wealthfolio, where it is DRAFT by now",
        ),
        ({}, None),
    ],
)
def test_a_row_is_ours_to_change_as_long_as_nobody_touched_it(
    changes: dict[str, object], why: str | None
) -> None:
    activity = buy(APPLE, at(2), "1", "1")
    (row,) = wire(activity)
    found = book(replace(row, **changes))  # type: ignore[arg-type]
    assert found.entries[activity.external_id].touched == why


def test_a_book_knows_its_instruments_and_when_it_was_written() -> None:
    found = book(*wire(buy(APPLE, at(2), "1", "1"), sell(APPLE, at(3), "1", "1")))
    assert found.instruments == {"asset-AAPL": {APPLE.key: APPLE}}
    assert found.changed_at == NOW + dt.timedelta(seconds=1)
    assert book().changed_at is None


def holdings(units: str, cash: str, asset: str = "asset-AAPL") -> Holdings:
    held = HeldAsset(asset_id=asset, symbol="X", quantity=Decimal(units), currency="USD")
    return Holdings(assets=(held,), cash=(HeldCash(currency="USD", amount=Decimal(cash)),))


def test_what_the_server_should_hold_is_what_the_rows_add_up_to() -> None:
    expected = expectation(
        book(*wire(buy(APPLE, at(2), "10", "250"), sell(APPLE, at(3), "4", "250"))), dt.UTC
    )
    assert expected is not None
    assert expected(holdings("6", "-1500"))
    assert expected(holdings("6.0000001", "-1500.001"))
    assert not expected(holdings("6", "-1500.1"))
    assert not expected(holdings("5", "-1500"))
    assert not expected(Holdings())


def test_what_the_server_should_have_held_on_a_day_is_what_came_until_then() -> None:
    found = book(*wire(buy(APPLE, at(2), "10", "250"), sell(APPLE, at(3), "4", "250")))
    expected = expectation(found, dt.UTC, until=dt.date(2026, 3, 2))
    assert expected is not None
    assert expected(holdings("10", "-2500"))


def test_an_option_may_have_vanished_because_its_day_is_over() -> None:
    expected = expectation(book(*wire(buy(CALL, at(2), "1", "5"))), dt.UTC)
    assert expected is not None
    cash = (HeldCash(currency="USD", amount=Decimal(-500)),)
    assert expected(Holdings(cash=cash))
    assert expected(holdings("1", "-500", f"asset-{CALL.symbol}"))
    assert not expected(holdings("2", "-500", f"asset-{CALL.symbol}"))


def test_nothing_is_foretold_of_an_account_with_rows_of_others() -> None:
    (ours,) = wire(buy(APPLE, at(2), "1", "1"))
    typed = replace(ours, id="typed", idempotency_key=None)
    assert expectation(book(ours, typed), dt.UTC) is None
    assert expectation(book(ours, replace(typed, status="DRAFT")), dt.UTC) is not None
    assert expectation(book(replace(ours, is_user_modified=True)), dt.UTC) is None
    assert expectation(book(replace(ours, metadata={})), dt.UTC) is None
