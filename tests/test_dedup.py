"""An activity is intended, asked for and settled; nothing is booked twice and nothing forgotten."""

import datetime as dt
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from broker_sync.codec import activity_to_json
from broker_sync.contracts import Refused, Stored
from broker_sync.dedup import (
    Intent,
    Kind,
    Known,
    Operation,
    RunConflictError,
    State,
    SyncRecordStore,
    ToCreate,
    ToDelete,
    ToUpdate,
)
from broker_sync.errors import TransientError
from broker_sync.fingerprint import content_hash
from broker_sync.models import Activity
from tests.storage.samples import ACCOUNT, buy

NOW = dt.datetime(2026, 3, 2, 2, 0, tzinfo=dt.UTC)
HERE = ("ledger", ACCOUNT.id)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SyncRecordStore]:
    with SyncRecordStore(tmp_path / "sync.db", now=lambda: NOW) as store:
        yield store


@pytest.fixture
def run_id(store: SyncRecordStore) -> int:
    return store.begin_run(provider="ibkr", version="1")


def create(activity: Activity, *, kind: Kind = Kind.RECORD) -> ToCreate:
    return ToCreate(activity=activity, content_hash=content_hash(activity), kind=kind)


def update(activity: Activity) -> ToUpdate:
    return ToUpdate(activity=activity, content_hash=content_hash(activity))


def stored(activity: Activity, tracker_id: str = "17") -> Stored:
    return Stored(external_id=activity.external_id, tracker_id=tracker_id)


def refused(activity: Activity, reason: str = "no such symbol") -> Refused:
    return Refused(external_id=activity.external_id, reason=reason)


def book(store: SyncRecordStore, run_id: int, *activities: Activity) -> None:
    store.intend(*HERE, [create(activity) for activity in activities], run_id=run_id)
    store.settle(*HERE, [stored(activity) for activity in activities])


def known(store: SyncRecordStore, activity: Activity) -> Known | None:
    return store.lookup(*HERE, [activity.external_id]).get(activity.external_id)


def restated(activity: Activity, quantity: str = "5") -> Activity:
    number = int(activity.external_id.rpartition(":")[2])
    return buy(number, quantity=quantity, booked_on=dt.date(2026, 6, 1))


def test_what_was_never_seen_is_not_known(store: SyncRecordStore) -> None:
    assert store.lookup(*HERE, ["ibkr:trade:1"]) == {}
    assert store.seen(["ibkr:trade:1"]) == set()
    assert store.pending(*HERE) == []


def test_an_intended_create_is_known_but_not_booked(store: SyncRecordStore, run_id: int) -> None:
    store.intend(*HERE, [create(buy(1))], run_id=run_id)
    assert known(store, buy(1)) == Known(
        external_id="ibkr:trade:1",
        record_id="ibkr:trade:1",
        content_hash=content_hash(buy(1)),
        state=State.INTENT,
        tracker_id=None,
        kind=Kind.RECORD,
        is_booked=False,
    )
    assert store.seen(["ibkr:trade:1"]) == set()


def test_a_settled_create_is_booked_under_the_trackers_id(store: SyncRecordStore, run_id: int) -> None:
    store.intend(*HERE, [create(buy(1))], run_id=run_id)
    store.settle(*HERE, [stored(buy(1), "17")])
    found = known(store, buy(1))
    assert found is not None
    assert (found.state, found.tracker_id, found.is_booked) == (State.CONFIRMED, "17", True)
    assert store.seen(["ibkr:trade:1", "ibkr:trade:2"]) == {"ibkr:trade:1"}
    assert store.pending(*HERE) == []


def test_what_the_tracker_has_numbered_anew_is_known_under_its_new_id(
    store: SyncRecordStore, run_id: int
) -> None:
    one, two, three = buy(1), buy(2), buy(3)
    book(store, run_id, one, two)
    store.intend("ledger", ACCOUNT.id, [create(three)], run_id=run_id)
    store.renumber("ledger", ACCOUNT.id, {one.external_id: "18", three.external_id: "19", "ibkr:other": "20"})
    found = store.lookup("ledger", ACCOUNT.id, [each.external_id for each in (one, two, three)])
    assert [each.tracker_id for each in found.values()] == ["18", "17", None]
    assert [each.is_booked for each in found.values()] == [True, True, False]


def test_an_id_that_is_booked_cannot_be_created_again(store: SyncRecordStore, run_id: int) -> None:
    book(store, run_id, buy(1))
    with pytest.raises(RunConflictError, match="ibkr:trade:1") as raised:
        store.intend(*HERE, [create(buy(2)), create(buy(1))], run_id=run_id)
    assert raised.value.external_ids == ("ibkr:trade:1",)
    assert isinstance(raised.value, TransientError)
    assert known(store, buy(2)) is None


