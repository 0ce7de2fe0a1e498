"""An account is found again, or made once, whatever happens on the way."""

import asyncio
from collections.abc import Iterator

import pytest

from broker_sync.models import Account, AccountType
from broker_sync.sinks.wealthfolio.accounts import ChosenAccount, account_for
from broker_sync.sinks.wealthfolio.errors import TrackerAccountError, UnknownOutcomeError
from broker_sync.values import CurrencyCode
from tests.sinks.wealthfolio.clients import client_of
from tests.standins.wealthfolio import Answers, HangsUp, ManualClock, Reply, Service, WealthfolioServer


@pytest.fixture
def server() -> Iterator[WealthfolioServer]:
    with WealthfolioServer(Service(clock=ManualClock())) as server:
        yield server


def _wanted(account_id: str = "", currency: str | None = "USD") -> Account:
    return Account(
        id=account_id,
        provider="ibkr",
        provider_account_id="U1234567",
        account_type=AccountType.GIA,
        currency=None if currency is None else CurrencyCode(currency),
    )


def _choose(
    server: WealthfolioServer, wanted: Account | None = None, *, create: bool = True, name: str | None = None
) -> ChosenAccount:
    async def choose() -> ChosenAccount:
        client = client_of(server, ManualClock())
        try:
            return await account_for(
                client, _wanted() if wanted is None else wanted, create=create, name=name
            )
        finally:
            await client.close()

    return asyncio.run(choose())


def test_an_account_is_made_once_and_found_by_its_mark_from_then_on(server: WealthfolioServer) -> None:
    made = _choose(server)
    assert (made.made, made.account.name, made.account.tracking_mode) == (
        True,
        "IBKR U1234567",
        "TRANSACTIONS",
    )
    server.service.store.accounts[made.account.id].name = "Renamed by a person"
    found = _choose(server, create=False)
    assert (found.made, found.account.id) == (False, made.account.id)
    assert len(server.service.store.accounts) == 1


def test_without_leave_none_is_made(server: WealthfolioServer) -> None:
    with pytest.raises(TrackerAccountError, match="--create-account"):
        _choose(server, create=False)
    assert not server.service.store.accounts


def test_an_account_that_is_named_is_checked_and_taken(server: WealthfolioServer) -> None:
    made = _choose(server, name="Mine")
    assert made.account.name == "Mine"
    found = _choose(server, _wanted(made.account.id, "GBP"), create=False)
    assert found.account.id == made.account.id
    assert len(found.notes) == 1


def test_without_a_currency_none_is_made(server: WealthfolioServer) -> None:
    with pytest.raises(TrackerAccountError, match="currency"):
        _choose(server, _wanted(currency=None))


def test_an_account_whose_making_was_not_confirmed_is_looked_for_before_anything_else(
    server: WealthfolioServer,
) -> None:
    server.faults.plan("POST", "/accounts", HangsUp(carried_out=True))
    assert _choose(server).made
    assert len(server.service.store.accounts) == 1


def test_an_account_that_was_not_made_is_not_made_a_second_time_in_the_same_run(
    server: WealthfolioServer,
) -> None:
    server.faults.plan("POST", "/accounts", HangsUp(carried_out=False))
    with pytest.raises(UnknownOutcomeError):
        _choose(server)
    assert server.count("POST", "/accounts") == 1


def test_an_account_that_lost_its_mark_is_named_instead_of_made_anew_every_night(
    server: WealthfolioServer,
) -> None:
    bare = {"id": "new", "name": "N", "accountType": "SECURITIES", "currency": "USD", "meta": None}
    answer = {**bare, "trackingMode": "TRANSACTIONS", "isActive": True, "isArchived": False}
    answer["createdAt"] = "2026-11-22T18:00:00.000000000"
    server.faults.plan("POST", "/accounts", Answers(reply=Reply.of(answer)))
    with pytest.raises(TrackerAccountError, match="new"):
        _choose(server)
