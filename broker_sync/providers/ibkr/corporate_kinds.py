"""What kind of corporate action a row is: by the broker's code, else by its words.

The kinds' values are the subtypes under which they are booked. No kind decides which way units and money go:
the signs of the row do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum, unique
from typing import Final

from broker_sync.providers.ibkr.corporate_text import Wording

__all__ = ["BY_CODE", "GROWING", "SHRINKING", "SPLITS", "Kind", "kind_of"]


@unique
class Kind(StrEnum):
    """The kinds; CORPORATE_ACTION is one that neither code nor words name."""

    ASSET_PURCHASE = "ASSET_PURCHASE"
    BILL_MATURITY = "BILL_MATURITY"
    BOND_CONVERSION = "BOND_CONVERSION"
    BOND_MATURITY = "BOND_MATURITY"
    CALL = "CALL"
    CASH_DIVIDEND = "CASH_DIVIDEND"
    CFD_TERMINATION = "CFD_TERMINATION"
    CHOICE_DIVIDEND = "CHOICE_DIVIDEND"
    CONTRACT_CONSOLIDATION = "CONTRACT_CONSOLIDATION"
    CONTRACT_SETTLEMENT = "CONTRACT_SETTLEMENT"
    CONTRACT_SPIN_OFF = "CONTRACT_SPIN_OFF"
    CONTRACT_SPLIT = "CONTRACT_SPLIT"
    CONVERTIBLE_ISSUE = "CONVERTIBLE_ISSUE"
    CORPORATE_ACTION = "CORPORATE_ACTION"
    COUPON = "COUPON"
    DELISTING = "DELISTING"
    DIVIDEND_RIGHTS = "DIVIDEND_RIGHTS"
    DIVIDEND_RIGHTS_EXPIRY = "DIVIDEND_RIGHTS_EXPIRY"
    EXCHANGE = "EXCHANGE"
    FEE_ALLOCATION = "FEE_ALLOCATION"
    FORWARD_SPLIT = "FORWARD_SPLIT"
    FORWARD_SPLIT_ISSUE = "FORWARD_SPLIT_ISSUE"
    IDENTIFIER_CHANGE = "IDENTIFIER_CHANGE"
    LIQUIDATION = "LIQUIDATION"
    MERGER = "MERGER"
    PARTIAL_CALL = "PARTIAL_CALL"
    PROXY_VOTE = "PROXY_VOTE"
    PURCHASE_ISSUE = "PURCHASE_ISSUE"
    REVERSE_SPLIT = "REVERSE_SPLIT"
    RIGHTS_ISSUE = "RIGHTS_ISSUE"
    SPIN_OFF = "SPIN_OFF"
    STOCK_DIVIDEND = "STOCK_DIVIDEND"
    SUBSCRIPTION = "SUBSCRIPTION"
    TENDER = "TENDER"
    VOLUNTARY_OFFER = "VOLUNTARY_OFFER"


GROWING: Final = frozenset({Kind.FORWARD_SPLIT, Kind.FORWARD_SPLIT_ISSUE})
"""Splits that make more units of what is held."""

SHRINKING: Final = frozenset({Kind.REVERSE_SPLIT, Kind.CONTRACT_CONSOLIDATION})
"""Splits that make fewer."""

SPLITS: Final = GROWING | SHRINKING | {Kind.CONTRACT_SPLIT}

BY_CODE: Final[Mapping[str, Kind]] = {
    "BC": Kind.BOND_CONVERSION,
    "BM": Kind.BOND_MATURITY,
    "CA": Kind.CONTRACT_SETTLEMENT,
    "CC": Kind.CONTRACT_CONSOLIDATION,
    "CD": Kind.CASH_DIVIDEND,
    "CH": Kind.CHOICE_DIVIDEND,
    "CI": Kind.CONVERTIBLE_ISSUE,
    "CO": Kind.CONTRACT_SPIN_OFF,
    "CP": Kind.COUPON,
    "CS": Kind.CONTRACT_SPLIT,
    "CT": Kind.CFD_TERMINATION,
    "DI": Kind.DIVIDEND_RIGHTS,
    "DW": Kind.DELISTING,
    "ED": Kind.DIVIDEND_RIGHTS_EXPIRY,
    "EX": Kind.EXCHANGE,
    "FA": Kind.FEE_ALLOCATION,
    "FI": Kind.FORWARD_SPLIT_ISSUE,
    "FS": Kind.FORWARD_SPLIT,
    "GV": Kind.VOLUNTARY_OFFER,
    "HD": Kind.CHOICE_DIVIDEND,
    "HI": Kind.CHOICE_DIVIDEND,
    "IC": Kind.IDENTIFIER_CHANGE,
    "LI": Kind.LIQUIDATION,
    "OR": Kind.ASSET_PURCHASE,
    "PC": Kind.PARTIAL_CALL,
    "PI": Kind.PURCHASE_ISSUE,
    "PV": Kind.PROXY_VOTE,
    "RI": Kind.RIGHTS_ISSUE,
    "RS": Kind.REVERSE_SPLIT,
    "SD": Kind.STOCK_DIVIDEND,
    "SO": Kind.SPIN_OFF,
    "SR": Kind.SUBSCRIPTION,
    "TC": Kind.MERGER,
    "TI": Kind.TENDER,
    "TM": Kind.BILL_MATURITY,
    "TO": Kind.TENDER,
}
"""The codes whose meaning is known; UE is the broker's own word for an unknown event, XD is nowhere told."""

