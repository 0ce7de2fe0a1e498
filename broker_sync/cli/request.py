"""What ``broker-sync ibkr`` was asked to do, and whether this version can."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from broker_sync.errors import SettingsError
from broker_sync.settings import Settings

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

    @property
    def before(self) -> dt.date | None:
        """The first day that is left out again."""
        return None if self.until is None else self.until + _DAY

    @property
    def sink_name(self) -> str:
        """The sink to write to."""
        return "ledger" if self.sink is None else self.sink


def check(request: Request, settings: Settings) -> None:
    """Raises :class:`~broker_sync.errors.SettingsError` for what cannot be done, and says what to do."""
    if not request.files:
        raise SettingsError("downloading is not in this version: give the statement with --file PATH")
    if request.sink == "wealthfolio":
        raise SettingsError(f"--sink wealthfolio: {_NOT_HERE}")
    if request.sink is None and settings.wealthfolio.base_url is not None:
        raise SettingsError(f"WF_BASE_URL names a Wealthfolio server, but {_NOT_HERE}")
    if request.since is not None and request.until is not None and request.since > request.until:
        raise SettingsError(
            f"--since {request.since} is after --until {request.until}: no day is between them"
        )
