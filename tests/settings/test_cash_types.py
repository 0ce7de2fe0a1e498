"""``[ibkr.cash_types]``: how types of cash rows are booked that the built-in table has not."""

from broker_sync.providers.ibkr.mapping_cash import CASH_KINDS
from broker_sync.settings import CashType
from tests.settings.helpers import Place

BUILT_IN = {
    "Other Fees": '"FEE"',
    "Withholding Tax": '{ type = "FEE", subtype = "WITHHOLDING_TAX" }',
    "Broker Interest Paid": '{ type = "FEE", subtype = "INTEREST" }',
    "Dividends": '"DIVIDEND"',
    "Broker Interest Received": '{ type = "DIVIDEND", subtype = "INTEREST" }',
    "Payment In Lieu Of Dividends": '{ type = "DIVIDEND", subtype = "PAYMENT_IN_LIEU" }',
    "Deposits & Withdrawals": '"DEPOSIT"',
    "Deposits/Withdrawals": '"WITHDRAWAL"',
    "Bill Pay": '{ type = "DEPOSIT", subtype = "BILL_PAY" }',
    "Price Adjustments": '{ type = "CREDIT", subtype = "PRICE_ADJUSTMENT" }',
}


def test_one_word_says_both_ways_as_the_built_in_table_has_them(place: Place) -> None:
    lines = [f'"{name}" = {value}' for name, value in BUILT_IN.items()]
    read = place.load("\n".join(["[ibkr.cash_types]", *lines])).flex.cash_types
    assert list(read) == list(BUILT_IN)
    for name, kind in read.items():
        own = CASH_KINDS[name]
        assert kind == CashType(
            money_in=own.money_in,
            money_out=own.money_out,
            subtype_in=own.subtype_in,
            subtype_out=own.subtype_out,
        )


def test_taxes_and_interest_can_be_named_as_such(place: Place) -> None:
    read = place.load('[ibkr.cash_types]\nA = "TAX"\nB = "INTEREST"\n').flex.cash_types
    assert [(each.money_in, each.money_out) for each in read.values()] == [
        ("CREDIT", "TAX"),
        ("INTEREST", "FEE"),
    ]
    assert [(each.subtype_in, each.subtype_out) for each in read.values()] == [
        ("TAX_REFUND", None),
        (None, "INTEREST_REVERSAL"),
    ]


def test_without_the_table_nothing_is_overridden(place: Place) -> None:
    assert place.load().flex.cash_types == {}


def test_what_cannot_be_booked_so_is_an_error(place: Place) -> None:
    must = "must be booked as one of DIVIDEND, INTEREST, FEE, TAX, CREDIT, DEPOSIT, WITHDRAWAL"
    shape = 'must be a type in quotes, or { type = "FEE", subtype = "…" }'
    subtype = ": a subtype is letters, digits and underscores, in quotes"
    for value, said in (
        ('"FEES"', f" {must}; did you mean FEE?"),
        ('"BUY"', f" {must}"),
        ('"dividend"', f" {must}; did you mean DIVIDEND?"),
        ("{ type = 1 }", f" {must}"),
        ("1", f" {shape}"),
        ('{ subtype = "X" }', f" {shape}"),
        ('{ type = "FEE", note = "X" }', f" {shape}"),
        ('{ type = "FEE", subtype = "a b" }', subtype),
        ('{ type = "FEE", subtype = 1 }', subtype),
    ):
        place_of_it = f'ibkr.cash_types."Some Fee" in {place.config}, line 2'
        assert place.wrong(f'[ibkr.cash_types]\n"Some Fee" = {value}\n') == place_of_it + said
    text = place.wrong("[ibkr]\ncash_types = 1\n")
    assert text == f"ibkr.cash_types in {place.config}, line 2 must be a table: [ibkr.cash_types]"
