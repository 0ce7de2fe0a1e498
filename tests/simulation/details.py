"""Compares what the ledger says of single records with their rows: prices, charges, moments, ratios."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from broker_sync.models import Activity, ActivityType
from tests.simulation.books import Row
from tests.simulation.life import Life
from tests.simulation.query import NEW_YORK, Query

_DEALS = frozenset({ActivityType.BUY, ActivityType.SELL})
_MARGINED = frozenset({"FUT", "CFD"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What must be known of a case to know what its records should say.

    `shows_time` says whether all its statements are written by New York's clock, `twice` are the symbols
    under which there was more than one paper.
    """

    shows_time: bool
    twice: frozenset[str]


def known_of(life: Life, queries: Iterable[Query]) -> Known:
    """What is to be known of a life and of how its statements were written."""
    symbols = Counter(thing.symbol for thing in life.things.values())
    return Known(
        shows_time=all(query.zone is NEW_YORK for query in queries),
        twice=frozenset(symbol for symbol, number in symbols.items() if number > 1),
    )


def detail_problems(
    records: Mapping[str, list[Activity]], rows: Iterable[Row], known: Known
) -> Iterable[str]:
    """What differs between a row and its record, for rows that the ledger knows by the broker's number."""
    numbered = {str(row.values.get("transactionID")): row for row in rows}
    for record_id, legs in records.items():
        row = numbered.get(record_id.rpartition(":")[2])
        if row is not None:
            expected = dict(_expected(row, known))
            told = {name: getattr(legs[0], name) for name in expected}
            if told != expected:
                yield f"{record_id} ({row.kind}) has {told}, not {expected}"


def _expected(row: Row, known: Known) -> Iterable[tuple[str, Any]]:
    if row.section == "CorporateActions" and row.thing and row.thing.symbol not in known.twice:
        yield "ratio", row.ratio
    if row.section != "Trades" or row.thing is None or row.thing.category in _MARGINED:
        return
    quantity, price = _decimal(row, "quantity"), _decimal(row, "tradePrice")
    yield "activity_type", ActivityType.BUY if quantity > 0 else ActivityType.SELL
    yield "unit_price", price
    yield "quantity", abs(quantity)
    charges = _charges(row)
    gross = -quantity * price * row.thing.per_unit
    is_plain = charges <= 0 and (quantity > 0 or gross + charges >= 0)
    yield "fee", -charges if is_plain else Decimal(0)
    moment, day = row.values["dateTime"], row.values["tradeDate"]
    if known.shows_time and isinstance(moment, dt.datetime) and moment.date() == day:
        yield "date", moment.astimezone(dt.UTC)


def _charges(row: Row) -> Decimal:
    assert row.thing is not None
    is_own = row.values["ibCommissionCurrency"] == row.thing.currency
    return _decimal(row, "taxes") + (_decimal(row, "ibCommission") if is_own else Decimal(0))


def _decimal(row: Row, name: str) -> Decimal:
    value = row.values[name]
    assert isinstance(value, Decimal)
    return value
