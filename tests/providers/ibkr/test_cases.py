"""Whole statements and what becomes of them, kept as reviewed text.

A case is a folder whose name is its claim, with a statement.xml and an expected.json, which only
``pytest --update-golden`` writes.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias

import pytest

from broker_sync.accounting import cash_effect, position_effect, total_cash, total_positions
from broker_sync.contracts import Rejection, Truth
from broker_sync.models import Activity, Instrument, Position
from broker_sync.values import decimal_text

from .builders import Reading, read_as, surveyed

Json: TypeAlias = "str | list[Json] | dict[str, Json] | None"

CASES = Path(__file__).parent / "cases"
NAMES = sorted(path.name for path in CASES.iterdir() if path.is_dir())


def plain(value: object) -> Json:
    """Numbers and days as text."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    return None if value is None else text_of(value)


def text_of(value: object) -> str:
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    return value.key if isinstance(value, Instrument) else str(value)


def fields(value: Activity | Rejection, *but: str) -> dict[str, Json]:
    return {
        field.name: plain(told)
        for field in dataclasses.fields(value)
        if field.name not in but and (told := getattr(value, field.name)) is not None
    }


def activity(found: Activity) -> dict[str, Json]:
    effects: dict[str, Json] = {"cash_effect": plain(cash_effect(found))}
    if position_effect(found):
        effects["position_effect"] = plain(position_effect(found))
    return fields(found, "account_id", "account_type") | effects


def truth(found: Truth) -> dict[str, Json]:
    return {
        "window": f"{found.first_day} to {found.last_day}",
        "positions": None if found.positions is None else holdings(found.positions),
        "opening_positions": holdings(found.opening_positions),
        "cash": None
        if found.cash is None
        else {item.currency: f"{plain(item.starting)} to {plain(item.ending)}" for item in found.cash},
        "nav": None
        if found.nav is None
        else f"{plain(found.nav.total)} {found.nav.currency} on {found.nav.day}",
        "sections": {
            item.section: f"{item.rows} rows: {item.booked} booked, {item.informational} informational, "
            f"{item.rejected} rejected"
            for item in found.sections
        },
    }


def holdings(positions: Sequence[Position]) -> Json:
    return {
        item.instrument.symbol: f"{plain(item.quantity)}, cost {plain(item.cost)}, price {plain(item.price)}"
        for item in positions
    }


def instruments(reading: Reading) -> dict[str, Json]:
    found = [item.instrument for item in reading.activities]
    found += [item.instrument for item in reading.rejections]
    found += [item.instrument for told in reading.truths for item in told.positions or ()]
    return {
        item.key: {
            field.name: plain(said)
            for field in dataclasses.fields(item)
            if (said := getattr(item, field.name)) is not None
        }
        for item in found
        if item is not None
    }


def report(reading: Reading) -> dict[str, Json]:
    return {
        "activities": [activity(found) for found in reading.activities],
        "instruments": instruments(reading),
        "rejections": [fields(found, "raw") for found in reading.rejections],
        "total_cash": plain(total_cash(reading.activities)),
        "total_positions": plain(total_positions(reading.activities)),
        "truths": [truth(found) for found in reading.truths],
    }


def statement_of(case: str) -> str:
    return (CASES / case / "statement.xml").read_text(encoding="utf-8")


def accounts_of(case: str) -> list[str]:
    return list(surveyed(statement_of(case)).accounts)


@pytest.mark.parametrize("case", NAMES)
def test_what_becomes_of_a_statement_is_what_was_reviewed(
    case: str, golden: Callable[[Path, str], None]
) -> None:
    found = {account: report(read_as(account, statement_of(case))) for account in accounts_of(case)}
    text = json.dumps(found, indent=2, sort_keys=True, ensure_ascii=False)
    golden(CASES / case / "expected.json", f"{text}\n")


@pytest.mark.parametrize("case", NAMES)
def test_a_case_adds_up(case: str) -> None:
    for account in accounts_of(case):
        reading = read_as(account, statement_of(case))
        for told in reading.truths:
            moved = total_cash(reading.activities)
            for balance in told.cash or ():
                assert balance.starting is not None
                assert balance.starting + moved.get(balance.currency, Decimal(0)) == balance.ending


def test_no_case_is_without_a_statement() -> None:
    assert len(NAMES) >= 12
    assert all((CASES / case / "statement.xml").is_file() for case in NAMES)
