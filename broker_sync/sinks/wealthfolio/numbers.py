"""Numbers as the server keeps them: decimal, with 28 significant digits."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from typing import Final

__all__ = ["ROOM", "fitted"]

# The server's numbers have 28 significant digits and at most 28 decimals. A price that is worked out stays
# below that, so that the server's own product of it and the quantity needs no rounding that would show.
_DIGITS: Final = 28
ROOM: Final = Context(prec=60)
"""For arithmetic on money that must not round before :func:`fitted` does."""


def fitted(number: Decimal, *, decimals: int = _DIGITS) -> Decimal:
    """`number` with no more than 28 significant digits and `decimals` decimals, rounded half to even."""
    with localcontext(ROOM):
        places = min(decimals, _DIGITS - 1 - number.adjusted()) if number else 0
        step = Decimal(1).scaleb(-places)
        return number.quantize(step, rounding=ROUND_HALF_EVEN)