def test_an_id_that_another_run_is_creating_cannot_be_created_again(
    store: SyncRecordStore, run_id: int
) -> None:
    store.intend(*HERE, [create(buy(1))], run_id=run_id)
    with pytest.raises(RunConflictError, match="another run"):
        store.intend(*HERE, [create(buy(1))], run_id=run_id)


def test_an_id_is_taken_once_per_account_and_sink(store: SyncRecordStore, run_id: int) -> None:
    elsewhere = buy(1, account_id="gia")
    book(store, run_id, buy(1))
    store.intend("ledger", "gia", [create(elsewhere)], run_id=run_id)
    store.settle("ledger", "gia", [stored(elsewhere)])
    store.intend("wealthfolio", ACCOUNT.id, [create(buy(1))], run_id=run_id)
    assert store.seen(["ibkr:trade:1"], sink="ledger", account_id="gia") == {"ibkr:trade:1"}
    assert store.seen(["ibkr:trade:1"], sink="wealthfolio") == set()
    assert store.seen(["ibkr:trade:1"], account_id="sipp") == set()
    assert len(store.pending("wealthfolio", ACCOUNT.id)) == 1
    assert store.pending(*HERE) == []


def test_a_refused_create_is_known_as_failed_and_may_be_tried_again(
    store: SyncRecordStore, run_id: int
) -> None:
    store.intend(*HERE, [create(buy(1))], run_id=run_id)
    store.settle(*HERE, [refused(buy(1))])
    found = known(store, buy(1))
    assert found is not None
    assert (found.state, found.is_booked) == (State.FAILED, False)
    assert store.pending(*HERE) == []
    book(store, run_id, restated(buy(1)))
    found = known(store, buy(1))
    assert found is not None
    assert (found.state, found.content_hash) == (State.CONFIRMED, content_hash(restated(buy(1))))


def test_an_update_changes_what_is_known_only_when_it_is_confirmed(
    store: SyncRecordStore, run_id: int
) -> None:
    book(store, run_id, buy(1))
    store.intend(*HERE, [update(restated(buy(1)))], run_id=run_id)
    found = known(store, buy(1))
    assert found is not None
    assert (found.state, found.content_hash, found.is_booked) == (State.INTENT, content_hash(buy(1)), True)
    assert store.seen(["ibkr:trade:1"]) == {"ibkr:trade:1"}
    store.settle(*HERE, [stored(restated(buy(1)), "18")])
    found = known(store, buy(1))
    assert found is not None
    assert (found.state, found.content_hash) == (State.CONFIRMED, content_hash(restated(buy(1))))
    assert found.tracker_id == "18"


def test_a_refused_update_leaves_what_was_known(store: SyncRecordStore, run_id: int) -> None:
    book(store, run_id, buy(1))
    before = known(store, buy(1))
    store.intend(*HERE, [update(restated(buy(1)))], run_id=run_id)
    store.settle(*HERE, [refused(buy(1))])
    assert known(store, buy(1)) == before
    store.intend(*HERE, [update(restated(buy(1), "6"))], run_id=run_id)
    (pending,) = store.pending(*HERE)
    assert pending.activity == restated(buy(1), "6")


def test_the_row_of_an_activity_tells_what_the_sink_has_and_why_it_refused_more(
    store: SyncRecordStore, run_id: int, tmp_path: Path
) -> None:
    book(store, run_id, buy(1), buy(2))
    store.intend(*HERE, [update(restated(buy(1))), update(restated(buy(2)))], run_id=run_id)
    store.settle(*HERE, [refused(buy(1), "closed period"), stored(buy(2))])
    query = """
        SELECT booked_on, reason, pending_hash, pending_payload, payload, op, provider, updated_at
        FROM activities ORDER BY external_id
    """
    with closing(sqlite3.connect(tmp_path / "sync.db")) as connection:
        first, second = connection.execute(query).fetchall()
    rest = ("update", "ibkr", NOW.isoformat())
    assert first == ("2026-03-03", "closed period", None, None, activity_to_json(buy(1)), *rest)
    assert second == ("2026-06-01", None, None, None, activity_to_json(restated(buy(2))), *rest)


def test_a_confirmed_delete_is_forgotten(store: SyncRecordStore, run_id: int) -> None:
    book(store, run_id, buy(1))
    store.intend(*HERE, [ToDelete(external_id="ibkr:trade:1")], run_id=run_id)
    assert store.seen(["ibkr:trade:1"]) == {"ibkr:trade:1"}
    store.settle(*HERE, [stored(buy(1))])
    assert known(store, buy(1)) is None
    book(store, run_id, buy(1))


