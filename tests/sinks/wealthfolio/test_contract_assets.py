"""How the server tells assets apart, held to the real server and to our stand-in alike."""

import itertools
from typing import Any

import pytest

from broker_sync.sinks.wealthfolio.errors import RequestRefusedError
from broker_sync.sinks.wealthfolio.fields import Fields, JsonValue
from broker_sync.sinks.wealthfolio.reading import rows_of
from tests.sinks.wealthfolio.trackers import Account, Tracker, asset

_letters = itertools.count()


def _symbol(tracker: Tracker) -> str:
    """One that no test has used, on a server that may remember earlier runs."""
    account = tracker.account()
    return f"Z{account.id[:8].upper()}{next(_letters)}"


def _assets_of(account: Account, *named: dict[str, JsonValue]) -> list[str]:
    """The assets that rows which name them so end up with."""
    trade = {"quantity": "1", "unitPrice": "1"}
    answer = account.write(*[account.row("BUY", asset=each, **trade) for each in named])
    assert not answer.parts("errors"), answer.values["errors"]
    return [each.text("assetId") for each in answer.parts("created")]


def _make(tracker: Tracker, **fields: JsonValue) -> Fields:
    body: dict[str, JsonValue] = {"kind": "INVESTMENT", "quoteMode": "MARKET", "quoteCcy": "USD", **fields}
    return Fields.of(tracker.run(lambda client: client.post("/assets", body)), "asset")


def test_the_same_symbol_and_market_are_one_asset_without_the_market_another(tracker: Tracker) -> None:
    account, symbol = tracker.account(), _symbol(tracker)
    first, again, other, bare = _assets_of(
        account,
        asset(symbol),
        asset(symbol, name="Other name"),
        asset(symbol, exchangeMic="XLON"),
        asset(symbol, exchangeMic=None),
    )
    assert first == again
    assert len({first, other, bare}) == 3


def test_an_asset_that_is_there_is_given_back_as_it_is(tracker: Tracker) -> None:
    symbol = _symbol(tracker)
    what = {"instrumentType": "EQUITY", "instrumentSymbol": symbol, "instrumentExchangeMic": "XLON"}
    first = _make(
        tracker, name="First", quoteCcy="GBp", metadata={"identifiers": {"isin": "GB00TEST0001"}}, **what
    )
    again = _make(tracker, name="Second", quoteCcy="USD", **what)
    assert again.text("id") == first.text("id")
    assert (again.text("name"), again.text("quoteCcy")) == ("First", "GBp")
    assert again.part("metadata").part("identifiers").text("isin") == "GB00TEST0001"


def test_an_asset_can_be_named_under_either_of_two_fields(tracker: Tracker) -> None:
    account, symbol = tracker.account(), _symbol(tracker)
    trade: dict[str, Any] = {"quantity": "1", "unitPrice": "1"}
    named = [account.row("BUY", **{**trade, field: asset(symbol)}) for field in ("asset", "symbol")]
    made = [each.text("assetId") for each in account.write(*named).parts("created")]
    assert made[0] == made[1]


def test_a_row_can_name_an_asset_by_its_id(tracker: Tracker) -> None:
    account, symbol = tracker.account(), _symbol(tracker)
    made = _make(
        tracker,
        instrumentType="EQUITY",
        instrumentSymbol=symbol,
        instrumentExchangeMic="XNAS",
        displayCode=symbol,
    )
    assert _assets_of(account, {"id": made.text("id")}, asset(symbol)) == [made.text("id")] * 2
    [row, _] = tracker.run(lambda client: rows_of(client, account.id))
    assert (row.symbol, row.exchange_mic) == (symbol, "XNAS")


def test_a_new_asset_without_a_currency_of_quotes_is_refused(tracker: Tracker) -> None:
    account = tracker.account()
    trade = {"quantity": "1", "unitPrice": "1"}
    named = asset(_symbol(tracker), quoteCcy=None)
    answer = account.write(account.row("BUY", asset=named, id="it", **trade))
    assert [each.text("id") for each in answer.parts("errors")] == ["it"]


def test_a_short_ticker_that_is_not_told_apart_is_taken_for_a_coin(tracker: Tracker) -> None:
    account = tracker.account()
    _assets_of(account, {"symbol": "SOL", "quoteCcy": "USD"}, asset("SOL"))
    rows = tracker.run(lambda client: rows_of(client, account.id))
    assert [row.instrument_type for row in rows] == ["CRYPTO", "EQUITY"]


def test_an_option_has_no_market(tracker: Tracker) -> None:
    account = tracker.account()
    option = asset("ZZTS271217P00150000", instrumentType="OPTION", exchangeMic="XNAS")
    _assets_of(account, option)
    [row] = tracker.run(lambda client: rows_of(client, account.id))
    assert (row.instrument_type, row.exchange_mic) == ("OPTION", None)


def test_a_bond_is_known_by_its_isin(tracker: Tracker) -> None:
    symbol = "US0000000002"
    made = _make(tracker, instrumentType="BOND", instrumentSymbol=symbol, name="Bond")
    assert (made.text("instrumentSymbol"), made.maybe_text("instrumentExchangeMic")) == (symbol, None)


def test_what_is_no_asset_is_refused(tracker: Tracker) -> None:
    wrong: list[tuple[dict[str, JsonValue], int]] = [
        ({"quoteCcy": None}, 422),
        ({"instrumentType": "SOMETHING", "instrumentSymbol": "X"}, 422),
        ({"name": "Without a symbol"}, 400),
    ]
    for fields, status in wrong:
        with pytest.raises(RequestRefusedError) as refused:
            _make(tracker, **fields)
        assert refused.value.status == status


def test_an_asset_with_activities_cannot_be_deleted(tracker: Tracker) -> None:
    account = tracker.account()
    [asset_id] = _assets_of(account, asset(_symbol(tracker)))
    with pytest.raises(RequestRefusedError):
        tracker.run(lambda client: client.delete(f"/assets/{asset_id}"))


def test_assets_are_listed_with_what_tells_them_apart(tracker: Tracker) -> None:
    symbol = _symbol(tracker)
    made = _make(
        tracker,
        instrumentType="EQUITY",
        instrumentSymbol=symbol,
        instrumentExchangeMic="XNAS",
        displayCode=symbol,
    )
    listed = tracker.run(lambda client: client.get("/assets"))
    assert isinstance(listed, list)
    [found] = [each for each in listed if isinstance(each, dict) and each["id"] == made.text("id")]
    assert found["instrumentKey"] == f"EQUITY:{symbol}@XNAS"


def test_without_a_source_of_quotes_the_currency_of_a_line_is_not_known(tracker: Tracker) -> None:
    asked = {"symbol": _symbol(tracker), "instrumentType": "EQUITY", "exchangeMic": "XLON"}
    answer = tracker.run(lambda client: client.get("/market-data/resolve-currency", asked))
    assert Fields.of(answer, "currency").maybe_text("currency") is None
