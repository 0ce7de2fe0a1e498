"""The statements of one account, wherever they come from, and where they are kept."""

from __future__ import annotations

from dataclasses import dataclass, field

from broker_sync.archive import Archive
from broker_sync.cli.clock import Clock
from broker_sync.providers.ibkr.admission import Admitted
from broker_sync.settings import IBKRAccountSettings, Settings

__all__ = ["Statements", "archive_of"]


@dataclass(slots=True, kw_only=True)
class Statements:
    """What there is of one account; `settings` are the account's."""

    settings: IBKRAccountSettings
    admitted: list[Admitted] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def archive_of(settings: Settings, clock: Clock, *, read_only: bool = False) -> Archive:
    """The archive in the data directory."""
    return Archive(settings.data_dir / "archive", now=clock.now, read_only=read_only)
