"""What ``broker-sync ibkr`` was asked to do, and whether this version can."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from broker_sync.errors import SettingsError
from broker_sync.registry import sink_factory
from broker_sync.settings import Settings, flex_downloads

__all__ = ["Request", "check"]

_DAY: Final = dt.timedelta(days=1)
_NOT_HERE: Final = "this version writes to the embedded ledger only: pass --sink ledger"


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

    @property
    def before(self) -> dt.date | None:
        """The first day that is left out again."""
        return None if self.until is None else self.until + _DAY

    @property
    def overrides(self) -> dict[str, str]:
        """What the options say of settings, by the names of their variables."""
        return {} if self.metrics is None else {"BROKER_SYNC_METRICS": self.metrics}

    def sink_name(self, settings: Settings) -> str:
        """The sink to write to: the one that was asked for, else the tracker of the settings, else ours."""
        if self.sink is not None:
            return self.sink
        return "ledger" if settings.wealthfolio.base_url is None else "wealthfolio"


def check(request: Request, settings: Settings) -> None:
    """Raises :class:`~broker_sync.errors.SettingsError` for what cannot be done, and says what to do."""
    if request.sink_name(settings) == "wealthfolio":
        given = "--sink wealthfolio" if request.sink else "WF_BASE_URL names a Wealthfolio server"
        raise SettingsError(f"{given}, but {_NOT_HERE}")
    sink_factory(request.sink_name(settings))
    if request.since is not None and request.until is not None and request.since > request.until:
        raise SettingsError(
            f"--since {request.since} is after --until {request.until}: no day is between them"
        )
    if not request.files and not flex_downloads(settings.ibkr_accounts):
        raise SettingsError(
            "There is nothing to sync: set IBKR_FLEX_TOKEN and IBKR_FLEX_QUERY_ID to download the statement "
            "(docs/providers/ibkr/setup.md says how to get them), or give a statement with --file PATH."
        )
