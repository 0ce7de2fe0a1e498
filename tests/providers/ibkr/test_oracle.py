"""ibflex 1.1 as a second opinion: wherever it reads a value, ours is the same."""

from __future__ import annotations

import datetime as dt
import warnings
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, Final
from xml.etree import ElementTree as ET

import pytest
from ibflex import Types
from ibflex import parser as ibflex

from broker_sync.errors import ValueFormatError
from broker_sync.providers.ibkr.formats import DayOrder, is_null, read_stamp, read_time
from broker_sync.providers.ibkr.records import (
    AccountInformation,
    CashReportCurrency,
    CashTransaction,
    ConversionRate,
    EquitySummary,
    OpenPosition,
    Record,
    SecurityInfo,
    Trade,
)

from . import corpus

pytestmark = [pytest.mark.oracle, pytest.mark.corpus]

KINDS: Final[dict[str, type[Record]]] = {
    "Trade": Trade,
    "CashTransaction": CashTransaction,
    "OpenPosition": OpenPosition,
    "CashReportCurrency": CashReportCurrency,
    "SecurityInfo": SecurityInfo,
    "ConversionRate": ConversionRate,
    "EquitySummaryByReportDateInBase": EquitySummary,
    "AccountInformation": AccountInformation,
}
"""The rows of the sections in use -> our records."""

WIRE_TEXT: Final = {"Deposits & Withdrawals": {"Deposits/Withdrawals", "Deposits & Withdrawals"}}
"""Names that ibflex writes anew -> what the broker may have written."""


@cache
def rows(tag: str) -> list[tuple[str, ET.Element]]:
    """The rows of a tag in the whole corpus, each with the name of its file."""
    return [(name, row) for name in corpus.readable() for row in corpus.tree(name).iter(tag)]


def ours(tag: str, row: ET.Element) -> Record:
    # ibflex takes every date with slashes for American. We do so only where the document shows it.
    return KINDS[tag](row.attrib, DayOrder.MONTH_FIRST)


@cache
def by_ibflex(kind: str, name: str, text: str) -> tuple[Any] | None:
    """The value that ibflex reads, in a tuple; None where it refuses, or knows no such column."""
    try:
        return (ibflex.parse_element_attr(getattr(Types, kind), name, text)[1],)
    except (ibflex.FlexParserError, KeyError):
        return None


# --- what we say to a value of ibflex's ---


def same_number(record: Record, name: str, value: Decimal) -> bool:
    return record.number(name) == value


def same_stamp(record: Record, name: str, value: dt.datetime) -> bool:
    # ibflex drops the offset of a zone, so days and clocks are compared, not moments; and it makes
    # midnight of a day without a time, which we keep as a day.
    stamp = read_stamp(record.raw[name], order=record.order)
    return stamp.day == value.date() and (stamp.clock or dt.time(0)) == value.time()


def same_day(record: Record, name: str, value: dt.date) -> bool:
    return record.day(name) == value


def same_time(record: Record, name: str, value: dt.time) -> bool:
    return read_time(record.raw[name])[0] == value


def same_nothing(record: Record, name: str, _: None) -> bool:
    # Texts that ibflex takes for nothing; a row of many days ("MULTI") has none for us either.
    return record.text(name) is None or (record.raw[name] == "MULTI" and record.day(name) is None)


def same_enum(record: Record, name: str, value: Enum) -> bool:
    # An enumeration is compared by what went over the wire: we keep the broker's own word.
    text = record.text(name)
    if name == "orderType" and text is not None and ";" in text:
        text = "MULTIPLE"
    wire = str(value.value)
    return text in WIRE_TEXT.get(wire, {wire})


def same_codes(record: Record, name: str, value: tuple[Any, ...]) -> bool:
    # Codes are a tuple for ibflex, of enumerations or texts, and a set for us: their order says nothing.
    told = {str(code.value) if isinstance(code, Enum) else str(code) for code in value}
    text = record.raw[name]
    ours = record.codes if name in {"notes", "code"} and record.raw.get("notes", text) == text else None
    return (ours if ours is not None else set(text.replace(",", ";").split(";")) - {""}) == told


def same_flag(record: Record, name: str, value: bool) -> bool:  # noqa: FBT001 - what is compared
    return (record.text(name) in {"Y", "Yes"}) is value


def same_text(record: Record, name: str, value: str) -> bool:
    return record.text(name) == value


def same_whole_number(record: Record, name: str, value: int) -> bool:
    return record.number(name) == value


COMPARE: Final[dict[type, Callable[[Record, str, Any], bool]]] = {
    Decimal: same_number,
    Enum: same_enum,
    dt.datetime: same_stamp,
    dt.date: same_day,
    dt.time: same_time,
    type(None): same_nothing,
    tuple: same_codes,
    bool: same_flag,
    int: same_whole_number,
    str: same_text,
}


def agrees(record: Record, name: str, value: object) -> bool:
    compare = COMPARE[Enum if isinstance(value, Enum) else type(value)]
    try:
        return compare(record, name, value)
    except ValueFormatError:
        return False


# --- the comparison ---


@pytest.mark.parametrize("tag", KINDS)
def test_every_value_that_ibflex_reads_is_ours(tag: str) -> None:
    compared: Counter[str] = Counter()
    differences = []
    for name, row in rows(tag):
        record = ours(tag, row)
        for column, text in row.attrib.items():
            found = by_ibflex(tag, column, text)
            if found is None:
                continue
            compared[type(found[0]).__name__] += 1
            if not agrees(record, column, found[0]):
                differences.append((name, column, text, found[0]))
    assert not differences
    print(tag, dict(compared))  # noqa: T201 - shown by `pytest -rP`: how much was compared
    assert compared.total() >= AT_LEAST[tag]


AT_LEAST: Final = {
    "Trade": 5000,
    "CashTransaction": 1500,
    "OpenPosition": 1000,
    "CashReportCurrency": 1000,
    "SecurityInfo": 300,
    "ConversionRate": 40_000,
    "EquitySummaryByReportDateInBase": 200,
    "AccountInformation": 100,
}


@pytest.mark.parametrize("tag", KINDS)
def test_every_row_that_ibflex_reads_is_read_whole(tag: str) -> None:
    read = 0
    for name, row in rows(tag)[:400]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                theirs = ibflex.parse_data_element(ET.Element(tag, row.attrib))
            except (ibflex.FlexParserError, TypeError):
                continue
        read += 1
        record = ours(tag, row)
        for column in row.attrib:
            if hasattr(theirs, column):
                value = getattr(theirs, column)
                assert agrees(record, column, value), (name, column, row.attrib[column], value)
    assert read >= 5


def test_what_we_take_for_nothing_is_what_ibflex_does() -> None:
    for text in ("", "-", "--", "N/A"):
        assert is_null(text)
        assert ibflex.convert_string(text) is None
