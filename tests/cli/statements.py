"""Statements for the command to read."""

from tests.providers.ibkr.builders import (
    account_information,
    balance,
    balances,
    cash,
    cash_rows,
    document,
    one_statement,
    position,
    positions,
    sale,
    statement,
    trade,
    trades,
)

ACCOUNT = "U1234567"
OTHER = "U7654321"


def good() -> str:
    """10 WDGT bought, 4 sold, a dividend; 6 are left, and the money adds up to the cent."""
    return one_statement(
        account_information(),
        trades(trade(), sale()),
        cash_rows(cash()),
        positions(position()),
        balances(balance(startingCash="2000", endingCash="1450.5")),
    )


def good_of(account: str, number: str) -> str:
    """The statement of one trade by another account."""
    own = {"accountId": account}
    return statement(
        trades(trade(**own, transactionID=number, tradeID=number)),
        positions(position(**own, position="10")),
        **own,
    )


def two_accounts() -> str:
    """Two accounts with something to book, and one that has nothing."""
    idle = {"accountId": "U1111111"}
    return document(
        good_of(ACCOUNT, "9001"), statement(account_information(**idle), **idle), good_of(OTHER, "9901")
    )


def with_rejections(number: int = 1) -> str:
    """`number` rows of a type that nobody knows beside a dividend."""
    unknown = [cash(transactionID=str(8000 + n), type="Gift Voucher") for n in range(number)]
    return one_statement(cash_rows(cash(), *unknown))


def drifting() -> str:
    """The money at the end is not what the trades leave."""
    return one_statement(
        trades(trade(), sale()), positions(position()), balances(balance(startingCash="2000", endingCash="9"))
    )
