"""Counts are of records, and add up whatever the sink answers."""

from broker_sync.contracts import Edited, Refused
from broker_sync.plan import Plan, group_records
from broker_sync.tally import SyncTally
from tests.storage.samples import buy


def _edited(external_id: str) -> Edited:
    return Edited(external_id=external_id, reason="a person has changed it", theirs={})


def test_a_record_that_a_person_has_changed_counts_as_known() -> None:
    one, two, three = buy(1), buy(2), buy(3)
    fee = buy(2, external_id="ibkr:trade:2:fee", record_id=two.record_id)
    plan = Plan(
        update=(one, two, fee),
        delete=("ibkr:trade:3:fee",),
        changed=(one.record_id, two.record_id, three.record_id),
    )
    tally = SyncTally()
    not_done = [_edited(one.external_id), _edited(fee.external_id), _edited("ibkr:trade:3:fee")]
    tally.count(plan, group_records([one, two, fee, three]), not_done)
    assert (tally.records, tally.known, tally.updated, tally.failed, tally.refused) == (3, 2, 1, 0, [])


def test_a_refusal_is_a_failure_and_an_edit_is_none() -> None:
    refused = Refused(external_id="ibkr:trade:1", reason="no")
    tally = SyncTally()
    tally.count(Plan(create=(buy(1),), new=("ibkr:trade:1",)), group_records([buy(1)]), [refused])
    tally.refuse([_edited("x"), refused])
    assert (tally.new, tally.failed, tally.refused) == (1, 1, [refused, refused])


def test_what_was_to_be_changed_and_is_refused_is_neither_updated_nor_a_failed_import() -> None:
    one, two = buy(1), buy(2)
    fee = buy(2, external_id="ibkr:trade:2:fee", record_id=two.record_id)
    refused = Refused(external_id=fee.external_id, reason="no")
    tally = SyncTally()
    plan = Plan(update=(one, two, fee), changed=(one.record_id, two.record_id))
    tally.count(plan, group_records([one, two, fee]), [refused])
    assert (tally.records, tally.new, tally.known, tally.updated, tally.failed) == (2, 0, 1, 1, 0)
    assert tally.refused == [refused]


def test_a_new_record_that_a_person_has_already_changed_is_known_and_not_imported() -> None:
    one, two = buy(1), buy(2)
    fee = buy(2, external_id="ibkr:trade:2:fee", record_id=two.record_id)
    tally = SyncTally()
    plan = Plan(create=(one, two, fee), new=(one.record_id, two.record_id))
    tally.count(plan, group_records([one, two, fee]), [_edited(one.external_id), _edited(fee.external_id)])
    assert (tally.records, tally.new, tally.known, tally.failed) == (2, 1, 1, 0)
