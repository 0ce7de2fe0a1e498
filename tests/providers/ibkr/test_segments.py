"""The futures segment of an account is a statement of its own, and the account's all the same."""

from decimal import Decimal

import pytest

from broker_sync.providers.ibkr import IBKRAccountMismatchError, IBKRProvider
from tests.providers.ibkr.builders import (
    ACCOUNT,
    Text,
    balance,
    balances,
    document,
    fetch,
    position,
    positions,
    read,
    statement,
    trade,
    trades,
)

SEGMENT = f"{ACCOUNT}F"
FUTURE = {
    "assetCategory": "FUT",
    "symbol": "CLZ8",
    "conid": "70407716",
    "isin": "",
    "multiplier": "1000",
    "quantity": "1",
    "tradePrice": "61.73",
    "proceeds": "-61730",
    "ibCommission": "-2.37",
    "netCash": "-62.37",
    "transactionID": "695",
    "accountId": SEGMENT,
}


def both() -> str:
    return document(
        statement(
            trades(trade()), balances(balance(startingCash="2000", endingCash="999")), positions(position())
        ),
        statement(
            trades(trade(**FUTURE)),
            balances(balance(accountId=SEGMENT, startingCash="100", endingCash="37.63")),
            positions(position(**{**FUTURE, "position": "1"})),
            accountId=SEGMENT,
        ),
    )


def test_both_segments_are_one_account() -> None:
    found = read(both())
    assert {each.record_id for each in found.activities} == {"ibkr:trade:9001", "ibkr:trade:695"}
    assert found.truth.cash is not None
    (dollars,) = found.truth.cash
    assert (dollars.starting, dollars.ending) == (Decimal(2100), Decimal("1036.63"))
    assert found.truth.positions is not None
    assert {held.instrument.symbol for held in found.truth.positions} == {"WDGT", "CLZ8"}


def test_a_future_moves_its_margin_and_never_its_notional() -> None:
    future = [each for each in read(both()).activities if each.record_id == "ibkr:trade:695"]
    assert [
        (each.external_id.removeprefix("ibkr:trade:695"), each.activity_type, each.amount) for each in future
    ] == [
        ("", "ADD_HOLDING", None),
        (":margin", "FEE", Decimal(60)),
        (":fee", "FEE", Decimal("2.37")),
    ]


def test_a_segment_alone_is_the_configured_account() -> None:
    alone = document(statement(trades(trade(**FUTURE)), accountId=SEGMENT))
    provider = IBKRProvider(wf_account_id="t", upstream_account_id=ACCOUNT, documents=[Text(alone)])
    assert "ibkr:trade:695" in fetch(provider).ids


def test_another_account_that_ends_alike_is_another_account() -> None:
    other = document(statement(trades(trade(accountId="U7F")), accountId="U7F"))
    provider = IBKRProvider(wf_account_id="t", upstream_account_id=ACCOUNT, documents=[Text(other)])
    with pytest.raises(IBKRAccountMismatchError):
        fetch(provider)
