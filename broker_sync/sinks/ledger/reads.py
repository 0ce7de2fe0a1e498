"""What the ledger says it holds: sums of effects over activities that are read one by one.

The database does not add up: it would do so in floating point.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from decimal import Context, Decimal, FloatOperation, Inexact, localcontext
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, or_, tuple_

from broker_sync.accounting import position_effect, total_cash
from broker_sync.contracts import Holding, Untouched
from broker_sync.models import Account, Activity, Instrument
from broker_sync.sinks.ledger.codec import ACCOUNTS, ACTIVITIES, account_from_row, activity_from_row
from broker_sync.sinks.ledger.tables import accounts, activities
from broker_sync.storage.statements import portions

__all__ = [
    "PAGE",
    "accounts_named",
    "activities_of",
    "cash_of",
    "held_after",
    "held_named",
    "holdings_of",
    "page_after",
    "quantities_of",
]

PAGE: Final = 1000
"""How many activities are read at a time."""
_ZERO: Final = Decimal(0)
# Statements are made once: to make one takes several times as long as to run it.
_ORDER: Final = (activities.c.date, activities.c.external_id)
_OF_ACCOUNT: Final = activities.c.account_id == bindparam("of_account")
_ALL: Final = ACTIVITIES.where(_OF_ACCOUNT).order_by(*_ORDER)
_UNTIL: Final = _ALL.where(activities.c.booked_on <= bindparam("until"))
_FIRST: Final = _ALL.limit(PAGE)
_NEXT: Final = _FIRST.where(tuple_(*_ORDER) > tuple_(bindparam("last_date"), bindparam("last_id")))
_HELD: Final = (
    ACTIVITIES.add_columns(activities.c.id.label("tracker_id"))
    .where(_OF_ACCOUNT)
    .order_by(activities.c.external_id)
)
_HELD_NAMED: Final = _HELD.where(activities.c.external_id.in_(bindparam("ids", expanding=True)))
_HELD_AFTER: Final = _HELD.where(activities.c.external_id > bindparam("last_id")).limit(PAGE)

# Wide enough for any account; should a sum ever not fit, that is an error and not a rounding.
_EXACT: Final = Context(prec=100, traps=[Inexact, FloatOperation])


def accounts_named(connection: Connection, name: str | None) -> list[Account]:
    """The accounts that the tracker or the broker calls `name`, by id; all of them for None."""
    query = ACCOUNTS.order_by(accounts.c.id)
    if name is not None:
        query = query.where(or_(accounts.c.id == name, accounts.c.provider_account_id == name))
    return [account_from_row(row) for row in connection.execute(query)]


def page_after(connection: Connection, account_id: str, last: Activity | None) -> list[Activity]:
    """The next activities after `last` (None: the first) by date and external id; the last are under PAGE."""
    key = {"of_account": account_id}
    if last is None:
        return [activity_from_row(row) for row in connection.execute(_FIRST, key)]
    key |= {"last_date": last.date.isoformat(), "last_id": last.external_id}
    return [activity_from_row(row) for row in connection.execute(_NEXT, key)]


def activities_of(
    connection: Connection, account_id: str, *, as_of: dt.date | None = None
) -> Iterator[Activity]:
    """The account's activities by date and external id, up to and with `as_of`, a few at a time."""
    key = {"of_account": account_id}
    query, values = (_ALL, key) if as_of is None else (_UNTIL, key | {"until": as_of.isoformat()})
    for row in connection.execute(query, values, execution_options={"yield_per": PAGE}):
        yield activity_from_row(row)


def held_named(connection: Connection, account_id: str, external_ids: Iterable[str]) -> list[Untouched]:
    """Those of `external_ids` that the ledger has."""
    return [
        _held(row)
        for portion in portions(external_ids)
        for row in connection.execute(_HELD_NAMED, {"of_account": account_id, "ids": portion})
    ]


def held_after(connection: Connection, account_id: str, last: str) -> list[Untouched]:
    """The next activities after the external id `last`, by external id; the last are under PAGE."""
    key = {"of_account": account_id, "last_id": last}
    return [_held(row) for row in connection.execute(_HELD_AFTER, key)]


def _held(row: Row[Any]) -> Untouched:
    return Untouched(
        external_id=row.external_id,
        tracker_id=str(row.tracker_id),
        activity=activity_from_row(row),
    )


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
