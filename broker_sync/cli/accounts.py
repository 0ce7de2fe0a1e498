"""Which of the accounts in the statements are synced, and what the tracker calls them; pure."""

from __future__ import annotations

from collections.abc import Sequence

from broker_sync.errors import SettingsError
from broker_sync.providers.ibkr.admission import Admitted
from broker_sync.providers.ibkr.delivery import says_something
from broker_sync.settings import IBKRAccountSettings, Settings

__all__ = ["accounts_in", "chosen", "configured_accounts", "settings_of", "tracker_account"]


def accounts_in(admitted: Sequence[Admitted]) -> list[str]:
    """The broker's accounts in the order in which they come.

    Those of which there is nothing to book and nothing held are left out, unless there are no others: a
    consolidated statement names accounts that were closed or never used.
    """
    telling: dict[str, bool] = {}
    for each in admitted:
        for name, survey in each.survey.accounts.items():
            telling[name] = telling.get(name, False) or says_something(survey)
    return [name for name, tells in telling.items() if tells] or list(telling)


def chosen(accounts: Sequence[str], wanted: str | None) -> list[str]:
    """`accounts`, or the `wanted` one of them; raises SettingsError that lists them if it is not there."""
    if wanted is None:
        return list(accounts)
    if wanted not in accounts:
        raise SettingsError(
            f"--account {wanted}: no such account in the statements; they have {', '.join(accounts)}"
        )
    return [wanted]


def tracker_account(account: str, *, among: Sequence[str], configured: str | None) -> str:
    """What the tracker calls `account`: the `configured` name, else the broker's own.

    The configured name is of one account: where the statements have several it would mix them.
    """
    return configured if configured is not None and len(among) == 1 else account


def configured_accounts(settings: Settings) -> list[str]:
    """The broker's ids of the accounts that may be synced; none if any may."""
    named = [account.upstream_account_id for account in settings.ibkr_accounts]
    return [] if None in named else [name for name in named if name is not None]


def settings_of(name: str, settings: Settings) -> IBKRAccountSettings:
    """The settings of the broker's account `name`: its own, else those for any, else the general ones."""
    for account in settings.ibkr_accounts:
        if account.upstream_account_id == name:
            return account
    anybody = [account for account in settings.ibkr_accounts if account.upstream_account_id is None]
    return anybody[0] if anybody else _general(settings)


def _general(settings: Settings) -> IBKRAccountSettings:
    general = settings.ibkr
    return IBKRAccountSettings(
        upstream_account_id=None,
        tracker_account_id=None,
        account_type=general.account_type,
        time_zone=general.time_zone,
        flex_token=None,
        flex_query_ids=(),
        flex_base_url=None,
        token_expires=None,
        sink=None,
        described_in="the general settings",
        cash_types=settings.flex.cash_types,
    )
