from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from broker_sync.providers.ibkr.corporate_text import Ratio, Wording, is_same_paper
from tests.tables import for_each

from .builders import D

# --- the ratio ---


@for_each(
    ("text", "new", "old"),
    [
        ("WDGT(US0000001001) SPLIT 4 FOR 1 (WDGT, WIDGET INC, US0000001001)", "4", "1"),
        ("WDGT(US0000001001) Split 1 for 10 (WDGT, WIDGET INC, US0000001001)", "1", "10"),
        ("WDGT(US0000001001) SPLIT 4 FOR 1", "4", "1"),
        ("SPLIT 1 FOR 1.5", "1", "1.5"),
        ("SPLIT 1.25 FOR 1", "1.25", "1"),
        ("SPLIT 100000 FOR 102918", "100000", "102918"),
        ("SPLIT 1,000 FOR 1", "1000", "1"),
        ("SPLIT 1 FOR 1,234.5", "1", "1234.5"),
        ("SPLIT .5 FOR 1", "0.5", "1"),
        ("SPINOFF  1 FOR 40", "1", "40"),
        ("MERGED(Acquisition)  WITH US0000009004 1 FOR 2", "1", "2"),
        ("MERGED(Acquisition)  WITH US0000009004 1 FOR 2, US0000009012 1 FOR 4", "1", "2"),
        ("CASH and STOCK MERGER (Acquisition) US0000009004 592 FOR 1000 AND USD 4.24", "592", "1000"),
        ("SPLIT 3-FOR-2", "3", "2"),
        ("WIDGET INC - 2:1 Split", "2", "1"),
        ("WIDGET INC - 1:10 Reverse", "1", "10"),
        ("SPLIT 4 : 1", "4", "1"),
        ("SPLIT (4:1)", "4", "1"),
        ("SPLIT 4 FOR 1.", "4", "1"),
    ],
)
def test_the_ratio_is_that_of_the_sentence(text: str, new: str, old: str) -> None:
    assert Wording.of(text).ratio == Ratio(new=D(new), old=D(old))


@for_each(
    "text",
    [
        "",
        "WIDGET INC",
        "WDGT(US0000001001) SPLIT (WDGT, WIDGET INC, US0000001001)",
        # What the instrument is called is not what happened to it.
        "WDGT(US0000001001) DELISTED (WDGT, 3 FOR 1 HOLDINGS, US0000001001)",
        "4 FOR 1(US0000001001) DELISTED",
        "MERGED(Acquisition)  FOR USD 30.60000000 PER SHARE",
        "SPLIT 4 FOR 0",
        "SPLIT 0 FOR 4",
        "SPLIT 4 FOR -1",
        "SPLIT 1 FOR 1,5",
        "SPLIT 1.2.3 FOR 1",
        "SPLIT 4X FOR 1",
        "SPLIT 4 FOR 1X",
        "SPLIT ON 20:25:00",
        "SPLIT 4 FORCED 1",
    ],
)
def test_no_ratio_is_made_up(text: str) -> None:
    assert Wording.of(text).ratio is None


@given(new=st.integers(1, 10**7), old=st.integers(1, 10**7), grouped=st.booleans())
def test_a_ratio_is_read_however_large_its_numbers_are(new: int, old: int, *, grouped: bool) -> None:
    text = f"SPLIT {new:,} FOR {old:,}" if grouped else f"SPLIT {new} FOR {old}"
    assert Wording.of(f"W(US0000001001) {text} (W, W, US0000001001)").ratio == Ratio(new=D(new), old=D(old))


def test_a_ratio_is_one_of_new_for_old() -> None:
    ratio = Ratio(new=D(1), old=D(8))
    assert (ratio.per_old, ratio.per_new) == (D("0.125"), D(8))


def test_a_ratio_that_does_not_come_out_even_has_28_digits() -> None:
    assert Ratio(new=D(1), old=D(3)).per_old == Decimal("0." + "3" * 28)


# --- the parts ---


