"""Rejections: broker records that were not booked, kept with all that the broker said of them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, bindparam, delete, insert, select, update

from broker_sync.codec import instrument_from_json, instrument_to_json
from broker_sync.contracts import Rejection
from broker_sync.dedup.lookups import Scope
from broker_sync.dedup.tables import in_scope, rejections
from broker_sync.dedup.types import SavedRejection
from broker_sync.storage.statements import execute_many
from broker_sync.values import decimal_text, exact

__all__ = ["clear", "save", "saved"]

_CELLS: Final = rejections.c
_IN_SCOPE: Final = in_scope(rejections)
_ONE: Final = and_(_IN_SCOPE, _CELLS.external_id == bindparam("of_id"))
_IDS: Final = select(_CELLS.external_id).where(_IN_SCOPE)
_SAVED: Final = select(rejections).where(_IN_SCOPE).order_by(_CELLS.external_id)
_CONTENT: Final = ("section", "reason", "raw", "booked_on", "instrument", "quantity", "run_id", "last_seen")
_AGAIN: Final = update(rejections).where(_ONE).values({name: bindparam(f"to_{name}") for name in _CONTENT})
_CLEAR: Final = delete(rejections).where(_ONE)


def save(
    connection: Connection, scope: Scope, rejected: Sequence[Rejection], *, run_id: int, at: str
) -> None:
    """Keep `rejected`; of one that was met before only the first time is left as it was."""
    known = _ids(connection, scope)
    rows = {rejection.external_id: _content(rejection, run_id=run_id, at=at) for rejection in rejected}
    again = [
        {**_key(scope, external_id), **{f"to_{name}": row[name] for name in _CONTENT}}
        for external_id, row in rows.items()
        if external_id in known
    ]
    new = [
        {
            "sink": scope.sink,
            "account_id": scope.account_id,
            "external_id": external_id,
            "first_seen": at,
            **row,
        }
        for external_id, row in rows.items()
        if external_id not in known
    ]
    execute_many(connection, _AGAIN, again)
    execute_many(connection, insert(rejections), new)


def saved(connection: Connection, scope: Scope) -> list[SavedRejection]:
    """All rejections, by external id."""
    return [_saved(row) for row in connection.execute(_SAVED, scope.key)]


def clear(connection: Connection, scope: Scope, external_ids: Collection[str]) -> int:
    """Forget those of `external_ids` that are kept; how many there were."""
    # There are few rejections and many records, so it is the rejections that are read.
    booked = sorted(_ids(connection, scope).intersection(external_ids))
    execute_many(connection, _CLEAR, [_key(scope, external_id) for external_id in booked])
    return len(booked)


def _ids(connection: Connection, scope: Scope) -> set[str]:
    return set(connection.scalars(_IDS, scope.key))


def _key(scope: Scope, external_id: str) -> dict[str, Any]:
    return {**scope.key, "of_id": external_id}


def _content(rejection: Rejection, *, run_id: int, at: str) -> dict[str, Any]:
    booked_on, instrument, quantity = rejection.booked_on, rejection.instrument, rejection.quantity
    return {
        "section": rejection.section,
        "reason": rejection.reason,
        "raw": json.dumps(dict(rejection.raw), ensure_ascii=False),
        "booked_on": None if booked_on is None else booked_on.isoformat(),
        "instrument": None if instrument is None else instrument_to_json(instrument),
        "quantity": None if quantity is None else decimal_text(quantity),
        "run_id": run_id,
        "last_seen": at,
    }


def _saved(row: Row[Any]) -> SavedRejection:
    return SavedRejection(
        rejection=Rejection(
            external_id=row.external_id,
            section=row.section,
            reason=row.reason,
            raw=json.loads(row.raw),
            booked_on=None if row.booked_on is None else dt.date.fromisoformat(row.booked_on),
            instrument=None if row.instrument is None else instrument_from_json(row.instrument),
            quantity=None if row.quantity is None else exact(row.quantity),
        ),
        run_id=row.run_id,
        first_seen=dt.datetime.fromisoformat(row.first_seen),
        last_seen=dt.datetime.fromisoformat(row.last_seen),
    )
