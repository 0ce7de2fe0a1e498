"""Puts the settings together out of the values that were found and of ``broker-sync.toml``."""

from __future__ import annotations

from dataclasses import replace

from broker_sync.settings import build
from broker_sync.settings import catalogue as c
from broker_sync.settings.account_table import AccountTable, account_tables
from broker_sync.settings.accounts import all_accounts, half_set
from broker_sync.settings.advice import misspelt, open_secrets
from broker_sync.settings.answers import Answers, Problems
from broker_sync.settings.cash_types import cash_types
from broker_sync.settings.keyring import KeyringSource
from broker_sync.settings.sources import Environment
from broker_sync.settings.toml_check import misplaced
from broker_sync.settings.toml_file import TomlFile
from broker_sync.settings.types import CashType, Settings
from broker_sync.settings.values import Raw

__all__ = ["assembled"]


def assembled(
    answers: Answers,
    *,
    file: TomlFile | None,
    variables: Environment,
    keyring: KeyringSource | None,
    problems: Problems,
) -> Settings:
    """The settings; what is wrong is noted in `problems`, and counts as not set."""
    for setting in c.SETTINGS:
        answers.found(setting)
    data_dir, ibkr = build.data_dir(answers), build.ibkr(answers)
    kinds = _cash_types(file, problems)
    accounts = tuple(
        replace(account, cash_types=kinds)
        for account in all_accounts(ibkr, _tables(file, variables, keyring, problems), problems)
    )
    return Settings(
        data_dir=data_dir,
        config_path=None if file is None else file.path,
        ibkr=ibkr,
        ibkr_accounts=accounts,
        flex=build.flex(answers, kinds),
        wealthfolio=build.wealthfolio(answers, data_dir),
        metrics=build.metrics(answers, problems),
        pushgateway_url=answers.of(c.PUSHGATEWAY_URL),
        notify=build.notifications(answers),
        tolerances=build.tolerances(answers),
        on_vanished=answers.sure(c.ON_VANISHED),
        archive_keep_days=answers.of(c.ARCHIVE_KEEP_DAYS),
        no_color=answers.of(c.NO_COLOR) is not None,
        warnings=(*misspelt(variables), *open_secrets(file), *half_set(accounts)),
    )


def _tables(
    file: TomlFile | None, variables: Environment, keyring: KeyringSource | None, problems: Problems
) -> list[AccountTable]:
    def token_of(account: str) -> Raw | None:
        return None if keyring is None else keyring.raw(c.IBKR_FLEX_TOKEN, account)

    return [] if file is None else list(account_tables(file, variables, token_of, problems))


def _cash_types(file: TomlFile | None, problems: Problems) -> dict[str, CashType]:
    if file is None:
        return {}
    for text in misplaced(file):
        problems.add(text)
    return cash_types(file, problems)
