"""One instrument is one asset, with its type, market, currency of quotes and multiplier."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest

from broker_sync.models import AssetClass, Instrument
from broker_sync.sinks.wealthfolio.asset_writing import Assets, Memory, parse_asset
from broker_sync.sinks.wealthfolio.assets import KnownAsset, choose, made_for, new_asset
from broker_sync.sinks.wealthfolio.errors import RequestRefusedError, TrackerAwayError, UnknownOutcomeError
from broker_sync.sinks.wealthfolio.fields import Fields, JsonValue
from broker_sync.sinks.wealthfolio.markets import market_of, without_ending
from broker_sync.sinks.wealthfolio.options import parse_osi
from broker_sync.sinks.wealthfolio.rows import AssetRef
from broker_sync.values import Isin
from tests.sinks.wealthfolio.payload_samples import (
    APPLE,
    BOND,
    BOND_BY_CUSIP,
    BRITISH,
    CALL,
    COIN,
    EUROPEAN_OPTION,
    FUND,
    FUTURE_OPTION,
    GOLD,
    SMALL_CALL,
    WARRANT,
)
from tests.tables import for_each


def share(symbol: str, currency: str = "USD", exchange: str | None = None) -> Instrument:
    return Instrument(symbol=symbol, currency=currency, exchange=exchange, conid="1")


@for_each(
    ("instrument", "identity"),
    [
        (APPLE, ("EQUITY", "AAPL", "XNAS", "USD", True)),
        (BRITISH, ("EQUITY", "VOD", "XLON", "GBp", True)),
        (share("VUSD.L", "USD", "LSEETF"), ("EQUITY", "VUSD", "XLON", "USD", True)),
        (share("BRK-B", exchange="NYSE"), ("EQUITY", "BRK-B", "XNYS", "USD", True)),
        (share("0700.HK", "HKD", "SEHK"), ("EQUITY", "0700", "XHKG", "HKD", True)),
        (share("AAPL"), ("EQUITY", "AAPL", None, "USD", True)),
        (share("AAPL", exchange="XNAS"), ("EQUITY", "AAPL", "XNAS", "USD", True)),
        (share("OTCPK", exchange="PINK"), ("EQUITY", "OTCPK", "OTCM", "USD", True)),
        # What nobody quotes: paper on its way out, dead paper, numbers for names.
        (share("GE.OLD", exchange="NYSE"), ("EQUITY", "GE.OLD", "XNYS", "USD", False)),
        (share("20200101120000GE"), ("EQUITY", "20200101120000GE", None, "USD", False)),
        (share("DEAD", exchange="VALUE"), ("EQUITY", "DEAD", None, "USD", False)),
        (share("ABC RT"), ("EQUITY", "ABC RT", None, "USD", False)),
        (share("123456"), ("EQUITY", "123456", None, "USD", False)),
        (FUND, ("EQUITY", "IE00B4L5Y983", None, "EUR", False)),
        (
            replace(share("WRNT.L", "GBP"), asset_class=AssetClass.WARRANT),
            ("EQUITY", "WRNT", "XLON", "GBP", False),
        ),
        (WARRANT, ("EQUITY", "WRNT WS", None, "USD", False)),
        (BOND, ("BOND", "US91282CAB12", None, "USD", True)),
        (BOND_BY_CUSIP, ("BOND", "91282CAC9", None, "USD", True)),
        (COIN, ("CRYPTO", "BTC", None, "USD", True)),
        (GOLD, ("EQUITY", "XAUUSD", None, "USD", False)),
        (CALL, ("OPTION", "AAPL270115C00250000", None, "USD", True)),
        (EUROPEAN_OPTION, ("EQUITY", "P BAS  20271217 50 M", None, "EUR", False)),
        (FUTURE_OPTION, ("EQUITY", "EW3H7 P4950", None, "USD", False)),
    ],
)
def test_an_asset_has_type_symbol_market_and_currency_of_quotes(
    instrument: Instrument, identity: tuple[str, str, str | None, str, bool]
) -> None:
    asset = new_asset(instrument)
    assert (asset.type, asset.symbol, asset.mic, asset.currency, asset.quoted) == identity
    assert asset.money == instrument.currency


def test_the_isin_and_whose_it_is_are_kept_with_the_asset() -> None:
    assert new_asset(APPLE).metadata == {
        "identifiers": {"isin": "US0378331005"},
        "broker_sync": {"key": "conid:265598"},
    }


def test_an_option_has_all_that_its_multiplier_needs_to_be_taken() -> None:
    assert new_asset(SMALL_CALL).metadata["option"] == {
        "underlyingAssetId": "",
        "expiration": "2027-01-15",
        "right": "PUT",
        "strike": "10.5",
        "multiplier": "10",
        "occSymbol": "MINI270115P00010500",
    }


def test_an_option_whose_multiplier_was_not_told_is_a_standard_one() -> None:
    asset = new_asset(replace(CALL, multiplier=Decimal(1)))
    assert asset.multiplier == 100


@for_each(
    ("symbol", "parts"),
    [
        ("AAPL  270115C00250000", ("AAPL270115C00250000", dt.date(2027, 1, 15), "CALL", Decimal(250))),
        ("AAPL270115P00000500", ("AAPL270115P00000500", dt.date(2027, 1, 15), "PUT", Decimal("0.5"))),
        ("AAPL  271315C00250000", None),
        ("P BAS  20271217 50 M", None),
        ("AAPL", None),
    ],
)
def test_an_option_is_read_from_its_symbol(symbol: str, parts: tuple[object, ...] | None) -> None:
    option = parse_osi(symbol)
    found = None if option is None else (option.compact, option.expiration, option.right, option.strike)
    assert found == parts


@for_each(
    ("symbol", "exchange", "market", "bare"),
    [
        ("VUAG.L", None, "XLON", "VUAG"),
        ("SAP.DE", "IBIS", "XETR", "SAP"),
        ("EIT-UN.TO", None, "XTSE", "EIT-UN"),
        ("AAPL", "NASDAQ", "XNAS", "AAPL"),
        ("AAPL", "ISLAND", None, "AAPL"),
        ("GE.OLD", "NYSE", "XNYS", "GE.OLD"),
        (".L", None, None, ".L"),
        ("SAP", "XETR", "XETR", "SAP"),
    ],
)
def test_the_market_is_in_the_ending_or_the_us_home(
    symbol: str, exchange: str | None, market: str | None, bare: str
) -> None:
    assert (market_of(symbol, exchange), without_ending(symbol)) == (market, bare)


def known(**more: object) -> KnownAsset:
    fields: dict[str, object] = {
        "id": "a",
        "type": "EQUITY",
        "symbol": "AAPL",
        "mic": "XNAS",
        "currency": "USD",
        **more,
    }
    return KnownAsset(**fields)  # type: ignore[arg-type]


@for_each(
    ("assets", "chosen"),
    [
        ([], None),
        ([known()], "a"),
        ([known(mic="XNYS")], None),
        ([known(mic=None)], None),
        ([known(mic=None, symbol="APC", isin="US0378331005")], "a"),
        ([known(mic="XETR", symbol="APC", isin="US0378331005", currency="EUR")], None),
        ([known(mic=None, symbol="APC", isin="US0378331005", currency="EUR")], None),
        ([known(mic="XNYS", symbol="APC", isin="US0378331005")], None),
        ([known(id=name, mic=None, symbol=name, isin="US0378331005") for name in ("X", "Y")], None),
        ([known(currency="EUR")], None),
        ([known(type="CRYPTO", isin="US0378331005", mic=None)], None),
    ],
)
def test_an_instrument_keeps_the_asset_that_is_its_own(assets: list[KnownAsset], chosen: str | None) -> None:
    found = choose(APPLE, new_asset(APPLE), assets)
    assert (None if found is None else found.id) == chosen


def test_an_asset_that_was_made_for_an_instrument_is_its_own_whatever_it_is_called() -> None:
    assets = [known(), known(id="b", symbol="FB", mic=None, key="conid:265598")]
    found = made_for(APPLE, assets)
    assert found is not None
    assert found.id == "b"
    assert made_for(BRITISH, assets) is None


def test_a_london_line_in_pence_is_that_of_the_pounds_it_is_dealt_in() -> None:
    found = choose(BRITISH, new_asset(BRITISH), [known(symbol="VOD", mic="XLON", currency="GBp")])
    assert found is not None
    assert choose(BRITISH, new_asset(BRITISH), [known(symbol="VOD", mic="XLON", currency="USD")]) is None


def test_two_brokers_numbers_of_one_share_are_one_asset() -> None:
    other = replace(APPLE, conid=None, symbol="AAPL", exchange=None)
    assert choose(other, new_asset(other), [known(key="conid:265598", isin=Isin("US0378331005"))]) is not None


# --- making them ---


class FakeAssets:
    """A server with assets; `fail` is raised by the next making, `quotes` says what lines are quoted in."""

    def __init__(self, *, quotes: JsonValue = None, fail: Exception | None = None) -> None:
        self.made: list[dict[str, JsonValue]] = []
        self.asked: list[str] = []
        self.quotes = quotes
        self.fail = fail
        self.make_before_failing = False

    async def get(self, path: str, params: Mapping[str, str] | None = None) -> JsonValue:
        self.asked.append(path)
        if path == "/assets":
            return list(self.made)
        if isinstance(self.quotes, Exception):
            raise self.quotes
        assert params is not None
        return {"currency": self.quotes}

    async def query(self, path: str, body: JsonValue) -> JsonValue:
        raise AssertionError((path, body))

    async def post(self, path: str, body: JsonValue | bytes = None) -> JsonValue:
        assert path == "/assets"
        assert isinstance(body, dict)
        taken = [
            each
            for each in self.made
            if all(each[name] == body[name] for name in ("instrumentSymbol", "instrumentExchangeMic"))
        ]
        if taken:
            return taken[0]
        asset: dict[str, JsonValue] = {**body, "id": f"asset-{len(self.made)}"}
        if self.fail is None or self.make_before_failing:
            self.made.append(asset)
        if self.fail is not None:
            error, self.fail = self.fail, None
            raise error
        return asset


async def nothing() -> Mapping[str, str]:
    return {}


def made(server: FakeAssets, *instruments: Instrument, memory: Memory = nothing) -> dict[str, AssetRef | str]:
    return asyncio.run(Assets(server).refs(instruments, memory))


def test_an_asset_is_made_once_and_found_by_the_next_run() -> None:
    server = FakeAssets()
    first = made(server, APPLE, APPLE)
    renamed = replace(APPLE, symbol="APPL", exchange=None)
    assert made(server, renamed) == first == {APPLE.key: AssetRef(id="asset-0", currency="USD")}
    assert len(server.made) == 1


def test_an_instrument_is_booked_under_the_asset_that_it_had_before() -> None:
    """New paper shares the asset of the old under one symbol; when its symbol changes, it stays there."""
    server = FakeAssets()
    made(server, APPLE)
    new_paper = replace(APPLE, conid="2", isin=None)

    async def memory() -> Mapping[str, str]:
        return {"conid:2": "asset-0"}

    assert made(server, new_paper)[new_paper.key] == AssetRef(id="asset-0", currency="USD")
    renamed = replace(new_paper, symbol="AAPL.NEW", exchange=None)
    assert made(server, renamed, memory=memory)[new_paper.key] == AssetRef(id="asset-0", currency="USD")
    assert len(server.made) == 1


def test_the_assets_are_asked_for_once_a_run_and_only_where_one_is_needed() -> None:
    server = FakeAssets()
    assets = Assets(server)
    asyncio.run(assets.refs([], nothing))
    assert server.asked == []
    for _ in range(2):
        asyncio.run(assets.refs([APPLE, BOND], nothing))
    assert server.asked == ["/assets"]


def test_a_multiplier_comes_from_the_asset_that_is_there() -> None:
    server = FakeAssets()
    assert made(server, SMALL_CALL)[SMALL_CALL.key] == AssetRef(
        id="asset-0", currency="USD", multiplier=Decimal(10)
    )


@for_each(
    ("quotes", "currency"),
    [
        (None, "GBp"),
        ("GBP", "GBP"),
        ("GBp", "GBp"),
        ("EUR", "GBp"),
        (TrackerAwayError(server="s", found="away"), "GBp"),
        (RequestRefusedError(request="r", status=404, said=""), "GBp"),
    ],
)
def test_pence_or_pounds_is_what_the_source_of_quotes_says(quotes: JsonValue, currency: str) -> None:
    server = FakeAssets(quotes=quotes)
    assert made(server, BRITISH)[BRITISH.key] == AssetRef(id="asset-0", currency="GBP")
    assert server.made[0]["quoteCcy"] == currency


def test_a_symbol_that_stands_for_other_money_gets_an_asset_of_its_own() -> None:
    server = FakeAssets()
    made(server, share("DUAL.L", "USD"))
    second = Instrument(symbol="DUAL.L", currency="EUR", conid="2")
    assert made(server, second)[second.key] == AssetRef(id="asset-1", currency="EUR")
    assert (server.made[1]["instrumentSymbol"], server.made[1]["quoteMode"]) == ("DUAL EUR", "MANUAL")
    assert made(server, second)[second.key] == AssetRef(id="asset-1", currency="EUR")


def test_an_asset_that_the_server_refuses_is_told_and_the_others_are_made() -> None:
    server = FakeAssets(fail=RequestRefusedError(request="r", status=400, said="no such thing"))
    found = made(server, APPLE, BOND)
    assert found[APPLE.key] == "Wealthfolio makes no asset of AAPL: no such thing"
    assert isinstance(found[BOND.key], AssetRef)


def test_an_asset_whose_making_was_not_answered_is_looked_for() -> None:
    server = FakeAssets(fail=UnknownOutcomeError(request="r", found="hung up"))
    server.make_before_failing = True
    assert made(server, APPLE)[APPLE.key] == AssetRef(id="asset-0", currency="USD")


def test_an_asset_that_was_not_made_is_a_matter_for_the_next_run() -> None:
    with pytest.raises(UnknownOutcomeError):
        made(FakeAssets(fail=UnknownOutcomeError(request="r", found="hung up")), APPLE)


@for_each(
    ("metadata", "multiplier"),
    [
        (None, 100),
        ({}, 100),
        ({"option": {}}, 100),
        ({"option": {"multiplier": "10"}}, 10),
        ({"option": {"multiplier": 7}}, 7),
        ({"option": {"multiplier": Decimal("7.5")}}, "7.5"),
        ({"option": {"multiplier": "many"}}, 100),
    ],
)
def test_the_multiplier_of_an_option_is_a_hundred_unless_it_is_noted(
    metadata: JsonValue, multiplier: str | int
) -> None:
    fields: dict[str, JsonValue] = {
        "id": "a",
        "instrumentType": "OPTION",
        "quoteCcy": "USD",
        "metadata": metadata,
    }
    assert parse_asset(Fields(fields, "an asset")).multiplier == Decimal(multiplier)


def test_only_options_have_a_multiplier_to_the_server() -> None:
    fields: dict[str, JsonValue] = {"id": "a", "instrumentType": "EQUITY", "quoteCcy": "USD"}
    assert parse_asset(Fields(fields, "an asset")).multiplier == 1
    assert new_asset(FUTURE_OPTION).multiplier == 1
    assert AssetClass.FUTURE_OPTION is FUTURE_OPTION.asset_class
