"""Options by their OSI symbol: root, day, right and strike, and the forms in which the server has them."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from broker_sync.sinks.wealthfolio.fields import JsonValue
from broker_sync.values import decimal_text

__all__ = ["OsiOption", "parse_osi"]

# https://www.theocc.com/technology/osi (21 characters, the root padded); some write it without the padding.
_FORM: Final = re.compile(r"([A-Z0-9]{1,6}) *(\d{2})(\d{2})(\d{2})([CP])(\d{8})")
_RIGHTS: Final = {"C": "CALL", "P": "PUT"}
_MILLE: Final = Decimal(1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class OsiOption:
    """`compact` is the symbol without padding, the form under which quotes are found."""

    compact: str
    expiration: dt.date
    right: str
    strike: Decimal

    def specification(self, multiplier: Decimal) -> dict[str, JsonValue]:
        """What the server notes of an option; without all of it, it takes the multiplier for 100."""
        return {
            "underlyingAssetId": "",
            "expiration": self.expiration.isoformat(),
            "right": self.right,
            "strike": decimal_text(self.strike),
            "multiplier": decimal_text(multiplier),
            "occSymbol": self.compact,
        }


def parse_osi(symbol: str) -> OsiOption | None:
    """`symbol` as an option; None if it is not of that form, as are those of European exchanges."""
    found = _FORM.fullmatch(symbol.strip())
    if found is None:
        return None
    root, year, month, day, right, strike = found.groups()
    try:
        expiration = dt.date(2000 + int(year), int(month), int(day))
    except ValueError:
        return None
    return OsiOption(
        compact=f"{root}{year}{month}{day}{right}{strike}",
        expiration=expiration,
        right=_RIGHTS[right],
        strike=Decimal(strike) / _MILLE,
    )
