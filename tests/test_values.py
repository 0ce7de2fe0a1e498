from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker_sync.errors import ValueFormatError
from broker_sync.values import CurrencyCode, Isin, Mic, decimal_text, exact
from tests.tables import for_each

FINITE = st.decimals(allow_nan=False, allow_infinity=False, places=8, min_value=-(10**12), max_value=10**12)


@for_each("text", ["GBP", "USD", "CNH", "XAU"])
def test_a_currency_is_the_text_that_it_is(text: str) -> None:
    assert CurrencyCode(text) == text
    assert {CurrencyCode(text): 1} == {text: 1}


@for_each("text", ["", "US", "USDT", "usd", "U5D", "US ", "--", "ÄÖÜ", "BASE_SUMMARY"])
def test_a_currency_has_three_capital_letters(text: str) -> None:
    with pytest.raises(ValueFormatError):
        CurrencyCode(text)


@for_each("text", ["GBX", "ZAC", "ILA", "KWF"])
def test_no_account_holds_pence(text: str) -> None:
    with pytest.raises(ValueFormatError):
        CurrencyCode(text)


def test_an_error_of_form_says_what_was_found_and_what_was_wanted() -> None:
    with pytest.raises(ValueFormatError) as caught:
        CurrencyCode("GBX")
    assert (caught.value.text, caught.value.kind) == ("GBX", "a currency that an account can hold")
    assert str(caught.value) == "'GBX' is not a currency that an account can hold"


@for_each("text", ["US0378331005", "IE00B46G8275", "XS123456789A"[:11] + "4"])
def test_an_isin_is_known_by_its_form(text: str) -> None:
    assert Isin(text) == text


@for_each("text", ["", "US037833100", "US03783310055", "us0378331005", "US037833100A", "120378331005"])
def test_what_has_another_form_is_no_isin(text: str) -> None:
    with pytest.raises(ValueFormatError, match=r"is not an ISIN$"):
        Isin(text)


@for_each("text", ["XLON", "XLON_IL", "4AXE"])
def test_a_market_code_may_name_a_segment(text: str) -> None:
    assert Mic(text) == text


@for_each("text", ["", "LSE", "XLON_", "XLON_I", "xlon", "XLONDON"])
def test_what_has_another_form_is_no_market_code(text: str) -> None:
    with pytest.raises(ValueFormatError, match=r"is not a market identifier code$"):
        Mic(text)


@for_each(
    ("text", "value"),
    [
        ("0", Decimal(0)),
        ("-0", Decimal(0)),
        ("+1.50", Decimal("1.5")),
        (".5", Decimal("0.5")),
        ("5.", Decimal(5)),
        ("-1.655E-06", Decimal("-0.000001655")),
        ("123456789.123456789", Decimal("123456789.123456789")),
    ],
)
def test_a_number_is_read_without_loss(text: str, value: Decimal) -> None:
    assert exact(text) == value


@for_each(
    "text",
    ["", " 1", "1 ", "1,000", "1.2.3", "NaN", "Infinity", "-inf", "1_000", "0x1", "e5", ".", "1e1000", "--1"],
)
def test_anything_else_is_no_number(text: str) -> None:
    with pytest.raises(ValueFormatError):
        exact(text)


@for_each("text", ["\u0661\u0662", "\uff11\uff12", "1\u0662", "\u0966"])
def test_only_ascii_digits_make_a_number(text: str) -> None:
    with pytest.raises(ValueFormatError):
        exact(text)


@given(st.text(max_size=12))
def test_a_text_is_a_number_or_an_error_of_form(text: str) -> None:
    try:
        value = exact(text)
    except ValueFormatError:
        return
    assert value.is_finite()


@for_each(
    ("number", "text"),
    [
        ("0", "0"),
        ("-0", "0"),
        ("0.000", "0"),
        ("0E-8", "0"),
        ("0E+3", "0"),
        ("100", "100"),
        ("1E+3", "1000"),
        ("1.50", "1.5"),
        ("10.0", "10"),
        ("-0.000001655", "-0.000001655"),
        ("1E-10", "0.0000000001"),
    ],
)
def test_a_number_is_written_plainly(number: str, text: str) -> None:
    assert decimal_text(Decimal(number)) == text


@given(FINITE)
def test_what_is_written_is_read_back(number: Decimal) -> None:
    assert exact(decimal_text(number)) == number


@given(FINITE, st.integers(min_value=0, max_value=9))
def test_equal_numbers_are_written_alike(number: Decimal, zeros: int) -> None:
    assert decimal_text(Decimal(f"{number:f}{'0' * zeros}")) == decimal_text(number)


def test_a_long_number_is_written_in_full() -> None:
    digits = "9" * 45
    assert decimal_text(Decimal(f"{digits}.{digits}")) == f"{digits}.{digits}"
