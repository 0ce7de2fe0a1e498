"""Rows and assets of ours are known again, and nobody else's are taken for ours."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from broker_sync.sinks.wealthfolio.account_choice import made_for
from broker_sync.sinks.wealthfolio.fields import JsonValue
from broker_sync.sinks.wealthfolio.holdable import holdable
from broker_sync.sinks.wealthfolio.marks import instrument_key_of, key_of, parse_key, read_mark
from broker_sync.sinks.wealthfolio.wire import WireAccount
from tests.sinks.wealthfolio.payload_samples import APPLE, FUTURE
from tests.tables import for_each

TEXTS = st.text(st.characters(exclude_characters="#"), min_size=1)


@given(TEXTS, TEXTS, st.sampled_from(["", "short", "money"]))
def test_a_key_says_which_row_of_which_activity_it_is(account: str, external_id: str, leg: str) -> None:
    assert parse_key(account, key_of(account, external_id, leg)) == (external_id, leg)


@for_each("key", ["", "ibkr:trade:1", "broker-sync:other:ibkr:trade:1"])
def test_a_key_of_another_account_or_tool_is_not_ours(key: str) -> None:
    assert parse_key("wf-1", key) is None


@for_each(
    "metadata",
    [
        {},
        {"broker_sync": None},
        {"broker_sync": "text"},
        {"broker_sync": {}},
        {"broker_sync": {"id": 1}},
        {"broker_sync": {"id": "a", "leg": 1}},
        {"broker_sync": {"id": "a", "form": []}},
        {"broker_sync": {"id": "a", "activity": "text"}},
        {"broker_sync": {"id": "a", "activity": {}}},
        {"broker_sync": {"id": "a", "activity": {"date": "today"}}},
    ],
)
def test_metadata_that_a_person_has_changed_is_no_mark(metadata: dict[str, JsonValue]) -> None:
    assert read_mark(metadata) is None


def test_a_leg_has_a_mark_without_an_activity() -> None:
    mark = read_mark({"broker_sync": {"id": "a", "leg": "short", "form": "short:1"}})
    assert mark is not None
    assert (mark.external_id, mark.leg, mark.form, mark.activity) == ("a", "short", "short:1", None)


@for_each(
    ("metadata", "key"),
    [
        ({}, None),
        ({"broker_sync": 1}, None),
        ({"broker_sync": {"key": 1}}, None),
        ({"broker_sync": {"key": "conid:1"}}, "conid:1"),
    ],
)
def test_an_asset_of_ours_names_its_instrument(metadata: dict[str, JsonValue], key: str | None) -> None:
    assert instrument_key_of(metadata) == key


@for_each(
    ("meta", "account"),
    [
        (None, None),
        ("", None),
        ("not json", None),
        ("[]", None),
        ('{"broker_sync": 1}', None),
        ('{"broker_sync": {"account": 1}}', None),
        ('{"broker_sync": {"provider": "ibkr", "account": "U1234567"}}', "U1234567"),
    ],
)
def test_an_account_of_ours_names_the_brokers(meta: str | None, account: str | None) -> None:
    wire = WireAccount(
        id="a",
        name="A",
        account_type="SECURITIES",
        currency="USD",
        tracking_mode="TRANSACTIONS",
        is_active=True,
        is_archived=False,
        created_at=dt.datetime(2026, 11, 22, tzinfo=dt.UTC),
        meta=meta,
    )
    assert made_for(wire) == account


@for_each(
    ("instrument", "quantity", "reason"),
    [
        (APPLE, 5, None),
        (APPLE, -5, "it is short"),
        (FUTURE, 5, "a future is not worth its price"),
        (FUTURE, -5, "a future is not worth its price"),
    ],
)
def test_what_cannot_be_held_is_named_with_its_reason(
    instrument: object, quantity: int, reason: str | None
) -> None:
    found = holdable(instrument, quantity)  # type: ignore[arg-type]
    assert (found is None) is (reason is None)
    assert found is None or (found.reason.startswith(reason or "") and found.quantity == quantity)
