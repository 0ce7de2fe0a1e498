"""The sink on a server: what is written, written anew, removed and read back, and what it leaves alone."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import pytest

from broker_sync.contracts import Edited, Refused, Sink, Stored, Touched, Untouched, WriteOutcome
from broker_sync.models import OPENING_BALANCE, Account, Activity, ActivityType
from broker_sync.sinks.wealthfolio import WealthfolioSink
from broker_sync.sinks.wealthfolio.errors import TrackerAccountError, UnknownOutcomeError
from broker_sync.sinks.wealthfolio.fields import JsonValue
from tests.sinks.wealthfolio.payload_samples import (
    ACCOUNT,
    APPLE,
    CALL,
    FUTURE,
    SCENARIOS,
    act,
    at,
    buy,
    cash,
    conversion,
    sell,
    split,
    units,
)
from tests.sinks.wealthfolio.scenario_run import a_sink
from tests.sinks.wealthfolio.trackers import Tracker, a_stand_in
from tests.standins.wealthfolio import Answers, HangsUp, Killed, Reply, Rules

_T = TypeVar("_T")
END = dt.date(2026, 3, 31)
MINE = replace(ACCOUNT, id="U1234567")


@pytest.fixture
def tracker(tmp_path: Path) -> Iterator[Tracker]:
    with a_stand_in(tmp_path) as tracker:
        yield tracker


def on(tracker: Tracker, what: Callable[[WealthfolioSink], Awaitable[_T]], *, read_only: bool = False) -> _T:
    """What `what` makes of a new sink on `tracker`, as a run of its own."""

    async def run() -> _T:
        sink = a_sink(tracker, read_only=read_only)
        try:
            await sink.login()
            return await what(sink)
        finally:
            await sink.close()

    return asyncio.run(run())


def create(tracker: Tracker, *activities: Activity, account: Account = MINE) -> list[WriteOutcome]:
    named = [replace(each, account_id=account.id) for each in activities]
    return list(on(tracker, lambda sink: sink.create(account, named)))


def rows(tracker: Tracker) -> list[dict[str, Any]]:
    """The rows of the server, by key."""
    everything: dict[str, JsonValue] = {"page": 0, "pageSize": 1000}
    page: Any = tracker.run(lambda client: client.query("/activities/search", everything))
    return sorted(page["data"], key=lambda each: str(each["idempotencyKey"]))


def kinds(tracker: Tracker) -> list[tuple[str, str | None]]:
    return [(each["activityType"], each["quantity"]) for each in rows(tracker)]


def holdings(tracker: Tracker, *, read_only: bool = False) -> dict[str, Decimal]:
    held = on(tracker, lambda sink: sink.holdings(MINE.id, as_of=END), read_only=read_only)
    return {str(each.instrument.symbol): each.quantity for each in held}


def test_it_is_a_sink(tmp_path: Path) -> None:
    sink = WealthfolioSink("https://tracker.example", "", "secret", tmp_path / "session.json")
    assert isinstance(sink, Sink)
    assert (sink.name, repr(sink)) == ("wealthfolio", "WealthfolioSink('https://tracker.example')")


# --- once ---


def test_what_is_there_is_left_as_it_is(tracker: Tracker) -> None:
    one, two = buy(APPLE, at(2), "10", "250", "1"), cash(ActivityType.DEPOSIT, 1, "5000")
    assert [each.created for each in create(tracker, one) if isinstance(each, Stored)] == [True]
    before = rows(tracker)
    changed = replace(one, amount=Decimal(1), fee=Decimal(0))
    outcomes = create(tracker, changed, two)
    assert [each.created for each in outcomes if isinstance(each, Stored)] == [False, True]
    assert [each for each in rows(tracker) if each["id"] == before[0]["id"]] == before


def test_of_twins_in_one_call_the_first_is_made_and_the_second_is_there(tracker: Tracker) -> None:
    twin = cash(ActivityType.DEPOSIT, 1, "5")
    first, second = create(tracker, twin, replace(twin, amount=Decimal(6)))
    assert isinstance(first, Stored)
    assert isinstance(second, Stored)
    assert (first.created, second.created) == (True, False)
    assert first.tracker_id == second.tracker_id
    assert [each["amount"] for each in rows(tracker)] == ["5"]


def test_find_knows_what_is_there_by_account_and_external_id(tracker: Tracker) -> None:
    one = cash(ActivityType.DEPOSIT, 1, "5")
    (stored,) = create(tracker, one)
    assert isinstance(stored, Stored)
    found = on(tracker, lambda sink: sink.find(MINE.id, [one.external_id, "ibkr:none"]))
    assert found == {one.external_id: stored.tracker_id}


def test_equal_trades_are_both_kept(tracker: Tracker) -> None:
    twins = [buy(APPLE, at(2), "10", "250"), buy(APPLE, at(2), "10", "250")]
    create(tracker, *twins)
    assert holdings(tracker) == {"AAPL": Decimal(20)}


@pytest.mark.parametrize(
    "fault",
    [
        HangsUp(carried_out=True),
        HangsUp(carried_out=False),
        Answers(reply=Reply(status=408), carried_out=True),
        Answers(reply=Reply(status=408)),
        Answers(reply=Reply(status=502), carried_out=True),
    ],
)
def test_an_answer_that_is_lost_costs_nothing_and_doubles_nothing(tracker: Tracker, fault: Any) -> None:  # noqa: ANN401
    assert tracker.stand_in is not None
    create(tracker, cash(ActivityType.DEPOSIT, 1, "5000"))
    tracker.stand_in.faults.plan("POST", "/activities/bulk", fault)
    outcomes = create(tracker, *(buy(APPLE, at(2, 10, number), "1", "250") for number in range(20)))
    assert all(isinstance(each, Stored) and each.created for each in outcomes)
    assert len(rows(tracker)) == 21
    assert holdings(tracker) == {"AAPL": Decimal(20)}


def test_a_server_that_takes_only_small_requests_gets_everything(tracker: Tracker) -> None:
    assert tracker.stand_in is not None
    too_large = Answers(reply=Reply.text("length limit exceeded", status=413))
    tracker.stand_in.faults.plan("POST", "/activities/bulk", too_large, times=3)
    create(tracker, *(cash(ActivityType.DEPOSIT, 1, str(number + 1)) for number in range(20)))
    assert len(rows(tracker)) == 20


def test_a_server_that_is_killed_while_it_writes_is_found_again_by_the_next_run(tracker: Tracker) -> None:
    assert tracker.stand_in is not None
    create(tracker, cash(ActivityType.DEPOSIT, 1, "1"))
    deposits = [cash(ActivityType.DEPOSIT, 2, str(number + 1)) for number in range(3)]
    tracker.stand_in.faults.plan("POST", "/activities/bulk", Killed())
    with pytest.raises(Exception, match=r"not known|cannot be reached"):
        create(tracker, *deposits)
    tracker.stand_in.start()
    create(tracker, *deposits)
    create(tracker, *deposits)
    assert len(rows(tracker)) == 4


# --- what is refused ---


def test_what_cannot_be_sent_is_refused_and_the_rest_lands(tracker: Tracker) -> None:
    bad = act(ActivityType.SPLIT, at(2), instrument=APPLE, quantity="5")
    good = buy(APPLE, at(2), "10", "250")
    outcomes = create(tracker, bad, good)
    assert outcomes[0] == Refused(
        external_id=bad.external_id, reason="a split needs a ratio, new units for one old"
    )
    assert isinstance(outcomes[1], Stored)
    assert len(rows(tracker)) == 1


def test_an_asset_that_the_server_will_not_have_refuses_its_activities_only(tracker: Tracker) -> None:
    assert tracker.stand_in is not None
    refusal = Answers(reply=Reply.of({"code": 400, "message": "not so"}, status=400))
    tracker.stand_in.faults.plan("POST", "/assets", refusal)
    traded, deposit = buy(APPLE, at(2), "10", "250"), cash(ActivityType.DEPOSIT, 1, "5")
    first, second = create(tracker, traded, deposit)
    assert first == Refused(
        external_id=traded.external_id, reason="Wealthfolio makes no asset of AAPL: not so"
    )
    assert isinstance(second, Stored)


# --- written anew ---


def test_an_update_gives_new_content_without_marking_the_row_as_a_persons(tracker: Tracker) -> None:
    one = buy(APPLE, at(2), "10", "250", "1")
    create(tracker, one)
    changed = replace(one, quantity=Decimal(12), amount=Decimal(3001), account_id=MINE.id)
    (outcome,) = on(tracker, lambda sink: sink.update(MINE, [changed]))
    (row,) = rows(tracker)
    assert outcome == Stored(external_id=one.external_id, tracker_id=row["id"], created=True)
    assert (row["quantity"], row["isUserModified"]) == ("12", False)
    assert holdings(tracker) == {"AAPL": Decimal(12)}


def test_an_update_of_what_is_not_there_is_refused(tracker: Tracker) -> None:
    create(tracker, cash(ActivityType.DEPOSIT, 1, "1"))
    one = buy(APPLE, at(2), "10", "250")
    (outcome,) = on(tracker, lambda sink: sink.update(MINE, [one]))
    assert outcome == Refused(external_id=one.external_id, reason="Wealthfolio does not have it")


def test_an_update_of_one_leg_of_a_conversion_keeps_the_pair_together(tracker: Tracker) -> None:
    out, in_ = conversion(3, ("GBP", "1000"), ("USD", "1270"), "fx-7")
    create(tracker, out, in_)
    changed = replace(in_, amount=Decimal(1271), account_id=MINE.id)
    on(tracker, lambda sink: sink.update(MINE, [changed]))
    on(tracker, lambda sink: sink.cash(MINE.id, as_of=END))
    first, second = rows(tracker)
    assert {first["amount"], second["amount"]} == {"1000", "1271"}
    assert all(each["metadata"]["fx"]["destinationAmount"] == "1271" for each in (first, second))


def _edit(tracker: Tracker, **changes: str) -> None:
    """What a person does in the browser: the first row is another one afterwards."""
    row = rows(tracker)[0]
    body: dict[str, JsonValue] = {
        "id": row["id"],
        "accountId": row["accountId"],
        "activityType": row["activityType"],
        "activityDate": row["date"],
        "currency": row["currency"],
        **changes,
    }
    tracker.run(lambda client: client.put("/activities", body))


def test_what_a_person_has_changed_is_left_alone_and_told(tracker: Tracker) -> None:
    one = cash(ActivityType.DEPOSIT, 1, "5")
    create(tracker, one)
    _edit(tracker, amount="7")
    changed = replace(one, amount=Decimal(6), account_id=MINE.id)
    theirs = {
        "activity_type": "DEPOSIT",
        "date": "2026-03-01T12:00:00+00:00",
        "currency": "USD",
        "amount": "7",
    }
    reason = "a person has changed it in Wealthfolio"
    edited = [Edited(external_id=one.external_id, reason=reason, theirs=theirs)]
    assert on(tracker, lambda sink: sink.update(MINE, [changed])) == edited
    assert on(tracker, lambda sink: sink.delete(MINE, [one.external_id])) == edited
    assert on(tracker, lambda sink: sink.cash(MINE.id, as_of=END)) == {"USD": Decimal(7)}
    told = on(tracker, lambda sink: sink.notes(MINE.id))
    assert told == [f"{one.external_id}: a person has changed it in Wealthfolio; it is left alone"]


def test_a_row_that_a_person_made_a_draft_is_left_alone(tracker: Tracker) -> None:
    one = cash(ActivityType.DEPOSIT, 1, "5")
    create(tracker, one)
    _edit(tracker, status="DRAFT")
    (outcome,) = on(tracker, lambda sink: sink.delete(MINE, [one.external_id]))
    assert isinstance(outcome, Edited)
    assert outcome.theirs["status"] == "DRAFT"


def test_what_a_person_has_changed_is_written_over_when_a_person_says_so(tracker: Tracker) -> None:
    one = cash(ActivityType.DEPOSIT, 1, "5")
    create(tracker, one)
    _edit(tracker, amount="7")
    changed = replace(one, amount=Decimal(6), account_id=MINE.id)
    (outcome,) = on(tracker, lambda sink: sink.overwrite(MINE, [changed]))
    assert isinstance(outcome, Stored)
    assert [each["amount"] for each in rows(tracker)] == ["6"]
    assert _held(tracker) == [
        Untouched(external_id=one.external_id, tracker_id=outcome.tracker_id, activity=changed)
    ]
    _edit(tracker, amount="7")
    on(tracker, lambda sink: sink.remove(MINE, [one.external_id]))
    assert rows(tracker) == []


def test_what_a_person_has_changed_still_tells_what_we_wrote(tracker: Tracker) -> None:
    one = replace(cash(ActivityType.DEPOSIT, 1, "5"), account_id=MINE.id)
    create(tracker, one)
    _edit(tracker, amount="7")
    (held,) = _held(tracker)
    assert isinstance(held, Touched)
    assert (held.activity, held.theirs["amount"]) == (one, "7")
    _edit(tracker, metadata="{}")
    (held,) = _held(tracker)
    assert held.activity is None


@pytest.mark.parametrize("version", ["3.2.1", "3.8.0"])
def test_a_conversion_is_left_alone_when_a_person_has_changed_one_leg(tmp_path: Path, version: str) -> None:
    with a_stand_in(tmp_path, rules=Rules(version=version)) as tracker:
        legs = [
            replace(leg, account_id=MINE.id)
            for leg in conversion(3, ("GBP", "1000"), ("USD", "1270"), "fx-8")
        ]
        create(tracker, *legs)
        _edit(tracker, amount="1001", comment="mine")
        before = rows(tracker)
        outcomes = on(tracker, lambda sink: sink.update(MINE, legs))
        assert [type(each) for each in outcomes] == [Edited, Edited]
        assert rows(tracker) == before


@pytest.mark.parametrize("version", ["3.2.1", "3.8.0"])
def test_one_leg_of_a_conversion_can_be_restated(tmp_path: Path, version: str) -> None:
    with a_stand_in(tmp_path, rules=Rules(version=version)) as tracker:
        legs = [
            replace(leg, account_id=MINE.id)
            for leg in conversion(3, ("GBP", "1000"), ("USD", "1270"), "fx-8")
        ]
        create(tracker, *legs)
        restated = replace(legs[1], amount=Decimal(1271))
        on(tracker, lambda sink: sink.update(MINE, [restated]))
        assert on(tracker, lambda sink: sink.cash(MINE.id, as_of=END)) == {
            "GBP": Decimal(-1000),
            "USD": Decimal(1271),
        }


def _held(tracker: Tracker) -> list[Untouched | Touched]:
    async def all_of(sink: WealthfolioSink) -> list[Untouched | Touched]:
        return [each async for each in sink.held(MINE.id)]

    return on(tracker, all_of)


# --- removed ---


def test_what_is_removed_is_gone_and_what_was_not_there_counts_as_removed(tracker: Tracker) -> None:
    one, two = cash(ActivityType.DEPOSIT, 1, "5"), cash(ActivityType.DEPOSIT, 1, "6")
    create(tracker, one, two)
    outcomes = on(tracker, lambda sink: sink.delete(MINE, [one.external_id, "ibkr:none"]))
    assert [each.external_id for each in outcomes if isinstance(each, Stored)] == [
        one.external_id,
        "ibkr:none",
    ]
    assert [each["amount"] for each in rows(tracker)] == ["6"]


@pytest.mark.parametrize("version", ["3.2.1", "3.8.0"])
def test_the_leg_of_a_conversion_that_stays_is_still_there(tmp_path: Path, version: str) -> None:
    with a_stand_in(tmp_path, rules=Rules(version=version)) as tracker:
        out, in_ = conversion(3, ("GBP", "1000"), ("USD", "1270"), "fx-8")
        create(tracker, out, in_)
        on(tracker, lambda sink: sink.delete(MINE, [in_.external_id]))
        assert on(tracker, lambda sink: sink.cash(MINE.id, as_of=END)) == {"GBP": Decimal(-1000)}
        on(tracker, lambda sink: sink.delete(MINE, [out.external_id]))
        assert rows(tracker) == []


# --- put right ---


def test_a_purchase_back_is_money_only_once_it_is_known_to_be_one(tracker: Tracker) -> None:
    create(tracker, sell(APPLE, at(2), "100", "250"), buy(APPLE, at(3), "40", "240"))
    assert kinds(tracker) == [("SELL", "100"), ("BUY", "40")]
    assert holdings(tracker) == {"AAPL": Decimal(-60)}
    assert kinds(tracker) == [("CREDIT", None), ("FEE", None)]


def test_a_purchase_is_one_again_when_an_opening_balance_turns_up(tracker: Tracker) -> None:
    sale, purchase = sell(APPLE, at(2), "100", "250"), buy(APPLE, at(3), "40", "240")
    create(tracker, sale, purchase)
    holdings(tracker)
    create(tracker, units(ActivityType.ADD_HOLDING, 1, APPLE, "100", "200", subtype=OPENING_BALANCE))
    assert holdings(tracker) == {"AAPL": Decimal(40)}
    assert sorted(kinds(tracker)) == [("BUY", "40"), ("SELL", "100"), ("TRANSFER_IN", "100")]


def test_what_is_right_is_not_written_again(tracker: Tracker) -> None:
    create(tracker, *SCENARIOS["long, short, and long again"], *SCENARIOS["conversions"])
    holdings(tracker)
    before = rows(tracker)
    assert len(before) > len(SCENARIOS["long, short, and long again"])
    holdings(tracker)
    assert rows(tracker) == before


def test_a_days_rows_stay_on_their_day_when_the_server_moves_to_another_zone(tracker: Tracker) -> None:
    late = buy(APPLE, at(2, 23, 30), "1", "250")
    create(tracker, replace(late, booked_on=dt.date(2026, 3, 2)))
    tracker.run(lambda client: client.put("/settings", {"timezone": "Asia/Tokyo"}))
    held = on(tracker, lambda sink: sink.holdings(MINE.id, as_of=dt.date(2026, 3, 2)))
    assert [each.quantity for each in held] == [Decimal(1)]
    assert rows(tracker)[0]["date"].startswith("2026-03-02T14:59")


def test_what_is_only_read_is_not_put_right(tracker: Tracker) -> None:
    create(tracker, sell(APPLE, at(2), "100", "250"), buy(APPLE, at(3), "40", "240"))
    before = rows(tracker)
    holdings(tracker, read_only=True)
    assert rows(tracker) == before


def test_a_row_that_cannot_be_put_right_is_told(tracker: Tracker) -> None:
    sale = sell(APPLE, at(2), "100", "250")
    create(tracker, sale)
    assert tracker.stand_in is not None
    refusal = Answers(reply=Reply.of({"code": 400, "message": "not so"}, status=400))
    tracker.stand_in.faults.plan("POST", "/activities/bulk", refusal, times=2)

    async def look(sink: WealthfolioSink) -> list[str]:
        await sink.holdings(MINE.id, as_of=END)
        return list(await sink.notes(MINE.id))

    assert on(tracker, look)[0] == f"{sale.external_id} could not be written anew in Wealthfolio: not so"


# --- read back ---


def test_a_split_counts_from_its_first_reading_on_and_a_day_before_it_has_the_old_units(
    tracker: Tracker,
) -> None:
    create(tracker, buy(APPLE, at(2), "10", "250"))
    holdings(tracker)
    create(tracker, split(5, APPLE, "30", "4:1"))
    assert holdings(tracker) == {"AAPL": Decimal(40)}
    before = on(tracker, lambda sink: sink.holdings(MINE.id, as_of=dt.date(2026, 3, 4)))
    assert [each.quantity for each in before] == [Decimal(10)]


def test_what_cannot_be_held_is_named_and_is_no_difference(tracker: Tracker) -> None:
    create(tracker, *SCENARIOS["futures"], *SCENARIOS["option is written and expires"][:1])
    assert holdings(tracker) == {"ESZ6": Decimal(1), "IBUS500": Decimal(-3), CALL.symbol: Decimal(-1)}
    named = on(tracker, lambda sink: sink.cannot_hold(MINE.id, as_of=END))
    assert {(each.instrument.symbol, each.quantity) for each in named} == {
        ("ESZ6", Decimal(1)),
        ("IBUS500", Decimal(-3)),
        (CALL.symbol, Decimal(-1)),
    }
    assert on(tracker, lambda sink: sink.cannot_hold(MINE.id, as_of=dt.date(2026, 3, 1))) == []


def test_rows_of_others_count_in_what_is_held(tracker: Tracker) -> None:
    create(tracker, units(ActivityType.ADD_HOLDING, 2, FUTURE, "1"), buy(APPLE, at(2), "10", "250"))
    account_id = rows(tracker)[0]["accountId"]
    typed: dict[str, JsonValue] = {
        "accountId": account_id,
        "activityType": "BUY",
        "activityDate": "2026-03-03",
        "currency": "GBP",
        "asset": {"symbol": "OTHR", "exchangeMic": "XLON", "instrumentType": "EQUITY", "quoteCcy": "GBp"},
        "quantity": "3",
        "unitPrice": "2",
    }
    tracker.run(lambda client: client.post("/activities", typed))
    held = on(tracker, lambda sink: sink.holdings(MINE.id, as_of=END))
    assert {(each.instrument.symbol, each.instrument.currency, each.quantity) for each in held} == {
        ("OTHR.L", "GBP", Decimal(3)),
        ("ESZ6", "USD", Decimal(1)),
        ("AAPL", "USD", Decimal(10)),
    }
    assert on(tracker, lambda sink: sink.compute_position_qty(MINE.id)) == {
        "OTHR.L": Decimal(3),
        "ESZ6": Decimal(1),
        "AAPL": Decimal(10),
    }


@pytest.mark.parametrize("silent", ["/holdings", "/valuations/latest"])
def test_a_server_that_does_not_come_to_what_was_written_is_asked_once_more_and_then_told(
    tracker: Tracker, silent: str
) -> None:
    one = cash(ActivityType.DEPOSIT, 1, "5")
    create(tracker, one)
    assert tracker.stand_in is not None
    for path in {"/holdings", silent}:
        tracker.stand_in.faults.plan("GET", path, Answers(reply=Reply.of([])), times=500)

    async def look(sink: WealthfolioSink) -> list[str]:
        await sink.cash(MINE.id, as_of=END)
        return list(await sink.notes(MINE.id))

    (note,) = on(tracker, look)
    assert note.startswith("Wealthfolio's calculation is not finished")


# --- which account ---


def test_an_account_that_is_still_to_be_made_holds_nothing(tracker: Tracker) -> None:
    async def look(sink: WealthfolioSink) -> list[object]:
        return [
            await sink.find(MINE.id, ["a"]),
            await sink.holdings(MINE.id, as_of=END),
            await sink.cash(MINE.id, as_of=END),
            await sink.compute_position_qty(MINE.id),
            await sink.cannot_hold(MINE.id, as_of=END),
            await sink.notes(MINE.id),
        ]

    assert not any(on(tracker, look))


def test_an_account_can_be_named_by_the_servers_id_of_it(tracker: Tracker) -> None:
    account_id = tracker.account().id
    named = replace(ACCOUNT, id=account_id)
    create(tracker, cash(ActivityType.DEPOSIT, 1, "5"), account=named)
    assert on(tracker, lambda sink: sink.cash(account_id, as_of=END)) == {"USD": Decimal(5)}


def test_an_account_in_another_currency_is_told(tracker: Tracker) -> None:
    named = replace(ACCOUNT, id=tracker.account("EUR").id)

    async def look(sink: WealthfolioSink) -> list[str]:
        await sink.create(named, [replace(cash(ActivityType.DEPOSIT, 1, "5"), account_id=named.id)])
        return list(await sink.notes(named.id))

    (note,) = on(tracker, look)
    assert "is in EUR, the broker's in USD" in note


def test_no_account_is_made_unasked(tracker: Tracker) -> None:
    async def run() -> None:
        sink = WealthfolioSink(tracker.address, None, tracker.password, tracker.session)
        try:
            await sink.create(MINE, [cash(ActivityType.DEPOSIT, 1, "5")])
        finally:
            await sink.close()

    with pytest.raises(TrackerAccountError, match="--create-account"):
        asyncio.run(run())


def test_a_request_that_is_never_answered_ends_the_run(tracker: Tracker) -> None:
    create(tracker, cash(ActivityType.DEPOSIT, 1, "5"))
    assert tracker.stand_in is not None
    tracker.stand_in.faults.plan("POST", "/activities/bulk", HangsUp(carried_out=False), times=20)
    with pytest.raises(UnknownOutcomeError):
        create(tracker, cash(ActivityType.DEPOSIT, 2, "6"))
