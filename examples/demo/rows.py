"""Writes rows as a Flex statement writes them: every attribute in its place, numbers in plain notation."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from html import escape

from examples.demo.books import Instrument
from examples.demo.data import ACCOUNT
from examples.demo.layout import LAYOUT
from examples.demo.rates import rate

WHO = {"accountId": ACCOUNT}
# The columns for physical goods are never blank.
_UNUSED = {"fineness": "0.0", "weight": "0.0"}
_PRICE = Decimal("0.000000001")


def number(amount: Decimal) -> str:
    """Plain notation without trailing zeros."""
    text = format(amount, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) if amount else "0"


def price(money: Decimal, quantity: Decimal) -> str:
    """An average price, to nine places."""
    return number((money / quantity).quantize(_PRICE))


def element(tag: str, values: Mapping[str, str], *, blank: str = "") -> str:
    """One row with all the attributes of its kind, `blank` where `values` is silent.

    Raises ValueError for a value that this kind of row has no attribute for.
    """
    if unknown := values.keys() - set(LAYOUT[tag]):
        message = f"{tag} has no {sorted(unknown)}"
        raise ValueError(message)
    attributes = (f'{name}="{escape(values.get(name, _UNUSED.get(name, blank)))}"' for name in LAYOUT[tag])
    return f"<{tag} {' '.join(attributes)} />"


def section(tag: str, rows: Iterable[str]) -> list[str]:
    """The lines of a section."""
    return [f"<{tag}>", *rows, f"</{tag}>"]


def what(instrument: Instrument) -> dict[str, str]:
    """The attributes that say which instrument a row is about."""
    found = {
        "currency": instrument.currency,
        "assetCategory": "CASH" if instrument.is_pair else "STK",
        "symbol": instrument.symbol,
        "description": instrument.description,
        "conid": instrument.conid,
        "multiplier": "1",
    }
    if not instrument.is_pair:
        found |= {
            "subCategory": instrument.kind,
            "securityID": instrument.isin,
            "securityIDType": "ISIN",
            "cusip": instrument.isin[2:11] if instrument.country == "US" else "",
            "isin": instrument.isin,
            "listingExchange": instrument.listing,
            "underlyingSymbol": instrument.symbol,
            "issuerCountryCode": instrument.country,
        }
    return found


def base_rate(currency: str, day: str) -> dict[str, str]:
    """The rate of `currency` into the base currency on `day`."""
    return {"fxRateToBase": number(rate(currency, day))}
