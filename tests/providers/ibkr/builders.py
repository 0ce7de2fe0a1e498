"""Writes Flex statements from Python rows, and reads them the way a sync does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias
from xml.sax.saxutils import quoteattr

from broker_sync.contracts import Rejection, Truth
from broker_sync.models import Account, AccountType, Activity, Instrument
from broker_sync.providers.ibkr import Document, IBKRProvider
from broker_sync.providers.ibkr.admission import admit
from broker_sync.providers.ibkr.context import Context
from broker_sync.providers.ibkr.formats import NEW_YORK, DayOrder
from broker_sync.providers.ibkr.instruments import Directory
from broker_sync.providers.ibkr.mapping import map_record
from broker_sync.providers.ibkr.moments import Clock
from broker_sync.providers.ibkr.records import CashTransaction, Trade
from broker_sync.providers.ibkr.statement import groups
from broker_sync.providers.ibkr.survey import Survey, survey
from broker_sync.values import CurrencyCode

Row: TypeAlias = dict[str, str]

ACCOUNT = "U1234567"
HEAD = {
    "accountId": ACCOUNT,
    "fromDate": "20260501",
    "toDate": "20260531",
    "period": "LastMonth",
    "whenGenerated": "20260601;020000",
}
BASE = {"accountId": ACCOUNT, "acctAlias": "", "currency": "GBP"}

WIDGET = {
    "currency": "USD",
    "assetCategory": "STK",
    "symbol": "WDGT",
    "conid": "1001",
    "isin": "US0000001001",
    "listingExchange": "NASDAQ",
}
"""A share that nobody else knows."""


# --- rows: a complete, ordinary one, in which `changes` stand out; None takes a column away ---


def changed(row: Row, changes: dict[str, str | None]) -> Row:
    return {name: text for name, text in {**row, **changes}.items() if text is not None}


def trade(**changes: str | None) -> Row:
    """10 WDGT bought at 100 USD for 1 USD of commission."""
    return changed(
        {
            "accountId": ACCOUNT,
            **WIDGET,
            "levelOfDetail": "EXECUTION",
            "transactionType": "ExchTrade",
            "transactionID": "9001",
            "tradeID": "8001",
            "ibExecID": "0000aaaa.01.01",
            "buySell": "BUY",
            "quantity": "10",
            "tradePrice": "100",
            "proceeds": "-1000",
            "taxes": "0",
            "ibCommission": "-1",
            "ibCommissionCurrency": "USD",
            "netCash": "-1001",
            "multiplier": "1",
            "cost": "1001",
            "tradeDate": "20260520",
            "dateTime": "20260520;103000",
            "reportDate": "20260520",
            "notes": "",
        },
        changes,
    )


def sale(**changes: str | None) -> Row:
    """4 WDGT sold at 110 USD for 1 USD of commission."""
    sold = {
        "transactionID": "9002", "tradeID": "8002", "ibExecID": "0000aaab.01.01",
        "buySell": "SELL", "quantity": "-4", "tradePrice": "110", "proceeds": "440", "netCash": "439",
        "cost": "-400.4", "tradeDate": "20260521", "dateTime": "20260521;110000", "reportDate": "20260521",
    }  # fmt: skip
    return changed(trade(**sold), changes)


def conversion(**changes: str | None) -> Row:
    """1000 EUR bought for 1100 USD, 2 GBP of commission."""
    pair = {
        "currency": "USD", "assetCategory": "CASH", "symbol": "EUR.USD", "conid": "12087792", "isin": "",
        "listingExchange": "", "transactionID": "9003", "tradeID": "8003", "ibExecID": "0000aaac.01.01",
        "buySell": "BUY", "quantity": "1000", "tradePrice": "1.1", "proceeds": "-1100", "netCash": "0",
        "ibCommission": "-2", "ibCommissionCurrency": "GBP", "cost": "0",
    }  # fmt: skip
    return changed(trade(**pair), changes)


def cash(**changes: str | None) -> Row:
    """A dividend of 12.50 USD on WDGT."""
    return changed(
        {
            "accountId": ACCOUNT,
            **WIDGET,
            "levelOfDetail": "DETAIL",
            "transactionID": "7001",
            "type": "Dividends",
            "amount": "12.5",
            "description": "WDGT(US0000001001) CASH DIVIDEND USD 1.25 PER SHARE",
            "dateTime": "20260522;202000",
            "settleDate": "20260522",
            "reportDate": "20260522",
            "actionID": "555",
        },
        changes,
    )


def position(**changes: str | None) -> Row:
    """6 WDGT at the end."""
    return changed(
        {
            "accountId": ACCOUNT,
            **WIDGET,
            "levelOfDetail": "SUMMARY",
            "position": "6",
            "markPrice": "112",
            "costBasisMoney": "600.6",
            "costBasisPrice": "100.1",
            "multiplier": "1",
            "reportDate": "20260531",
        },
        changes,
    )


def balance(**changes: str | None) -> Row:
    """Cash of one currency over the window."""
    return changed(
        {
            "accountId": ACCOUNT,
            "currency": "USD",
            "levelOfDetail": "Currency",
            "fromDate": "20260501",
            "toDate": "20260531",
            "startingCash": "2000",
            "endingCash": "1438",
        },
        changes,
    )


# --- documents ---


def element(tag: str, attributes: Row) -> str:
    return f"<{tag}{''.join(f' {name}={quoteattr(text)}' for name, text in attributes.items())}/>"


def section(name: str, tag: str, *rows: Row) -> str:
    return f"<{name}>\n{''.join(element(tag, row) + chr(10) for row in rows)}</{name}>\n"


def trades(*rows: Row) -> str:
    return section("Trades", "Trade", *rows)


def cash_rows(*rows: Row) -> str:
    return section("CashTransactions", "CashTransaction", *rows)


def positions(*rows: Row) -> str:
    return section("OpenPositions", "OpenPosition", *rows)


def balances(*rows: Row) -> str:
    return section("CashReport", "CashReportCurrency", *rows)


def account_information(**changes: str | None) -> str:
    return element("AccountInformation", changed(BASE, changes))


def statement(*sections: str, **changes: str | None) -> str:
    head = element("FlexStatement", changed(HEAD, changes)).removesuffix("/>")
    return f"{head}>\n{''.join(sections)}</FlexStatement>\n"


def document(*statements: str, count: str | None = None, kind: str = "AF") -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<FlexQueryResponse queryName="test" type="{kind}">\n'
        f'<FlexStatements count="{len(statements) if count is None else count}">\n'
        f"{''.join(statements)}</FlexStatements>\n</FlexQueryResponse>\n"
    )


def one_statement(*sections: str, **changes: str | None) -> str:
    return document(statement(*sections, **changes))


# --- reading ---


class Text(Document):
    """A document that is no file."""

    def __init__(self, text: str | bytes, name: str = "statement.xml") -> None:
        super().__init__(Path(name))
        object.__setattr__(self, "content", text.encode() if isinstance(text, str) else text)

    content: bytes

    @property
    def size(self) -> int:
        return len(self.content)

    def chunks(self) -> Iterator[bytes]:
        yield self.content


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What came out of one document or several."""

    provider: IBKRProvider
    activities: list[Activity]
    rejections: Sequence[Rejection]
    truths: Sequence[Truth]

    @property
    def truth(self) -> Truth:
        (only,) = self.truths
        return only

    @property
    def ids(self) -> list[str]:
        return [activity.external_id for activity in self.activities]

    @property
    def reasons(self) -> dict[str, str]:
        return {rejection.external_id: rejection.reason for rejection in self.rejections}

    @property
    def counts(self) -> dict[str, tuple[int, int, int, int]]:
        """Section -> rows, booked, informational, rejected."""
        return {
            count.section: (count.rows, count.booked, count.informational, count.rejected)
            for count in self.truth.sections
        }

    @property
    def held(self) -> dict[str, Decimal]:
        return {position.instrument.symbol: position.quantity for position in self.truth.positions or ()}

    @property
    def opened_with(self) -> dict[str, tuple[Decimal, Decimal | None]]:
        return {
            position.instrument.symbol: (position.quantity, position.cost)
            for position in self.truth.opening_positions
        }

    @property
    def money(self) -> dict[str, tuple[Decimal | None, Decimal]]:
        return {balance.currency: (balance.starting, balance.ending) for balance in self.truth.cash or ()}


