"""What the server makes of rows, held to the real server and to our stand-in alike: cash, units, days."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from broker_sync.sinks.wealthfolio.client import WealthfolioClient
from broker_sync.sinks.wealthfolio.errors import RequestRefusedError
from broker_sync.sinks.wealthfolio.fields import Fields, JsonValue
from broker_sync.sinks.wealthfolio.positions import asset_quantities, before_splits, splits_after
from broker_sync.sinks.wealthfolio.reading import (
    holdings_on,
    latest_valuation,
    rows_of,
    server_info,
    valuation_on,
)
from broker_sync.sinks.wealthfolio.waiting import Settled, StillWorking, recalculate, wait_recalculated
from tests.sinks.wealthfolio.trackers import Account, Tracker, asset


def _asset(tracker: Tracker, **more: JsonValue) -> str:
    """An asset made by itself."""
    body: dict[str, JsonValue] = {
        "kind": "INVESTMENT",
        "quoteMode": "MARKET",
        "quoteCcy": "USD",
        "instrumentType": "EQUITY",
        **more,
    }
    made = tracker.run(lambda client: client.post("/assets", body))
    return Fields.of(made, "asset").text("id")


def _zone(tracker: Tracker) -> dt.tzinfo:
    return tracker.run(server_info).settings.time_zone


def test_cash_is_moved_by_the_type_and_in_the_currency_of_the_row(tracker: Tracker) -> None:
    account = tracker.account()
    trade: dict[str, Any] = {"asset": asset(), "quantity": "10", "unitPrice": "10"}
    account.book(
        account.row("DEPOSIT", amount="1000"),
        account.row("DEPOSIT", currency="GBP", amount="50"),
        account.row("BUY", fee="1.5", amount="101.5", **trade),
        account.row("SELL", "2026-01-06T15:00:00Z", fee="0.5", amount="99.5", **trade),
        account.row("DIVIDEND", asset=asset(), amount="7"),
        account.row("TAX", asset=asset(), amount="1", subtype="WITHHOLDING"),
        account.row("INTEREST", amount="0.3"),
        account.row("CREDIT", amount="0.2", subtype="REFUND"),
        account.row("FEE", amount="4"),
        account.row("WITHDRAWAL", currency="GBP", amount="20"),
    )
    assert account.held() == {"USD": Decimal("1000.5"), "GBP": Decimal(30)}


def test_what_a_trade_is_worth_is_its_product_before_3_8_and_its_amount_since(tracker: Tracker) -> None:
    account = tracker.account()
    account.book(
        account.row("SELL", asset=asset(), quantity="10", unitPrice="10", amount="500"),
        account.row("DIVIDEND", asset=asset(), currency="EUR", amount="7", fee="1"),
    )
    final = tracker.run(server_info).features.final_amounts
    assert account.held() == {"USD": Decimal(500 if final else 100), "EUR": Decimal(7 if final else 6)}


def test_the_pair_of_a_conversion_moves_both_currencies(tracker: Tracker) -> None:
    account = tracker.account()
    pair = {"sourceGroupId": "fx", "metadata": '{"flow":{"is_external":false}}'}
    account.book(
        account.row("TRANSFER_OUT", amount="125", **pair),
        account.row("TRANSFER_IN", currency="GBP", amount="100", fxRate="1.25", **pair),
    )
    assert account.held() == {"USD": Decimal(-125), "GBP": Decimal(100)}


def test_a_transfer_with_an_asset_moves_units_and_no_money(tracker: Tracker) -> None:
    account = tracker.account()
    account.book(
        account.row("TRANSFER_IN", asset=asset(), quantity="5", unitPrice="10", amount="50"),
        account.row("TRANSFER_OUT", "2026-01-06T15:00:00Z", asset=asset(), quantity="2", unitPrice="11"),
    )
    assert account.held() == {"ZZTS": Decimal(3)}


def test_a_trade_without_a_rate_is_paid_in_its_own_currency_and_with_one_in_the_accounts(
    tracker: Tracker,
) -> None:
    account = tracker.account("GBP")
    trade: dict[str, Any] = {"asset": asset(), "quantity": "10", "unitPrice": "10"}
    account.book(account.row("BUY", amount="100", **trade))
    assert account.held() == {"ZZTS": Decimal(10), "USD": Decimal(-100)}
    account.book(account.row("BUY", amount="100", fxRate="0.8", **trade))
    assert account.held() == {"ZZTS": Decimal(20), "USD": Decimal(-100), "GBP": Decimal(-80)}


def test_pounds_buy_what_is_quoted_in_pence(tracker: Tracker) -> None:
    account = tracker.account("GBP")
    line = asset("ZZPN", exchangeMic="XLON", quoteCcy="GBp")
    account.book(
        account.row("BUY", currency="GBP", asset=line, quantity="100", unitPrice="1.5", amount="150")
    )
    assert account.held() == {"ZZPN": Decimal(100), "GBP": Decimal(-150)}


def test_a_sale_of_more_than_is_held_takes_what_is_there_and_pays_for_all(tracker: Tracker) -> None:
    account = tracker.account()
    account.book(
        account.row("BUY", asset=asset(), quantity="2", unitPrice="10", amount="20"),
        account.row("SELL", "2026-01-06T15:00:00Z", asset=asset(), quantity="5", unitPrice="10", amount="50"),
    )
    assert account.held() == {"USD": Decimal(30)}
    rows = tracker.run(lambda client: rows_of(client, account.id))
    assert list(asset_quantities(rows, zone=_zone(tracker)).values()) == [-3]


def test_a_draft_does_not_count(tracker: Tracker) -> None:
    account = tracker.account()
    account.book(
        account.row("DEPOSIT", amount="1"),
        account.row("DEPOSIT", amount="2", status="DRAFT", needsReview=True),
    )
    assert account.held() == {"USD": Decimal(1)}


def test_an_option_is_paid_by_the_contract_and_expires(tracker: Tracker) -> None:
    account = tracker.account()
    option = asset("ZZTS271217C00150000", instrumentType="OPTION", exchangeMic=None)
    account.book(account.row("BUY", asset=option, quantity="2", unitPrice="1.5", fee="1", amount="301"))
    assert account.held() == {"ZZTS271217C00150000": Decimal(2), "USD": Decimal(-301)}
    account.book(
        account.row("ADJUSTMENT", "2026-01-08T15:00:00Z", asset=option, quantity="1", subtype="OPTION_EXPIRY")
    )
    assert account.held() == {"ZZTS271217C00150000": Decimal(1), "USD": Decimal(-301)}


def test_the_multiplier_of_an_asset_made_beforehand_is_kept(tracker: Tracker) -> None:
    account = tracker.account()
    symbol = "ZZMINI271217C00150000"
    option = _asset(
        tracker,
        name="Mini",
        instrumentType="OPTION",
        instrumentSymbol=symbol,
        displayCode=symbol,
        metadata={"option": {"underlyingAssetId": "ZZMINI", "expiration": "2027-12-17", "right": "CALL",
                             "strike": 150, "multiplier": 10}},
    )  # fmt: skip
    account.book(account.row("BUY", asset={"id": option}, quantity="2", unitPrice="3", amount="60"))
    assert account.held() == {symbol: Decimal(2), "USD": Decimal(-60)}


def test_a_split_counts_only_after_a_recalculation_and_changes_what_was_held_before(tracker: Tracker) -> None:
    account, zone = tracker.account(), _zone(tracker)
    share = asset("ZZSPL")
    account.write(account.row("BUY", "2026-01-05T15:00:00Z", asset=share, quantity="10", unitPrice="100"))
    account.wait_for(lambda holdings: bool(holdings.assets))
    account.write(
        account.row("SPLIT", "2026-02-05T15:00:00Z", asset=share, amount="3"),
        account.row("DEPOSIT", "2026-02-06T15:00:00Z", currency="EUR", amount="1"),
    )
    account.wait_for(lambda holdings: any(each.currency == "EUR" for each in holdings.cash))
    if not tracker.run(server_info).features.local_days:  # later ones are told of splits as such
        assert account.held()["ZZSPL"] == 10
    account.settle()
    assert account.held()["ZZSPL"] == 30
    day = dt.date(2026, 1, 20)
    assert account.held(day)["ZZSPL"] == 30
    rows = tracker.run(lambda client: rows_of(client, account.id))
    on_day = tracker.run(lambda client: holdings_on(client, account.id, day))
    then = before_splits(on_day, splits_after(rows, day, zone=zone))
    assert [each.quantity for each in then.assets] == [10]
    assert list(asset_quantities(rows, zone=zone).values()) == [30]


def test_what_was_held_between_two_days_is_what_was_held_on_the_first(tracker: Tracker) -> None:
    account = tracker.account()
    account.book(
        account.row("DEPOSIT", "2026-01-05T15:00:00Z", amount="1"),
        account.row("DEPOSIT", "2026-01-15T15:00:00Z", amount="2"),
    )
    days = [dt.date(2026, 1, day) for day in (4, 5, 14, 15, 16)]
    assert [account.held(day).get("USD", 0) for day in days] == [0, 1, 1, 3, 3]


def test_a_moment_belongs_to_the_day_that_it_has_in_the_servers_zone(tracker: Tracker) -> None:
    account, zone = tracker.account(), _zone(tracker)
    just_before = dt.datetime(2026, 1, 5, 23, 59, 59, tzinfo=zone).astimezone(dt.UTC)
    just_after = dt.datetime(2026, 1, 6, 0, 0, 1, tzinfo=zone).astimezone(dt.UTC)
    account.book(
        account.row("DEPOSIT", just_before.isoformat(), amount="1"),
        account.row("DEPOSIT", just_after.isoformat(), amount="2"),
    )
    assert [account.held(dt.date(2026, 1, day)).get("USD") for day in (5, 6)] == [1, 3]


def test_when_the_last_row_goes_nothing_is_held_after_a_recalculation(tracker: Tracker) -> None:
    account = tracker.account()
    [row_id] = account.book(account.row("DEPOSIT", amount="5"))
    assert account.held() == {"USD": Decimal(5)}
    tracker.run(lambda client: client.delete(f"/activities/{row_id}"))
    account.settle()
    assert account.held() == account.held(dt.date(2026, 2, 1)) == {}


def test_the_value_of_an_account_is_told_up_to_today(in_dollars: Tracker) -> None:
    account = in_dollars.account()
    account.book(account.row("DEPOSIT", amount="5"))
    value = in_dollars.run(lambda client: latest_valuation(client, account.id))
    assert value is not None
    assert (value.currency, value.total, value.cash) == ("USD", Decimal(5), Decimal(5))
    earlier = in_dollars.run(lambda client: valuation_on(client, account.id, dt.date(2026, 1, 20)))
    assert earlier is not None
    assert (earlier.day, earlier.total) == (dt.date(2026, 1, 20), Decimal(5))
    assert in_dollars.run(lambda client: valuation_on(client, account.id, dt.date(2026, 1, 1))) is None


def test_a_value_is_not_told_for_days_without_a_rate_of_exchange(in_dollars: Tracker) -> None:
    account = in_dollars.account()
    account.book(
        account.row("DEPOSIT", "2026-01-05T15:00:00Z", amount="5"),
        account.row("DEPOSIT", "2026-01-08T15:00:00Z", currency="XTS", amount="5"),
    )
    value = in_dollars.run(lambda client: latest_valuation(client, account.id))
    assert value is not None
    assert value.day == dt.date(2026, 1, 7)


def test_waiting_ends_when_the_server_holds_what_was_written(tracker: Tracker) -> None:
    account = tracker.account()
    account.write(account.row("DEPOSIT", amount="5"))
    [row] = tracker.run(lambda client: rows_of(client, account.id))

    async def wait(client: WealthfolioClient) -> Settled | StillWorking:
        await recalculate(client, account.id)
        return await wait_recalculated(
            client, account.id, changed_at=row.updated_at, sleep=tracker.sleep, clock=tracker.clock
        )

    seen = tracker.run(wait)
    assert isinstance(seen, Settled)
    assert [each.amount for each in seen.holdings.cash] == [5]


def _link(account: Account, ids: list[str]) -> JsonValue:
    body: JsonValue = {"activityAId": ids[0], "activityBId": ids[1]}
    return account.tracker.run(lambda client: client.post("/activities/link", body))


def test_rows_of_one_group_cannot_be_linked_again(tracker: Tracker) -> None:
    account, other = tracker.account(), tracker.account()
    grouped = {"amount": "5", "sourceGroupId": "pair"}
    [gone] = account.book(account.row("TRANSFER_OUT", **grouped))
    [come] = other.book(other.row("TRANSFER_IN", **grouped))
    with pytest.raises(RequestRefusedError, match="linked"):
        _link(account, [gone, come])
