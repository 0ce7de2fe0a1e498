"""A row that is not booked still says what it did to cash, where it says so plainly."""

from decimal import Decimal

from broker_sync.contracts import Rejection
from broker_sync.providers.ibkr.rejected_cash import rejected_cash
from tests.providers.ibkr.builders import Row, cash, conversion, trade
from tests.tables import for_each

D = Decimal


@for_each(
    ("section", "row", "moved"),
    [
        ("Trades", trade(), {"USD": D(-1001)}),
        ("Trades", trade(netCash=None), {}),
        ("Trades", trade(netCash="much"), {}),
        ("Trades", conversion(), {"EUR": D(1000), "USD": D(-1100), "GBP": D(-2)}),
        ("CashTransactions", cash(), {"USD": D("12.5")}),
        ("CashTransactions", cash(amount="0"), {}),
        ("CorporateActions", {"currency": "EUR", "proceeds": "7", "amount": "-8"}, {"EUR": D(7)}),
        ("CorporateActions", {"currency": "EUR", "amount": "-8"}, {"EUR": D(8)}),
        ("Transfers", {"currency": "CHF", "cashTransfer": "-3"}, {"CHF": D(-3)}),
        ("Transfers", {"cashTransfer": "-3"}, {}),
        ("Elsewhere", {"currency": "CHF", "amount": "-3"}, {}),
    ],
)
def test_the_money_of_a_rejected_row_is_what_the_row_says(
    section: str, row: Row, moved: dict[str, Decimal]
) -> None:
    rejection = Rejection(external_id="ibkr:x:1", section=section, reason="unknown", raw=row)
    assert rejected_cash(rejection) == moved
