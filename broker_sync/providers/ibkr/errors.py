"""What can be wrong with a statement as a whole; each text says what was found, expected and to be done."""

from __future__ import annotations

from typing import Final

from broker_sync.errors import BrokerSyncError, RefusedError

__all__ = ["ANEW", "IBKRAccountMismatchError", "IBKRError", "QueryChangedError", "StatementRefusedError"]

ANEW: Final = (
    "--accept-query-change does not help here. To change the fields for good, begin anew: with an empty data "
    "directory and an empty account in the tracker."
)
"""What can be done about records that have got other ids, when they are not to have their old ones again."""


class IBKRError(BrokerSyncError):
    """Base of everything that the IBKR provider raises on purpose."""


class StatementRefusedError(IBKRError, RefusedError):
    """The document is not a statement that can be booked; `document` names it, `reason` says why."""

    exit_code = RefusedError.exit_code

    def __init__(self, *, document: str, reason: str, advice: str = "") -> None:
        text = f"{document}: {reason}. Nothing was booked."
        super().__init__(f"{text} {advice}" if advice else text)
        self.document = document
        self.reason = reason


class IBKRAccountMismatchError(StatementRefusedError):
    """The document holds the statement of another account than the configured one."""

    def __init__(self, *, document: str, found: str, configured: str, is_alias: bool = False) -> None:
        advice = (
            "The query shows the account alias in place of the account id: set "
            "'Display Account Alias in Place of Account ID' to No."
            if is_alias
            else "Check IBKR_ACCOUNT_ID_UPSTREAM and the accounts that the Flex query selects."
        )
        super().__init__(
            document=document,
            reason=f"it holds account {found}, the configured account is {configured}, nothing was ingested",
            advice=advice,
        )
        self.found = found
        self.configured = configured


class QueryChangedError(StatementRefusedError):
    """The query gives less than it gave before, or tells its records apart by other columns."""
