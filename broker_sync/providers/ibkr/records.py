"""The rows of a Flex statement in the broker's own words.

A record is a frozen view over the row's raw attributes: values are read when asked for, so a column that
nobody needs costs nothing, and a column nobody knows is still there. Names follow the attributes of the XML;
meaning starts in :mod:`~broker_sync.providers.ibkr.mapping`.

Attributes: https://www.ibkrguides.com/reportingreference/reportguide/trades_default.htm and its siblings.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from broker_sync.providers.ibkr.formats import DayOrder, is_null, number, read_day

__all__ = [
    "AccountInformation",
    "CashReportCurrency",
    "CashTransaction",
    "ConversionRate",
    "EquitySummary",
    "OpenPosition",
    "Record",
    "SecurityInfo",
    "Trade",
]

_CANCEL_MARK: Final = "(Ca.)"


class Record:
    """One row: `raw` is all that the broker wrote, `order` how the file writes dates with slashes."""

    __slots__ = ("order", "raw")

    raw: Mapping[str, str]
    order: DayOrder | None

    def __init__(self, raw: Mapping[str, str], order: DayOrder | None = None) -> None:
        """Keep `raw` as it is; nothing is read yet."""
        self.raw = raw
        self.order = order

    def text(self, name: str) -> str | None:
        """The attribute `name`, None for a null (absent, empty, a dash)."""
        text = self.raw.get(name)
        return None if is_null(text) else text

    def number(self, name: str) -> Decimal | None:
        """The attribute `name` as a number; raises :class:`~broker_sync.errors.ValueFormatError`."""
        return number(self.raw.get(name))

    def day(self, name: str) -> dt.date | None:
        """The day in the attribute `name`; raises :class:`~broker_sync.errors.ValueFormatError`."""
        return read_day(self.raw.get(name), order=self.order)

    @property
    def currency(self) -> str:
        """The row's currency as written; empty when it has none."""
        return self.raw.get("currency", "")

    @property
    def transaction_id(self) -> str | None:
        """The broker's number of this booking, unique over all sections of an account."""
        return self.text("transactionID")

    @property
    def report_date(self) -> dt.date | None:
        """The day on whose statement the broker counts the row."""
        return self.day("reportDate")

    @property
    def level_of_detail(self) -> str:
        """``EXECUTION``, ``ORDER``, ``SUMMARY``, ``DETAIL``, ``LOT`` …; empty when not ticked."""
        return self.raw.get("levelOfDetail", "")

    @property
    def codes(self) -> frozenset[str]:
        """The note codes of the row (``P``, ``Ca``, ``AFx`` …), whichever column holds them."""
        text = self.raw.get("notes") or self.raw.get("code") or ""
        return frozenset(text.split(";")) if text else frozenset()


class Trade(Record):
    """A row of Trades; quantity and money are signed from the account's side."""

    __slots__ = ()

    @property
    def asset_category(self) -> str:
        """``STK``, ``OPT``, ``CASH`` …; empty when not ticked."""
        return self.raw.get("assetCategory", "")

    @property
    def symbol(self) -> str:
        """The ticker as written."""
        return self.raw.get("symbol", "")

    @property
    def buy_sell(self) -> str:
        """``BUY``, ``SELL``, ``BUY (Ca.)`` or ``SELL (Ca.)``; empty when not ticked."""
        return self.raw.get("buySell", "")

    @property
    def is_cancel(self) -> bool:
        """Whether the row takes back an earlier one."""
        raw = self.raw
        return (
            _CANCEL_MARK in raw.get("buySell", "")
            or raw.get("transactionType", "").endswith("Cancel")
            or "Ca" in self.codes
        )

    @property
    def quantity(self) -> Decimal | None:
        """Units; negative for a sale, except in files that write it without a sign."""
        return number(self.raw.get("quantity"))

    @property
    def trade_price(self) -> Decimal | None:
        """Price of one unit in the trade's currency."""
        return number(self.raw.get("tradePrice"))

    @property
    def trade_money(self) -> Decimal | None:
        """Quantity times price times multiplier, with the quantity's sign."""
        return number(self.raw.get("tradeMoney"))

    @property
    def proceeds(self) -> Decimal | None:
        """Money before charges: negative for a purchase."""
        return number(self.raw.get("proceeds"))

    @property
    def taxes(self) -> Decimal | None:
        """Stamp duty and the like in the trade's currency: negative when paid."""
        return number(self.raw.get("taxes"))

    @property
    def commission(self) -> Decimal | None:
        """The broker's commission: negative when paid, positive for a rebate."""
        return number(self.raw.get("ibCommission"))

    @property
    def commission_currency(self) -> str | None:
        """Currency of :attr:`commission`; None when not ticked."""
        return self.text("ibCommissionCurrency")

    @property
    def net_cash(self) -> Decimal | None:
        """What the trade did to the cash of its currency, charges in that currency included."""
        return number(self.raw.get("netCash"))

    @property
    def multiplier(self) -> Decimal | None:
        """Units of the underlying in one contract; 1 for shares."""
        return number(self.raw.get("multiplier"))

    @property
    def cost(self) -> Decimal | None:
        """Cost basis added (positive) or released (negative), charges included."""
        return number(self.raw.get("cost"))

    @property
    def trade_date(self) -> dt.date | None:
        """The exchange's trading day, which an evening session starts before midnight."""
        return self.day("tradeDate")


