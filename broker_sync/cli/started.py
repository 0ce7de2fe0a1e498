"""What every command begins with: its settings, and logs in which none of its secrets is shown."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from broker_sync.logs import Masker, set_up_logs
from broker_sync.settings import Settings, load_settings

__all__ = ["started"]


def started(overrides: Mapping[str, str] | None = None) -> Settings:
    """The settings, `overrides` of the command line first; raises SettingsError for what is wrong."""
    settings = load_settings(overrides=overrides)
    set_up_logs(sys.stderr, masker=Masker(settings.secrets()))
    return settings
