"""``broker-sync config``: shows and checks the settings, and writes a first file of them."""

from __future__ import annotations

from broker_sync.cli.config_init import run_config_init
from broker_sync.cli.output import print_blocks, print_json, result_output
from broker_sync.errors import SettingsError
from broker_sync.logs import MASK, Masker
from broker_sync.report.config_text import (
    ConfigAccount,
    ConfigEntry,
    ConfigReport,
    config_blocks,
    config_object,
)
from broker_sync.settings import IBKRAccountSettings, Reading, read_settings
from broker_sync.settings.catalogue import SETTINGS

__all__ = ["run_config_check", "run_config_init"]


def run_config_check(*, as_json: bool, everything: bool = False) -> int:
    """Print what is set, from where, and all that is wrong; 0, or 2 if anything is.

    `everything` lists for people what is not set, too; JSON always has it.
    """
    reading = read_settings()
    report = _report(reading)
    with result_output():
        if as_json:
            print_json(config_object(report))
        else:
            blocks = config_blocks(report, everything=everything)
            print_blocks(blocks, no_color=reading.settings.no_color)
    return SettingsError.exit_code if report.problems else 0


def _report(reading: Reading) -> ConfigReport:
    settings = reading.settings
    masker = Masker(settings.secrets())
    return ConfigReport(
        config_file=None if settings.config_path is None else str(settings.config_path),
        entries=_entries(reading, masker),
        accounts=[_account(each) for each in settings.ibkr_accounts],
        problems=[masker.mask(text) for text in reading.problems],
        warnings=[masker.mask(text) for text in settings.warnings],
    )


def _entries(reading: Reading, masker: Masker) -> list[ConfigEntry]:
    entries = []
    for setting in SETTINGS:
        found = reading.answers.found(setting)
        value = None
        if found is not None:
            value = MASK if setting.kind.is_secret else masker.mask(setting.kind.show(found.value))
        entries.append(
            ConfigEntry(
                name=setting.name,
                value=value,
                secret=setting.kind.is_secret,
                is_set=reading.answers.is_set(setting),
                source=None if found is None else found.origin.source,
                where=None if found is None else found.origin.name,
            )
        )
    return entries


def _account(account: IBKRAccountSettings) -> ConfigAccount:
    return ConfigAccount(
        account=account.upstream_account_id,
        tracker=account.tracker_account_id,
        sink=account.sink,
        account_type=account.account_type,
        has_token=account.flex_token is not None,
        query_ids=account.flex_query_ids,
        described_in=account.described_in,
    )
