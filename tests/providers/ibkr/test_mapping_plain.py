"""The quick way through the plain trades says what the general mapping says, to the last field."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker_sync.errors import ValueFormatError
from broker_sync.models import Activity
from broker_sync.providers.ibkr.context import Context, UnbookableError
from broker_sync.providers.ibkr.mapping_plain import plain_shares
from broker_sync.providers.ibkr.mapping_trades import map_trade
from broker_sync.providers.ibkr.moments import Clock
from broker_sync.providers.ibkr.records import Trade

from . import corpus, rows
from .builders import TRACKED, Row, one_statement, read, sale, surveyed, trade, trades

Outcomes = list[list[Activity]]
"""The activities of each row; none for one that was rejected."""


def general(found: Sequence[Row], document: str) -> Outcomes:
    """What the general mapping makes of the rows, with the instruments of their document."""
    survey = surveyed(document)
    within = Context(account=TRACKED, directory=survey.directory, clock=Clock(order=survey.order))
    outcomes: Outcomes = []
    for row in found:
        try:
            outcomes.append(map_trade(f"ibkr:trade:{row['transactionID']}", Trade(row, survey.order), within))
        except (UnbookableError, ValueFormatError):
            outcomes.append([])
    return outcomes


def through_a_document(found: Sequence[Row], document: str) -> Outcomes:
    """What a whole reading makes of the rows."""
    reading = read(document)
    outcomes: dict[str, list[Activity]] = {f"ibkr:trade:{row['transactionID']}": [] for row in found}
    for activity in reading.activities:
        outcomes[activity.record_id].append(activity)
    assert {rejection.external_id for rejection in reading.rejections} == {
        record_id for record_id, activities in outcomes.items() if not activities
    }
    return list(outcomes.values())


def assert_alike(found: Sequence[Row]) -> None:
    numbered = [{**row, "transactionID": str(number)} for number, row in enumerate(found, start=1)]
    document = one_statement(trades(*numbered))
    expected = general(numbered, document)
    for row, one, other in zip(numbered, through_a_document(numbered, document), expected, strict=True):
        assert one == other, row


@given(st.lists(rows.share_trades(), min_size=1, max_size=2))
def test_generated_trades_are_mapped_alike(found: list[Row]) -> None:
    assert_alike(found)


@pytest.mark.parametrize("row", [trade(), sale()], ids=["purchase", "sale"])
def test_spoilt_trades_are_mapped_alike(row: Row) -> None:
    spoilt = [
        found
        for found in rows.spoilt(row)
        # Who it belongs to, and what it sums up, is another question; slashes decide for a whole document.
        if found["accountId"] == row["accountId"]
        and found["levelOfDetail"] == "EXECUTION"
        and "05/06/2026" not in found.values()
    ]
    assert len(spoilt) > 800
    assert_alike(spoilt)


@pytest.mark.parametrize("row", [trade(), sale(), trade(multiplier=""), trade(reportDate="")])
def test_an_ordinary_trade_takes_the_quick_way(row: Row) -> None:
    directory = surveyed(one_statement(trades(row))).directory
    within = Context(account=TRACKED, directory=directory, clock=Clock())
    assert plain_shares(tuple(row), within)(tuple(row.values())) is not None


OUT_OF_THE_ORDINARY: list[dict[str, str | None]] = [
    {"reportDate": "-"},
    {"reportDate": "--", "dateTime": "20260520;213000"},
    {"reportDate": None, "dateTime": "20260520;213000"},
    {"reportDate": "20260521"},
    {"dateTime": "20260519;203000"},
    {"dateTime": "2026-05-20;10:30:00", "tradeDate": "2026-05-20"},
    {"dateTime": "2026-05-20;0930", "tradeDate": "2026-05-20"},
    {"dateTime": "20260520"},
    {"dateTime": "20260520;103000 BST"},
    {"tradeDate": "2026"},
    {"tradeDate": "2026", "reportDate": None},
    {"ibCommission": "0"},
    {"ibCommission": "0.00", "taxes": "-0.00"},
    {"ibCommission": None},
    {"ibCommission": "2"},
    {"ibCommission": "-1", "taxes": "1.5", "netCash": "-999.5"},
    {"ibCommission": "-1", "taxes": "1", "netCash": None},
    {"ibCommissionCurrency": ""},
    {"ibCommissionCurrency": "GBP"},
    {"ibCommissionCurrency": "-"},
    {"ibCommissionCurrency": None},
    {"proceeds": None},
    {"proceeds": None, "tradeMoney": ""},
    {"proceeds": None, "tradeMoney": "1000.5"},
    {"proceeds": "", "multiplier": "10", "netCash": ""},
    {"proceeds": "0", "netCash": "-1"},
    {"tradePrice": "0", "proceeds": None, "netCash": "-1"},
    {"tradePrice": "-100"},
    {"multiplier": "1.0"},
    {"multiplier": ""},
    {"multiplier": "0"},
    {"netCash": "-1001.004"},
    {"netCash": "-1002"},
    {"netCash": None},
    {"notes": "P;Ca"},
    {"notes": "", "code": "Ca"},
    {"notes": "P", "code": "Ca"},
    {"notes": "Cap"},
    {"transactionType": "TradeCancel"},
    {"transactionType": "BookTrade"},
    {"transactionType": None},
    {"conid": ""},
    {"conid": None},
    {"conid": "", "symbol": "", "isin": ""},
    {"conid": "2002", "listingExchange": "LSE"},
    {"currency": "GBX"},
    {"currency": "GBX", "ibCommissionCurrency": "GBX"},
    {"currency": "", "ibCommissionCurrency": ""},
    {"currency": "EUR"},
    {"assetCategory": "ETF"},
    {"assetCategory": "OPT"},
    {"buySell": ""},
    {"buySell": "BUY (Ca.)"},
    {"quantity": "-10"},
    {"quantity": "0"},
    {"quantity": "10", "buySell": "SELL"},
]


def test_what_is_out_of_the_ordinary_is_mapped_alike() -> None:
    assert_alike([kind(**changes) for kind in (trade, sale) for changes in OUT_OF_THE_ORDINARY])


@pytest.mark.parametrize("changes", OUT_OF_THE_ORDINARY, ids=str)
def test_it_is_mapped_alike_in_a_document_of_its_own(changes: dict[str, str | None]) -> None:
    assert_alike([trade(**changes)])


def test_sales_that_their_charges_eat_up_are_mapped_alike() -> None:
    assert_alike(
        [
            sale(quantity="-1", tradePrice="0.5", proceeds="0.5", netCash="-0.5"),
            sale(quantity="-1", tradePrice="1", proceeds="1", netCash="0"),
        ]
    )


@pytest.mark.parametrize("month_first", [True, False])
def test_trades_dated_with_slashes_are_mapped_alike(*, month_first: bool) -> None:
    telling = "05/31/2026" if month_first else "31/05/2026"
    assert_alike(
        [
            trade(dateTime="05/06/2026;1030", tradeDate="05/06/2026", reportDate="05/06/2026"),
            trade(dateTime=f"{telling};103000", tradeDate=telling, reportDate=telling),
        ]
    )


def test_many_kinds_of_trade_do_not_pile_up() -> None:
    assert_alike([trade(notes=f"P{number}") for number in range(1100)])


@pytest.mark.corpus
def test_the_trades_of_the_corpus_are_mapped_alike() -> None:
    found = [
        # The account is made ours, so that one document holds them all.
        {**row.attrib, "accountId": TRACKED.provider_account_id}
        for name in corpus.readable()
        for part in corpus.parts(name)
        for row in part.iterfind("Trades/Trade")
        if row.get("levelOfDetail", "") in {"", "EXECUTION"} and "/" not in row.get("tradeDate", "")
    ]
    assert len(found) > 100
    assert_alike(found)
