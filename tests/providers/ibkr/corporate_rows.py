"""Rows of CorporateActions, and what such a row itself says it did: the measure of the tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from hypothesis import strategies as st

from broker_sync.contracts import Rejection
from broker_sync.models import Activity
from broker_sync.providers.ibkr.context import Context
from broker_sync.providers.ibkr.mapping import map_record
from broker_sync.providers.ibkr.records_corporate import CorporateAction

from . import rows
from .builders import ACCOUNT, WIDGET, Row, changed, context, section
from .own_word import ZERO, added, cash_of, told, units_of

CODES = [
    "BC", "BM", "CA", "CC", "CD", "CH", "CI", "CO", "CP", "CS", "CT", "DI", "DW", "ED", "EX", "FA", "FI",
    "FS", "GV", "HD", "HI", "IC", "LI", "OR", "PC", "PI", "PV", "RI", "RS", "SD", "SO", "SR", "TC", "TI",
    "TM", "TO", "UE", "XD", "", "??",
]  # fmt: skip

SENTENCES = [
    "WDGT(US0000001001) SPLIT 4 FOR 1 (WDGT, WIDGET INC, US0000001001)",
    "WDGT(US0000001001) SPLIT 1 FOR 10 (WDGT.OLD, WIDGET INC, US0000001001)",
    "WDGT(US0000001001) Split 1 for 10 (WDGT, WIDGET INC, US0000001019)",
    "WDGT(US0000001001) MERGED(Acquisition)  FOR USD 30.60000000 PER SHARE (WDGT, WIDGET INC, US0000001001)",
    "WDGT(US0000001001) CASH and STOCK MERGER (Acquisition) US0000009004 2 FOR 7 AND USD 4.24 (WDGT, W, 1)",
    "WDGT(US0000001001) SPINOFF  1 FOR 40 (GDGT, GADGET INC, US0000002009)",
    "WDGT.RTS (US0000001001) SUBSCRIBES TO () (WDGT.EX, WIDGET INC - RIGHTS, 00000010E)",
    "(XS0000003007) BOND MATURITY FOR EUR 1.00 PER BOND (W 1 3/4, W 1 3/4, XS0000003007)",
    "WIDGET INC",
    "",
]


def action(**changes: str | None) -> Row:
    """30 WDGT for the 10 that are held: a split of four for one."""
    return changed(
        {
            "accountId": ACCOUNT,
            **WIDGET,
            "levelOfDetail": "DETAIL",
            "type": "FS",
            "transactionID": "6001",
            "actionID": "55",
            "description": "WDGT(US0000001001) SPLIT 4 FOR 1 (WDGT, WIDGET INC, US0000001001)",
            "quantity": "30",
            "proceeds": "0",
            "amount": "0",
            "value": "0",
            "fifoPnlRealized": "0",
            "multiplier": "1",
            "code": "",
            "dateTime": "20260520;202500",
            "reportDate": "20260521",
        },
        changes,
    )


def actions(*found: Row) -> str:
    return section("CorporateActions", "CorporateAction", *found)


def map_action(row: Row, *, within: Callable[[], Context] = context) -> list[Activity] | Rejection:
    return map_record("ibkr:corporate-action:1", "CorporateActions", CorporateAction(row), within())


def cash_of_action(raw: Mapping[str, str]) -> dict[str, Decimal]:
    money = told(raw, "proceeds")
    if money is None:
        money = -(told(raw, "amount") or ZERO)
    return added([(raw.get("currency", ""), money)])


def assert_done_as_told(raw: Mapping[str, str], activities: list[Activity]) -> None:
    assert cash_of(activities) == cash_of_action(raw), raw
    assert units_of(activities) == (told(raw, "quantity") or ZERO), raw


@st.composite
def action_rows(draw: st.DrawFn) -> Row:
    """Any kind, any sentence, units and money of either sign or none, cancelled or not."""
    signs = st.sampled_from([1, -1, 0])
    units, money = draw(rows.SIZES) * draw(signs), draw(rows.MONEY) * draw(signs)
    row = action(
        type=draw(st.sampled_from(CODES)),
        description=draw(st.sampled_from(SENTENCES)),
        actionDescription=draw(st.one_of(st.none(), st.sampled_from(SENTENCES))),
        assetCategory=draw(st.sampled_from(["STK", "BOND", "WAR", "OPT"])),
        currency=draw(rows.CURRENCIES),
        quantity=draw(st.sampled_from([rows.plain(units), f"{units:,f}"])),
        proceeds=rows.plain(money),
        amount=rows.plain(-money),
        multiplier=draw(st.sampled_from(["1", "100", "", "0"])),
        costBasis=draw(st.sampled_from([None, "0", "12.5", "-12.5"])),
        code=draw(st.sampled_from(["", "Ca", "P;Ca"])),
        actionID=draw(st.sampled_from(["55", "", None])),
        reportDate=draw(st.one_of(rows.DAYS, rows.NULLS)),
        dateTime=draw(st.builds("{};{}".format, rows.DAYS, rows.TIMES)),
    )
    for column in draw(st.sets(st.sampled_from(["proceeds", "quantity", "symbol"]), max_size=1)):
        row[column] = draw(rows.NULLS)
    return row
