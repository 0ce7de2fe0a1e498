"""Statement windows: which days each statement covered, and what it said of their beginning."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from broker_sync.codec import opening_from_json, opening_to_json
from broker_sync.dedup.lookups import Scope
from broker_sync.dedup.tables import in_scope, windows
from broker_sync.opening import Window

__all__ = ["save", "saved"]

_CELLS: Final = windows.c
_IN_SCOPE: Final = in_scope(windows)
_SAVED: Final = select(windows).where(_IN_SCOPE).order_by(_CELLS.first_day, _CELLS.id)
_CONTENT: Final = ("provider", "has_positions", "has_cash", "opening", "run_id", "made", "lists")
_ADD: Final = insert(windows)
_AGAIN: Final = (
    update(windows)
    .where(
        _IN_SCOPE,
        _CELLS.first_day == bindparam("of_first_day"),
        _CELLS.last_day == bindparam("of_last_day"),
        _CELLS.document == bindparam("of_document"),
    )
    .values({name: bindparam(f"to_{name}") for name in _CONTENT})
)


def save(connection: Connection, scope: Scope, window: Window, *, provider: str, run_id: int) -> None:
    """Keep `window`; what the same document was read as before is replaced, in its place."""
    which = {
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
        "made": None if window.made is None else window.made.astimezone(dt.UTC).isoformat(),
        "lists": json.dumps(sorted(window.lists)),
    }
    key = scope.key | {f"of_{name}": text for name, text in which.items()}
    if connection.execute(_AGAIN, key | {f"to_{name}": content[name] for name in _CONTENT}).rowcount:
        return
    owner = {"sink": scope.sink, "account_id": scope.account_id}
    connection.execute(_ADD, owner | which | content)


def saved(connection: Connection, scope: Scope) -> list[Window]:
    """All windows: the earliest first, of equals in the order of their saving."""
    return [_window(row) for row in connection.execute(_SAVED, scope.key)]


def _window(row: Row[Any]) -> Window:
    positions, cash = opening_from_json(row.opening)
    return Window(
        first_day=dt.date.fromisoformat(row.first_day),
        last_day=dt.date.fromisoformat(row.last_day),
        document=row.document,
        opening_positions=positions,
        starting_cash=cash,
        made=None if row.made is None else dt.datetime.fromisoformat(row.made),
        lists=frozenset(() if row.lists is None else json.loads(row.lists)),
    )
