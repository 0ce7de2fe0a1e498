"""Rows of sections that speak of money booked elsewhere, but for a few lines that nothing else has.

https://www.ibkrguides.com/reportingreference/reportguide/statementoffundsfq.htm
https://www.ibkrguides.com/reportingreference/reportguide/optioneaefq.htm
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from broker_sync.providers.ibkr.records import Record

__all__ = ["FundsLine", "OptionEvent"]

_BALANCES: Final = ("Starting Balance", "Ending Balance", "Opening Balance", "Closing Balance")


class FundsLine(Record):
    """A line of the Statement of Funds, the broker's ledger of cash; `amount` is signed."""

    __slots__ = ()

    @property
    def is_in_own_currency(self) -> bool:
        """Whether the line is of the ledger of its currency, not of the one converted to base currency."""
        return self.level_of_detail.replace(" ", "").upper() == "CURRENCY"

    @property
    def description(self) -> str:
        """What the line is, in the broker's words."""
        return self.raw.get("activityDescription", "")

    @property
    def amount(self) -> Decimal | None:
        """Money in, or out when negative."""
        return self.number("amount")

    @property
    def is_balance(self) -> bool:
        """Whether the line says a balance and moves nothing."""
        return self.description.startswith(_BALANCES)

    @property
    def is_option_settlement(self) -> bool:
        """Whether the line is the money of an option that settles in cash, which its trades are without."""
        return self.description.startswith("Option Cash Settlement")

    @property
    def is_position_margin(self) -> bool:
        """Whether the line is the daily variation margin of a future that was held over night."""
        return "Position MTM" in self.description


class OptionEvent(Record):
    """A row of OptionEAE: an exercise, assignment or expiration, and the legs that it made."""

    __slots__ = ()

    @property
    def is_cash_settlement(self) -> bool:
        """Whether the row is the money of an option that settles in cash."""
        return self.raw.get("transactionType", "") == "Cash Settlement"

    @property
    def proceeds(self) -> Decimal | None:
        """The money: positive when it comes in."""
        return self.number("proceeds")