_BY_WORDS: Final = tuple(
    (re.compile(rf"\b(?:{words})\b"), kind)
    for words, kind in (
        # The first that fits counts, so what a merger is in truth stands before it.
        ("PARTIAL CALL", Kind.PARTIAL_CALL),
        ("FULL CALL|EARLY REDEMPTION", Kind.CALL),
        ("LIQUIDATION", Kind.LIQUIDATION),
        ("MERGED|MERGER", Kind.MERGER),
        ("SPIN-?OFF", Kind.SPIN_OFF),
        ("REVERSE", Kind.REVERSE_SPLIT),
        ("SPLIT", Kind.FORWARD_SPLIT),
        ("TENDER|TENDERED", Kind.TENDER),
        ("OVER ?SUBSCRIBES?", Kind.ASSET_PURCHASE),
        ("SUBSCRIBES?", Kind.SUBSCRIPTION),
        ("EXPIRED? DIVIDEND RIGHTS?", Kind.DIVIDEND_RIGHTS_EXPIRY),
        ("DIVIDEND RIGHTS?", Kind.DIVIDEND_RIGHTS),
        ("RIGHTS", Kind.RIGHTS_ISSUE),
        ("STOCK DIVIDEND", Kind.STOCK_DIVIDEND),
        ("CHOICE DIVIDEND", Kind.CHOICE_DIVIDEND),
        ("CASH DIVIDEND", Kind.CASH_DIVIDEND),
        ("CUSIP/ISIN CHANGE|SYMBOL CHANGE|NAME CHANGE", Kind.IDENTIFIER_CHANGE),
        ("DELISTED", Kind.DELISTING),
        ("T-?BILL MATURITY", Kind.BILL_MATURITY),
        ("BOND MATURITY", Kind.BOND_MATURITY),
        ("BOND CONVERSION", Kind.BOND_CONVERSION),
        ("CONVERTIBLE ISSUE", Kind.CONVERTIBLE_ISSUE),
        ("COUPON", Kind.COUPON),
        ("PURCHASE ISSUE", Kind.PURCHASE_ISSUE),
        ("EXCHANGED", Kind.EXCHANGE),
        ("PROXY", Kind.PROXY_VOTE),
    )
)

_IN_TRUTH: Final = frozenset({Kind.CALL, Kind.LIQUIDATION, Kind.PARTIAL_CALL})
"""What the broker books under its code for mergers and says in words only."""


def kind_of(code: str, wording: Wording) -> Kind:
    """The kind that `code` stands for; where it is blank or not known, the one that the words name."""
    told = BY_CODE.get(code)
    if told is not None and told is not Kind.MERGER:
        return told
    named = next((kind for words, kind in _BY_WORDS if words.search(wording.action)), None)
    if told is Kind.MERGER:
        return named if named in _IN_TRUTH else told
    return _split_by_ratio(named, wording) if named is not None else Kind.CORPORATE_ACTION


def _split_by_ratio(kind: Kind, wording: Wording) -> Kind:
    """A split that words alone name is reverse if its ratio makes fewer of more."""
    ratio = wording.ratio
    is_fewer = kind is Kind.FORWARD_SPLIT and ratio is not None and ratio.new < ratio.old
    return Kind.REVERSE_SPLIT if is_fewer else kind
