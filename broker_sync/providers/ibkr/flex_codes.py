"""What each error code of the Flex Web Service means, and what the user should do about it.

Source: the table of codes in IBKR's documentation of the Flex Web Service
(https://www.interactivebrokers.com/campus/ibkr-api-page/flex-web-service/), which ends at 1021. 1025 is known
from users only; nobody has told of 1002 or 1022 to 1024.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from broker_sync.providers.ibkr.flex_errors import (
    FlexBusyError,
    FlexCodeError,
    FlexRequest,
    FlexSettingError,
    LockedOutError,
    ReferenceUnknownError,
    StatementNotAvailableError,
    TokenExpiredError,
    UnknownCodeError,
)

__all__ = ["MINUTE", "PENDING", "UNDOCUMENTED", "code_error", "known_codes"]

PENDING: Final = "1019"
"""The statement is being made: not an error, but the answer to asking too early."""

UNDOCUMENTED: Final = ("1002", "1022", "1023", "1024")

MINUTE: Final = 60.0

_TOKEN_PAGE: Final = "Client Portal, Performance & Reports > Flex Queries > Flex Web Service Configuration"  # noqa: S105  # a page
_QUERY_PAGE: Final = "Client Portal, Performance & Reports > Flex Queries"
_LATER: Final = "Run again in half an hour or later."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Meaning:
    kind: type[FlexCodeError]
    says: str
    advice: str
    pause: float | None = None


_MEANINGS: Final[Mapping[str, _Meaning]] = {
    "1001": _Meaning(
        kind=FlexBusyError,
        says="the statement could not be made at this time",
        advice="Run again later. If it is always so, run the query in Client Portal to see whether it works, "
        "and check that IBKR_FLEX_BASE_URL, if set, is not an address of before May 2026.",
        pause=MINUTE,
    ),
    "1003": _Meaning(
        kind=StatementNotAvailableError,
        says="there is no statement for the days asked for, or this query does not take days",
        advice="Ask for days on which the account was open and which are over, or set a period in the query "
        f"({_QUERY_PAGE}).",
    ),
    "1004": _Meaning(
        kind=FlexBusyError,
        says="the statement is not complete yet",
        advice="Run again in a few minutes.",
        pause=MINUTE,
    ),
    "1005": _Meaning(kind=FlexBusyError, says="the settlement data is not ready yet", advice=_LATER),
    "1006": _Meaning(kind=FlexBusyError, says="the FIFO profit and loss is not ready yet", advice=_LATER),
    "1007": _Meaning(
        kind=FlexBusyError, says="the mark-to-market profit and loss is not ready yet", advice=_LATER
    ),
    "1008": _Meaning(
        kind=FlexBusyError,
        says="neither the FIFO nor the mark-to-market profit and loss is ready yet",
        advice=_LATER,
    ),
    "1009": _Meaning(
        kind=FlexBusyError, says="the server is under heavy load", advice="Run again later.", pause=MINUTE
    ),
    "1010": _Meaning(
        kind=FlexSettingError,
        says="the query is of an old kind that is no longer served",
        advice=f"Make it anew as an Activity Flex Query ({_QUERY_PAGE}) and put its id into "
        "IBKR_FLEX_QUERY_ID.",
    ),
    "1011": _Meaning(
        kind=FlexSettingError,
        says="the Flex Web Service is not active for this account",
        advice=f"Switch it on: {_TOKEN_PAGE}.",
    ),
    "1012": _Meaning(
        kind=TokenExpiredError,
        says="the Flex token has expired",
        advice=f"Make a new one with the longest life there is ({_TOKEN_PAGE}) and put it into "
        "IBKR_FLEX_TOKEN. Nothing is synced until then, and the alert IBKRFlexTokenExpired follows.",
    ),
    "1013": _Meaning(
        kind=FlexSettingError,
        says="the Flex token is tied to another IP address than the one this run comes from",
        advice=f"Make one without an IP address, or with the right one ({_TOKEN_PAGE}), and put it into "
        "IBKR_FLEX_TOKEN.",
    ),
    "1014": _Meaning(
        kind=FlexSettingError,
        says="there is no such query",
        advice=f"Compare IBKR_FLEX_QUERY_ID with the query's id ({_QUERY_PAGE}, the i beside its name); the "
        "query must belong to the user who made the token.",
    ),
    "1015": _Meaning(
        kind=FlexSettingError,
        says="the Flex token is not valid",
        advice=f"Compare IBKR_FLEX_TOKEN with the token shown in {_TOKEN_PAGE}; making a new one ends the "
        "one before.",
    ),
    "1016": _Meaning(
        kind=FlexSettingError,
        says="the account is not valid for this query",
        advice=f"Check which accounts the query selects ({_QUERY_PAGE}) and that they are open.",
    ),
    "1017": _Meaning(
        kind=ReferenceUnknownError,
        says="the reference of the statement is not known any more",
        advice="Run again later; if it is always so, please report it.",
    ),
    "1018": _Meaning(
        kind=FlexBusyError,
        says="too many requests were made with this token",
        advice="Run again in a few minutes, and let nothing else use this token; one request a second "
        "and ten a minute are allowed.",
        pause=MINUTE,
    ),
    "1020": _Meaning(
        kind=FlexSettingError,
        says="the request is not valid, or could not be checked",
        advice="Check IBKR_FLEX_TOKEN and IBKR_FLEX_QUERY_ID: both are numbers without spaces.",
    ),
    "1021": _Meaning(
        kind=FlexBusyError,
        says="the statement could not be retrieved at this time",
        advice="Run again later.",
        pause=MINUTE,
    ),
    "1025": _Meaning(
        kind=LockedOutError,
        says="there were too many failed attempts, and the account is locked out of the Flex Web Service",
        advice="Nothing more is sent until the lock-out should be over. Meanwhile mend what failed before, "
        "and stop everything else that uses the same token: each further attempt can make it longer.",
    ),
}


def known_codes() -> tuple[str, ...]:
    """The codes that have a meaning, in order, :data:`PENDING` included."""
    return tuple(sorted((*_MEANINGS, PENDING)))


def code_error(code: str, *, told: str, request: FlexRequest) -> FlexCodeError:
    """The error for `code` (never :data:`PENDING`); `told` is what IBKR wrote beside it, fit to be shown."""
    meaning = _MEANINGS.get(code) or _Meaning(
        kind=UnknownCodeError,
        says="this code is not documented",
        advice="Run the query in Client Portal to see whether it works there; please report the code.",
    )
    text = f"IBKR {code} to {request}: {meaning.says}. {meaning.advice}"
    return meaning.kind(
        f"{text} (IBKR: {told})" if told else text,
        code=code,
        request=request,
        pause=meaning.pause,
        counts_towards_lockout=request is FlexRequest.SEND or code == "1025",
    )
