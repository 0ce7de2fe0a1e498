"""The rows of CorporateActions: one for each leg, with what it did to units and money.

https://www.ibkrguides.com/reportingreference/reportguide/corporateactionsfq.htm
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from broker_sync.providers.ibkr.formats import is_null
from broker_sync.providers.ibkr.records import Record

__all__ = ["CorporateAction"]

_PAPERS: Final = ("isin", "cusip", "securityID")


class CorporateAction(Record):
    """A row of CorporateActions; units and money are signed from the account's side."""

    __slots__ = ()

    @property
    def type(self) -> str:
        """The broker's two letters for the kind, such as ``FS``; empty in files from before 2010."""
        return self.raw.get("type", "").strip()

    @property
    def wording(self) -> str:
        """The sentence that says what happened, whichever column holds it; empty where none does."""
        return self.text("actionDescription") or self.text("description") or ""

    @property
    def quantity(self) -> Decimal | None:
        """Units that the account got, or lost when negative: a change, not what it holds."""
        return self.number("quantity")

    @property
    def money(self) -> Decimal | None:
        """Money that came in, or went out when negative; `amount` is the same with the other sign."""
        proceeds = self.number("proceeds")
        if proceeds is not None:
            return proceeds
        amount = self.number("amount")
        return None if amount is None else -amount

    @property
    def cost(self) -> Decimal | None:
        """Cost basis of the units, with their sign; None unless ticked, zero where the broker has none."""
        return self.number("costBasis")

    @property
    def is_cancel(self) -> bool:
        """Whether the row takes back an earlier one; its signs are the opposite ones."""
        return "Ca" in self.codes

    @property
    def is_summary(self) -> bool:
        """Whether the row sums up detail rows that are elsewhere.

        Where the level of detail was not ticked, a summary is known by a dash in place of the account.
        """
        level = self.level_of_detail
        if level:
            return level.upper() == "SUMMARY"
        return self.raw.get("accountId") == "-" and self.transaction_id is None

    @property
    def papers(self) -> frozenset[str]:
        """The ISIN and its like of the row's own instrument; the broker's own number is none of them."""
        found = (self.raw.get(name) for name in _PAPERS)
        return frozenset(text for text in found if text is not None and not is_null(text))