@for_each(
    ("text", "expected"),
    [
        (
            "OLD(US0000001001) SPLIT 1 FOR 8 (NEW, THE NAME INC, US0000001019)",
            ("SPLIT 1 FOR 8", "OLD", "US0000001001", "NEW", "US0000001019"),
        ),
        (
            "  OLD (US0000001001)  Split  1 for 8  (NEW, A NAME, (OF SORTS), US0000001019) ",
            ("SPLIT 1 FOR 8", "OLD", "US0000001001", "NEW", "US0000001019"),
        ),
        (
            "O.RTS (US0000001001) SUBSCRIBES TO () (O.EX, O INC - RIGHTS, 00000010E)",
            ("SUBSCRIBES TO ()", "O.RTS", "US0000001001", "O.EX", "00000010E"),
        ),
        (
            "(XS0000003007) BOND MATURITY FOR EUR 1.00 PER BOND (W 1 3/4, W 1 3/4, XS0000003007)",
            ("BOND MATURITY FOR EUR 1.00 PER BOND", None, "XS0000003007", "W 1 3/4", "XS0000003007"),
        ),
        (
            "W B(US0000001001) CUSIP/ISIN CHANGE TO (US0000001019) (W B.OLD, W, 000000100)",
            ("CUSIP/ISIN CHANGE TO (US0000001019)", "W B", "US0000001001", "W B.OLD", "000000100"),
        ),
        ("OLD(135893865) DELISTED (OLD, O, )", ("DELISTED", "OLD", "135893865", "OLD", None)),
        ("OLD(US0000001001) DELISTED", ("DELISTED", "OLD", "US0000001001", None, None)),
        ("MERGED(Acquisition) WITH NEW", ("MERGED(ACQUISITION) WITH NEW", None, None, None, None)),
        ("WIDGET INC - Spinoff", ("WIDGET INC - SPINOFF", None, None, None, None)),
        ("", ("", None, None, None, None)),
    ],
)
def test_a_sentence_is_taken_apart(text: str, expected: tuple[str | None, ...]) -> None:
    found = Wording.of(text)
    parts = (found.action, found.about_symbol, found.about_paper, found.leg_symbol, found.leg_paper)
    assert parts == expected


@for_each(
    ("one", "other"),
    [
        (
            "OLD(US0000001001) SPLIT 1 FOR 8 (OLD.OLD, THE NAME INC, US0000001001)",
            "OLD(US0000001001)  SPLIT 1 FOR 8 (NEW, THE NAME INC, US0000001019)",
        ),
        (
            "OLD(US0000001001) EXCHANGED TO NEW(US0000001019)",
            "NEW(US0000001019) EXCHANGED FROM OLD(US0000001001)",
        ),
    ],
)
def test_the_legs_of_one_action_say_the_same(one: str, other: str) -> None:
    assert Wording.of(one).said == Wording.of(other).said


@given(st.text(st.sampled_from("AZ09 (),.:-")) | st.text())
def test_no_text_is_too_odd_to_be_taken_apart(text: str) -> None:
    found = Wording.of(text)
    assert found.ratio is None or (found.ratio.new > 0 and found.ratio.old > 0)
    assert found.pays_both in {True, False}


# --- how it pays ---


@for_each(
    ("text", "both"),
    [
        (
            "LV(US0000001001) CASH and STOCK MERGER (Acquisition) 9 2 FOR 7 AND EUR 4.24 (T, T, 1)",
            True,
        ),
        (
            "ER(US0000001001) Cash and Stock Merger (Acquisition) 0ESC0 1 for 1 and USD 0.032727 (E, E, 1)",
            True,
        ),
        ("CASH and STOCK MERGER (Acquisition) BAM 9133631 FOR 100000000", True),
        ("MERGED(Acquisition)  WITH US0000009004 1 FOR 2 AND USD 3", True),
        ("MERGED(Acquisition)  WITH US0000009004 1 FOR 2", False),
        ("MERGED(Acquisition)  WITH US0000009004 1 FOR 2 AND WARRANTS", False),
        ("MERGED(Acquisition)  FOR USD 30.60000000 PER SHARE", False),
        ("", False),
    ],
)
def test_money_beside_new_shares_is_told_from_money_for_old_ones(text: str, *, both: bool) -> None:
    assert Wording.of(text).pays_both is both


# --- whose it is ---


@for_each(
    ("one", "other", "same"),
    [
        ("US0000001001", "US0000001001", True),
        ("US06742E7115", "06742E711", True),
        ("06742E711", "US06742E7115", True),
        ("06742E711", "US06740Q2521", False),
        ("06742E7", "US06742E7115", False),
        ("US0000001001", "US0000001019", False),
        ("135893865", "1358938651", False),
    ],
)
def test_a_cusip_is_the_paper_whose_isin_it_is_in(one: str, other: str, *, same: bool) -> None:
    assert is_same_paper(one, other) is same
