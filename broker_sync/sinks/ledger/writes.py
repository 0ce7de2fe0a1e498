"""What the ledger does when it is written to, and what it has; each works inside one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import Connection, and_, bindparam, delete, insert, select, update

from broker_sync.contracts import Refused, Stored, WriteOutcome
from broker_sync.errors import SettingsError
from broker_sync.models import Account, Activity
from broker_sync.sinks.ledger.codec import account_to_row, activity_to_row
from broker_sync.sinks.ledger.tables import accounts, activities
from broker_sync.storage.statements import execute_many, portions

__all__ = ["create_all", "delete_all", "find_all", "update_all"]

# Statements are made once: to make one takes several times as long as to run it.
_OF_ACCOUNT: Final = activities.c.account_id == bindparam("of_account")
_ONE: Final = and_(_OF_ACCOUNT, activities.c.external_id == bindparam("of_id"))
_FIND: Final = select(activities.c.external_id, activities.c.id).where(
    _OF_ACCOUNT, activities.c.external_id.in_(bindparam("ids", expanding=True))
)
_HOLDER: Final = select(accounts.c.provider_account_id).where(accounts.c.id == bindparam("of_account"))
_OF_HOLDER: Final = [column.name for column in accounts.c if column.name != "id"]
_KNOW: Final = insert(accounts)
_KNOW_AGAIN: Final = (
    update(accounts)
    .where(accounts.c.id == bindparam("of_account"))
    .values({name: bindparam(f"to_{name}") for name in _OF_HOLDER})
)
_IDENTITY: Final = frozenset({"id", "account_id", "external_id"})
_CONTENT: Final = [column.name for column in activities.c if column.name not in _IDENTITY]
_CREATE: Final = insert(activities)
_UPDATE: Final = update(activities).where(_ONE).values({name: bindparam(f"to_{name}") for name in _CONTENT})
_DELETE: Final = delete(activities).where(_ONE)


def find_all(connection: Connection, account_id: str, external_ids: Iterable[str]) -> dict[str, str]:
    """The ledger's own ids of those of `external_ids` that it has."""
    return {
        row.external_id: str(row.id)
        for portion in portions(external_ids)
        for row in connection.execute(_FIND, {"of_account": account_id, "ids": portion})
    }


def create_all(connection: Connection, account: Account, new: Sequence[Activity]) -> list[WriteOutcome]:
    """Add what is not there; what is there stays as it is."""
    _know(connection, account, new)
    ids = [activity.external_id for activity in new]
    there = find_all(connection, account.id, ids)
    rows = {
        each.external_id: activity_to_row(each) for each in reversed(new) if each.external_id not in there
    }
    execute_many(connection, _CREATE, list(reversed(rows.values())))
    tracker_ids = there | find_all(connection, account.id, rows)
    return [
        # Of twins in one call the first is made, the second is there by then.
        Stored(external_id=each, tracker_id=tracker_ids[each], created=rows.pop(each, None) is not None)
        for each in ids
    ]


def update_all(connection: Connection, account: Account, changed: Sequence[Activity]) -> list[WriteOutcome]:
    """Overwrite what is there; what is not there is refused."""
    _know(connection, account, changed)
    ids = [activity.external_id for activity in changed]
    there = find_all(connection, account.id, ids)
    execute_many(connection, _UPDATE, [_change(each) for each in changed if each.external_id in there])
    return [_updated(external_id, there.get(external_id)) for external_id in ids]


def delete_all(connection: Connection, account_id: str, external_ids: Sequence[str]) -> list[WriteOutcome]:
    """Remove what is there."""
    there = find_all(connection, account_id, external_ids)
    execute_many(connection, _DELETE, [{"of_account": account_id, "of_id": each} for each in there])
    # What was not there has no id of ours, and an answer always carries one: its own stands in.
    return [
        Stored(external_id=each, tracker_id=there.get(each, each), created=False) for each in external_ids
    ]


def _know(connection: Connection, account: Account, written: Sequence[Activity]) -> None:
    strays = [activity.external_id for activity in written if activity.account_id != account.id]
    if strays:
        raise ValueError(f"{strays[0]} is of another account than {account.id}")
    holder = connection.scalar(_HOLDER, {"of_account": account.id})
    if holder is not None and holder != account.provider_account_id:
        raise SettingsError(
            f"The ledger's account {account.id} is that of {holder} at the broker, not "
            f"of {account.provider_account_id}: give each of them an IBKR_ACCOUNT_ID of its own."
        )
    row = account_to_row(account)
    known = {"of_account": account.id} | {f"to_{name}": row[name] for name in _OF_HOLDER}
    if not connection.execute(_KNOW_AGAIN, known).rowcount:
        connection.execute(_KNOW, row)


def _change(activity: Activity) -> dict[str, str | None]:
    row = activity_to_row(activity)
    change = {f"to_{name}": row[name] for name in _CONTENT}
    return change | {"of_account": activity.account_id, "of_id": activity.external_id}


def _updated(external_id: str, tracker_id: str | None) -> WriteOutcome:
    if tracker_id is None:
        return Refused(external_id=external_id, reason="the ledger does not have it")
    return Stored(external_id=external_id, tracker_id=tracker_id, created=False)
