"""Statement windows: which days each statement covered, and what it said of their beginning."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, insert, select, update

from broker_sync.codec import opening_from_json, opening_to_json
from broker_sync.dedup.lookups import Scope
from broker_sync.dedup.tables import windows
from broker_sync.opening import Window

__all__ = ["save", "saved"]

_CELLS: Final = windows.c


def save(connection: Connection, scope: Scope, window: Window, *, provider: str, run_id: int) -> None:
    """Keep `window`; what the same document was read as before is replaced, in its place."""
    key = {
        "sink": scope.sink,
        "account_id": scope.account_id,
        "first_day": window.first_day.isoformat(),
        "last_day": window.last_day.isoformat(),
        "document": window.document,
    }
    content = {
        "provider": provider,
        "has_positions": window.opening_positions is not None,
        "has_cash": window.starting_cash is not None,
        "opening": opening_to_json(window.opening_positions, window.starting_cash),
        "run_id": run_id,
    }
    same = and_(*(_CELLS[name] == value for name, value in key.items()))
    if not connection.execute(update(windows).where(same).values(content)).rowcount:
        connection.execute(insert(windows).values(key | content))


def saved(connection: Connection, scope: Scope) -> list[Window]:
    """All windows: the earliest first, of equals in the order of their saving."""
    query = select(windows).where(_CELLS.sink == scope.sink, _CELLS.account_id == scope.account_id)
    order = (_CELLS.first_day, _CELLS.id)
    return [_window(row) for row in connection.execute(query.order_by(*order))]


def _window(row: Row[Any]) -> Window:
    positions, cash = opening_from_json(row.opening)
    return Window(
        first_day=dt.date.fromisoformat(row.first_day),
        last_day=dt.date.fromisoformat(row.last_day),
        document=row.document,
        opening_positions=positions,
        starting_cash=cash,
    )
