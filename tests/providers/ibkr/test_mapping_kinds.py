"""Options, bonds, futures and what else is not a share."""

from decimal import Decimal

from broker_sync.accounting import position_effect, total_cash
from broker_sync.models import ActivityType
from tests.providers.ibkr.builders import Row, booked, map_trade_row, rejected, trade
from tests.tables import for_each

OPTION = {
    "assetCategory": "OPT",
    "symbol": "WDGT  260619C00100000",
    "conid": "77",
    "isin": "",
    "multiplier": "100",
    "quantity": "2",
    "tradePrice": "2.5",
    "proceeds": "-500",
    "netCash": "-501",
}
BOND = {
    "assetCategory": "BOND",
    "symbol": "WDGT 5 05/21/30",
    "conid": "88",
    "isin": "US0000002009",
    "multiplier": "1",
    "quantity": "2000",
    "tradePrice": "100.475",
    "proceeds": "-2009.5",
    "netCash": "-2010.5",
}
FUTURE = {
    "assetCategory": "FUT",
    "symbol": "CLZ8",
    "conid": "704",
    "isin": "",
    "multiplier": "1000",
    "quantity": "-2",
    "buySell": "SELL",
    "tradePrice": "61.7",
    "proceeds": "123400",
    "ibCommission": "-4.74",
    "netCash": "55.26",
}


def cash_of(row: Row) -> dict[str, Decimal]:
    return total_cash(booked(map_trade_row(row)))


def units_of(row: Row) -> Decimal:
    return sum(map(position_effect, booked(map_trade_row(row))), Decimal(0))


@for_each("category", ["OPT", "FOP", "FSOPT", "FSFOP", "WAR", "IOPT", "CRYPTO", "CMDTY", "FUND", "ETF"])
def test_what_is_paid_in_full_does_what_its_row_says(category: str) -> None:
    row = trade(**{**OPTION, "assetCategory": category})
    assert (cash_of(row), units_of(row)) == ({"USD": Decimal(-501)}, Decimal(2))


def test_a_contract_counts_its_multiplier_where_no_money_is_given() -> None:
    row = trade(**{**OPTION, "proceeds": None, "netCash": None})
    assert cash_of(row) == {"USD": Decimal(-501)}


def test_a_contract_without_money_and_multiplier_is_not_guessed() -> None:
    row = trade(**{**OPTION, "proceeds": None, "netCash": None, "multiplier": None})
    assert "neither proceeds nor multiplier" in rejected(map_trade_row(row)).reason


def test_an_option_sold_to_open_is_short() -> None:
    row = trade(**{**OPTION, "buySell": "SELL", "quantity": "-2", "proceeds": "500", "netCash": "499"})
    assert (cash_of(row), units_of(row)) == ({"USD": Decimal(499)}, Decimal(-2))


@for_each(("note", "label"), [("A", "ASSIGNMENT"), ("Ex", "EXERCISE"), ("Ep", "EXPIRATION")])
def test_an_option_that_ends_moves_its_units_and_no_money(note: str, label: str) -> None:
    ended = {
        "tradePrice": "0",
        "proceeds": "-0",
        "netCash": "0",
        "ibCommission": "0",
        "transactionType": "BookTrade",
    }
    (leg,) = booked(map_trade_row(trade(**{**OPTION, **ended, "notes": note})))
    assert (leg.activity_type, leg.subtype) == (ActivityType.BUY, label)
    assert (leg.amount, leg.unit_price) == (Decimal(0), Decimal(0))


def test_the_share_leg_of_an_assignment_is_dealt_at_the_strike() -> None:
    (leg,) = booked(map_trade_row(trade(notes="A", transactionType="BookTrade", tradePrice="100")))
    assert leg.subtype == "ASSIGNMENT"
    assert (leg.unit_price, leg.amount) == (Decimal(100), Decimal(1001))


def test_the_price_of_a_bond_is_in_percent_of_its_face() -> None:
    row = trade(**BOND)
    assert (cash_of(row), units_of(row)) == ({"USD": Decimal("-2010.5")}, Decimal(2000))
    assert cash_of(trade(**{**BOND, "proceeds": None, "netCash": None})) == {"USD": Decimal("-2010.5")}
    (bought,) = booked(map_trade_row(trade(**{**BOND, "tradePrice": None})))
    assert (bought.symbol, bought.unit_price) == ("US0000002009", Decimal("100.475"))


def test_accrued_interest_in_the_cash_of_a_bond_is_a_leg_of_its_own() -> None:
    legs = booked(map_trade_row(trade(**{**BOND, "accruedInt": "75.5", "netCash": "-2086"})))
    assert [(each.activity_type, each.subtype, each.amount) for each in legs] == [
        (ActivityType.BUY, None, Decimal("2010.5")),
        (ActivityType.FEE, "ACCRUED_INTEREST", Decimal("75.5")),
    ]
    sold = {
        **BOND,
        "buySell": "SELL",
        "quantity": "-2000",
        "proceeds": "2009.5",
        "netCash": "2084",
        "accruedInt": "75.5",
    }
    assert cash_of(trade(**sold)) == {"USD": Decimal(2084)}


def test_accrued_interest_that_is_apart_stays_apart() -> None:
    assert len(booked(map_trade_row(trade(**{**BOND, "accruedInt": "75.5"})))) == 1


def test_a_bond_whose_cash_nothing_explains_is_not_booked() -> None:
    assert (
        "is not proceeds"
        in rejected(map_trade_row(trade(**{**BOND, "netCash": "-2050", "accruedInt": "75.5"}))).reason
    )


@for_each("category", ["FUT", "CFD", "FXCFD"])
def test_a_margined_contract_moves_its_net_cash_only(category: str) -> None:
    row = trade(**{**FUTURE, "assetCategory": category})
    assert (cash_of(row), units_of(row)) == ({"USD": Decimal("55.26")}, Decimal(-2))


def test_a_margined_contract_that_settles_nothing_has_its_charges_only() -> None:
    legs = booked(map_trade_row(trade(**{**FUTURE, "netCash": "-4.74"})))
    assert [each.subtype for each in legs] == [None, "COMMISSION"]


def test_charges_of_a_future_may_be_in_another_currency_and_taxed() -> None:
    row = trade(**{**FUTURE, "ibCommissionCurrency": "CHF", "taxes": "-1", "netCash": "59"})
    assert cash_of(row) == {"USD": Decimal(59), "CHF": Decimal("-4.74")}


def test_the_margin_of_a_future_that_its_row_does_not_say_is_not_guessed() -> None:
    assert "netCash" in rejected(map_trade_row(trade(**{**FUTURE, "netCash": None}))).reason