class CashTransaction(Record):
    """A row of CashTransactions; `amount` is signed from the account's side."""

    __slots__ = ()

    @property
    def type(self) -> str:
        """The broker's name of the kind, such as ``Withholding Tax``."""
        return self.raw.get("type", "")

    @property
    def amount(self) -> Decimal | None:
        """Money in, or out when negative."""
        return number(self.raw.get("amount"))

    @property
    def is_summary(self) -> bool:
        """Whether the row sums up detail rows that are elsewhere.

        Where the level of detail was not ticked, a summary is known by a dash in place of the account.
        """
        level = self.raw.get("levelOfDetail", "")
        if level:
            return level.upper() == "SUMMARY"
        return self.raw.get("accountId") == "-" and not self.raw.get("transactionID")


class OpenPosition(Record):
    """A row of OpenPositions."""

    __slots__ = ()

    @property
    def is_lot(self) -> bool:
        """Whether the row is a tax lot, a part of a position."""
        return self.raw.get("levelOfDetail", "").upper() == "LOT"

    @property
    def position(self) -> Decimal | None:
        """Units or contracts held, negative when short."""
        return number(self.raw.get("position"))

    @property
    def mark_price(self) -> Decimal | None:
        """Closing price."""
        return number(self.raw.get("markPrice"))

    @property
    def cost_money(self) -> Decimal | None:
        """Cost of the whole position, charges included; from the unit cost where only that was ticked."""
        money = number(self.raw.get("costBasisMoney"))
        price = number(self.raw.get("costBasisPrice"))
        if money is None and price is not None and self.position is not None:
            return price * self.position * (number(self.raw.get("multiplier")) or Decimal(1))
        return money


class CashReportCurrency(Record):
    """A row of CashReport: the cash of one currency over the window, by trade date."""

    __slots__ = ()

    @property
    def is_currency(self) -> bool:
        """Whether the row is one currency, not the sum in base currency."""
        return self.currency != "BASE_SUMMARY" and self.level_of_detail in {"", "Currency"}

    @property
    def starting_cash(self) -> Decimal | None:
        """Cash at the start of the window."""
        return number(self.raw.get("startingCash"))

    @property
    def ending_cash(self) -> Decimal | None:
        """Cash at the end of the window, unsettled trades included."""
        return number(self.raw.get("endingCash"))


class AccountInformation(Record):
    """The attributes of AccountInformation."""

    __slots__ = ()


class SecurityInfo(Record):
    """A row of SecuritiesInfo: what an instrument is."""

    __slots__ = ()


class ConversionRate(Record):
    """A row of ConversionRates: one unit of ``fromCurrency`` in ``toCurrency``; -1 stands for missing."""

    __slots__ = ()

    @property
    def rate(self) -> Decimal | None:
        """The rate, None where the broker has none."""
        rate = number(self.raw.get("rate"))
        return None if rate is None or rate <= 0 else rate


class EquitySummary(Record):
    """A row of EquitySummaryInBase: the account's value on one day in its base currency."""

    __slots__ = ()

    @property
    def total(self) -> Decimal | None:
        """Net asset value."""
        return number(self.raw.get("total"))

    @property
    def cash(self) -> Decimal | None:
        """The cash in it."""
        return number(self.raw.get("cash"))
