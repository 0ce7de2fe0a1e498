"""Rows that move money and nothing else, in sections of their own: taxes, card payments, fees.

https://www.ibkrguides.com/reportingreference/reportguide/transactionfees_afq.htm
https://www.ibkrguides.com/reportingreference/reportguide/client%20feesfq.htm
https://www.interactivebrokers.com/en/software/reportguide/reportguide/clientfeeexpensedetails_default.htm
"""

from __future__ import annotations

from decimal import Decimal

from broker_sync.providers.ibkr.records import Record

__all__ = ["CFDCharge", "ClientFee", "DebitCardActivity", "SalesTax", "TransactionTax"]


class SalesTax(Record):
    """A row of SalesTaxes: VAT, GST and the like on what the broker charges."""

    __slots__ = ()

    @property
    def amount(self) -> Decimal | None:
        """The tax: negative when paid."""
        return self.number("salesTax")


class TransactionTax(Record):
    """A row of TransactionTaxes: a levy on a trade, such as the French tax on shares."""

    __slots__ = ()

    @property
    def is_detail(self) -> bool:
        """Whether the row takes apart what a summary row has in one amount."""
        return self.level_of_detail.upper().endswith("DETAIL")

    @property
    def amount(self) -> Decimal | None:
        """The tax: negative when paid."""
        return self.number("taxAmount")

    @property
    def source(self) -> str | None:
        """``STANDALONE`` for a tax charged apart from the trade's own money; None when not ticked."""
        return self.text("source")


class DebitCardActivity(Record):
    """A row of DebitCardActivities: a payment with the broker's card."""

    __slots__ = ()

    @property
    def amount(self) -> Decimal | None:
        """Money in, or out when negative."""
        return self.number("amount")

    @property
    def status(self) -> str | None:
        """``Settled`` once the money has moved; None when not ticked."""
        return self.text("status")

    @property
    def is_in_base_currency(self) -> bool:
        """Whether the amount is in the account's base currency, which the row does not name."""
        return self.currency == "BASE_SUMMARY"


class CFDCharge(Record):
    """A row of CFDCharges: the financing of contracts for difference on one day."""

    __slots__ = ()

    @property
    def is_summary(self) -> bool:
        """Whether the row sums up others."""
        return self.level_of_detail.upper() == "SUMMARY"

    @property
    def parts(self) -> tuple[Decimal | None, Decimal | None]:
        """What was received (positive) and paid (negative)."""
        return self.number("received"), self.number("paid")

    @property
    def total(self) -> Decimal | None:
        """What both come to."""
        return self.number("total")


class ClientFee(Record):
    """A row of ClientFees: what an advisor or introducing broker earns on a client, and pays for it."""

    __slots__ = ()

    @property
    def is_single(self) -> bool:
        """Whether the row is one fee, not the sum over an order or more."""
        return self.level_of_detail.upper() in {"", "DETAIL", "EXECUTION"}

    @property
    def parts(self) -> tuple[Decimal | None, Decimal | None]:
        """Revenue and expense."""
        return self.number("revenue"), self.number("expense")

    @property
    def net(self) -> Decimal | None:
        """What is left of the revenue: negative when the expense is greater."""
        return self.number("net")
