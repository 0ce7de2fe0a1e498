"""Cash and positions of every corpus statement tie to the broker's own, or the file is cut: here is where."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest

from broker_sync.dedup import SyncRecordStore
from broker_sync.pipeline import sync_provider_to_wealthfolio
from broker_sync.providers.ibkr import IBKRProvider
from broker_sync.results import SyncResult
from broker_sync.sinks.ledger import LedgerSink

from .test_corpus import READ, admitted

pytestmark = pytest.mark.corpus

OF_ANOTHER = "every row beside the Cash Report is of another account"

CUT_CASH: dict[str, str] = {
    # Rows of many documentation samples in one statement; the Cash Report is of another account.
    "fragments/csingley+ibflex/test_types__all.xml": OF_ANOTHER,
    "fragments/vroonhof+ibflex/test_types__all.xml": OF_ANOTHER,
    "fragments/zepaz+ibflex2/test_types__all.xml": OF_ANOTHER,
    "fragments/tfiala+ibkr-flex-statement-rs/lib__file.xml": "trades of 68,963.37 USD and their commissions",
    # Made up by hand: starting cash and what follows from the rows do not add up to the ending cash.
    "henk789+ib-flex/tests__fixtures__activity_backfill.xml": "rows for its commissions",
    "henk789+ib-flex/tests__fixtures__activity_daily_portfolio.xml": "rows for what it adds up",
    "henk789+ib-flex/tests__fixtures__activity_extended.xml": "rows for 20,051 USD",
    # Cut down to a few rows for one test each.
    "portfolio-performance+portfolio/testIBFlexStatementFile21.xml": (
        "a deposit of 10,000 EUR, trades in EUR, CHF and USD, a sales tax, and the dividends of 23.86 USD"
    ),
    "portfolio-performance+portfolio/testIBFlexStatementFile22.xml": (
        "deposits of 20,100 EUR, the trades that the conversions paid for, and the dividends of 10.56 USD"
    ),
    # Its amounts were changed by whoever gave it away.
    "vroonhof+opensteuerauszug/tests__samples__import__ibkr__vtandchill_2025.xml": "the true amounts",
}
"""File -> what it lacks, for which its cash does not tie."""

CUT_POSITIONS: dict[str, str] = {
    "henk789+ib-flex/tests__fixtures__activity_complex_corporate_actions.xml": "a window to its last rows",
    "henk789+ib-flex/tests__fixtures__activity_tbills.xml": "a window to its last row",
    "vroonhof+opensteuerauszug/tests__samples__import__ibkr__vtandchill_2025.xml": "true amounts",
}
"""File -> what it lacks, for which its positions do not tie."""


def synced(name: str, folder: Path) -> list[SyncResult]:
    async def sync(account: str) -> SyncResult:
        provider = IBKRProvider(wf_account_id=account, upstream_account_id=account, admitted=admitted(name))
        sink = LedgerSink(folder)
        with SyncRecordStore(folder) as store:
            result = await sync_provider_to_wealthfolio(provider=provider, sink=sink, dedup=store)
        await sink.close()
        return result

    return [asyncio.run(sync(account)) for account in admitted(name)[0].survey.accounts]


def is_off(result: SyncResult) -> tuple[bool, bool]:
    positions = any(drift.exceeds() for drift in result.positions or ())
    return positions, any(drift.exceeds() for drift in result.cash or ())


@pytest.mark.slow
@pytest.mark.parametrize("name", READ)
def test_a_statement_ties_or_says_what_it_lacks(name: str, tmp_path: Path) -> None:
    first, second = synced(name, tmp_path), synced(name, tmp_path)
    off = [is_off(result) for result in first]
    assert any(positions for positions, _ in off) is (name in CUT_POSITIONS)
    assert any(cash for _, cash in off) is (name in CUT_CASH)
    for result in first:
        counted = result.new_after_dedup + result.known + result.updated + len(result.rejected)
        assert result.fetched == counted
    assert [result.new_after_dedup + result.updated + result.opening_changes for result in second] == [
        0
    ] * len(off)
    assert [is_off(result) for result in second] == off


REJECTED = {
    "cash transactions of type 'Realized P/L' are not known": 4,
    "USD.EUR settles in EUR, but the row's currency is USD": 3,
    "netCash -1418 is not proceeds -1420.35 plus taxes and commission -0.05": 2,
    "the currency 'UNKNOWN' is not one that an account can hold": 1,
    "the row has neither dateTime nor tradeDate": 1,
    "nothing in the document says in which currency TSLA is dealt": 1,
    "USD.JPY settles in JPY, but the row's currency is USD": 1,
    "netCash -5000 is not proceeds -5000 plus taxes and commission -2": 1,
    "the currency 'GBX' is not one that an account can hold": 1,
    "netCash -17867.17 is not proceeds -18433.35 plus taxes and commission -1": 1,
    "netCash -3970.4 is not proceeds -3976.96 plus taxes and commission -0.14": 1,
    "netCash -3686.8 is not proceeds -3124.77 plus taxes and commission -0.13": 1,
}
"""Every reason for which a row of the corpus is not booked, and how many rows there are."""


def test_only_what_a_person_would_refuse_too_is_rejected() -> None:
    found: dict[str, int] = {}
    for name in READ:
        for account in admitted(name)[0].survey.accounts:
            provider = IBKRProvider(wf_account_id="t", upstream_account_id=account, admitted=admitted(name))
            asyncio.run(_fetched(provider))
            for rejection in provider.rejections():
                found[rejection.reason] = found.get(rejection.reason, 0) + 1
    assert found == REJECTED


async def _fetched(provider: IBKRProvider) -> Decimal:
    amounts = [each.amount or Decimal(0) async for each in provider.fetch()]
    return sum(amounts, Decimal(0))
