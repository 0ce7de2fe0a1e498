"""What the sentence of a corporate action says: whose it is, its ratio, how it pays.

It reads ``OLD(US0000001001) SPLIT 1 FOR 8 (NEW, THE NAME INC, US0000001002)``: the instrument that the
action is about, what happened, and in the last parenthesis the instrument of the row. Real ones lack either
parenthesis, have two spaces or none, and are in capitals or not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from broker_sync.errors import ValueFormatError
from broker_sync.providers.ibkr.formats import number

__all__ = ["Ratio", "Wording", "is_same_paper"]

_TAIL: Final = re.compile(r"(?P<said>.*?)\s*\((?P<symbol>[^,()]+),.*,\s*(?P<paper>[^,()]*)\)")
# A symbol has two words at most (`BRK B`), which "CUSIP/ISIN CHANGE TO (US…)" has not.
_HEAD: Final = re.compile(
    r"(?P<symbol>[^()\s]+(?: [^()\s]+)?)? ?\((?P<paper>(?=[A-Z]*[0-9])[A-Z0-9]+)\) ?(?P<rest>.*)"
)
_EXCHANGED_FROM: Final = re.compile(r"(?P<new>.+) EXCHANGED FROM (?P<old>.+)", re.IGNORECASE)

_NUMBER: Final = r"[0-9.,]*[0-9]"
_END: Final = r"(?=[.,;]?(?:[\s)-]|$))"
_RATIOS: Final = (
    re.compile(rf"(?<![^\s(-])(?P<new>{_NUMBER})(?:\sFOR\s|-FOR-)(?P<old>{_NUMBER}){_END}"),
    # Not a time of day, which has a second colon.
    re.compile(rf"(?<![^\s(-])(?P<new>{_NUMBER})\s?:\s?(?P<old>{_NUMBER}){_END}"),
)
_PAYS_BOTH: Final = re.compile(rf"\bCASH AND STOCK\b|\sFOR {_NUMBER} AND [A-Z]{{3}} {_NUMBER}{_END}")
_CUSIP_IN_ISIN: Final = slice(2, 11)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """`new` units for `old` ones, both positive."""

    new: Decimal
    old: Decimal

    @property
    def per_old(self) -> Decimal:
        """New units for one old, to 28 digits where it does not come out even (1 for 3)."""
        return self.new / self.old

    @property
    def per_new(self) -> Decimal:
        """Old units for one new: the ratio of the action that undoes this one."""
        return self.old / self.new


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The parts of a sentence; the symbols and numbers of paper are None where it does not say them.

    `said` is all but the instrument of the row: the same for every leg of an action. `action` is what
    happened, in capitals. `about_symbol` and `about_paper` name the instrument that the action is about,
    `leg_symbol` and `leg_paper` that of the row.
    """

    said: str
    action: str
    about_symbol: str | None = None
    about_paper: str | None = None
    leg_symbol: str | None = None
    leg_paper: str | None = None

    @classmethod
    def of(cls, text: str) -> Wording:
        """Take `text` apart; never fails, what is not found is None."""
        folded = " ".join(text.split())
        tail = _TAIL.fullmatch(folded)
        said = folded if tail is None else tail["said"]
        head = _HEAD.fullmatch(said)
        return cls(
            said=_said_alike(said),
            action=(said if head is None else head["rest"]).upper(),
            about_symbol=None if head is None else head["symbol"],
            about_paper=None if head is None else head["paper"],
            leg_symbol=None if tail is None else tail["symbol"],
            leg_paper=None if tail is None else tail["paper"] or None,
        )

    @property
    def ratio(self) -> Ratio | None:
        """The first ratio, ``4 FOR 1`` or ``4:1``; None where there is none that can be read."""
        match = next((match for form in _RATIOS if (match := form.search(self.action))), None)
        return None if match is None else _ratio(match["new"], match["old"])

    @property
    def pays_both(self) -> bool:
        """Whether the old units are paid for in money and in new units."""
        return _PAYS_BOTH.search(self.action) is not None


def _said_alike(said: str) -> str:
    # One leg says what it was exchanged to, the other what it was exchanged from.
    match = _EXCHANGED_FROM.fullmatch(said)
    return said if match is None else f"{match['old']} EXCHANGED TO {match['new']}"


def _ratio(new: str, old: str) -> Ratio | None:
    try:
        units, per = number(new), number(old)
    except ValueFormatError:
        return None
    return Ratio(new=units, old=per) if units and per else None


def is_same_paper(one: str, other: str) -> bool:
    """Whether two numbers mean one paper: they are equal, or one is the CUSIP within the other's ISIN."""
    short, long = sorted((one, other), key=len)
    return short == long or (len(short) == 9 and len(long) == 12 and long[_CUSIP_IN_ISIN] == short)