def test_a_refused_delete_leaves_what_was_known(store: SyncRecordStore, run_id: int) -> None:
    book(store, run_id, buy(1))
    before = known(store, buy(1))
    store.intend(*HERE, [ToDelete(external_id="ibkr:trade:1")], run_id=run_id)
    store.settle(*HERE, [refused(buy(1))])
    assert known(store, buy(1)) == before


@pytest.mark.parametrize(
    "intent", [update(buy(1)), ToDelete(external_id="ibkr:trade:1")], ids=["update", "delete"]
)
def test_what_is_not_booked_can_be_neither_updated_nor_deleted(
    store: SyncRecordStore, run_id: int, intent: Intent
) -> None:
    with pytest.raises(RunConflictError):
        store.intend(*HERE, [intent], run_id=run_id)
    store.intend(*HERE, [create(buy(1))], run_id=run_id)
    with pytest.raises(RunConflictError):
        store.intend(*HERE, [intent], run_id=run_id)
    store.settle(*HERE, [refused(buy(1))])
    with pytest.raises(RunConflictError):
        store.intend(*HERE, [intent], run_id=run_id)


def test_intents_without_an_outcome_come_back_with_what_was_to_be_done(
    store: SyncRecordStore, run_id: int
) -> None:
    opening = buy(4, record_id="ibkr:opening:VUAG")
    book(store, run_id, buy(2), buy(3))
    intents: list[Intent] = [
        create(opening, kind=Kind.OPENING),
        update(restated(buy(2))),
        ToDelete(external_id="ibkr:trade:3"),
    ]
    store.intend(*HERE, intents, run_id=run_id)
    changed, removed, made = store.pending(*HERE)
    assert (made.operation, made.activity, made.tracker_id) == (Operation.CREATE, opening, None)
    assert (made.kind, made.record_id) == (Kind.OPENING, "ibkr:opening:VUAG")
    assert made.content_hash == content_hash(opening)
    assert (changed.operation, changed.activity) == (Operation.UPDATE, restated(buy(2)))
    assert (changed.tracker_id, changed.content_hash) == ("17", content_hash(restated(buy(2))))
    assert (removed.operation, removed.activity) == (Operation.DELETE, buy(3))
    assert removed.content_hash == content_hash(buy(3))


def test_a_withdrawn_create_was_never_there(store: SyncRecordStore, run_id: int) -> None:
    store.intend(*HERE, [create(buy(1)), create(buy(2))], run_id=run_id)
    store.withdraw(*HERE, ["ibkr:trade:1"])
    assert known(store, buy(1)) is None
    assert [pending.external_id for pending in store.pending(*HERE)] == ["ibkr:trade:2"]


def test_a_withdrawn_update_or_delete_leaves_what_was_known(store: SyncRecordStore, run_id: int) -> None:
    book(store, run_id, buy(1), buy(2))
    before = store.lookup(*HERE, ["ibkr:trade:1", "ibkr:trade:2"])
    store.intend(*HERE, [update(restated(buy(1))), ToDelete(external_id="ibkr:trade:2")], run_id=run_id)
    store.withdraw(*HERE, ["ibkr:trade:1", "ibkr:trade:2"])
    assert store.lookup(*HERE, ["ibkr:trade:1", "ibkr:trade:2"]) == before
    store.intend(*HERE, [ToDelete(external_id="ibkr:trade:1")], run_id=run_id)
    (pending,) = store.pending(*HERE)
    assert pending.activity == buy(1)


def test_an_outcome_without_an_intent_is_a_conflict_and_settles_nothing(
    store: SyncRecordStore, run_id: int
) -> None:
    store.intend(*HERE, [create(buy(1))], run_id=run_id)
    with pytest.raises(RunConflictError, match="ibkr:trade:2"):
        store.settle(*HERE, [stored(buy(1)), stored(buy(2))])
    with pytest.raises(RunConflictError, match="ibkr:trade:2"):
        store.withdraw(*HERE, ["ibkr:trade:1", "ibkr:trade:2"])
    assert len(store.pending(*HERE)) == 1


def test_a_conflict_names_a_few_ids_and_carries_all(store: SyncRecordStore, run_id: int) -> None:
    ids = [f"ibkr:trade:{number}" for number in range(10)]
    with pytest.raises(RunConflictError, match=r"ibkr:trade:2, …;") as raised:
        store.intend(*HERE, [ToDelete(external_id=external_id) for external_id in ids], run_id=run_id)
    assert raised.value.external_ids == tuple(ids)
    assert "ibkr:trade:3" not in str(raised.value)


