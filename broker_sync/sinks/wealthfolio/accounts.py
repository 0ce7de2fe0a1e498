"""The account to write to: found, or made."""

from __future__ import annotations

from dataclasses import dataclass

from broker_sync.models import Account
from broker_sync.sinks.wealthfolio.account_choice import choose, marked, new_account, not_found, notes_on
from broker_sync.sinks.wealthfolio.client import WealthfolioClient
from broker_sync.sinks.wealthfolio.errors import TrackerAccountError, UnknownOutcomeError
from broker_sync.sinks.wealthfolio.fields import Fields
from broker_sync.sinks.wealthfolio.wire import WireAccount, parse_account, parse_accounts

__all__ = ["ChosenAccount", "account_for", "all_accounts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenAccount:
    """The account to write to; `notes` are for the report, `made` says that it was made just now."""

    account: WireAccount
    made: bool = False
    notes: tuple[str, ...] = ()


async def all_accounts(client: WealthfolioClient) -> list[WireAccount]:
    """Every account, archived ones too."""
    return parse_accounts(await client.get("/accounts", {"includeArchived": "true"}))


async def account_for(
    client: WealthfolioClient, wanted: Account, *, create: bool, name: str | None = None
) -> ChosenAccount:
    """The account with the id of `wanted`, else the one that was made for its `provider_account_id`.

    With `create` one is made where there is none, called `name`. Raises TrackerAccountError.
    """
    accounts = await all_accounts(client)
    found = choose(accounts, wanted)
    if found is not None:
        return _chosen(found, wanted, made=False)
    if not create:
        raise not_found(accounts, wanted)
    if wanted.currency is None:
        raise TrackerAccountError(
            f"The broker does not say in which currency {wanted.provider_account_id} is kept, and an account "
            "cannot be made without one. Make it in Wealthfolio and set IBKR_ACCOUNT_ID to its id."
        )
    return await _made(client, wanted, currency=wanted.currency, name=name or _name_of(wanted))


async def _made(client: WealthfolioClient, wanted: Account, *, currency: str, name: str) -> ChosenAccount:
    try:
        answer = await client.post("/accounts", new_account(wanted, currency=currency, name=name))
    except UnknownOutcomeError:
        # It bears our mark if it was made, and is not made a second time.
        there = choose(await all_accounts(client), wanted)
        if there is None:
            raise
        return _chosen(there, wanted, made=True)
    account = parse_account(Fields.of(answer, "the new account"))
    if choose([account], wanted) is None:
        raise TrackerAccountError(
            f"Wealthfolio made the account {account.name!r} without the mark by which it is found again. Set "
            f"IBKR_ACCOUNT_ID to its id, {account.id}."
        )
    return _chosen(await _first(client, account, wanted), wanted, made=True)


async def _first(client: WealthfolioClient, made: WireAccount, wanted: Account) -> WireAccount:
    """The account that was `made`, unless another run made one first: then that one, and `made` goes again.

    Whoever looks after making one sees those that were made before, so of several runs all take the same.
    """
    rivals = [each for each in marked(await all_accounts(client), wanted) if not each.is_archived]
    first = min(rivals, key=lambda each: (each.created_at, each.id), default=made)
    if first.id != made.id:
        # It is empty: nobody takes one that was not the first.
        await client.delete(f"/accounts/{made.id}")
    return first


def _chosen(account: WireAccount, wanted: Account, *, made: bool) -> ChosenAccount:
    return ChosenAccount(account=account, made=made, notes=tuple(notes_on(account, wanted)))


def _name_of(wanted: Account) -> str:
    return f"{wanted.provider.upper()} {wanted.provider_account_id}"
