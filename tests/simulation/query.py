"""The settings of a Flex query: how it writes numbers and times, and which columns and sums it shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from tests.simulation.books import Value

NEW_YORK = ZoneInfo("America/New_York")

DAY_FORMATS = ("%Y%m%d", "%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y", "%d/%m/%Y", "%d/%m/%y", "%d-%b-%y")
CLOCK_FORMATS = ("%H%M%S", "%H:%M:%S")
SEPARATORS = (";", ",", " ", "", ", ")
ZONES = tuple(
    ZoneInfo(name)
    for name in ("America/New_York", "Europe/London", "Europe/Zurich", "Australia/Sydney", "Asia/Tokyo")
)
LEVELS = (
    "Order", "SymbolSummary", "AssetSummary", "Lot", "WashSale", "CashSummary", "CorporateSummary",
    "PositionLots", "PositionLotsOnly", "BaseFunds",
)  # fmt: skip
"""Levels of detail that can be ticked beside the rows that count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One set of settings.

    `unticked` are the columns that a section's rows lack; `absent` the sections that the query lacks.
    `zone` is the clock of the account, which the query names behind each time if `names_zone`.
    """

    days: str = "%Y%m%d"
    clock: str = "%H%M%S"
    separator: str = ";"
    zone: ZoneInfo = NEW_YORK
    names_zone: bool = False
    levels: frozenset[str] = frozenset()
    unticked: Mapping[str, frozenset[str]] = field(default_factory=dict)
    absent: frozenset[str] = frozenset({"StmtFunds"})
    by_day: bool = False
    order: int = 0

    @property
    def has_funds(self) -> bool:
        """Whether the Statement of Funds is in it."""
        return "StmtFunds" not in self.absent

    def text(self, value: Value) -> str:
        """`value` as the query writes it."""
        if isinstance(value, str):
            return value
        if isinstance(value, Decimal):
            return plain(value)
        if isinstance(value, dt.datetime):
            return self._stamp(value)
        return _formatted(value, self.days)

    def _stamp(self, moment: dt.datetime) -> str:
        local = moment.astimezone(self.zone)
        clock = local.strftime(f"{self.clock} %Z" if self.names_zone else self.clock)
        return f"{_formatted(local.date(), self.days)}{self.separator}{clock}"


@lru_cache(maxsize=4096)
def _formatted(day: dt.date, pattern: str) -> str:
    return day.strftime(pattern)


def plain(number: Decimal) -> str:
    """Plain notation without trailing zeros, as Flex writes numbers."""
    if not number:
        return "0"
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
