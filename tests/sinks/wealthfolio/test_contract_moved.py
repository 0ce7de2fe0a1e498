"""Rows that people move to other accounts: what the server does with them, and that they are left there."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from broker_sync.contracts import Edited, Refused, Stored, Touched, Truth, WriteOutcome
from broker_sync.dedup import SyncRecordStore
from broker_sync.models import Activity, ActivityType
from broker_sync.pipeline import sync_provider_to_wealthfolio
from broker_sync.results import SyncResult
from broker_sync.sinks.wealthfolio.client import WealthfolioClient
from broker_sync.sinks.wealthfolio.elsewhere import IN_ARCHIVE
from broker_sync.sinks.wealthfolio.writing import find_keys
from tests.memory import Broker
from tests.sinks.wealthfolio.payload_samples import APPLE, at, buy, cash, conversion, sell
from tests.sinks.wealthfolio.scenario_run import a_sink
from tests.sinks.wealthfolio.test_contract_twins import END, _named, _own, on, rows
from tests.sinks.wealthfolio.trackers import Account, Tracker, a_stand_in
from tests.standins.wealthfolio import Rules

REASON = "a person has moved it to another account in Wealthfolio"


@pytest.fixture
def standing_in(tmp_path: Path) -> Iterator[Tracker]:
    with a_stand_in(tmp_path) as tracker:
        yield tracker


def move(place: Account, to: Account, name: str = "") -> dict[str, Any]:
    """What a person does in the browser to the row of `name`, or the first; the row as it was."""
    row = next(each for each in rows(place) if each["idempotencyKey"].endswith(name))
    names = ("id", "activityType", "currency", "amount", "quantity", "unitPrice", "fee", "subtype")
    body = {name: row[name] for name in names}
    if row["assetId"]:
        body["asset"] = {"id": row["assetId"]}
    sent = {**body, "activityDate": row["date"], "accountId": to.id, "comment": row["comment"]}
    place.tracker.run(lambda client: client.put("/activities", sent))
    return row


def archive(place: Account) -> None:
    async def put(client: WealthfolioClient) -> None:
        known: Any = await client.get("/accounts", {"includeArchived": "true"})
        (mine,) = [each for each in known if each["id"] == place.id]
        await client.put(f"/accounts/{place.id}", {**mine, "isArchived": True})

    place.tracker.run(put)


def write(place: Account, *activities: Activity) -> Sequence[WriteOutcome]:
    return on(place.tracker, lambda sink: sink.create(_named(place), _own(place, *activities)))


@pytest.mark.parametrize("archived", [False, True])
def test_a_moved_row_keeps_its_key_and_can_go_in_one_batch_with_what_takes_it(
    tracker: Tracker, *, archived: bool
) -> None:
    place, other = tracker.account(), tracker.account()
    sent = place.row("DEPOSIT", amount="5")
    place.book(sent)
    row = move(place, other)
    assert rows(place) == []
    (there,) = rows(other)
    assert (there["id"], there["idempotencyKey"]) == (row["id"], sent["idempotencyKey"])
    assert there["isUserModified"] is True
    key = str(sent["idempotencyKey"])
    if archived:
        archive(other)
        assert rows(other) == []
    assert tracker.run(lambda client: find_keys(client, [key])) == {key: row["id"]}
    body: Any = {"creates": [{**sent, "amount": "6"}], "updates": [], "deleteIds": [row["id"]]}
    tracker.run(lambda client: client.post("/activities/bulk", body))
    assert [(each["amount"], each["isUserModified"]) for each in rows(place)] == [("6", False)]
    assert rows(other) == []


def test_what_a_person_has_moved_is_left_there_and_told(tracker: Tracker) -> None:
    place, other = tracker.account(), tracker.account()
    (one,) = _own(place, cash(ActivityType.DEPOSIT, 1, "5"))
    write(place, one)
    row = move(place, other)
    changed = replace(one, amount=Decimal(6))
    name = one.external_id
    (left,) = on(tracker, lambda sink: sink.update(_named(place), [changed]))
    assert isinstance(left, Edited)
    assert (left.external_id, left.reason, left.theirs["amount"]) == (name, REASON, "5")
    assert on(tracker, lambda sink: sink.delete(_named(place), [name])) == [left]
    assert on(tracker, lambda sink: sink.edited(place.id, [name])) == [left]
    assert write(place, one) == [left]
    assert on(tracker, lambda sink: sink.find(place.id, [name])) == {name: row["id"]}
    assert rows(place) == []
    assert [each["id"] for each in rows(other)] == [row["id"]]

    async def look(sink: Any) -> tuple[list[Any], list[str]]:  # noqa: ANN401
        await sink.find(place.id, [name])
        return [each async for each in sink.held(place.id, [name])], await sink.notes(place.id)

    (held,), notes = on(tracker, look)
    assert isinstance(held, Touched)
    assert (held.activity, held.reason) == (one, REASON)
    assert f"{name}: {REASON}; it is left alone" in notes


def test_what_a_person_has_moved_comes_back_or_goes_when_a_person_says_so(tracker: Tracker) -> None:
    place, other = tracker.account(), tracker.account()
    (one,) = _own(place, cash(ActivityType.DEPOSIT, 1, "5"))
    write(place, one)
    move(place, other)
    changed = replace(one, amount=Decimal(6))
    (outcome,) = on(tracker, lambda sink: sink.overwrite(_named(place), [changed]))
    assert isinstance(outcome, Stored)
    (row,) = rows(place)
    assert (row["id"], row["amount"], row["isUserModified"]) == (outcome.tracker_id, "6", False)
    assert rows(other) == []
    move(place, other)
    (gone,) = on(tracker, lambda sink: sink.remove(_named(place), [one.external_id]))
    assert isinstance(gone, Stored)
    assert (rows(place), rows(other)) == ([], [])


def test_what_is_in_an_archived_account_waits_for_it_to_be_taken_out(tracker: Tracker) -> None:
    place, other = tracker.account(), tracker.account()
    (one,) = _own(place, cash(ActivityType.DEPOSIT, 1, "5"))
    write(place, one)
    move(place, other)
    archive(other)
    name = one.external_id
    left = Edited(external_id=name, reason=REASON, theirs={})
    refused = Refused(external_id=name, reason=IN_ARCHIVE)
    assert on(tracker, lambda sink: sink.update(_named(place), [one])) == [left]
    assert on(tracker, lambda sink: sink.delete(_named(place), [name])) == [left]
    assert write(place, one) == [left]
    assert on(tracker, lambda sink: sink.overwrite(_named(place), [one])) == [refused]
    assert on(tracker, lambda sink: sink.remove(_named(place), [name])) == [refused]


@pytest.mark.parametrize("version", ["3.2.1", "3.8.0"])
def test_a_conversion_is_left_alone_when_a_person_has_moved_one_leg(tmp_path: Path, version: str) -> None:
    with a_stand_in(tmp_path, rules=Rules(version=version)) as tracker:
        place, other = tracker.account(), tracker.account()
        legs = _own(place, *conversion(3, ("GBP", "1000"), ("USD", "1270"), "fx-8"))
        write(place, *legs)
        moved = move(place, other)
        (stayed,) = rows(place)
        on(tracker, lambda sink: sink.holdings(place.id, as_of=END))
        outcomes = on(tracker, lambda sink: sink.update(_named(place), legs))
        assert [type(each) for each in outcomes] == [Edited, Edited]
        (name,) = [each.external_id for each in legs if stayed["idempotencyKey"].endswith(each.external_id)]
        assert [type(each) for each in on(tracker, lambda sink: sink.delete(_named(place), [name]))] == [
            Edited
        ]
        assert ([each["id"] for each in rows(other)], rows(place)) == ([moved["id"]], [stayed])
        on(tracker, lambda sink: sink.overwrite(_named(place), legs))
        assert (len(rows(place)), rows(other)) == (2, [])


def test_an_activity_of_which_one_row_was_moved_is_left_alone(standing_in: Tracker) -> None:
    place, other = standing_in.account(), standing_in.account()
    bought, sold = _own(place, buy(APPLE, at(2), "4", "250"), sell(APPLE, at(3), "10", "250"))
    write(place, bought, sold)
    on(standing_in, lambda sink: sink.holdings(place.id, as_of=END))
    move(place, other, "#short")
    changed = replace(sold, comment="restated")
    (left,) = on(standing_in, lambda sink: sink.update(_named(place), [changed]))
    assert isinstance(left, Edited)
    assert left.reason == REASON
    assert {"amount", "row 2 amount"} <= left.theirs.keys()
    assert "row 3 amount" not in left.theirs
    assert len(rows(other)) == 1


# --- through a whole run ---


def synced(place: Account, folder: Path, *activities: Activity) -> SyncResult:
    account = _named(place)
    said = Truth(
        account=account,
        first_day=END.replace(day=1),
        last_day=END,
        document="sha256:1",
        positions=None,
        opening_positions=(),
        cash=None,
    )
    broker = Broker(_own(place, *activities), [said], account=account)

    async def run() -> SyncResult:
        sink = a_sink(place.tracker)
        try:
            with SyncRecordStore(folder / "sync.db") as store:
                return await sync_provider_to_wealthfolio(provider=broker, sink=sink, dedup=store)
        finally:
            await sink.close()

    return asyncio.run(run())


def counts(result: SyncResult) -> dict[str, int]:
    told = {
        "new": result.new_after_dedup,
        "known": result.known,
        "imported": result.imported,
        "updated": result.updated,
        "failed": result.failed,
        "conflicts": len(result.conflicts),
        "failures": len(result.failures),
    }
    return {name: number for name, number in told.items() if number}


def test_a_moved_row_is_a_conflict_once_the_broker_says_something_else(
    standing_in: Tracker, tmp_path: Path
) -> None:
    place, other = standing_in.account(), standing_in.account()
    one, two = cash(ActivityType.DEPOSIT, 1, "5"), cash(ActivityType.DEPOSIT, 2, "7")
    assert counts(synced(place, tmp_path, one, two)) == {"new": 2, "imported": 2}
    moved = move(place, other, one.external_id)
    told = synced(place, tmp_path, one, two)
    assert counts(told) == {"known": 2}
    assert f"{moved['sourceRecordId']}: {REASON}; it is left alone" in told.notes
    restated = replace(one, amount=Decimal(6))
    for _ in range(2):
        told = synced(place, tmp_path, restated, two)
        assert counts(told) == {"known": 2, "conflicts": 1}
        assert told.outcome == "ok"
    assert [each["id"] for each in rows(other)] == [moved["id"]]


def test_a_moved_row_that_was_forgotten_is_known_again_and_not_imported(
    standing_in: Tracker, tmp_path: Path
) -> None:
    place, other = standing_in.account(), standing_in.account()
    one, two = cash(ActivityType.DEPOSIT, 1, "5"), cash(ActivityType.DEPOSIT, 2, "7")
    synced(place, tmp_path, one, two)
    move(place, other, one.external_id)
    (tmp_path / "sync.db").unlink()
    assert counts(synced(place, tmp_path, one, two)) == {"known": 2}
    (tmp_path / "sync.db").unlink()
    restated = replace(one, amount=Decimal(6))
    assert counts(synced(place, tmp_path, restated, two)) == {"known": 2, "conflicts": 1}
    (conflict,) = synced(place, tmp_path, restated, two).conflicts
    assert conflict.broker is not None
    assert (conflict.booked.amount, conflict.broker.amount) == (Decimal(5), Decimal(6))


def test_what_a_person_wrote_before_the_broker_did_is_agreed_on(standing_in: Tracker, tmp_path: Path) -> None:
    place = standing_in.account()
    one = cash(ActivityType.DEPOSIT, 1, "5")
    synced(place, tmp_path, one)
    assert standing_in.stand_in is not None
    (row,) = standing_in.stand_in.service.store.rows.values()
    row.amount, row.user_modified, row.notes = Decimal(6), True, "mine"
    restated = replace(one, amount=Decimal(6))
    assert counts(synced(place, tmp_path, replace(one, amount=Decimal(7)))) == {"known": 1, "conflicts": 1}
    before = rows(place)
    assert counts(synced(place, tmp_path, restated)) == {"updated": 1}
    assert counts(synced(place, tmp_path, restated)) == {"known": 1}
    assert rows(place) == before
    assert counts(synced(place, tmp_path, one)) == {"known": 1, "conflicts": 1}


def test_a_row_that_was_put_right_is_known_under_its_new_id(standing_in: Tracker, tmp_path: Path) -> None:
    place = standing_in.account()
    sold, bought = sell(APPLE, at(3), "4", "250"), buy(APPLE, at(2), "10", "250")
    for activities in ((sold,), (sold, bought)):
        synced(place, tmp_path, *activities)
        on(standing_in, lambda sink: sink.holdings(place.id, as_of=END))
        synced(place, tmp_path, *activities)
        with SyncRecordStore(tmp_path / "sync.db") as store:
            known = store.lookup("wealthfolio", place.id, [each.external_id for each in activities])
        there = {each["sourceRecordId"]: each["id"] for each in rows(place)}
        assert {name: each.tracker_id for name, each in known.items()} == there
