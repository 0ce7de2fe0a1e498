from __future__ import annotations

import pytest

from broker_sync.providers.ibkr.corporate_kinds import BY_CODE, Kind, kind_of
from broker_sync.providers.ibkr.corporate_text import Wording
from tests.tables import for_each

from .corporate_rows import CODES

SILENT = Wording.of("")

PROMISED = {
    "BC": "BOND_CONVERSION", "BM": "BOND_MATURITY", "CA": "CONTRACT_SETTLEMENT",
    "CC": "CONTRACT_CONSOLIDATION", "CD": "CASH_DIVIDEND", "CH": "CHOICE_DIVIDEND",
    "CI": "CONVERTIBLE_ISSUE", "CO": "CONTRACT_SPIN_OFF", "CP": "COUPON", "CS": "CONTRACT_SPLIT",
    "CT": "CFD_TERMINATION", "DI": "DIVIDEND_RIGHTS", "DW": "DELISTING", "ED": "DIVIDEND_RIGHTS_EXPIRY",
    "EX": "EXCHANGE", "FA": "FEE_ALLOCATION", "FI": "FORWARD_SPLIT_ISSUE", "FS": "FORWARD_SPLIT",
    "GV": "VOLUNTARY_OFFER", "HD": "CHOICE_DIVIDEND", "HI": "CHOICE_DIVIDEND", "IC": "IDENTIFIER_CHANGE",
    "LI": "LIQUIDATION", "OR": "ASSET_PURCHASE", "PC": "PARTIAL_CALL", "PI": "PURCHASE_ISSUE",
    "PV": "PROXY_VOTE", "RI": "RIGHTS_ISSUE", "RS": "REVERSE_SPLIT", "SD": "STOCK_DIVIDEND",
    "SO": "SPIN_OFF", "SR": "SUBSCRIPTION", "TC": "MERGER", "TI": "TENDER", "TM": "BILL_MATURITY",
    "TO": "TENDER",
}  # fmt: skip


def test_every_code_has_the_kind_that_is_promised() -> None:
    assert {code: kind_of(code, SILENT).value for code in BY_CODE} == PROMISED


@pytest.mark.oracle
def test_every_code_that_ibflex_knows_is_known() -> None:
    ibflex = pytest.importorskip("ibflex")
    assert {reorg.value for reorg in ibflex.Reorg} <= set(BY_CODE)


def test_the_generated_rows_have_every_code() -> None:
    assert set(BY_CODE) < set(CODES)


@for_each("code", ["", "UE", "XD", "??"])
def test_what_neither_code_nor_words_name_is_a_corporate_action(code: str) -> None:
    assert kind_of(code, Wording.of("WDGT(US0000001001) SOMETHING NEW")) is Kind.CORPORATE_ACTION


@for_each(
    ("action", "kind"),
    [
        ("SPLIT 4 FOR 1", "FORWARD_SPLIT"),
        ("SPLIT", "FORWARD_SPLIT"),
        ("SPLIT 1 FOR 4", "REVERSE_SPLIT"),
        ("REVERSE SPLIT", "REVERSE_SPLIT"),
        ("SPINOFF  1 FOR 40", "SPIN_OFF"),
        ("MERGED(Acquisition)  WITH US0000009004 1 FOR 1", "MERGER"),
        ("CASH and STOCK MERGER (Acquisition) US0000009004 592 FOR 1000 AND USD 4.24", "MERGER"),
        ("MERGED(Liquidation)  FOR USD 0.10 PER SHARE", "LIQUIDATION"),
        ("MERGED(Partial Call)  FOR USD 1.00000000 PER SHARE", "PARTIAL_CALL"),
        ("FULL CALL / EARLY REDEMPTION FOR USD 1.10 PER BOND", "CALL"),
        ("TENDERED TO US0000009004 1 FOR 1", "TENDER"),
        ("SUBSCRIBES TO ()", "SUBSCRIPTION"),
        ("OVER SUBSCRIBE TO US0000009004", "ASSET_PURCHASE"),
        ("SUBSCRIBABLE RIGHTS ISSUE  1 FOR 1", "RIGHTS_ISSUE"),
        ("DIVIDEND RIGHTS ISSUE  1 FOR 1", "DIVIDEND_RIGHTS"),
        ("EXPIRE DIVIDEND RIGHT", "DIVIDEND_RIGHTS_EXPIRY"),
        ("STOCK DIVIDEND US0000009004 1 FOR 20", "STOCK_DIVIDEND"),
        ("CHOICE DIVIDEND  1 FOR 20", "CHOICE_DIVIDEND"),
        ("CASH DIVIDEND USD 0.25 PER SHARE", "CASH_DIVIDEND"),
        ("CUSIP/ISIN CHANGE TO (US0000009004)", "IDENTIFIER_CHANGE"),
        ("DELISTED", "DELISTING"),
        ("BOND MATURITY FOR USD 1.00 PER BOND", "BOND_MATURITY"),
        ("TBILL MATURITY", "BILL_MATURITY"),
        ("BOND CONVERSION", "BOND_CONVERSION"),
        ("CONVERTIBLE ISSUE", "CONVERTIBLE_ISSUE"),
        ("COUPON PAYMENT", "COUPON"),
        ("SHARE PURCHASE ISSUE", "PURCHASE_ISSUE"),
        ("EXCHANGED TO GDGT(US0000009004)", "EXCHANGE"),
        ("PROXY VOTE", "PROXY_VOTE"),
    ],
)
@for_each("code", ["", "UE"])
def test_a_blank_or_unknown_code_is_read_from_the_words(code: str, action: str, kind: str) -> None:
    for text in (action, f"WDGT(US0000001001) {action} (WDGT, WIDGET INC, US0000001001)".title()):
        assert kind_of(code, Wording.of(text)).value == kind


@for_each(
    "text",
    [
        "SPLIT(US0000001001) DELISTED (SPLIT, SPLIT RIGHTS INC, US0000001001)",
        "WDGT(US0000001001) DELISTED (WDGT, MERGER SPLIT FUND, US0000001001)",
    ],
)
def test_what_the_paper_is_called_names_no_kind(text: str) -> None:
    assert kind_of("", Wording.of(text)) is Kind.DELISTING


@for_each(
    ("action", "kind"),
    [
        ("MERGED(Acquisition)  WITH US0000009004 1 FOR 1", "MERGER"),
        ("MERGED(Voluntary Offer Allocation)  FOR USD 30 PER SHARE", "MERGER"),
        ("MERGED(Liquidation)  FOR USD 0.10 PER SHARE", "LIQUIDATION"),
        ("MERGED(Partial Call)  FOR USD 1 PER SHARE", "PARTIAL_CALL"),
        ("FULL CALL / EARLY REDEMPTION FOR USD 1 PER BOND", "CALL"),
        ("EXCHANGED TO GDGT(US0000009004)", "MERGER"),
        ("SPLIT 4 FOR 1", "MERGER"),
        ("", "MERGER"),
    ],
)
def test_the_code_for_mergers_covers_more_than_mergers(action: str, kind: str) -> None:
    assert kind_of("TC", Wording.of(action)).value == kind


def test_a_code_is_believed_whatever_the_words_are() -> None:
    assert kind_of("SD", Wording.of("WDGT(US0000001001) SPLIT 4 FOR 1")) is Kind.STOCK_DIVIDEND
