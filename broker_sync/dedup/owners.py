"""Whose the accounts in the trackers are: the broker's account that was last booked into each."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, insert, select

from broker_sync.dedup.lookups import Scope
from broker_sync.dedup.tables import in_scope, owners

__all__ = ["keep", "owner"]

_OWNER: Final = select(owners.c.provider, owners.c.provider_account_id).where(in_scope(owners))
_KEEP: Final = insert(owners)


def owner(connection: Connection, scope: Scope) -> tuple[str, str] | None:
    """The broker and its id of the account; None where nothing was booked yet."""
    row = connection.execute(_OWNER, scope.key).one_or_none()
    return None if row is None else (row.provider, row.provider_account_id)


def keep(connection: Connection, scope: Scope, *, provider: str, provider_account_id: str) -> None:
    """Write down whose it is, where that is not known yet."""
    if owner(connection, scope) is None:
        row = {"sink": scope.sink, "account_id": scope.account_id}
        connection.execute(_KEEP, row | {"provider": provider, "provider_account_id": provider_account_id})