def read(
    *documents: str | Document,
    account: str = ACCOUNT,
    since: dt.date | None = None,
    before: dt.date | None = None,
    zone: dt.tzinfo = NEW_YORK,
) -> Reading:
    """Everything that a provider makes of the documents."""
    provider = IBKRProvider(
        wf_account_id="tracker-1",
        upstream_account_id=account,
        documents=[found if isinstance(found, Document) else Text(found) for found in documents],
        zone=zone,
    )
    return fetch(provider, since=since, before=before)


def read_as(account: str, text: str) -> Reading:
    """What the document says of one of its accounts, where none is configured."""
    admitted = admit([Text(text)], configured=None)
    return fetch(IBKRProvider(wf_account_id="tracker-1", upstream_account_id=account, admitted=admitted))


def fetch(provider: IBKRProvider, *, since: dt.date | None = None, before: dt.date | None = None) -> Reading:
    async def fetched() -> list[Activity]:
        return [activity async for activity in provider.fetch(since=since, before=before)]

    return Reading(
        provider=provider,
        activities=at_once(fetched()),
        rejections=provider.rejections(),
        truths=provider.truths(),
    )


def at_once(coroutine: Coroutine[None, None, list[Activity]]) -> list[Activity]:
    """The result of a coroutine that waits for nothing, as reading a statement does."""
    try:
        coroutine.send(None)
    except StopIteration as finished:
        found: list[Activity] = finished.value
        return found
    raise AssertionError("reading a statement waits for nothing")


def surveyed(text: str) -> Survey:
    return survey(groups([text.encode()]))


# --- mapping one row, without a document around it ---

TRACKED = Account(
    id="tracker-1",
    provider="ibkr",
    provider_account_id=ACCOUNT,
    account_type=AccountType.GIA,
    currency=CurrencyCode("GBP"),
)


def context(*, zone: dt.tzinfo = NEW_YORK, order: DayOrder | None = None) -> Context:
    return Context(account=TRACKED, directory=Directory(), clock=Clock(zone=zone, order=order))


def map_trade_row(row: Row, *, within: Callable[[], Context] = context) -> list[Activity] | Rejection:
    return map_record("ibkr:trade:1", "Trades", Trade(row), within())


def map_cash_row(row: Row, *, within: Callable[[], Context] = context) -> list[Activity] | Rejection:
    return map_record("ibkr:cash:1", "CashTransactions", CashTransaction(row), within())


def booked(outcome: list[Activity] | Rejection) -> list[Activity]:
    assert not isinstance(outcome, Rejection), outcome.reason
    return outcome


def rejected(outcome: list[Activity] | Rejection) -> Rejection:
    assert isinstance(outcome, Rejection), outcome
    return outcome


# --- activities by hand ---


def instrument(symbol: str = "WDGT", currency: str = "USD", *, conid: str | None = "1001") -> Instrument:
    return Instrument(symbol=symbol, currency=currency, conid=conid)


D = Decimal
