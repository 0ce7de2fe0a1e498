"""The settings, read from all their sources and checked; nothing else looks at the environment.

Sources, the first that has a setting counts: the command line; the environment variable ``NAME``; the file
that ``NAME_FILE`` names; a file in the secrets directory; ``broker-sync.toml``; the keyring, for secrets, if
it is asked for; the default. White space around a variable is dropped, as is the line end of a file, and what
is empty counts as not set. docs/settings.md has all of it.
"""

from broker_sync.settings.load import Reading, load_settings, read_settings, wants_tracebacks
from broker_sync.settings.notify import NotifySettings
from broker_sync.settings.secret import Address, Secret
from broker_sync.settings.types import (
    CashType,
    FlexDownload,
    FlexSettings,
    IBKRAccountSettings,
    IBKRSettings,
    MetricsMode,
    NoMetrics,
    OnVanished,
    Settings,
    Tolerances,
    ToPushgateway,
    ToTextfile,
    WealthfolioSettings,
    flex_downloads,
)

__all__ = [
    "Address",
    "CashType",
    "FlexDownload",
    "FlexSettings",
    "IBKRAccountSettings",
    "IBKRSettings",
    "MetricsMode",
    "NoMetrics",
    "NotifySettings",
    "OnVanished",
    "Reading",
    "Secret",
    "Settings",
    "ToPushgateway",
    "ToTextfile",
    "Tolerances",
    "WealthfolioSettings",
    "flex_downloads",
    "load_settings",
    "read_settings",
    "wants_tracebacks",
]
