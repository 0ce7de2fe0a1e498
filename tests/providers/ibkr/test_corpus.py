"""Every statement of the corpus is read to the last row, or refused for a good reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache

import pytest

from broker_sync.accounting import cash_effect, total_cash
from broker_sync.contracts import Rejection
from broker_sync.providers.ibkr import Document, IBKRProvider, StatementRefusedError
from broker_sync.providers.ibkr.admission import Admitted, admit
from broker_sync.providers.ibkr.formats import DayOrder
from broker_sync.providers.ibkr.mapping import map_record
from broker_sync.providers.ibkr.records import CashTransaction, Trade
from broker_sync.providers.ibkr.statement import groups

from . import corpus
from .builders import Reading, context, fetch
from .own_word import added, assert_booked_as_told, cash_of_row

pytestmark = pytest.mark.corpus

NOT_XML = "it is not XML, it begins with"
CSV = "it is a CSV statement"
NOBODYS = "it does not say which account it is of"
CONFIRMATIONS = "it is a Trade Confirmation query"

REFUSED: dict[str, str | tuple[str, ...]] = {
    "csv-activity-statement/KapJI__test_basic.csv": CSV,
    "csv-activity-statement/stephenkgli__ibkr_activity.csv": CSV,
    "csv/XUranus+ibkr-dash__daily_sample.csv": (NOT_XML, CSV),
    "csv/dickwolff+Export-To-Ghostfolio__ibkr-dividends-export.csv": (NOT_XML, CSV),
    "csv/dickwolff+Export-To-Ghostfolio__ibkr-trades-export.csv": (NOT_XML, CSV),
    # Made up by hand: the FlexStatement has no attributes, and no row names an account.
    "SaiMurali2006+AustrianIBKRTaxCalculator/sample_flex.xml": NOBODYS,
    "andgineer+ibkr-porez/tests__resources__complex_flex.xml": NOBODYS,
    "andgineer+ibkr-porez/tests__resources__fifo_scenarios.xml": NOBODYS,
    # A bare ampersand.
    "henk789+ib-flex/examples__fixtures__activity_simple.xml": "it is not well-formed XML: ",
    "fragments/gabbersepp+ib-flex-reader/XmlTradeConfirmsTest__file.xml": CONFIRMATIONS,
    "intellivestprop+TradeJournal/sample_flex.xml": CONFIRMATIONS,
    "vroonhof+ibflex/tests__fixtures__minimal.xml": "it has no rows in any section",
    "vroonhof+opensteuerauszug/tests__samples__import__ibkr__minimal_short_options_repro_2025.xml": (
        "its Cash Transactions are SUMMARY rows only"
    ),
}
"""File -> how the reason begins for which it is refused."""

COMPLETE = {
    "portfolio-performance+portfolio/testIBFlexStatementFile14.xml": {"CHF", "USD"},
    "vroonhof+opensteuerauszug/history__sample_1_simple_trade_cash.xml": {"USD"},
    "vroonhof+opensteuerauszug/history__sample_2_error_missing_field.xml": {"USD"},
    "we-promise+sure/test__fixtures__files__ibkr__flex_statement.xml": {"CHF", "USD"},
}
"""Statements in which nothing is missing -> the currencies whose cash must come out."""

FILES = corpus.names(".xml", ".csv")
READ = [name for name in FILES if name not in REFUSED]
Rows = list[tuple[str, str, dict[str, str]]]


@cache
def admitted(name: str) -> list[Admitted]:
    return admit([Document(corpus.CORPUS / name)], configured=None)


@cache
def readings(name: str) -> list[Reading]:
    """What a provider makes of each account in a file."""
    return [
        fetch(IBKRProvider(wf_account_id="tracker-1", upstream_account_id=account, admitted=admitted(name)))
        for account in admitted(name)[0].survey.accounts
    ]


def rows_of(name: str) -> Rows:
    """Section, tag and attributes of every row as ElementTree reads them."""
    sections = [section for part in corpus.parts(name) for section in part]
    return [(section.tag, row.tag, dict(row.attrib)) for section in sections for row in section]


def is_record(section: str, tag: str, row: Mapping[str, str]) -> bool:
    level = row.get("levelOfDetail", "")
    if (section, tag) == ("Trades", "Trade"):
        return level in {"", "EXECUTION"}
    if (section, tag) == ("CashTransactions", "CashTransaction"):
        is_unmarked_sum = not level and row.get("accountId") == "-" and not row.get("transactionID")
        return level != "SUMMARY" and not is_unmarked_sum
    return False


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_what_is_refused_is_refused_for_a_good_reason(name: str) -> None:
    with pytest.raises(StatementRefusedError) as caught:
        admit([Document(corpus.CORPUS / name)], configured=None)
    assert caught.value.reason.startswith(REFUSED[name])


@pytest.mark.parametrize("name", READ)
def test_everything_else_is_read(name: str) -> None:
    for reading in readings(name):
        assert len(reading.truths) == 1
        assert all(rejection.reason and rejection.raw for rejection in reading.rejections)
        assert_every_row_is_accounted_for(reading)


def assert_every_row_is_accounted_for(reading: Reading) -> None:
    for count in reading.truth.sections:
        assert count.rows == count.booked + count.informational + count.rejected
        assert min(count.booked, count.informational, count.rejected) >= 0
    records = {activity.record_id for activity in reading.activities}
    assert len(records) <= sum(count.booked for count in reading.truth.sections)
    assert len(reading.rejections) == sum(count.rejected for count in reading.truth.sections)


def test_the_rows_are_those_of_the_document() -> None:
    # ElementTree is told nothing of sections; what is inside a row is part of that row.
    for name in READ:
        found: Rows = [
            (group.section, group.tag, row)
            for group in groups(Document(corpus.CORPUS / name).chunks())
            if group.section and group.tag
            for row in group.rows
        ]
        assert found == rows_of(name), name


def test_as_many_rows_are_counted_as_there_are() -> None:
    for name in READ:
        counts = [count for reading in readings(name) for count in reading.truth.sections]
        counted, records = Counter[str](), Counter[str]()
        for count in counts:
            counted[count.section] += count.rows
            records[count.section] += count.booked + count.rejected
        assert counted == Counter(section for section, _, _ in rows_of(name)), name
        for section in ("Trades", "CashTransactions"):
            assert records[section] == sum(is_record(*row) for row in rows_of(name) if row[0] == section), (
                name
            )


def test_the_money_booked_is_what_the_rows_say() -> None:
    for name in READ:
        rejected = Counter(
            frozenset(rejection.raw.items()) for reading in readings(name) for rejection in reading.rejections
        )
        told: list[tuple[str, Decimal]] = []
        numbered: set[frozenset[tuple[str, str]]] = set()
        for section, tag, row in rows_of(name):
            key = frozenset(row.items())
            if is_record(section, tag, row) and rejected[key]:
                rejected[key] -= 1
            elif is_record(section, tag, row) and not (row.get("transactionID") and key in numbered):
                # What stands twice under one number is one record.
                numbered.add(key)
                told += cash_of_row(tag, row).items()
        ours = [
            pair
            for reading in readings(name)
            for activity in reading.activities
            if activity.record_id.startswith(("ibkr:trade:", "ibkr:cash:"))
            for pair in cash_effect(activity).items()
        ]
        assert added(ours) == added(told), name


def test_no_two_records_share_an_id() -> None:
    # Two rows of one number and one content are one record said twice.
    for name in READ:
        for reading in readings(name):
            ids = Counter((activity.external_id, activity) for activity in reading.activities)
            assert len({external_id for external_id, _ in ids}) == len(ids), name


def record_rows() -> Iterator[tuple[str, str, dict[str, str]]]:
    for name in READ:
        for section, tag, row in rows_of(name):
            if is_record(section, tag, row):
                yield section, tag, row


def test_every_booked_row_does_what_it_says() -> None:
    booked = 0
    for section, tag, row in record_rows():
        kind = Trade if tag == "Trade" else CashTransaction
        record = kind(row, DayOrder.MONTH_FIRST)
        outcome = map_record("ibkr:x:1", section, record, context(order=DayOrder.MONTH_FIRST))
        if not isinstance(outcome, Rejection):
            assert_booked_as_told(tag, row, outcome)
            booked += 1
    assert booked > 150


@pytest.mark.parametrize("name", sorted(COMPLETE))
def test_the_cash_of_a_complete_statement_comes_out(name: str) -> None:
    drifts: dict[str, Decimal] = {}
    for reading in readings(name):
        moved = total_cash(reading.activities)
        for balance in reading.truth.cash or ():
            assert balance.starting is not None
            drifts[balance.currency] = (
                balance.starting + moved.get(balance.currency, Decimal(0)) - balance.ending
            )
    assert set(drifts) == COMPLETE[name]
    assert not any(drifts.values())


def test_nearly_everything_is_read() -> None:
    assert len(READ) >= 80
    assert set(REFUSED) <= set(FILES)
