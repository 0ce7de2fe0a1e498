"""What the server sends is read into values, and nothing else passes for it."""

import datetime as dt
from decimal import Decimal

import pytest

from broker_sync.sinks.wealthfolio.errors import AnswerError
from broker_sync.sinks.wealthfolio.fields import JsonValue
from broker_sync.sinks.wealthfolio.wire import (
    HeldAsset,
    HeldCash,
    Holdings,
    parse_accounts,
    parse_holdings,
    parse_page,
    parse_settings,
    parse_snapshot_days,
    parse_valuations,
)
from tests.tables import for_each

_ROW: dict[str, JsonValue] = {
    "id": "r1",
    "accountId": "a1",
    "assetId": "",
    "activityType": "DEPOSIT",
    "subtype": None,
    "status": "POSTED",
    "date": "2026-01-05T15:00:00+00:00",
    "quantity": None,
    "unitPrice": None,
    "currency": "USD",
    "fee": None,
    "amount": "10.50",
    "needsReview": False,
    "comment": None,
    "fxRate": None,
    "createdAt": "2026-11-22T18:51:04.764414667+00:00",
    "updatedAt": "2026-11-22T18:51:05.764414667+00:00",
    "assetSymbol": "",
    "isUserModified": False,
    "metadata": None,
}


def _page(*rows: JsonValue) -> JsonValue:
    return {"data": list(rows), "meta": {"totalRowCount": 7}}


def test_a_row_without_an_asset_has_none() -> None:
    page = parse_page(_page(_ROW))
    [row] = page.rows
    assert page.total == 7
    assert (row.asset_id, row.symbol, row.metadata, row.counts) == (None, None, {}, True)
    assert (row.amount, row.quantity) == (Decimal("10.50"), None)
    assert row.updated_at - row.created_at == dt.timedelta(seconds=1)


@for_each("status", ["DRAFT", "PENDING", "VOID"])
def test_a_row_that_is_not_posted_does_not_count(status: str) -> None:
    [row] = parse_page(_page({**_ROW, "status": status})).rows
    assert not row.counts


def test_metadata_is_taken_as_it_is() -> None:
    [row] = parse_page(_page({**_ROW, "metadata": {"flow": {"is_external": True}}})).rows
    assert row.metadata == {"flow": {"is_external": True}}


@for_each("name", ["id", "accountId", "activityType", "status", "date", "currency", "isUserModified"])
def test_a_row_that_lacks_something_is_not_guessed_at(name: str) -> None:
    with pytest.raises(AnswerError, match=name):
        parse_page(_page({**_ROW, name: None}))


def test_an_answer_that_is_no_page_is_told() -> None:
    with pytest.raises(AnswerError, match="data"):
        parse_page({"meta": {"totalRowCount": 1}})


def _position(quantity: float, **more: JsonValue) -> dict[str, JsonValue]:
    return {
        "holdingType": "security",
        "quantity": Decimal(repr(quantity)),
        "localCurrency": "GBp",
        "instrument": {
            "id": "s1",
            "symbol": "VOD",
            "currency": "GBp",
            "exchangeMic": "XLON",
            "name": "V",
        },
        **more,
    }


def _cash(currency: str, amount: str) -> dict[str, JsonValue]:
    return {
        "holdingType": "cash",
        "quantity": Decimal(amount),
        "localCurrency": currency,
        "instrument": None,
    }


def test_holdings_are_assets_and_cash_without_zeros() -> None:
    other = _position(2, holdingType="alternativeAsset")
    none = _position(0.0, instrument=None)
    found = parse_holdings([_position(10.5), none, _cash("USD", "-1.5"), _cash("EUR", "0.0"), other])
    asset = HeldAsset(
        asset_id="s1", symbol="VOD", quantity=Decimal("10.5"), currency="GBp", exchange_mic="XLON", name="V"
    )
    assert found.assets[0] == asset
    assert [each.quantity for each in found.assets] == [Decimal("10.5"), Decimal(2)]
    assert found.cash == (HeldCash(currency="USD", amount=Decimal("-1.5")),)
    assert parse_holdings([]) == Holdings()


def test_days_of_snapshots_are_in_order() -> None:
    days: list[JsonValue] = [{"snapshotDate": day} for day in ("2026-02-01", "2026-01-05")]
    assert parse_snapshot_days(days) == [dt.date(2026, 1, 5), dt.date(2026, 2, 1)]


def _value(day: str, account: str = "a1") -> JsonValue:
    return {
        "accountId": account,
        "valuationDate": day,
        "accountCurrency": "GBP",
        "baseCurrency": "USD",
        "fxRateToBase": Decimal("1.25"),
        "cashBalance": Decimal("-5.0"),
        "totalValue": Decimal("10.0"),
        "calculatedAt": "2026-11-22T19:05:32.248943616Z",
    }


def test_values_are_in_the_order_of_their_days() -> None:
    values = parse_valuations([_value("2026-02-01"), _value("2026-01-05")], "a1")
    assert [value.day.month for value in values] == [1, 2]
    assert (values[0].total, values[0].rate_to_base, values[0].cash) == (
        Decimal("10.0"),
        Decimal("1.25"),
        Decimal("-5.0"),
    )


def test_the_value_of_another_account_is_not_taken() -> None:
    with pytest.raises(AnswerError, match="a2, not of a1"):
        parse_valuations([_value("2026-02-01", "a2")], "a1")


@for_each(
    ("sent", "zone", "base"),
    [
        ({"timezone": "Europe/London", "baseCurrency": "GBP"}, "Europe/London", "GBP"),
        ({"timezone": "", "baseCurrency": ""}, "UTC", None),
        ({"timezone": "Mars/Olympus"}, "UTC", None),
        ({"timezone": "../etc/passwd", "baseCurrency": "USD"}, "UTC", "USD"),
        ({}, "UTC", None),
    ],
)
def test_a_server_without_a_time_zone_reckons_in_utc(
    sent: dict[str, JsonValue], zone: str, base: str | None
) -> None:
    settings = parse_settings(sent)
    assert (str(settings.time_zone), settings.base_currency) == (zone, base)


def test_accounts_are_read() -> None:
    sent: JsonValue = {
        "id": "a1",
        "name": "Mine",
        "accountType": "SECURITIES",
        "currency": "USD",
        "trackingMode": "NOT_SET",
        "isActive": True,
        "isArchived": False,
        "createdAt": "2026-11-22T18:51:04.764414667",
        "meta": None,
        "providerAccountId": "x",
    }
    [account] = parse_accounts([sent])
    assert (account.id, account.meta, account.provider_account_id) == ("a1", None, "x")
    assert account.created_at == dt.datetime(2026, 11, 22, 18, 51, 4, 764414, tzinfo=dt.UTC)
