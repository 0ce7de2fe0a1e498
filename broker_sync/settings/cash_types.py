"""``[ibkr.cash_types]``: how types of cash rows are booked that the built-in table has not, or has otherwise.

The sign of the money decides, so one word says both ways: a fee that comes in is a refund, a dividend that
goes out is a reversal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from broker_sync.models import ActivityType
from broker_sync.settings.answers import Problems
from broker_sync.settings.toml_check import CASH_TYPES, did_you_mean
from broker_sync.settings.toml_file import TomlFile
from broker_sync.settings.toml_lines import Keys
from broker_sync.settings.types import CashType

__all__ = ["BOOKABLE", "cash_types"]


def _income(kind: ActivityType, subtype: str | None) -> CashType:
    return CashType(
        money_in=kind,
        subtype_in=subtype,
        money_out=ActivityType.FEE,
        subtype_out=f"{subtype or kind}_REVERSAL",
    )


def _charge(kind: ActivityType, subtype: str | None) -> CashType:
    return CashType(
        money_in=ActivityType.CREDIT,
        subtype_in=f"{subtype or kind}_REFUND",
        money_out=kind,
        subtype_out=subtype,
    )


def _credit(kind: ActivityType, subtype: str | None) -> CashType:
    return CashType(money_in=kind, subtype_in=subtype, money_out=ActivityType.FEE, subtype_out=subtype)


def _money(_kind: ActivityType, subtype: str | None) -> CashType:
    return CashType(
        money_in=ActivityType.DEPOSIT,
        subtype_in=subtype,
        money_out=ActivityType.WITHDRAWAL,
        subtype_out=subtype,
    )


BOOKABLE: Final[Mapping[str, Callable[[ActivityType, str | None], CashType]]] = {
    ActivityType.DIVIDEND: _income,
    ActivityType.INTEREST: _income,
    ActivityType.FEE: _charge,
    ActivityType.TAX: _charge,
    ActivityType.CREDIT: _credit,
    ActivityType.DEPOSIT: _money,
    ActivityType.WITHDRAWAL: _money,
}
"""What a type can be booked as -> what becomes of money in and money out."""


def cash_types(file: TomlFile, problems: Problems) -> dict[str, CashType]:
    """The broker's name of each type that the file has -> how it is booked."""
    keys = ("ibkr", CASH_TYPES)
    table = file.at(keys)
    if table is None:
        return {}
    if not isinstance(table, dict):
        problems.add(f"{file.place(keys)} must be a table: [ibkr.cash_types]")
        return {}
    read = {name: _one(file, (*keys, name), value, problems) for name, value in table.items()}
    return {name: kind for name, kind in read.items() if kind is not None}


def _one(file: TomlFile, keys: Keys, value: Any, problems: Problems) -> CashType | None:  # noqa: ANN401  # what TOML has
    given = {"type": value} if isinstance(value, str) else value
    if not isinstance(given, dict) or not {"type"} <= set(given) <= {"type", "subtype"}:
        problems.add(f'{file.place(keys)} must be a type in quotes, or {{ type = "FEE", subtype = "…" }}')
        return None
    kind, subtype = given["type"], given.get("subtype")
    if kind not in list(BOOKABLE):
        hint = did_you_mean(str(kind).upper(), list(BOOKABLE))
        problems.add(f"{file.place(keys)} must be booked as one of {', '.join(BOOKABLE)}{hint}")
        return None
    if subtype is not None and (not isinstance(subtype, str) or not subtype.isidentifier()):
        problems.add(f"{file.place(keys)}: a subtype is letters, digits and underscores, in quotes")
        return None
    return BOOKABLE[kind](ActivityType(kind), subtype)
