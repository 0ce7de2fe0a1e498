"""The list of what a query needs is what the code reads: no more, and no less."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from itertools import combinations, pairwise

import pytest

from broker_sync.errors import ValueFormatError
from broker_sync.providers.ibkr.context import UnbookableError
from broker_sync.providers.ibkr.identity import Identities
from broker_sync.providers.ibkr.instruments import Directory
from broker_sync.providers.ibkr.ledger_check import LedgerCheck
from broker_sync.providers.ibkr.mapping import RECORDS, RecordMapping
from broker_sync.providers.ibkr.query_fields import Level, SectionSpec
from broker_sync.providers.ibkr.query_spec import QUERY, QUERY_DAYS, SETTINGS, spec_of
from broker_sync.providers.ibkr.records import Record
from broker_sync.providers.ibkr.records_funds import FundsLine
from broker_sync.providers.ibkr.sections import BOOKED, SECTIONS, Use
from broker_sync.providers.ibkr.statement import Group
from broker_sync.providers.ibkr.survey import AccountSurvey, Part, owner, survey
from broker_sync.providers.ibkr.truth import cash_truth, nav_truth, position_truth

from .builders import BASE, HEAD, WIDGET, Row, balance, cash, context, conversion, position, trade
from .corporate_rows import action
from .test_funds import SETTLED, event
from .test_mapping_charges import card, cfd_charge, client_fee, sales_tax, transaction_tax
from .test_mapping_grants import FREE, delivery, grant
from .test_mapping_transfers import money, transfer

BOND = {"assetCategory": "BOND", "netCash": "-1013.5", "accruedInt": "-12.5"}
OLD = {"levelOfDetail": None, "accountId": "-", "transactionID": ""}
ROWS: dict[str, tuple[Row, ...]] = {
    "Trades": (
        trade(),
        conversion(),
        trade(**BOND),
        trade(proceeds=None, tradeMoney="1000", dateTime=None, tradeTime="103000"),
        trade(transactionID=None, tradeID=None, reportDate="20260521"),
    ),
    "CashTransactions": (cash(), cash(**OLD), cash(reportDate=None, dateTime=None, date="")),
    "CorporateActions": (action(actionDescription="SPLIT"), action(**OLD), action(proceeds=None)),
    "StmtFunds": (SETTLED,),
    "OptionEAE": (event(description="XSP"),),
    "Transfers": (transfer(), money(), transfer(direction="OUT"), transfer(reportDate=None, date=None)),
    "TradeTransfers": (
        delivery(),
        delivery(**FREE, deliveredReceived=None),
        delivery(transactionID=None, tradeID=None),
        delivery(**BOND, ibCommission="-1", proceeds="-1000", deliveredReceived=None, buySell="BUY"),
    ),
    "StockGrantActivities": (grant(),),
    "SalesTaxes": (sales_tax(**WIDGET),),
    "TransactionTaxes": (transaction_tax(),),
    "DebitCardActivities": (card(**WIDGET),),
    "CFDCharges": (cfd_charge(**WIDGET),),
    "ClientFees": (client_fee(**WIDGET),),
}
"""Rows of each booked section that between them go every way there is."""


class Watched(dict[str, str]):
    """The attributes of a row; what they are asked for is noted."""

    asked: set[str]

    @classmethod
    def over(cls, row: Row, asked: set[str]) -> Watched:
        made = cls(row)
        made.asked = asked
        return made

    def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override]
        self.asked.add(name)
        return super().get(name, default)

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return super().__getitem__(name)


def less(row: Row) -> Iterator[Row]:
    """The row, whole and with each column away, and each two neighbours: so stand-ins are asked for."""
    for gone in [(), *combinations(row, 1), *pairwise(row)]:
        yield {name: text for name, text in row.items() if name not in gone}


def asked_in(section: str, mapping: RecordMapping) -> set[str]:
    # What a trade cost is not booked, but added up beside it.
    asked = {"cost"} if section == "Trades" else set()
    for row in ROWS[section]:
        for fewer in less(row):
            raw = Watched.over(fewer, asked)
            owner(raw, HEAD)
            book(mapping, mapping.record(raw))
    return asked


def book(mapping: RecordMapping, row: Record) -> None:
    with contextlib.suppress(UnbookableError, ValueFormatError):
        Identities().of("trade", row)
        mapping.is_record(row, context())
        mapping.book("ibkr:trade:1", row, context())
    if isinstance(row, FundsLine):
        LedgerCheck().line(row)


def part(head: Row = HEAD, **lists: list[dict[str, str]]) -> AccountSurvey:
    made = Part(head=head)
    for name, rows in lists.items():
        setattr(made, name, rows)
    return AccountSurvey(account_id=HEAD["accountId"], parts={0: made})


def positions_asked() -> set[str]:
    asked: set[str] = set()
    for row in (position(), position(costBasisMoney=None), position(conid=None)):
        raw = Watched.over(row, asked)
        owner(raw, HEAD)
        position_truth(part(positions=[raw, raw]), Directory(), order=None)
        Directory().learn(raw, is_dealt=True)
    return asked


def balances_asked() -> set[str]:
    asked: set[str] = set()
    raw = Watched.over(balance(), asked)
    owner(raw, HEAD)
    cash_truth(part(cash=[raw]), order=None)
    return asked


def value_asked() -> set[str]:
    asked: set[str] = set()
    row = {"accountId": "U1234567", "reportDate": "20260531", "total": "10", "cash": "1", "currency": "GBP"}
    raw = Watched.over(row, asked)
    owner(raw, HEAD)
    nav_truth(part(equity=[raw]), order=None)
    return asked


def instruments_asked() -> set[str]:
    asked: set[str] = set()
    row = {name: text for name, text in position().items() if name != "accountId"}
    Directory().learn(Watched.over(row, asked), is_dealt=False)
    return asked


def information_asked() -> set[str]:
    asked: set[str] = set()

    class WatchedGroup(Group):
        @property
        def rows(self) -> list[dict[str, str]]:
            return [Watched.over(row, asked) for row in Group.rows.fget(self)]  # type: ignore[attr-defined]

    raw = {**BASE}
    head = Group(0, "", "FlexStatement", tuple(HEAD), [tuple(HEAD.values())])
    survey([head, WatchedGroup(0, "AccountInformation", "", tuple(raw), [tuple(raw.values())])])
    return asked


REFERENCE: dict[str, Callable[[], set[str]]] = {
    "AccountInformation": information_asked,
    "OpenPositions": positions_asked,
    "CashReport": balances_asked,
    "EquitySummaryInBase": value_asked,
    "SecuritiesInfo": instruments_asked,
    "ConversionRates": set,
}


def named(section: str) -> SectionSpec:
    spec = spec_of(section)
    assert spec is not None
    return spec


@pytest.mark.parametrize("place", RECORDS, ids=lambda place: place[0])
def test_the_list_has_the_fields_that_the_booking_reads_and_no_others(place: tuple[str, str]) -> None:
    assert asked_in(place[0], RECORDS[place]) == named(place[0]).reads


@pytest.mark.parametrize("section", REFERENCE)
def test_the_list_has_the_fields_that_the_comparison_reads_and_no_others(section: str) -> None:
    assert REFERENCE[section]() == named(section).reads


def test_the_list_has_every_section_that_is_booked_or_compared_and_no_other() -> None:
    used = {name for name, use in SECTIONS.items() if use in {Use.BOOKED, Use.REFERENCE}}
    assert [spec.name for spec in QUERY if spec.name not in used] == []
    assert {spec.name for spec in QUERY} == used
    assert len(QUERY) == len(used)


def test_the_rows_that_count_are_those_that_are_booked() -> None:
    assert {spec.name: spec.row for spec in QUERY if spec.name in BOOKED} == BOOKED


def test_no_field_is_listed_twice() -> None:
    for spec in QUERY:
        names = [field.name for field in spec.fields]
        assert len(names) == len(set(names)), spec.name
        assert not spec.stand_ins & set(names), spec.name
        labels = [field.label for field in spec.fields]
        assert len(labels) == len(set(labels)), spec.name


def test_what_is_asked_for_at_least_is_required() -> None:
    needed = {"AccountInformation", "Trades", "CashTransactions", "OpenPositions", "SecuritiesInfo"}
    assert {spec.name for spec in QUERY if spec.level is Level.REQUIRED} == needed
    assert QUERY_DAYS == 90


def test_every_cost_completes_its_sentence() -> None:
    costs = [spec.cost for spec in QUERY] + [field.cost for spec in QUERY for field in spec.fields]
    costs += [spec.level_cost for spec in QUERY if spec.wrong_levels] + [each.reason for each in SETTINGS]
    assert [cost for cost in costs if not cost or cost.endswith(".")] == []
    assert all(bool(spec.wrong_levels) is bool(spec.level_cost) for spec in QUERY)
    assert all(level == level.upper() for spec in QUERY for level in spec.wrong_levels)


def test_what_the_list_does_not_know_is_no_part_of_it() -> None:
    assert spec_of("FxLots") is None
