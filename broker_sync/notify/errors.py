"""What can go wrong when somebody is told something."""

from __future__ import annotations

from broker_sync.errors import BrokerSyncError, SettingsError

__all__ = ["NotSentError", "NotifierMissingError", "PingError"]


class NotSentError(BrokerSyncError):
    """An address did not take a message; the error says which by its number, never by its text."""


class NotifierMissingError(SettingsError):
    """The library that sends messages is not installed."""


class PingError(BrokerSyncError):
    """A check could not be told that a run began or ended."""
