"""External ids: the same record gets the same id in every statement that holds it, and no other record does.

``transactionID`` is the only number that real statements never reuse; a ``tradeID`` is kept when a trade is
cancelled and booked again. Where a query lacks them, the content of the row is its identity, and genuine
twins (same second, size and price) are told apart by their place among equals.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

from broker_sync.errors import ValueFormatError
from broker_sync.providers.ibkr.formats import is_null
from broker_sync.providers.ibkr.records import Record, Trade

__all__ = ["PROVIDER", "Identities"]

PROVIDER: Final = "ibkr"

# Columns that the broker may fill or restate later without the record becoming another one.
_NOT_IDENTITY: Final = frozenset(
    {
        "acctAlias",
        "model",
        "fxRateToBase",
        "closePrice",
        "mtmPnl",
        "fifoPnlRealized",
        "fxPnl",
        "capitalGainsPnl",
        # Runs through the lines of a ledger of cash, so it depends on which days the statement covers.
        "balance",
    }
)


class Identities:
    """Hands out the ids of one document of one account, its rows in file order.

    A statement holds whole booking days, so counting twins within it counts them within their day, and an
    overlapping statement counts the same way.
    """

    __slots__ = ("_given", "_twins")

    def __init__(self) -> None:
        """Start a document."""
        self._twins: dict[bytes, int] = {}
        self._given: dict[str, bytes] = {}

    def next_statement(self) -> None:
        """Count twins anew: another statement of the document begins, which may say the same days again."""
        self._twins.clear()

    def of(self, kind: str, row: Record) -> str:
        """The external id of `row`, a record of `kind` (``trade``, ``cash`` …)."""
        transaction_id = row.raw.get("transactionID")
        if transaction_id and not is_null(transaction_id):
            return f"ibkr:{kind}:{self._trusted(kind, transaction_id, row)}"
        return f"{PROVIDER}:{kind}:{self._without_transaction_id(kind, row)}"

    def _trusted(self, kind: str, transaction_id: str, row: Record) -> str:
        # The broker's numbers are unique. Where somebody has put words in their place (REDACTED, the same in
        # every row), records would swallow each other: what repeats with another content is told apart by it.
        if transaction_id.isdecimal():
            return transaction_id
        return self._told_apart(kind, transaction_id, row)

    def _without_transaction_id(self, kind: str, row: Record) -> str:
        # A tradeID on a cash row or a corporate action names the trade it belongs to, not the row itself.
        if not isinstance(row, Trade):
            return self._by_content(kind, row)
        number = row.text("tradeID") or row.text("ibExecID")
        if number is None:
            return self._by_content(kind, row)
        if row.is_cancel:
            number = f"{number}:cancel"
        # It may be booked again under the same number after a cancellation, without a number of its own: on
        # a later day, when another statement may hold the first booking, or on the day itself, where nothing
        # but its place may tell the second booking from the first.
        return self._told_apart(kind, f"{number}{_reported_later(row)}", row)

    def _told_apart(self, kind: str, number: str, row: Record) -> str:
        """`number`, and what tells the row from others of the document under it: content, then place."""
        content = _fingerprint(kind, row.raw)
        if self._given.setdefault(f"{kind}:{number}", content) != content:
            number = f"{number}:{content.hex()[:12]}"
        place = self._place(f"{kind}:{number}".encode() + content)
        return number if place == 1 else f"{number}:{place}"

    def _by_content(self, kind: str, row: Record) -> str:
        content = _fingerprint(kind, row.raw)
        return f"h:{content.hex()}:{self._place(content)}"

    def _place(self, content: bytes) -> int:
        """Which of the rows with this content the row is, counted from 1."""
        self._twins[content] = place = self._twins.get(content, 0) + 1
        return place


def _reported_later(row: Trade) -> str:
    """The day on which a trade was reported, where that is not the one on which it was dealt."""
    try:
        reported, dealt = row.report_date, row.trade_date
    except ValueFormatError:
        return ""  # the mapping says what is wrong with the row
    return "" if None in {reported, dealt} or reported == dealt else f":{reported}"


def _fingerprint(kind: str, raw: Mapping[str, str]) -> bytes:
    told = sorted(
        (name, text) for name, text in raw.items() if name not in _NOT_IDENTITY and not is_null(text)
    )
    return hashlib.sha256(repr((kind, told)).encode()).digest()[:12]
