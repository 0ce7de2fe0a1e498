"""Splits: one row that says what changed, or two, of which the first takes all old units away.

Only the first is a split to anybody else, who multiplies what is held by the ratio. Of two rows neither is:
one instrument goes and another one comes.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from broker_sync.models import Instrument
from broker_sync.providers.ibkr.corporate_kinds import GROWING, SHRINKING, SPLITS, Kind
from broker_sync.providers.ibkr.corporate_text import Ratio, Wording, is_same_paper
from broker_sync.providers.ibkr.instruments import Directory
from broker_sync.providers.ibkr.records_corporate import CorporateAction

__all__ = ["split_ratio"]

# The broker's names for paper on its way out or in: `GE.OLD`, or the moment of its end before its symbol.
_TEMPORARY: Final = re.compile(r"\d{14}\D.*|.+\.(?:OLD|NEW|TEMP)")
_OLD: Final = ".OLD"
_FOR_A_WHILE: Final = "D"
"""What a share over the counter bears behind its symbol in the weeks after a split."""


def split_ratio(
    row: CorporateAction, kind: Kind, wording: Wording, instrument: Instrument, directory: Directory
) -> Decimal | None:
    """New units for one old where the row is a whole split; None where it is half of one, or says no ratio.

    The ratio is the sentence's, never a quotient of quantities; one that goes against the broker's code for
    the kind counts as none. A row that takes a split back has the inverse.
    """
    ratio = wording.ratio
    if kind not in SPLITS or ratio is None or not _fits(ratio, kind):
        return None
    if _is_half(row, wording) or _has_successor(instrument, wording, directory):
        return None
    return ratio.per_new if row.is_cancel else ratio.per_old


def _fits(ratio: Ratio, kind: Kind) -> bool:
    if kind in GROWING:
        return ratio.new > ratio.old
    return ratio.new < ratio.old if kind in SHRINKING else ratio.new != ratio.old


def _is_half(row: CorporateAction, wording: Wording) -> bool:
    """Whether the row itself shows that it is one of two: by its symbol, or by whose it is."""
    symbols = (row.text("symbol"), wording.leg_symbol)
    if any(symbol is not None and _TEMPORARY.fullmatch(symbol) for symbol in symbols):
        return True
    own = row.papers if wording.leg_paper is None else row.papers | {wording.leg_paper}
    about = wording.about_paper
    # Where paper has no number that is known outside, the sentence has the broker's.
    if about is None or about == row.text("conid") or not own:
        return False
    return not any(is_same_paper(about, paper) for paper in own)


def _has_successor(instrument: Instrument, wording: Wording, directory: Directory) -> bool:
    """Whether the statement has other paper under the same symbol.

    On the day of the split the old paper is not renamed yet, and its row looks like a whole split.
    """
    root = wording.about_symbol
    if root is None:
        return False
    symbols = {root.removesuffix(_OLD), root.removesuffix(_OLD) + _FOR_A_WHILE}
    return any(
        other.broker_symbol in symbols
        and other.conid != instrument.conid
        and other.currency == instrument.currency
        and other.asset_class is instrument.asset_class
        and (other.isin is None or other.isin != instrument.isin)
        for other in directory.by_conid.values()
    )
