"""What is new, known and changed, and what is then to be done."""

from dataclasses import dataclass

from broker_sync.fingerprint import content_hash
from broker_sync.models import Activity
from broker_sync.plan import Plan, RecordGroup, group_records, make_plan
from tests.storage.samples import buy, deposit


@dataclass(frozen=True)
class Leg:
    external_id: str
    record_id: str
    content_hash: str
    is_booked: bool = True


def leg(activity: Activity, *, is_booked: bool = True) -> Leg:
    return Leg(activity.external_id, activity.record_id, content_hash(activity), is_booked)


def plan(*activities: Activity, known: tuple[Leg, ...] = ()) -> Plan:
    legs: dict[str, list[Leg]] = {}
    for each in known:
        legs.setdefault(each.record_id, []).append(each)
    return make_plan(group_records(activities), legs, content_hash=content_hash)


def two_legs() -> tuple[Activity, Activity]:
    record = "ibkr:trade:9"
    return (
        buy(9, external_id=f"{record}:out", record_id=record),
        buy(9, external_id=f"{record}:in", record_id=record),
    )


def test_what_was_never_seen_is_new() -> None:
    found = plan(buy(1), deposit(2, "100"))
    assert found.create == (buy(1), deposit(2, "100"))
    assert len(found.new) == 2
    assert not found.is_empty


def test_what_is_booked_as_it_is_needs_nothing() -> None:
    found = plan(buy(1), known=(leg(buy(1)),))
    assert found.is_empty
    assert found.known == (buy(1).record_id,)


def test_what_the_sink_refused_is_tried_again() -> None:
    assert plan(buy(1), known=(leg(buy(1), is_booked=False),)).new == (buy(1).record_id,)


def test_another_content_under_the_same_id_is_a_change() -> None:
    found = plan(buy(1, quantity="5"), known=(leg(buy(1)),))
    assert found.update == (buy(1, quantity="5"),)
    assert (found.new, found.known, len(found.changed)) == ((), (), 1)


def test_a_record_counts_once_whatever_its_legs() -> None:
    found = plan(*two_legs())
    assert (len(found.create), found.new) == (2, ("ibkr:trade:9",))


def test_a_leg_that_is_missing_is_created_and_one_too_many_removed() -> None:
    out, in_ = two_legs()
    assert plan(out, in_, known=(leg(out),)).create == (in_,)
    found = plan(out, known=(leg(out), leg(in_)))
    assert (found.delete, found.changed) == ((in_.external_id,), ("ibkr:trade:9",))


def test_a_record_that_comes_twice_counts_once_with_its_later_content() -> None:
    assert group_records([buy(1), buy(1, quantity="5")]) == [
        RecordGroup(record_id=buy(1).record_id, activities=(buy(1, quantity="5"),))
    ]


def test_what_a_person_keeps_is_left_while_the_broker_says_the_same() -> None:
    restated, newer = buy(1, quantity="5"), buy(1, quantity="6")
    known = {buy(1).record_id: [leg(buy(1))]}
    left = {buy(1).external_id: content_hash(restated)}
    kept = make_plan(group_records([restated]), known, content_hash=content_hash, left=left)
    assert (kept.is_empty, kept.known) == (True, (buy(1).record_id,))
    asked = make_plan(group_records([newer]), known, content_hash=content_hash, left=left)
    assert asked.update == (newer,)


def test_a_leg_that_a_person_keeps_is_not_removed() -> None:
    out, in_ = two_legs()
    known = {out.record_id: [leg(out), leg(in_)]}
    left = {in_.external_id: None, "ibkr:other": None}
    assert make_plan(group_records([out]), known, content_hash=content_hash, left=left).is_empty
    other = {in_.external_id: content_hash(out)}
    assert make_plan(group_records([out]), known, content_hash=content_hash, left=other).delete
