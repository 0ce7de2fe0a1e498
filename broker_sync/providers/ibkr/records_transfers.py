"""Rows that move units, or money with them, without a market: transfers, deliveries and grants of shares.

https://www.ibkrguides.com/reportingreference/reportguide/activity-flex-query-reference.htm
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from broker_sync.providers.ibkr.records import Record, Trade

__all__ = ["StockGrant", "TradeTransfer", "Transfer"]

_CANCELLED: Final = "Ca"


class Transfer(Record):
    """A row of Transfers: units, money or both, come from or gone to another account.

    The broker signs `quantity`, `position_amount` and `cash` from the account's side. `direction` is the way
    of the whole instruction, not of the row: a cancelled delivery is ``OUT`` with a positive quantity, a
    short position or a debit that arrives is ``IN`` with a negative one.
    """

    __slots__ = ()

    @property
    def is_money(self) -> bool:
        """Whether the row is of money alone."""
        return self.raw.get("assetCategory") == "CASH"

    @property
    def is_out(self) -> bool:
        """Whether the instruction is one to deliver."""
        return self.raw.get("direction", "").upper() == "OUT"

    @property
    def is_cancelled(self) -> bool:
        """Whether the row takes back an earlier one."""
        return _CANCELLED in self.codes

    @property
    def quantity(self) -> Decimal | None:
        """Units; negative when they leave, except in files written without signs."""
        return self.number("quantity")

    @property
    def position_amount(self) -> Decimal | None:
        """Market value of the units, with their sign."""
        return self.number("positionAmount")

    @property
    def price(self) -> Decimal | None:
        """What the units cost apiece; None for the zero that stands for "not told"."""
        price = self.number("transferPrice")
        return price if price is not None and price > 0 else None

    @property
    def cash(self) -> Decimal | None:
        """Money in, or out when negative."""
        return self.number("cashTransfer")

    @property
    def words(self) -> str | None:
        """What the broker says of the other side; of money also what the transfer is."""
        names = ("company", "deliveringBroker", "account", "accountName")
        told = [self.text(name) for name in (("description", *names) if self.is_money else names)]
        return ", ".join(text for text in told if text is not None) or None


class TradeTransfer(Trade):
    """A row of TradeTransfers: a trade made at another broker, delivered against payment or free."""

    __slots__ = ()

    @property
    def delivered_received(self) -> str | None:
        """``Delivered`` by the account, or ``Received``; None when not ticked."""
        return self.text("deliveredReceived")


class StockGrant(Record):
    """A row of StockGrantActivities: shares of the broker that it gives for money brought to it."""

    __slots__ = ()

    @property
    def activity(self) -> str:
        """What happened: a grant, a return, or the end of the holding period; empty when not ticked."""
        return self.raw.get("activityDescription", "")

    @property
    def is_vesting(self) -> bool:
        """Whether the row says that shares held before may now be sold; it moves none."""
        return self.activity.startswith("Stock Award Vesting")

    @property
    def quantity(self) -> Decimal | None:
        """Shares, negative when they are taken back."""
        return self.number("quantity")

    @property
    def price(self) -> Decimal | None:
        """What one share was worth; None for the zero that stands for "not told"."""
        price = self.number("price")
        return price if price is not None and price > 0 else None
