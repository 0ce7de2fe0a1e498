"""Everything that can go wrong between asking IBKR for a statement and having it, grouped by what to do."""

from __future__ import annotations

from enum import StrEnum

from broker_sync.errors import RefusedError, SettingsError, TransientError
from broker_sync.providers.ibkr.errors import IBKRError

__all__ = [
    "EmptyReplyError",
    "FlexBusyError",
    "FlexCodeError",
    "FlexError",
    "FlexRequest",
    "FlexSettingError",
    "ForeignAddressError",
    "HangUpError",
    "HttpBusyError",
    "HttpRefusedError",
    "LockedOutError",
    "RedirectedError",
    "ReferenceUnknownError",
    "SilentError",
    "SlowReplyError",
    "StatementNotAvailableError",
    "StatementNotReadyError",
    "StatementTooLargeError",
    "TokenExpiredError",
    "TruncatedStatementError",
    "UnclearReplyError",
    "UnknownCodeError",
    "UnreachableError",
    "WebPageError",
    "WrongContentTypeError",
]


class FlexRequest(StrEnum):
    """The two requests of the Flex Web Service."""

    SEND = "SendRequest"
    GET = "GetStatement"


class FlexError(IBKRError):
    """A statement could not be fetched.

    `pause` is the least number of seconds before the same request may be sent once more within this run, None
    when it must not be. `counts_towards_lockout` says whether IBKR counts it as a failed attempt, of which
    too many lock the account out.
    """

    def __init__(
        self,
        text: str,
        *,
        request: FlexRequest,
        pause: float | None = None,
        counts_towards_lockout: bool = False,
    ) -> None:
        super().__init__(text)
        self.request = request
        self.pause = pause
        self.counts_towards_lockout = counts_towards_lockout


# --- replies that carry a code ---


class FlexCodeError(FlexError):
    """IBKR answered with an error code; `code` is that code."""

    def __init__(
        self,
        text: str,
        *,
        code: str,
        request: FlexRequest,
        pause: float | None = None,
        counts_towards_lockout: bool = False,
    ) -> None:
        super().__init__(text, request=request, pause=pause, counts_towards_lockout=counts_towards_lockout)
        self.code = code


class FlexBusyError(FlexCodeError, TransientError):
    """IBKR cannot make the statement at the moment (1001, 1004 to 1009, 1018, 1021)."""


class FlexSettingError(FlexCodeError, SettingsError):
    """Token, query or account must be mended by the user first (1010, 1011, 1013 to 1016, 1020)."""


class TokenExpiredError(FlexSettingError):
    """The token has expired (1012)."""


class StatementNotAvailableError(FlexCodeError):
    """IBKR has no statement for the period, or does not let this query be asked for one (1003)."""


class ReferenceUnknownError(FlexCodeError):
    """IBKR does not know the reference that it handed back (1017)."""


class LockedOutError(FlexCodeError, TransientError):
    """IBKR answers no more because of too many failed attempts (1025)."""


class UnknownCodeError(FlexCodeError):
    """A code that IBKR does not document."""


# --- replies without a code ---


class EmptyReplyError(FlexError, RefusedError):
    """There was nothing in the reply."""


class UnclearReplyError(FlexError, RefusedError):
    """The reply has neither a code nor a statement in it."""


class WrongContentTypeError(FlexError, RefusedError):
    """The reply is a document of another format than XML."""


class WebPageError(FlexError, TransientError):
    """The reply is a web page, such as IBKR shows during maintenance."""


class TruncatedStatementError(FlexError, RefusedError):
    """The statement stops before its end."""


class StatementTooLargeError(FlexError, RefusedError):
    """The statement is larger than a statement may be."""


class RedirectedError(FlexError):
    """The reply sends us to another address."""


class ForeignAddressError(FlexError):
    """IBKR's reply names an address to fetch from that is not IBKR's."""


class HttpRefusedError(FlexError):
    """The server refused the request (HTTP 4xx)."""


class HttpBusyError(FlexError, TransientError):
    """The server is broken or busy at the moment (HTTP 5xx, 408, 425, 429)."""


# --- no reply, or none in time ---


class UnreachableError(FlexError, TransientError):
    """No connection could be made."""


class HangUpError(FlexError, TransientError):
    """The connection was closed before there was a reply."""


class SilentError(FlexError, TransientError):
    """Nothing came for too long."""


class SlowReplyError(FlexError, TransientError):
    """The reply as a whole took too long."""


class StatementNotReadyError(FlexError, TransientError):
    """IBKR was still at work on the statement when our time was up (1019)."""
