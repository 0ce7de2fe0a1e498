"""The account to write to is the one that is named, or the one that was made for it; never a guess."""

import datetime as dt
import json
from typing import Any

import pytest

from broker_sync.models import Account, AccountType
from broker_sync.sinks.wealthfolio.account_choice import choose, new_account, not_found, notes_on
from broker_sync.sinks.wealthfolio.errors import TrackerAccountError
from broker_sync.sinks.wealthfolio.wire import WireAccount
from broker_sync.values import CurrencyCode
from tests.tables import for_each


def _wanted(account_id: str = "", currency: str | None = "USD") -> Account:
    return Account(
        id=account_id,
        provider="ibkr",
        provider_account_id="U1234567",
        account_type=AccountType.GIA,
        currency=None if currency is None else CurrencyCode(currency),
    )


def _mark(provider: object = "ibkr", account: object = "U1234567") -> str:
    return json.dumps({"broker_sync": {"provider": provider, "account": account}})


def _there(account_id: str, **more: Any) -> WireAccount:  # noqa: ANN401
    fields: dict[str, Any] = {
        "name": f"Name of {account_id}",
        "account_type": "SECURITIES",
        "currency": "USD",
        "tracking_mode": "TRANSACTIONS",
        "is_active": True,
        "is_archived": False,
        "created_at": dt.datetime(2026, 11, 22, tzinfo=dt.UTC),
        **more,
    }
    return WireAccount(id=account_id, **fields)


def test_the_named_account_is_taken_whatever_its_mark_of_ours_or_its_name() -> None:
    accounts = [_there("a", meta=_mark()), _there("b")]
    for named in ("a", "b"):
        found = choose(accounts, _wanted(named))
        assert found is not None
        assert found.id == named


def test_a_name_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(TrackerAccountError, match=r"'x' \(IBKR_ACCOUNT_ID\).*a \(Name of a, USD\); b"):
        choose([_there("a"), _there("b")], _wanted("x"))
    with pytest.raises(TrackerAccountError, match="no account at all"):
        choose([], _wanted("x"))


def test_without_a_name_the_account_with_the_mark_is_taken() -> None:
    accounts = [_there("a"), _there("b", meta=_mark()), _there("c", meta=_mark(account="U7654321"))]
    found = choose(accounts, _wanted())
    assert found is not None
    assert found.id == "b"


@for_each(
    "meta",
    [
        None,
        "",
        "text",
        "{",
        "[]",
        '{"broker_sync": 1}',
        _mark(account=7),
        _mark(provider=None),
        "[" * 100_000,
    ],
)
def test_what_is_no_mark_of_ours_is_none(meta: str | None) -> None:
    assert choose([_there("a", meta=meta)], _wanted()) is None


def test_two_accounts_with_the_mark_are_not_chosen_between() -> None:
    with pytest.raises(TrackerAccountError, match="2 accounts that were made for U1234567"):
        choose([_there("a", meta=_mark()), _there("b", meta=_mark())], _wanted())


def test_an_archived_account_gives_way_to_one_that_is_not() -> None:
    away = _there("a", meta=_mark(), is_archived=True)
    found = choose([away, _there("b", meta=_mark())], _wanted())
    assert found is not None
    assert found.id == "b"
    with pytest.raises(TrackerAccountError, match="archive"):
        choose([away], _wanted())


@for_each(
    ("more", "words"),
    [
        ({"is_archived": True}, "is archived, so what is in it cannot be read"),
        ({"tracking_mode": "HOLDINGS"}, "kept by holdings"),
        ({"provider_account_id": "x"}, "there twice"),
        ({"account_type": "CREDIT_CARD"}, "takes no trades"),
        ({"meta": _mark(account="U7654321")}, "was made for U7654321 at ibkr, not for U1234567"),
    ],
)
def test_an_account_that_cannot_be_written_to_is_refused_with_the_reason(
    more: dict[str, Any], words: str
) -> None:
    with pytest.raises(TrackerAccountError, match=words):
        choose([_there("a", **more)], _wanted("a"))


def test_an_account_without_a_tracking_mode_is_reckoned_by_its_transactions() -> None:
    assert choose([_there("a", tracking_mode="NOT_SET")], _wanted("a")) is not None


def test_what_can_be_done_without_an_account_is_told() -> None:
    text = str(not_found([_there("a")], _wanted()))
    assert "--create-account" in text
    assert "a (Name of a, USD)" in text


def test_another_currency_and_a_hidden_account_are_noted() -> None:
    assert notes_on(_there("a"), _wanted()) == notes_on(_there("a"), _wanted(currency=None)) == []
    [note] = notes_on(_there("a", currency="GBP"), _wanted())
    assert "in GBP, the broker's in USD" in note
    [note] = notes_on(_there("a", is_active=False), _wanted())
    assert "hidden" in note


def test_a_new_account_bears_our_mark_and_nothing_that_makes_it_somebody_elses() -> None:
    sent = new_account(_wanted(), currency="USD", name="IBKR U1234567")
    assert "providerAccountId" not in sent
    assert sent["trackingMode"] == "TRANSACTIONS"
    assert choose([_there("a", meta=str(sent["meta"]))], _wanted()) is not None