def test_the_legs_of_a_record_are_found_by_it(store: SyncRecordStore, run_id: int) -> None:
    legs = [buy(number, record_id="ibkr:trade:T1") for number in (2, 1)]
    book(store, run_id, *legs, buy(3))
    store.intend(
        "ledger", "gia", [create(buy(4, account_id="gia", record_id="ibkr:trade:T1"))], run_id=run_id
    )
    found = store.lookup_records(*HERE, ["ibkr:trade:T1", "ibkr:trade:3", "ibkr:trade:9"])
    assert {record_id: [leg.external_id for leg in legs] for record_id, legs in found.items()} == {
        "ibkr:trade:T1": ["ibkr:trade:1", "ibkr:trade:2"],
        "ibkr:trade:3": ["ibkr:trade:3"],
    }


def test_openings_are_told_from_records(store: SyncRecordStore, run_id: int) -> None:
    store.intend(*HERE, [create(buy(1)), create(buy(2), kind=Kind.OPENING)], run_id=run_id)
    store.settle(*HERE, [stored(buy(1)), stored(buy(2))])
    assert list(store.openings(*HERE)) == ["ibkr:trade:2"]
    assert store.openings(*HERE)["ibkr:trade:2"].kind is Kind.OPENING
    assert store.openings("ledger", "gia") == {}


def test_opening_activities_are_what_the_sink_has_of_them(store: SyncRecordStore, run_id: int) -> None:
    openings: list[Intent] = [create(buy(number), kind=Kind.OPENING) for number in (1, 2, 3)]
    store.intend(*HERE, [*openings, create(buy(4))], run_id=run_id)
    assert store.opening_activities(*HERE) == []
    store.settle(*HERE, [stored(buy(1)), stored(buy(2)), refused(buy(3)), stored(buy(4))])
    assert store.opening_activities(*HERE) == [buy(1), buy(2)]
    store.intend(*HERE, [update(restated(buy(1))), ToDelete(external_id="ibkr:trade:2")], run_id=run_id)
    assert store.opening_activities(*HERE) == [buy(1), buy(2)]
    store.settle(*HERE, [stored(buy(1)), stored(buy(2))])
    assert store.opening_activities(*HERE) == [restated(buy(1))]


def test_batches_may_be_larger_than_a_statement_takes(store: SyncRecordStore, run_id: int) -> None:
    many = [buy(number) for number in range(1201)]
    ids = [activity.external_id for activity in many]
    book(store, run_id, *many)
    assert store.seen(ids) == set(ids)
    assert len(store.lookup(*HERE, ids)) == 1201
    assert len(store.lookup_records(*HERE, ids)) == 1201


def test_an_empty_batch_changes_nothing(store: SyncRecordStore, run_id: int) -> None:
    book(store, run_id, buy(1))
    before = known(store, buy(1))
    store.intend(*HERE, [], run_id=run_id)
    store.settle(*HERE, [])
    store.withdraw(*HERE, [])
    assert known(store, buy(1)) == before


def test_a_batch_with_an_id_twice_or_of_another_account_is_a_mistake(
    store: SyncRecordStore, run_id: int
) -> None:
    with pytest.raises(ValueError, match="twice"):
        store.intend(*HERE, [create(buy(1)), create(buy(1))], run_id=run_id)
    with pytest.raises(ValueError, match="another account"):
        store.intend(*HERE, [create(buy(1, account_id="gia"))], run_id=run_id)
    with pytest.raises(ValueError, match="run 99 never began"):
        store.intend(*HERE, [create(buy(1))], run_id=99)


def test_what_is_booked_on_some_days_is_told_without_opening_balances(
    store: SyncRecordStore, run_id: int
) -> None:
    opening = buy(2, external_id="ibkr:opening:position:x", record_id="ibkr:opening:position:x")
    book(store, run_id, buy(1))
    store.intend(*HERE, [create(opening, kind=Kind.OPENING)], run_id=run_id)
    store.settle(*HERE, [stored(opening)])
    found = store.booked_between(*HERE, dt.date(2026, 1, 1), dt.date(2026, 12, 31))
    assert [each.external_id for each in found] == ["ibkr:trade:1"]


def test_what_was_written_last_comes_first(store: SyncRecordStore, run_id: int) -> None:
    book(store, run_id, buy(1), buy(2))
    later = store.begin_run(provider="ibkr", version="1")
    book(store, later, buy(3))
    assert store.latest_booked(*HERE, most=2) == ["ibkr:trade:3", "ibkr:trade:1"]
