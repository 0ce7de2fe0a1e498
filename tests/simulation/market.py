"""Makes up things to deal in; symbols, numbers and ISINs are nobody's."""

from __future__ import annotations

from random import Random

from tests.simulation.books import Thing

# listing exchange, currency, country of the ISIN, form of the symbol
_HOMES = (
    ("NASDAQ", "USD", "US", "{}"),
    ("NYSE", "USD", "US", "{}"),
    ("NYSE", "USD", "US", "{} B"),
    ("LSE", "GBP", "GB", "{}"),
    ("LSE", "GBP", "GB", "{}."),
    ("LSEETF", "USD", "IE", "{}"),
    ("IBIS", "EUR", "DE", "{}d"),
    ("EBS", "CHF", "CH", "{}z"),
    ("SEHK", "HKD", "KY", "#"),
    ("TSE", "CAD", "CA", "{}.UN"),
)


def new_share(rng: Random, conid: str, *, home: tuple[str, str, str, str] | None = None) -> Thing:
    """A share of a new company."""
    listing, currency, country, form = home or rng.choice(_HOMES)
    letters = ticker(rng)
    symbol = str(rng.randint(1, 9999)) if form == "#" else form.format(letters)
    return Thing(
        conid=conid,
        symbol=symbol,
        currency=currency,
        sub_category=rng.choice(("COMMON", "ETF", "ADR")),
        isin=isin(country, conid),
        listing=listing,
        description=f"{letters} HOLDINGS PLC",
    )


def ticker(rng: Random) -> str:
    """Four letters."""
    return "".join(rng.choices("ABCDEFGHKLMNPQRSTUVWXY", k=4))


def isin(country: str, number: str) -> str:
    """An ISIN with a right check digit."""
    body = f"{country}{number[-9:]:0>9}"
    digits = "".join(str(int(character, 36)) for character in body)
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled // 10 + doubled % 10
    return f"{body}{-total % 10}"
