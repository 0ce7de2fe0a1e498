from __future__ import annotations

import datetime as dt

from broker_sync.contracts import Truth
from broker_sync.models import Account, AccountType
from broker_sync.newest import Newest
from broker_sync.vanished import BookedLeg, Vanished, vanished

ACCOUNT = Account(
    id="tracker-1",
    provider="ibkr",
    provider_account_id="U1234567",
    account_type=AccountType.GIA,
    currency=None,
)


def truth(*lists: str, first: int = 1, last: int = 31) -> Truth:
    return Truth(
        account=ACCOUNT,
        first_day=dt.date(2026, 5, first),
        last_day=dt.date(2026, 5, last),
        document="d",
        positions=None,
        opening_positions=(),
        cash=None,
        lists=frozenset(lists),
    )


def leg(external_id: str, day: int = 10, record_id: str | None = None) -> BookedLeg:
    return BookedLeg(
        external_id=external_id,
        record_id=record_id or external_id,
        booked_on=dt.date(2026, 5, day),
    )


def gone(*legs: BookedLeg, seen: frozenset[str] = frozenset(), truths: list[Truth]) -> list[str]:
    return [
        each.record_id
        for each in vanished(legs, seen=seen, truths=truths, provider="ibkr", newest=Newest(()))
    ]


def test_what_a_statement_should_list_and_does_not_is_gone() -> None:
    truths = [truth("trade", "cash")]
    both = leg("ibkr:trade:1"), leg("ibkr:cash:2")
    assert gone(*both, seen=frozenset({"ibkr:cash:2"}), truths=truths) == ["ibkr:trade:1"]


def test_a_record_of_a_section_that_the_statement_lacks_is_not_gone() -> None:
    assert gone(leg("ibkr:transfer:1"), truths=[truth("trade")]) == []


def test_a_record_of_another_day_is_not_gone() -> None:
    days = [leg("ibkr:trade:1", 9), leg("ibkr:trade:2", 21)]
    assert gone(*days, truths=[truth("trade", first=10, last=20)]) == []
    edges = [leg("ibkr:trade:3", 20), leg("ibkr:trade:4", 10)]
    assert gone(*edges, truths=[truth("trade", first=10, last=20)]) == ["ibkr:trade:4", "ibkr:trade:3"]


def test_what_another_broker_brought_is_not_gone() -> None:
    assert gone(leg("schwab:trade:1"), truths=[truth("trade")]) == []


def test_a_record_goes_with_all_its_legs() -> None:
    legs = [
        leg("ibkr:trade:1:in", record_id="ibkr:trade:1"),
        leg("ibkr:trade:1:fee", record_id="ibkr:trade:1"),
    ]
    assert vanished(legs, seen=frozenset(), truths=[truth("trade")], provider="ibkr", newest=Newest(())) == [
        Vanished(
            record_id="ibkr:trade:1",
            external_ids=("ibkr:trade:1:fee", "ibkr:trade:1:in"),
            booked_on=dt.date(2026, 5, 10),
        )
    ]
