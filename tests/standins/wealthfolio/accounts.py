"""Accounts: what is kept of what a client sends."""

from tests.standins.wealthfolio.reading import Json, flag, text
from tests.standins.wealthfolio.replies import refused
from tests.standins.wealthfolio.store import Account, Store, stamp

__all__ = ["account_json", "create", "edit", "remove"]


def account_json(account: Account) -> Json:
    return {
        "id": account.id,
        "name": account.name,
        "accountType": account.account_type,
        "group": account.group,
        "currency": account.currency,
        "isDefault": account.is_default,
        "isActive": account.is_active,
        "isArchived": account.is_archived,
        "trackingMode": account.tracking_mode,
        "createdAt": stamp(account.made, zone=False),
        "updatedAt": stamp(account.changed, zone=False),
        "platformId": None,
        "accountNumber": account.account_number,
        "meta": account.meta,
        "provider": account.provider,
        "providerAccountId": account.provider_account_id,
    }


def create(store: Store, fields: Json) -> Account:
    """The id is the server's own, whatever is sent."""
    name, currency = text(fields, "name", needed=True), text(fields, "currency", needed=True)
    account = Account(
        id=store.new_id(),
        name=name or "",
        account_type=text(fields, "accountType", needed=True) or "",
        currency=currency or "",
        is_default=flag(fields, "isDefault", needed=True) or False,
        is_active=flag(fields, "isActive", needed=True) or False,
        is_archived=flag(fields, "isArchived") or False,
        tracking_mode=text(fields, "trackingMode") or "NOT_SET",
        group=text(fields, "group"),
        account_number=text(fields, "accountNumber"),
        meta=text(fields, "meta"),
        provider=text(fields, "provider"),
        provider_account_id=text(fields, "providerAccountId"),
        made=store.now(),
        changed=store.now(),
    )
    if not account.name or not account.currency:
        raise refused("Invalid input: a name and a currency are needed")
    store.accounts[account.id] = account
    return account


def edit(store: Store, account_id: str, fields: Json) -> Account:
    """Currency, number, meta and what a broker connection has set stay as they were made."""
    name, kind = text(fields, "name", needed=True), text(fields, "accountType", needed=True)
    is_default = flag(fields, "isDefault", needed=True)
    is_active = flag(fields, "isActive", needed=True)
    account = store.accounts.get(account_id)
    if account is None:
        raise refused("Database operation failed: Record not found")
    account.name, account.account_type = name or "", kind or ""
    account.is_default, account.is_active = bool(is_default), bool(is_active)
    archived = flag(fields, "isArchived")
    account.is_archived = account.is_archived if archived is None else archived
    account.tracking_mode = text(fields, "trackingMode") or account.tracking_mode
    account.group = text(fields, "group")
    account.changed = store.now()
    return account


def remove(store: Store, account_id: str) -> None:
    """Its activities go with it."""
    store.accounts.pop(account_id, None)
    for row_id in [row.id for row in store.rows.values() if row.account_id == account_id]:
        del store.rows[row_id]
