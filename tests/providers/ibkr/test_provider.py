from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from broker_sync.contracts import Provider
from broker_sync.errors import SettingsError
from broker_sync.models import AccountType, Activity
from broker_sync.providers.ibkr import (
    IBKRAccountMismatchError,
    IBKRError,
    IBKRProvider,
    StatementRefusedError,
)

from .builders import (
    ACCOUNT,
    D,
    Text,
    account_information,
    at_once,
    balance,
    balances,
    cash,
    cash_rows,
    document,
    fetch,
    one_statement,
    position,
    positions,
    read,
    read_as,
    sale,
    section,
    statement,
    trade,
    trades,
)

WHOLE = one_statement(account_information(), trades(trade(), sale()), positions(position()))


def provider(*documents: Text, upstream: str = ACCOUNT) -> IBKRProvider:
    return IBKRProvider(
        token="secret-token",
        query_id="123",
        wf_account_id="tracker-1",
        upstream_account_id=upstream,
        documents=documents,
        account_type=AccountType.ISA,
    )


def test_it_is_a_provider() -> None:
    assert isinstance(provider(), Provider)
    assert provider().name == "ibkr"


def test_nothing_is_known_before_the_first_fetch() -> None:
    one = provider(Text(WHOLE))
    assert one.open_positions() == []
    assert list(one.rejections()) == []
    assert list(one.truths()) == []
    (account,) = one.accounts()
    assert (account.id, account.provider_account_id, account.provider) == ("tracker-1", ACCOUNT, "ibkr")
    assert (account.account_type, account.currency) == (AccountType.ISA, None)


def test_the_currency_of_the_account_is_known_after_it() -> None:
    one = provider(Text(WHOLE))
    fetch(one)
    assert one.accounts()[0].currency == "GBP"
    assert one.open_positions() == [("WDGT", D(6))]


def test_without_base_currency_the_account_has_none() -> None:
    one = provider(Text(one_statement(trades(trade()))))
    fetch(one)
    assert one.accounts()[0].currency is None


@pytest.mark.parametrize("currency", ["GBX", "UNKNOWN", "-", "BASE_SUMMARY"])
def test_a_base_currency_that_is_none_stops_nothing(currency: str) -> None:
    one = provider(Text(one_statement(account_information(currency=currency), trades(trade()))))
    assert fetch(one).ids == ["ibkr:trade:9001"]
    assert one.accounts()[0].currency is None


def test_activities_carry_the_trackers_account() -> None:
    found = fetch(provider(Text(WHOLE)))
    assert {(a.account_id, a.account_type) for a in found.activities} == {("tracker-1", AccountType.ISA)}


def test_a_token_is_never_shown() -> None:
    assert repr(provider()) == "IBKRProvider(upstream_account_id='U1234567')"


def test_without_statements_there_is_nothing_to_read() -> None:
    bare = IBKRProvider(token="secret-token", wf_account_id="tracker-1", upstream_account_id=ACCOUNT)
    with pytest.raises(SettingsError, match="no statement to read"):
        fetch(bare)


def test_another_accounts_statement_yields_nothing() -> None:
    with pytest.raises(IBKRAccountMismatchError):
        fetch(provider(Text(WHOLE), upstream="U99999999"))


def test_a_fetch_can_be_repeated() -> None:
    one = provider(Text(WHOLE))
    first, second = fetch(one), fetch(one)
    assert first.activities == second.activities
    assert first.truths == second.truths


def test_positions_are_those_of_the_latest_statement_that_has_them() -> None:
    early = one_statement(positions(position(position="1")), toDate="20260502")
    late = one_statement(trades(trade()), toDate="20260503")
    assert read(late, early).provider.open_positions() == [("WDGT", D(1))]


def test_a_document_without_the_account_is_passed_over() -> None:
    assert read_as("U2", WHOLE).activities == []
    both = document(statement(trades(trade())), statement(cash_rows(cash(accountId="U2")), accountId="U2"))
    assert read_as("U2", both).ids == ["ibkr:cash:7001"]


@pytest.mark.parametrize("text", ["soon", "2026-05-26, 02:00 AM EDT", "", "-"])
def test_when_a_statement_was_made_is_no_reason_to_refuse_it(text: str) -> None:
    assert read(one_statement(trades(trade()), whenGenerated=text)).ids == ["ibkr:trade:9001"]


EQUITY = {"accountId": ACCOUNT, "reportDate": "20260531", "currency": "GBP", "cash": "100", "total": "1500.5"}


def equity(**changes: str) -> str:
    return section("EquitySummaryInBase", "EquitySummaryByReportDateInBase", {**EQUITY, **changes})


@pytest.mark.parametrize(
    "text",
    [
        one_statement(trades(trade()), positions(position(position="some"))),
        one_statement(trades(trade()), positions(position(costBasisMoney="some"))),
        one_statement(trades(trade()), positions(position(costBasisMoney="", multiplier="some"))),
        one_statement(trades(trade()), balances(balance(endingCash="some"))),
        one_statement(trades(trade()), equity(total="some")),
        one_statement(trades(trade()), equity(reportDate="someday")),
        one_statement(trades(trade()), fromDate="someday"),
        one_statement(trades(trade()), toDate="someday"),
    ],
)
def test_a_wrong_word_on_what_is_true_refuses_the_statement_before_anything_is_booked(text: str) -> None:
    one = provider(Text(text))
    seen: list[Activity] = []

    async def look() -> list[Activity]:
        async for activity in one.fetch():
            seen.append(activity)  # noqa: PERF401 - what came before a failure counts
        return seen

    with pytest.raises(StatementRefusedError, match=r"^statement.xml: "):
        at_once(look())
    assert seen == []


class Changing(Text):
    """A file that someone writes to while it is read."""

    times = 0

    def chunks(self) -> Iterator[bytes]:
        Changing.times += 1
        yield self.content if Changing.times < 4 else self.content + b"\n"


def test_a_file_that_changes_while_it_is_read_is_an_error() -> None:
    with pytest.raises(IBKRError, match=r"statement.xml changed while it was read; run again"):
        fetch(provider(Changing(WHOLE)))


def test_it_can_be_closed_at_any_time() -> None:
    asyncio.run(provider().close())
