"""Which Wealthfolio a server is, and what that one can do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from broker_sync.sinks.wealthfolio.errors import AnswerError, UnsupportedVersionError

__all__ = ["OLDEST", "Features", "Version", "features_of", "parse_version"]

_FORM: Final = re.compile(r"v?(\d+)\.(\d+)(?:\.(\d+))?(?:[-+.].*)?", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A release; what follows the three numbers (``-beta.1``) is not told apart."""

    major: int
    minor: int
    patch: int = 0

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


OLDEST: Final = Version(3, 1)
"""The first release that stores amounts without signs and prices options by the contract."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """What payloads and readings have to know of a server.

    `final_amounts`: the amount of a row is the cash that it moves, charges included, also on trades. Before,
    it is ignored on trades, and `fee` is taken off the amount of other rows.
    `fx_exchange`: one row can hold both sides of a currency conversion.
    `pairs_are_one`: rows of one group are changed and deleted together.
    `short_options`: the quantity of an option can be negative.
    `local_days`: days in a search are those of the server's time zone; before, those of UTC.
    """

    version: Version
    final_amounts: bool
    fx_exchange: bool
    pairs_are_one: bool
    short_options: bool
    local_days: bool


def parse_version(text: str) -> Version:
    """Read the version of ``/app/info``; raises AnswerError."""
    found = _FORM.fullmatch(text.strip())
    if not found:
        raise AnswerError(f"Wealthfolio says that its version is {text!r}, which is not one such as 3.8.0.")
    return Version(*(int(number) for number in found.groups(default="0")))


def features_of(version: Version) -> Features:
    """What `version` can do; later releases than we know of count as the latest.

    Raises UnsupportedVersionError below :data:`OLDEST`.
    """
    if version < OLDEST:
        raise UnsupportedVersionError(found=str(version), oldest=str(OLDEST))
    return Features(
        version=version,
        final_amounts=version >= Version(3, 8),
        fx_exchange=version >= Version(3, 9),
        pairs_are_one=version >= Version(3, 6),
        short_options=version >= Version(3, 6),
        local_days=version >= Version(3, 6),
    )
