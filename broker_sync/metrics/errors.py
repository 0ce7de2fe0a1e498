"""What can go wrong when metrics are handed on; each is a RuntimeError too, as callers are promised."""

from __future__ import annotations

from broker_sync.errors import BrokerSyncError, SettingsError, TransientError

__all__ = ["PushAddressError", "PushAwayError", "PushRefusedError", "TextfileError"]


class PushAddressError(SettingsError, RuntimeError):
    """There is no address of a Pushgateway, or it is not one."""


class PushRefusedError(BrokerSyncError, RuntimeError):
    """The Pushgateway will not take the metrics; the message says why, as far as it said."""


class PushAwayError(TransientError, RuntimeError):
    """The Pushgateway is busy or cannot be reached."""


class TextfileError(BrokerSyncError):
    """A file of metrics cannot be read or written; the message names it."""
