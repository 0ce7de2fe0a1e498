"""People's edits in the tracker: left as they are, told with both values, and decided about."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from broker_sync.sinks.wealthfolio import desk
from broker_sync.sinks.wealthfolio.waiting import wait_recalculated
from tests.providers.ibkr.builders import (
    account_information,
    balance,
    balances,
    cash,
    cash_rows,
    one_statement,
)
from tests.standins.wealthfolio import PASSWORD, Service, WealthfolioServer

from .conftest import Cli

Write = Callable[..., Path]
Book = Callable[..., dict[str, Any]]
ONE, TWO = "ibkr:cash:7001", "ibkr:cash:7002"


@pytest.fixture
def tracker(monkeypatch: pytest.MonkeyPatch) -> Iterator[WealthfolioServer]:
    with WealthfolioServer(Service(settle_after=0)) as server:
        monkeypatch.setenv("WF_BASE_URL", server.address)
        monkeypatch.setenv("WF_PASSWORD", PASSWORD)
        monkeypatch.setenv("WF_CREATE_ACCOUNT", "1")
        yield server


@pytest.fixture
def book(cli: Cli, write: Write) -> Book:
    """Books a statement with both rows, of these amounts; what was told of the account."""

    def booked(one: str | None = "5", two: str | None = "7", *more: str, status: int = 0) -> dict[str, Any]:
        rows = [
            cash(transactionID=number, amount=amount, type="Deposits/Withdrawals", symbol="")
            for number, amount in (("7001", one), ("7002", two))
            if amount is not None
        ]
        ran = cli(
            "ibkr", "--file", write(one_statement(account_information(), cash_rows(*rows))), "--json", *more
        )
        assert ran.status == status, ran.err
        (account,) = ran.result["accounts"]
        assert account["fetched"] == account["new"] + account["known"] + account["updated"]
        assert isinstance(account, dict)
        return account

    return booked


def conflicts(cli: Cli) -> list[tuple[str, str | None]]:
    found = cli("conflicts", "--json")
    return [(each["external_id"], each["decision"]) for each in found.result["conflicts"]]


def by_hand(tracker: WealthfolioServer, external_id: str, amount: str) -> None:
    """What a person does to a row in the browser."""
    rows = tracker.service.store.rows
    (row,) = [each for each in rows.values() if str(each.key).endswith(external_id)]
    rows[row.id] = dataclasses.replace(row, amount=Decimal(amount), user_modified=True)


def removed_by_hand(tracker: WealthfolioServer, external_id: str) -> None:
    rows = tracker.service.store.rows
    for row in [each for each in rows.values() if str(each.key).endswith(external_id)]:
        del rows[row.id]


def amounts(tracker: WealthfolioServer) -> dict[str, str]:
    return {
        str(each.key).rpartition(":")[2]: str(each.amount) for each in tracker.service.store.rows.values()
    }


def test_what_a_person_has_changed_is_left_told_and_decided(
    cli: Cli, tracker: WealthfolioServer, book: Book
) -> None:
    book()
    by_hand(tracker, ONE, "6")
    assert book()["conflicts"] == []  # the broker says nothing new
    told = book("5.5", "7.5")
    assert (told["updated"], told["known"], told["failed"], told["failures"]) == (1, 1, 0, [])
    (conflict,) = told["conflicts"]
    assert (conflict["broker"]["amount"], conflict["tracker"]["amount"]) == ("5.5", "6")
    assert conflict["booked"]["amount"] == "5"
    assert amounts(tracker) == {"7001": "6", "7002": "7.5"}
    # It is asked about every night, and only --strict minds.
    assert len(book("5.5", "7.5")["conflicts"]) == 1
    book("5.5", "7.5", "--strict", status=4)
    shown = cli("conflicts")
    assert shown.status == 0
    assert {"5.5", "6", ONE} <= set(shown.out.split())


def test_a_decision_for_the_tracker_stands_until_the_broker_says_something_new(
    cli: Cli, tracker: WealthfolioServer, book: Book
) -> None:
    book()
    by_hand(tracker, ONE, "6")
    book("5.5", "7.5")
    assert cli("conflicts", ONE, "--keep", "tracker").status == 0
    assert conflicts(cli) == [(ONE, "tracker")]
    assert "the tracker's content stands" in cli("conflicts").out
    assert book("5.5", "7.5")["conflicts"] == []
    assert book("5.75", "7.5")["conflicts"] != []  # a newer content asks again
    assert amounts(tracker)["7001"] == "6"
    cli("conflicts", ONE, "--keep", "tracker")
    assert cli("conflicts", "--all", "--keep", "broker").last.startswith("0 decided")
    assert conflicts(cli) == [(ONE, "tracker")]


def test_a_decision_for_the_broker_is_carried_out_and_both_contents_are_kept(
    cli: Cli, tracker: WealthfolioServer, book: Book
) -> None:
    book()
    by_hand(tracker, ONE, "6")
    book("5.75", "7.5")
    ran = cli("conflicts", "--all", "--keep", "broker")
    assert (ran.status, ran.last) == (0, "1 decided: what the broker says stands.")
    assert amounts(tracker) == {"7001": "5.75", "7002": "7.5"}
    assert conflicts(cli) == []
    (past,) = cli("explain", ONE, "--json").result["records"][0]["history"]
    assert (past["why"], past["content"]["amount"], past["theirs"]["amount"]) == ("overwritten", "5", "6")
    assert {"field": "amount", "old": "5", "new": "5.75"} in past["fields"]
    assert "overwritten" in cli("explain", ONE).out
    assert (book("5.75", "7.5")["updated"], amounts(tracker)["7001"]) == (0, "5.75")


def test_what_a_person_has_removed_is_not_written_again_unless_that_is_decided(
    cli: Cli, tracker: WealthfolioServer, book: Book
) -> None:
    book()
    removed_by_hand(tracker, ONE)
    told = book()
    assert (told["new"], told["known"], told["deleted"]) == (0, 2, 0)
    (conflict,) = told["conflicts"]
    assert (conflict["external_id"], conflict["tracker"]) == (ONE, None)
    assert amounts(tracker) == {"7002": "7"}
    cli("conflicts", ONE, "--keep", "tracker")
    assert book()["conflicts"] == []
    assert amounts(tracker) == {"7002": "7"}
    assert [each["external_id"] for each in book("5.5")["conflicts"]] == [ONE]
    assert cli("conflicts", ONE, "--keep", "broker").status == 0
    assert amounts(tracker) == {"7001": "5.5", "7002": "7"}
    told = book("5.5")
    assert (told["known"], told["conflicts"]) == (2, [])


def test_a_row_that_is_there_again_is_no_conflict_any_more(
    cli: Cli, tracker: WealthfolioServer, book: Book
) -> None:
    book()
    kept = dict(tracker.service.store.rows)
    removed_by_hand(tracker, ONE)
    assert len(book()["conflicts"]) == 1
    tracker.service.store.rows.update(kept)
    assert book()["conflicts"] == []
    by_hand(tracker, ONE, "6")
    assert len(book("5.5")["conflicts"]) == 1
    assert book("5")["conflicts"] == []  # the broker has come back to what was booked
    assert conflicts(cli) == []


def test_what_the_broker_no_longer_lists_is_left_when_a_person_has_changed_it(
    cli: Cli,
    tracker: WealthfolioServer,
    book: Book,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BROKER_SYNC_ON_VANISHED", "delete")
    book()
    by_hand(tracker, ONE, "6")
    told = book(one=None)
    assert (told["deleted"], [each["broker"] for each in told["conflicts"]]) == (0, [None])
    assert "(nothing)" in cli("conflicts").out
    cli("conflicts", ONE, "--keep", "tracker")
    told = book(one=None)
    assert (told["deleted"], told["conflicts"]) == (0, [])
    by_hand(tracker, TWO, "8")
    book(one=None, two="9")
    assert amounts(tracker) == {"7001": "6", "7002": "8"}


def test_a_removal_that_is_decided_is_carried_out_and_kept_in_the_history(
    cli: Cli,
    tracker: WealthfolioServer,
    book: Book,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BROKER_SYNC_ON_VANISHED", "delete")
    book()
    by_hand(tracker, ONE, "6")
    book(one=None)
    assert cli("conflicts", ONE, "--keep", "broker").status == 0
    assert amounts(tracker) == {"7002": "7"}
    (record,) = cli("explain", ONE, "--json").result["records"]
    assert (record["activities"], record["history"][0]["removed"]) == ([], True)
    assert "It is not booked any more." in cli("explain", ONE).out


def test_an_unknown_conflict_and_half_a_decision_are_said(
    cli: Cli, tracker: WealthfolioServer, book: Book
) -> None:
    assert cli("conflicts").out.startswith("Nobody has changed")
    book()
    assert cli("conflicts", "ibkr:cash:1", "--keep", "tracker").status == 1
    assert cli("conflicts", ONE).status == 2
    assert cli("conflicts", "--all").status == 2
    assert cli("conflicts", ONE, "--all", "--keep", "broker").status == 2
    assert cli("conflicts", "--all", "--keep", "mine").status == 2
    assert amounts(tracker) == {"7001": "5", "7002": "7"}


def test_what_the_tracker_has_renamed_since_is_found_by_its_new_id(
    cli: Cli, tracker: WealthfolioServer, book: Book
) -> None:
    book()
    rows = tracker.service.store.rows
    (row,) = [each for each in rows.values() if str(each.key).endswith(ONE)]
    del rows[row.id]
    rows["new-id"] = dataclasses.replace(row, id="new-id")
    (record,) = cli("explain", "new-id", "--json").result["records"]
    assert record["record_id"] == ONE
    assert record["activities"][0]["tracker"]["as_booked"] is True
    assert record["statements"][0]["rows"][0]["row"] == 1
    assert cli("explain", "no-such-id").status == 1
    by_hand(tracker, ONE, "6")
    assert (
        cli("explain", ONE, "--json").result["records"][0]["activities"][0]["tracker"]["as_booked"] is False
    )


def test_what_is_decided_about_an_emptied_tracker_is_carried_out_by_the_sync_that_fills_it(
    cli: Cli, tracker: WealthfolioServer, book: Book, write: Write
) -> None:
    third = cash(transactionID="7003", amount="9", type="Deposits/Withdrawals", symbol="")
    assert cli("ibkr", "--file", write(one_statement(account_information(), cash_rows(third)))).status == 0
    book()
    for each in (ONE, TWO):
        by_hand(tracker, each, "6")
    book("5.5", "7.5")
    tracker.service.store.rows.clear()
    for each in (ONE, TWO):
        ran = cli("conflicts", each, "--keep", "broker")
        assert (ran.status, ran.out) == (1, "0 decided: what the broker says stands.\n")
        assert f"{each} is left as it is: the tracker has nothing of what was booked there" in ran.err
    assert tracker.service.store.rows == {}
    assert book("5.5", "7.5")["conflicts"] == []
    assert amounts(tracker) == {"7001": "5.5", "7002": "7.5", "7003": "9"}


def test_what_is_there_and_does_not_count_is_not_said_to_be_removed(
    cli: Cli, tracker: WealthfolioServer, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What it holds by then cannot be foretold, and nobody needs to wait for it.
    monkeypatch.setattr(desk, "wait_recalculated", partial(wait_recalculated, quiet=0.0, silence=0.0))
    deposits = [
        cash(transactionID=number, amount=amount, type="Deposits/Withdrawals", symbol="")
        for number, amount in (("7001", "5"), ("7002", "7"))
    ]
    ending = balances(balance(startingCash="0", endingCash="12"))
    statement = one_statement(account_information(), cash_rows(*deposits), ending)
    assert cli("ibkr", "--file", write(statement)).status == 0
    store = tracker.service.store
    (row,) = [each for each in store.rows.values() if str(each.key).endswith(ONE)]
    row.user_modified, row.status = True, "DRAFT"
    tracker.service._parts.portfolio.rows_changed([row])  # noqa: SLF001  # our own stand-in
    explained = " ".join(cli("reconcile", "--explain").out.split())
    assert "A person has changed it in Wealthfolio, where it is DRAFT by now." in explained
    assert "removed" not in explained
