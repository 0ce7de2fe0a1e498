"""One function for each treatment: from the text of a value to what stands in its place."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, DecimalException
from typing import Final

from broker_sync.errors import ValueFormatError
from broker_sync.providers.ibkr.anonymise_columns import Treatment
from broker_sync.providers.ibkr.anonymise_secret import EXACT, Secret
from broker_sync.providers.ibkr.anonymise_texts import Texts, scrubbed
from broker_sync.providers.ibkr.formats import (
    DayOrder,
    is_null,
    number,
    possible_orders,
    read_stamp,
    read_time,
)
from broker_sync.values import decimal_text

__all__ = ["Choices", "Replace", "Values"]

Replace = Callable[[str], str]

_WORD: Final = re.compile(r"[A-Za-z0-9 &/().;:,_+\-]{1,64}", re.ASCII)
_MANY_DIGITS: Final = re.compile(r"\d{5}")
_SYMBOL: Final = re.compile(r"[^@\r\n\t]{1,40}")
_LONGEST_TITLE: Final = 120
_NO_DAYS: Final = "MULTI"

_ISO: Final = re.compile(r"\d{4}(?=-\d{2}-\d{2})|^\d{4}(?=\d{4}(?:\D|\d{6}|$))")
_BEHIND: Final = re.compile(r"(?<=[/-])(?:\d{4}|\d{2})(?![\d/-])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the owner of a statement may choose.

    `instruments` says whether instruments are replaced, too; `years` by how many days are moved: a multiple
    of four, so that the 29th of February stays a day.
    """

    instruments: bool = False
    years: int = 0

    def __post_init__(self) -> None:
        """Refuse years that would make days that there are not."""
        if self.years % 4:
            raise ValueError(f"{self.years} years: days are moved by a multiple of 4")


class Values:
    """What becomes of values under `secret`; what means "nothing" in a statement stays as it is."""

    def __init__(self, secret: Secret, choices: Choices) -> None:
        self._secret = secret
        self._years = choices.years
        self._instruments = choices.instruments
        self._texts = Texts(secret, instruments=choices.instruments)
        self._price = secret.price_factor if choices.instruments else Decimal(1)
        self._by_treatment: Mapping[Treatment, Replace] = {
            Treatment.WORD: self._word,
            Treatment.DAY: self._day,
            Treatment.RATIO: self._number_times(Decimal(1)),
            Treatment.PRICE: self._number_times(self._price),
            Treatment.MONEY: self._number_times(self._money),
            Treatment.UNITS: self._number_times(secret.units_factor),
            Treatment.ACCOUNT: secret.account,
            Treatment.NUMBER: self._id,
            Treatment.SYMBOL: self._symbol,
            Treatment.PAPER: self._paper,
            Treatment.TITLE: self._title,
            Treatment.SENTENCE: self._texts.sentence,
            Treatment.TEXT: self._texts.text,
            Treatment.MASKED: self._masked,
        }

    @property
    def _money(self) -> Decimal:
        """So that money is still units times price."""
        return EXACT.multiply(self._secret.units_factor, self._price)

    def replacer(self, treatment: Treatment, *, is_conversion: bool = False) -> Replace:
        """What a column's values are replaced with; units of a conversion are money, its price a rate."""
        if is_conversion and treatment is Treatment.UNITS:
            treatment = Treatment.MONEY
        if is_conversion and treatment is Treatment.PRICE:
            treatment = Treatment.RATIO
        replace = self._by_treatment[treatment]
        return lambda text: text if is_null(text) else replace(text)

    def _number_times(self, factor: Decimal) -> Replace:
        def replace(text: str) -> str:
            try:
                told = number(text)
                if told is None or not told or factor == 1:
                    return text
                return decimal_text(EXACT.multiply(told, factor))
            except (ValueFormatError, DecimalException):
                return self._secret.token(text)

        return replace

    def _word(self, text: str) -> str:
        is_word = _WORD.fullmatch(text) and not _MANY_DIGITS.search(text)
        return text if is_word else self._secret.token(text)

    def _id(self, text: str) -> str:
        return self._secret.digits(text) if text.isdecimal() else self._secret.token(text)

    def _masked(self, text: str) -> str:
        try:
            return self._secret.token(text) if number(text) else text
        except ValueFormatError:
            return self._secret.token(text)

    def _symbol(self, text: str) -> str:
        safe = scrubbed(text, self._secret)
        return self._texts.symbol(safe) if _SYMBOL.fullmatch(safe) else self._secret.token(text)

    def _paper(self, text: str) -> str:
        is_paper = text.isascii() and text.isalnum() and len(text) <= 12
        return self._texts.paper(text) if is_paper else self._secret.token(text)

    def _title(self, text: str) -> str:
        if self._instruments or len(text) > _LONGEST_TITLE:
            return self._secret.token(text)
        return scrubbed(text, self._secret)

    def _day(self, text: str) -> str:
        if text == _NO_DAYS:
            return text
        if not _is_moment(text):
            return self._secret.token(text)
        if not self._years:
            return text
        moved = _ISO.sub(self._moved, text, count=1)
        return moved if moved != text else _BEHIND.sub(self._moved, text, count=1)

    def _moved(self, match: re.Match[str]) -> str:
        year = int(match[0]) + (0 if len(match[0]) == 4 else 2000) + self._years
        if not 2000 <= year <= dt.MAXYEAR or (len(match[0]) == 2 and year > 2099):
            raise ValueError(f"{self._years} years: the year {match[0]} cannot be moved so far")
        return str(year)[-len(match[0]) :]


def _is_moment(text: str) -> bool:
    try:
        order = DayOrder.DAY_FIRST if DayOrder.DAY_FIRST in possible_orders(text) else DayOrder.MONTH_FIRST
        read_stamp(text, order=order)
    except ValueFormatError:
        try:
            read_time(text)
        except ValueFormatError:
            return False
    return True
