"""What the ledger says it holds: sums of effects over activities that are read one by one.

The database does not add up: it would do so in floating point.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from decimal import Context, Decimal, FloatOperation, Inexact, localcontext
from typing import Final

from sqlalchemy import ColumnElement, Connection, bindparam, or_, select, tuple_

from broker_sync.accounting import position_effect, total_cash
from broker_sync.contracts import Holding, Untouched
from broker_sync.models import Account, Activity, Instrument
from broker_sync.sinks.ledger.codec import ACCOUNTS, ACTIVITIES, account_from_row, activity_from_row
from broker_sync.sinks.ledger.tables import accounts, activities
from broker_sync.storage.statements import portions

__all__ = [
    "accounts_named",
    "activities_of",
    "cash_of",
    "held_after",
    "held_named",
    "holdings_of",
    "page_after",
    "quantities_of",
]

_PAGE: Final = 1000
_ZERO: Final = Decimal(0)
# Statements are made once: to make one takes several times as long as to run it.
_ORDER: Final = (activities.c.date, activities.c.external_id)
_OF_ACCOUNT: Final = activities.c.account_id == bindparam("of_account")
_ALL: Final = ACTIVITIES.where(_OF_ACCOUNT).order_by(*_ORDER)
_UNTIL: Final = _ALL.where(activities.c.booked_on <= bindparam("until"))

# Wide enough for any account; should a sum ever not fit, that is an error and not a rounding.
_EXACT: Final = Context(prec=100, traps=[Inexact, FloatOperation])


def accounts_named(connection: Connection, name: str | None) -> list[Account]:
    """The accounts that the tracker or the broker calls `name`, by id; all of them for None."""
    query = ACCOUNTS.order_by(accounts.c.id)
    if name is not None:
        query = query.where(or_(accounts.c.id == name, accounts.c.provider_account_id == name))
    return [account_from_row(row) for row in connection.execute(query)]


def page_after(connection: Connection, account_id: str, last: Activity | None) -> list[Activity]:
    """The next activities after `last` (the first for None) by date and external id; empty at the end."""
    query = _ALL.limit(_PAGE)
    if last is not None:
        query = query.where(tuple_(*_ORDER) > tuple_(last.date.isoformat(), last.external_id))
    return [activity_from_row(row) for row in connection.execute(query, {"of_account": account_id})]


def activities_of(
    connection: Connection, account_id: str, *, as_of: dt.date | None = None
) -> Iterator[Activity]:
    """The account's activities by date and external id, up to and with `as_of`, a few at a time."""
    key = {"of_account": account_id}
    query, values = (_ALL, key) if as_of is None else (_UNTIL, key | {"until": as_of.isoformat()})
    for row in connection.execute(query, values, execution_options={"yield_per": _PAGE}):
        yield activity_from_row(row)


def held_named(connection: Connection, account_id: str, external_ids: Iterable[str]) -> list[Untouched]:
    """Those of `external_ids` that the ledger has."""
    return [
        each
        for portion in portions(external_ids)
        for each in _held(connection, account_id, activities.c.external_id.in_(portion))
    ]


def held_after(connection: Connection, account_id: str, last: str) -> list[Untouched]:
    """The next activities after the external id `last`, by external id; empty at the end."""
    return _held(connection, account_id, activities.c.external_id > last)


def _held(connection: Connection, account_id: str, which: ColumnElement[bool]) -> list[Untouched]:
    condition = (activities.c.account_id == account_id, which)
    order = activities.c.external_id
    rows = connection.execute(ACTIVITIES.where(*condition).order_by(order).limit(_PAGE))
    ids = connection.scalars(select(activities.c.id).where(*condition).order_by(order).limit(_PAGE))
    return [
        Untouched(external_id=row.external_id, tracker_id=str(tracker_id), activity=activity_from_row(row))
        for row, tracker_id in zip(rows, ids, strict=True)
    ]


def holdings_of(held: Iterable[Activity]) -> list[Holding]:
    """What `held` adds up to by instrument, zeros left out; an instrument is shown as it was last written."""
    totals: dict[str, Decimal] = {}
    instruments: dict[str, Instrument] = {}
    with localcontext(_EXACT):
        for activity in held:
            instrument, effect = activity.instrument, position_effect(activity)
            if instrument is not None and effect:
                key = instrument.key
                instruments[key] = instrument
                totals[key] = totals.get(key, _ZERO) + effect
    return [Holding(instrument=instruments[key], quantity=total) for key, total in totals.items() if total]


def cash_of(moved: Iterable[Activity]) -> dict[str, Decimal]:
    """What `moved` adds up to by currency, zeros left out."""
    with localcontext(_EXACT):
        return {currency: total for currency, total in total_cash(moved).items() if total}


def quantities_of(held: Iterable[Activity]) -> dict[str, Decimal]:
    """What `held` adds up to by symbol, zeros left out."""
    totals: dict[str, Decimal] = {}
    with localcontext(_EXACT):
        for activity in held:
            effect = position_effect(activity)
            if activity.symbol is not None and effect:
                totals[activity.symbol] = totals.get(activity.symbol, _ZERO) + effect
    return {symbol: total for symbol, total in totals.items() if total}
