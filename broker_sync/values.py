"""Small values that cannot be made wrong: a wrong text raises :class:`ValueFormatError`.

Each is a ``str``, so it compares, hashes and serialises as the text that it is.
"""

from __future__ import annotations

import re
from decimal import Context, Decimal, FloatOperation, InvalidOperation, localcontext
from typing import Self

from broker_sync.errors import ValueFormatError

__all__ = ["CurrencyCode", "Isin", "Mic", "decimal_text", "exact"]

_MINOR_UNITS = frozenset({"GBX", "ZAC", "ILA", "KWF"})
_PLAIN_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)

# Wide enough that adding up any account stays exact; a float that slips in is an error, not a rounding.
_EXACT = Context(prec=60, traps=[FloatOperation, InvalidOperation])


class CurrencyCode(str):
    """A currency in which an account can hold money: three upper-case letters, ISO 4217 by form.

    Pence and other minor units (``GBX`` …) are refused: they are quotation units, no account holds them.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        """Check `text`; raises :class:`ValueFormatError`."""
        if (
            len(text) != 3
            or not (text.isascii() and text.isalpha() and text.isupper())
            or text in _MINOR_UNITS
        ):
            raise ValueFormatError(kind="a currency that an account can hold", text=text)
        return super().__new__(cls, text)


class Isin(str):
    """An ISIN by form (ISO 6166): two letters, nine letters or digits, one digit.

    The check digit is not verified: the broker is the authority on what it calls an instrument, and
    refusing its word over a digit would lose the identity of a real holding.
    """

    __slots__ = ()
    _FORM = re.compile(r"[A-Z]{2}[A-Z0-9]{9}[0-9]")

    def __new__(cls, text: str) -> Self:
        """Check `text`; raises :class:`ValueFormatError`."""
        if not cls._FORM.fullmatch(text):
            raise ValueFormatError(kind="an ISIN", text=text)
        return super().__new__(cls, text)


class Mic(str):
    """A market identifier code by form (ISO 10383), four letters or digits; ``XLON_IL`` is allowed.

    The underscored form is the one in which trackers tell segments of one market apart.
    """

    __slots__ = ()
    _FORM = re.compile(r"[A-Z0-9]{4}(_[A-Z]{2})?")

    def __new__(cls, text: str) -> Self:
        """Check `text`; raises :class:`ValueFormatError`."""
        if not cls._FORM.fullmatch(text):
            raise ValueFormatError(kind="a market identifier code", text=text)
        return super().__new__(cls, text)


def exact(text: str) -> Decimal:
    """Read a decimal number from plain ASCII `text`, losing nothing.

    Raises :class:`ValueFormatError` for anything else, ``NaN`` and ``Infinity`` included.
    """
    if not _PLAIN_NUMBER.fullmatch(text):
        raise ValueFormatError(kind="a number", text=text)
    return Decimal(text)


def decimal_text(number: Decimal) -> str:
    """Write `number` in plain notation: no exponent, no trailing zeros, ``"0"`` for every zero."""
    with localcontext(_EXACT):
        if not number:
            return "0"
        text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
