"""What a server's release and its settings mean for a sync."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from broker_sync.report.wealthfolio_checkup import Finding, Grade
from broker_sync.report.wording import listed
from broker_sync.sinks.wealthfolio.holdable import CannotHold
from broker_sync.sinks.wealthfolio.wire import Valuation
from broker_sync.values import decimal_text

if TYPE_CHECKING:
    from broker_sync.sinks.wealthfolio.reading import ServerInfo

__all__ = ["holdable_finding", "of_address", "of_server", "valued_finding"]

_MOST: Final = 5


def of_address(*, is_exposed: bool) -> Finding:
    """Whether others can listen."""
    if is_exposed:
        text = (
            "http:// beyond one's own network: the password, and all that is booked, can be read on the way"
        )
        return _care("address", f"{text}. Use https://")
    return _works("address", "https, or one's own network: nobody can listen on the way")


def of_server(info: ServerInfo) -> list[Finding]:
    """What this release does its own way, and what is not set."""
    features = info.features
    amounts = "their amount" if features.final_amounts else "quantity, price and fee"
    found = [
        _works(
            "cash of trades", f"this release reckons by {amounts}; rows are sent with all of them agreeing"
        ),
        _works("conversions", "a linked pair of transfers, neutral to contributions"),
        _works("calculation", "is waited for by asking /holdings again and again, three minutes at most"),
        _works(
            "not held",
            "short positions, futures, contracts for difference: their money is exact, their units are named",
        ),
    ]
    if not info.settings.zone_name:
        found.append(
            _care("time zone", "none is set, so days are those of UTC. Set one in Wealthfolio's settings")
        )
    if info.settings.base_currency is None:
        found.append(
            _care("base currency", "none is set, so Wealthfolio values nothing. Set one in its settings")
        )
    if not features.pairs_are_one:
        found.append(
            _care("splits", "before 3.6 a split in one account counts for the asset in all accounts")
        )
    return found


def valued_finding(
    subject: str, valued: Valuation | None, unpriced: Sequence[str], *, is_empty: bool
) -> Finding:
    """Whether Wealthfolio knows what the account is worth."""
    if is_empty:
        return _works(subject, "nothing is booked yet")
    if valued is None:
        return _care(
            subject, "Wealthfolio has not valued it: it lacks a base currency, a rate of exchange, or time"
        )
    if unpriced:
        return _care(subject, f"valued to {valued.day}, without a price of {listed(unpriced, most=_MOST)}")
    return _works(subject, f"valued to {valued.day}: {decimal_text(valued.total)} {valued.currency}")


def holdable_finding(subject: str, found: Sequence[CannotHold]) -> list[Finding]:
    """What is not shown of the account."""
    return [
        _care(
            subject, f"{decimal_text(each.quantity)} {each.instrument.symbol} cannot be shown: {each.reason}"
        )
        for each in found
    ]


def _works(subject: str, text: str) -> Finding:
    return Finding(grade=Grade.WORKS, subject=subject, text=text)


def _care(subject: str, text: str) -> Finding:
    return Finding(grade=Grade.CARE, subject=subject, text=text)
