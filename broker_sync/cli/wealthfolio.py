"""``broker-sync wealthfolio check``: says what the server is, and what of it works."""

from __future__ import annotations

from broker_sync.cli import running
from broker_sync.cli.output import print_blocks, print_json, result_output
from broker_sync.cli.started import started
from broker_sync.errors import SettingsError
from broker_sync.models import Account
from broker_sync.registry import open_wealthfolio
from broker_sync.report.wealthfolio_checkup import Checkup
from broker_sync.report.wealthfolio_text import checkup_blocks, checkup_object
from broker_sync.settings import Settings

__all__ = ["run_check"]

_PROVIDER = "ibkr"
_TRACKER = "wealthfolio"


def run_check(*, as_json: bool) -> int:
    """Look at the server of the settings and print what was found; nothing is written.

    The exit status is that of a sync that would meet the same.
    """
    settings = started()
    if settings.wealthfolio.base_url is None:
        raise SettingsError("There is no Wealthfolio to look at: set WF_BASE_URL and WF_PASSWORD.")
    found = running.run(_checkup(settings))
    with result_output():
        if as_json:
            print_json(checkup_object(found))
        else:
            print_blocks(checkup_blocks(found), no_color=settings.no_color)
    return found.status


async def _checkup(settings: Settings) -> Checkup:
    sink = open_wealthfolio(settings, read_only=False)
    try:
        return await sink.inspect(_wanted(settings))
    finally:
        await sink.close()


def _wanted(settings: Settings) -> list[Account]:
    """The accounts that a sync would write to; one without any id is whichever the statements have."""
    found = [
        Account(
            id=each.tracker_account_id or "",
            provider=_PROVIDER,
            provider_account_id=each.upstream_account_id or "",
            account_type=each.account_type,
            currency=None,
        )
        for each in settings.ibkr_accounts
        if each.sink in {None, _TRACKER}
    ]
    return found or [
        Account(
            id="",
            provider=_PROVIDER,
            provider_account_id="",
            account_type=settings.ibkr.account_type,
            currency=None,
        )
    ]
