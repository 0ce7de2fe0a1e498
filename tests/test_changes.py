"""What is told of changes and conflicts, in words and as objects."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from broker_sync.changes import Change, Conflict, FieldChange, Keep, Why, field_changes
from broker_sync.models import Activity
from broker_sync.report import plain_text
from broker_sync.report.changes_json import change_object, conflict_object
from broker_sync.report.changes_text import change_blocks, conflict_blocks
from broker_sync.report.conflicts import conflicts_blocks, conflicts_object
from tests.storage.samples import VUAG, buy, deposit

SEEN = dt.datetime(2026, 3, 2, 2, tzinfo=dt.UTC)
ONE = deposit(1, "5")


def change(new: Activity | None, old: Activity = ONE, theirs: Mapping[str, str] | None = None) -> Change:
    why = Why.VANISHED if new is None else Why.RESTATED
    return Change(
        external_id=old.external_id, record_id=old.record_id, why=why, old=old, new=new, theirs=theirs
    )


def conflict(broker: Activity | None, tracker: Mapping[str, str] | None, booked: Activity = ONE) -> Conflict:
    return Conflict(
        external_id=booked.external_id,
        record_id=booked.record_id,
        reason="a person has changed it",
        broker=broker,
        tracker=tracker,
        booked=booked,
        first_seen=SEEN,
    )


def test_a_change_names_the_fields_that_differ() -> None:
    restated = replace(ONE, amount=Decimal(6), comment="new")
    assert field_changes(ONE, restated) == (
        FieldChange(name="amount", old="5", new="6"),
        FieldChange(name="comment", old=None, new="new"),
    )
    assert field_changes(ONE, ONE) == ()
    gone = {each.name: (each.old, each.new) for each in change(None).fields}
    assert gone["amount"] == ("5", None)
    assert "external_id" not in gone


def test_changes_are_told_field_by_field() -> None:
    renamed = replace(buy(2), instrument=replace(VUAG, name="Another"))
    told = plain_text(
        list(change_blocks([change(replace(ONE, amount=Decimal(6))), change(None), change(renamed, buy(2))]))
    )
    assert "Changed in the tracker: 3 activities" in told
    assert "amount 5 -> 6" in told
    assert "removed: activity_type DEPOSIT, date 2026-03-03T09:30:00+00:00, amount 5, currency GBP" in told
    assert "instrument_name Vanguard S&P 500 UCITS ETF (acc) -> Another" in told
    assert "and 2 more" in plain_text(list(change_blocks([change(None)] * 22)))
    assert list(change_blocks([])) == []


def test_a_change_is_an_object_with_old_and_new() -> None:
    told = change_object(change(replace(ONE, amount=Decimal(6)), theirs={"amount": "7"}))
    assert told == {
        "external_id": "ibkr:cash:1",
        "record_id": "ibkr:cash:1",
        "why": "restated",
        "removed": False,
        "fields": [{"field": "amount", "old": "5", "new": "6"}],
        "theirs": {"amount": "7"},
    }
    assert change_object(change(None))["removed"] is True
    assert change_object(change(None))["theirs"] is None


def test_a_conflict_shows_both_values_of_what_differs() -> None:
    theirs = {"amount": "6", "currency": "GBP", "symbol": "other", "status": "DRAFT"}
    told = plain_text(list(conflict_blocks([conflict(replace(ONE, amount=Decimal("5.5")), theirs)])))
    lines = [line.split() for line in told.splitlines()]
    assert ["ibkr:cash:1", "a", "person", "has", "changed", "it", "amount", "5.5", "6"] in lines
    assert ["status", "DRAFT"] in lines
    assert "symbol" not in told
    assert "`--keep broker`" in told
    assert "the same" in plain_text(list(conflict_blocks([conflict(ONE, {"amount": "5"})])))
    assert "and 1 more" in plain_text(list(conflict_blocks([conflict(ONE, {"amount": "6"})] * 21)))
    assert list(conflict_blocks([])) == []


def test_a_conflict_says_which_side_has_nothing() -> None:
    removed = plain_text(list(conflict_blocks([conflict(ONE, None)])))
    lines = [line.split() for line in removed.splitlines()]
    assert ["amount", "5"] in lines
    assert any(line[-1:] == ["(nothing)"] for line in lines)
    to_go = plain_text(list(conflict_blocks([conflict(None, {"amount": "6"})])))
    assert ["amount", "6"] in [line.split() for line in to_go.splitlines()]


def test_a_conflict_is_an_object_with_both_contents() -> None:
    told = conflict_object(conflict(replace(ONE, amount=Decimal("5.5")), {"amount": "6"}))
    assert (told["broker"]["amount"], told["tracker"], told["booked"]["amount"]) == (
        "5.5",
        {"amount": "6"},
        "5",
    )
    assert told["first_seen"] == "2026-03-02T02:00:00+00:00"
    gone = conflict_object(conflict(None, None))
    assert (gone["broker"], gone["tracker"]) == (None, None)


@dataclass(frozen=True)
class Known:
    conflict: Conflict
    decision: Keep | None
    sink: str = "wealthfolio"
    account_id: str = "isa"


def test_all_conflicts_are_listed_by_account_with_what_was_decided() -> None:
    open_ = Known(conflict(replace(ONE, amount=Decimal("5.5")), {"amount": "6"}), None)
    decided = Known(conflict(None, {"amount": "6"}, booked=deposit(2, "7")), Keep.TRACKER)
    elsewhere = Known(decided.conflict, Keep.BROKER, sink="ledger")
    told = plain_text(conflicts_blocks([elsewhere, open_, decided]))
    assert told.index("Account isa in ledger") < told.index("Account isa in wealthfolio")
    assert "ibkr:cash:2: decided, the tracker's content stands" in told
    assert "ibkr:cash:2: decided, the broker's content stands" in told
    assert plain_text(conflicts_blocks([])).startswith("Nobody has changed")
    objects = conflicts_object([open_, decided])["conflicts"]
    assert [each["decision"] for each in objects] == [None, "tracker"]
    assert [(each["sink"], each["account"]) for each in objects] == [("wealthfolio", "isa")] * 2
