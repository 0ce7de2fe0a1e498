"""The accounts to sync: the tables ``[[ibkr.accounts]]``, and the account of the environment.

They add up, so that nothing that was set is left out: the account that ``IBKR_ACCOUNT_ID_UPSTREAM`` names is
one more, unless a table has it already. What a table says counts for its account; what it leaves open comes
from the general settings, wherever those come from.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from broker_sync.settings.account_table import AccountTable
from broker_sync.settings.answers import Problems
from broker_sync.settings.types import IBKRAccountSettings, IBKRSettings

__all__ = ["all_accounts", "half_set"]

_GENERAL = "the general settings"


def all_accounts(
    general: IBKRSettings, tables: Sequence[AccountTable], problems: Problems
) -> tuple[IBKRAccountSettings, ...]:
    """All accounts, that of the environment first; none if nothing is said of any.

    Notes two that are one account at the broker, or one in a tracker.
    """
    read = [account for table in tables if (account := table.account(general)) is not None]
    accounts = tuple(_with_general(general, read, problems) if tables else _alone(general))
    _note_doubles(accounts, problems)
    return accounts


def _alone(general: IBKRSettings) -> Iterator[IBKRAccountSettings]:
    said = (general.account_id, general.account_id_upstream, general.flex_token, *general.flex_query_ids)
    if any(each is not None for each in said):
        yield _of_general(general)


def _of_general(general: IBKRSettings) -> IBKRAccountSettings:
    return IBKRAccountSettings(
        upstream_account_id=general.account_id_upstream,
        tracker_account_id=general.account_id,
        account_type=general.account_type,
        time_zone=general.time_zone,
        flex_token=general.flex_token,
        flex_query_ids=general.flex_query_ids,
        flex_base_url=general.flex_base_url,
        token_expires=general.token_expires,
        sink=None,
        described_in=_GENERAL,
    )


def _with_general(
    general: IBKRSettings, read: Sequence[IBKRAccountSettings], problems: Problems
) -> Iterator[IBKRAccountSettings]:
    """`read`, with what the environment says of one of them, or of one more."""
    ids = [account.upstream_account_id for account in read]
    meant = general.account_id_upstream
    if meant is None and general.account_id is not None and len(ids) == 1:
        meant = ids[0]
    if meant is None and general.account_id is not None:
        problems.add(
            "IBKR_ACCOUNT_ID does not say which account it names: put it as tracker_id below one of the "
            "[[ibkr.accounts]], or set IBKR_ACCOUNT_ID_UPSTREAM too"
        )
    if meant is not None and meant not in ids:
        yield _of_general(general)
    for account in read:
        is_meant = account.upstream_account_id == meant
        yield _named(account, general.account_id, problems) if is_meant else account


def _named(account: IBKRAccountSettings, name: str | None, problems: Problems) -> IBKRAccountSettings:
    own = account.tracker_account_id
    if name is None or own == name:
        return account
    if own is not None:
        problems.add(
            f"IBKR_ACCOUNT_ID is {name!r}, but tracker_id of {account.described_in} is {own!r}: remove one"
        )
    return replace(account, tracker_account_id=name)


def _note_doubles(accounts: Sequence[IBKRAccountSettings], problems: Problems) -> None:
    seen: dict[tuple[str, ...], IBKRAccountSettings] = {}
    for account in accounts:
        upstream = account.upstream_account_id or ""
        tracker = account.tracker_account_id or upstream
        for what, key in (
            (f"account {upstream}", ("broker", upstream)),
            (f"the tracker's account {tracker}", ("tracker", account.sink or "", tracker)),
        ):
            other = seen.setdefault(key, account)
            if other is not account:
                problems.add(
                    f"{what} is there twice, in {other.described_in} and in {account.described_in}: each "
                    "account at the broker has one of its own in the tracker"
                )


def half_set(accounts: Sequence[IBKRAccountSettings]) -> Iterator[str]:
    """One sentence for each account that has a token and no query, or the other way round."""
    for account in accounts:
        if (account.flex_token is None) == (not account.flex_query_ids):
            continue
        has, lacks = ("a query", "token") if account.flex_token is None else ("a token", "query")
        name = account.upstream_account_id
        of = "the account" if name is None else f"account {name}"
        yield f"{of} of {account.described_in} has {has} but no {lacks}, so nothing can be downloaded for it"
