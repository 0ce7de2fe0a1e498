"""What ``broker-sync ibkr`` was asked to do, and whether this version can."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from broker_sync.errors import SettingsError
from broker_sync.registry import sink_factory
from broker_sync.settings import Settings, flex_downloads

__all__ = ["Request", "check"]

_DAY: Final = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The options as given; `since` and `until` are both included, `sink` None means the default."""

    files: tuple[Path, ...]
    since: dt.date | None = None
    until: dt.date | None = None
    account: str | None = None
    sink: str | None = None
    dry_run: bool = False
    strict: bool = False
    as_json: bool = False
    accept_query_change: bool = False
    metrics: str | None = None
    create_account: bool = False
    adopt: bool = False
    explain: bool = False

    @property
    def before(self) -> dt.date | None:
        """The first day that is left out again."""
        return None if self.until is None else self.until + _DAY

    @property
    def overrides(self) -> dict[str, str]:
        """What the options say of settings, by the names of their variables."""
        told = {
            "BROKER_SYNC_METRICS": self.metrics,
            "WF_CREATE_ACCOUNT": "1" if self.create_account else None,
            "WF_ADOPT": "1" if self.adopt else None,
        }
        return {name: text for name, text in told.items() if text is not None}

    def sink_name(self, settings: Settings) -> str:
        """The sink to write to: the one that was asked for, else the tracker of the settings, else ours."""
        if self.sink is not None:
            return self.sink
        return "ledger" if settings.wealthfolio.base_url is None else "wealthfolio"


def check(request: Request, settings: Settings) -> None:
    """Raises :class:`~broker_sync.errors.SettingsError` for what cannot be done, and says what to do."""
    for path in request.files:
        _check_file(path)
    name = request.sink_name(settings)
    sink_factory(name)
    if name == "wealthfolio" and settings.wealthfolio.base_url is None:
        raise SettingsError("--sink wealthfolio: set WF_BASE_URL and WF_PASSWORD, which say where it is")
    if request.since is not None and request.until is not None and request.since > request.until:
        raise SettingsError(
            f"--since {request.since} is after --until {request.until}: no day is between them"
        )
    if not request.files and not flex_downloads(settings.ibkr_accounts):
        raise SettingsError(
            "There is nothing to sync: set IBKR_FLEX_TOKEN and IBKR_FLEX_QUERY_ID to download the statement "
            "(docs/providers/ibkr/setup.md says how to get them), or give a statement with --file PATH."
        )


def _check_file(path: Path) -> None:
    if path.is_dir():
        raise SettingsError(f"--file {path}: it is a directory; give the statements in it one by one")
    if not path.exists():
        raise SettingsError(f"--file {path}: there is no such file; check the path")
    if not os.access(path, os.R_OK):
        raise SettingsError(f"--file {path}: it cannot be read; check its permissions")
