"""Every error that broker-sync raises on purpose, grouped by what the caller should do.

Exit status of the command for each branch:

====  ===========================  ==================================================
code  class                        what to do
====  ===========================  ==================================================
1     :class:`BrokerSyncError`     look at the message; something failed
2     :class:`SettingsError`       mend the settings or the arguments
3     :class:`RefusedError`        the input is not what it should be; nothing was booked
75    :class:`TransientError`      run again later
====  ===========================  ==================================================

(0 means synced, 4 is given only with ``--strict``: records rejected, or a drift beyond tolerance.)
"""

from __future__ import annotations

__all__ = [
    "BrokerSyncError",
    "RefusedError",
    "SettingsError",
    "StoreError",
    "TransientError",
    "ValueFormatError",
]


class BrokerSyncError(Exception):
    """Base of all errors raised on purpose; anything else that reaches the user is a bug."""

    exit_code = 1


class SettingsError(BrokerSyncError):
    """A setting or an argument is missing or wrong; the message names it."""

    exit_code = 2


class RefusedError(BrokerSyncError):
    """The input was refused as a whole: nothing of it was booked and nothing was written."""

    exit_code = 3


class StoreError(BrokerSyncError):
    """A database in the data directory cannot be read or written; the message names the file."""


class TransientError(BrokerSyncError):
    """The other side is busy or away; the same call may go through later."""

    exit_code = 75


class ValueFormatError(BrokerSyncError, ValueError):
    """A text is not a value of the wanted kind; `kind` and `text` say which and what."""

    def __init__(self, *, kind: str, text: str) -> None:
        super().__init__(f"{text!r} is not {kind}")
        self.kind = kind
        self.text = text
