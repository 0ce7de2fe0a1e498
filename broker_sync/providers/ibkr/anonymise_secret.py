"""What stands in for a name or a number: always the same under one key, and nothing that leads back to it."""

from __future__ import annotations

import hashlib
import re
from decimal import Context, Decimal
from functools import cached_property
from typing import Final

from broker_sync.providers.ibkr.formats import is_null

__all__ = ["EXACT", "Secret"]

EXACT: Final = Context(prec=200)
"""Wide enough that no product of a broker's number and a factor is rounded."""

_ACCOUNT: Final = re.compile(r"(?P<kind>[A-Z]{0,3})(?P<number>\d{4,})(?P<segment>F?)")
_LEAST_DIGITS: Final = 7
_PAPER: Final = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Secret:
    """Stand-ins under one `key`, which nobody may know: with it every guess can be checked.

    They need no memory, so files that are done one by one under one key agree. None of them is undone by the
    key: to know what a stand-in stands for one has to try.
    """

    def __init__(self, key: bytes) -> None:
        """Under `key`, at least one byte of it."""
        if not key:
            raise ValueError("a key must not be empty")
        self._key = hashlib.blake2b(key).digest()

    def number(self, purpose: str, text: str) -> int:
        """A number below 2**256 for `text`, another one for each `purpose`."""
        mixed = hashlib.blake2b(f"{purpose}\0{text}".encode(), key=self._key, digest_size=32)
        return int.from_bytes(mixed.digest())

    @cached_property
    def units_factor(self) -> Decimal:
        """What quantities are multiplied with: four digits between 0.2 and 0.9."""
        return self._factor("units", 2001, 8999)

    @cached_property
    def price_factor(self) -> Decimal:
        """What prices are multiplied with where instruments are replaced: between 0.5 and 1."""
        return self._factor("price", 5001, 9999)

    def _factor(self, purpose: str, least: int, most: int) -> Decimal:
        # Below one, so that a difference which the broker's own rounding leaves does not grow into another
        # verdict; not round, so that the number of places says nothing.
        fitting = [number for number in range(least, most + 1) if number % 2 and number % 5]
        return Decimal(fitting[self.number("factor", purpose) % len(fitting)]).scaleb(-4)

    def token(self, text: str) -> str:
        """A word for `text`: an x and fourteen digits or letters, never a number or a date."""
        return f"x{self.number('token', text) % 16**14:014x}"

    def mark(self, text: str) -> str:
        """Six digits or letters by which texts with equal words are told apart."""
        return f"{self.number('mark', text) % 16**6:06x}"

    def digits(self, text: str, *, length: int = 18) -> str:
        """A number of `length` digits without a leading zero for `text`.

        With as many as 18, no two of hundreds of thousands of records get the same one.
        """
        least = 10 ** (length - 1)
        return str(least + self.number("digits", text) % (9 * least))

    def account(self, text: str) -> str:
        """An account id for `text`: what it begins with is kept, and so is the F of a futures segment."""
        found = _ACCOUNT.fullmatch(text)
        if found is not None:
            number = self.digits(found["number"], length=max(_LEAST_DIGITS, len(found["number"])))
            return found["kind"] + number + found["segment"]
        whole = text.removesuffix("F") if not is_null(text.removesuffix("F")) else text
        return f"X{self.digits(whole, length=_LEAST_DIGITS)}{'F' if whole != text else ''}"

    def letters(self, text: str, *, length: int) -> str:
        """So many capital letters for `text`."""
        return self._spelt("letters", text, _LETTERS, length)

    def paper(self, text: str) -> str:
        """Nine digits or letters for those of a CUSIP, or of the middle of an ISIN."""
        # A digit goes first: the broker's sentences are told from others by the digit in such a number.
        return f"{self.number('first', text) % 10}{self._spelt('paper', text, _PAPER, 8)}"

    def _spelt(self, purpose: str, text: str, alphabet: str, length: int) -> str:
        rest, spelt = self.number(purpose, text), ""
        for _ in range(length):
            rest, place = divmod(rest, len(alphabet))
            spelt += alphabet[place]
        return spelt
