"""Rows that people typed in: named, told to explain, taken over; and values; on both servers."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar

from broker_sync.abilities import Notes, Release, Rows, Twins, Values
from broker_sync.contracts import Stored, TwinFate
from broker_sync.models import Account, Activity, ActivityType
from broker_sync.sinks.wealthfolio import WealthfolioSink
from broker_sync.sinks.wealthfolio.fields import JsonValue
from tests.sinks.wealthfolio.payload_samples import ACCOUNT, APPLE, at, buy, cash
from tests.sinks.wealthfolio.trackers import Account as Place
from tests.sinks.wealthfolio.trackers import Tracker, asset

_T = TypeVar("_T")
DAY = dt.date(2026, 3, 2)
END = dt.date(2026, 3, 31)


def on(
    tracker: Tracker,
    what: Callable[[WealthfolioSink], Awaitable[_T]],
    *,
    adopt: bool = False,
    read_only: bool = False,
) -> _T:
    async def run() -> _T:
        sink = WealthfolioSink(
            tracker.address,
            None,
            tracker.password,
            tracker.session,
            adopt=adopt,
            read_only=read_only,
            sleep=tracker.sleep,
            clock=tracker.clock,
        )
        try:
            await sink.login()
            return await what(sink)
        finally:
            await sink.close()

    return asyncio.run(run())


def _named(place: Place) -> Account:
    return replace(ACCOUNT, id=place.id)


def _own(place: Place, *activities: Activity) -> list[Activity]:
    return [replace(each, account_id=place.id) for each in activities]


def type_in(place: Place, kind: str = "BUY", **more: Any) -> str:  # noqa: ANN401  # whatever a test sends
    """What a person does in the browser; the id of the row."""
    fields: dict[str, JsonValue] = {
        "accountId": place.id,
        "activityType": kind,
        "activityDate": "2026-03-02T09:00:00Z",
        "currency": "USD",
    }
    traded: dict[str, JsonValue] = {
        "asset": asset("AAPL"),
        "quantity": "10",
        "unitPrice": "250",
        "fee": "1",
    }
    body = fields | (traded if kind in {"BUY", "SELL"} else {}) | more
    made: Any = place.tracker.run(lambda client: client.post("/activities", body))
    return str(made["id"])


def rows(place: Place) -> list[dict[str, Any]]:
    body: dict[str, JsonValue] = {"page": 0, "pageSize": 1000, "accountIdFilter": [place.id]}
    page: Any = place.tracker.run(lambda client: client.query("/activities/search", body))
    return list(page["data"])


def kinds(place: Place) -> list[tuple[str, str]]:
    return sorted((each["sourceSystem"], each["activityType"]) for each in rows(place))


def book(place: Place, *activities: Activity, adopt: bool = False) -> list[tuple[str, TwinFate]]:
    """A run: write, and ask for twins; by what they say and what became of them."""

    async def run(sink: WealthfolioSink) -> list[tuple[str, TwinFate]]:
        found = await sink.find(place.id, [each.external_id for each in activities])
        new = [each for each in _own(place, *activities) if each.external_id not in found]
        outcomes = await sink.create(_named(place), new)
        assert all(isinstance(each, Stored) and each.created for each in outcomes)
        return [(each.external_id, each.fate) for each in await sink.twins(place.id, [])]

    return on(place.tracker, run, adopt=adopt)


def test_the_sink_can_do_what_is_asked_of_it(tracker: Tracker) -> None:
    async def version(sink: WealthfolioSink) -> str | None:
        assert isinstance(sink, Twins)
        assert isinstance(sink, Rows)
        assert isinstance(sink, Values)
        assert isinstance(sink, Notes)
        assert isinstance(sink, Release)
        return sink.version

    assert (on(tracker, version) or "").startswith("3.")
    never = WealthfolioSink("https://tracker.example", None, None, tracker.session)
    assert never.version is None


def test_a_row_that_a_person_typed_in_is_named_and_both_stay(tracker: Tracker) -> None:
    place, one = tracker.account(), buy(APPLE, at(2), "10", "250", "1")
    type_in(place, fee="1.01")
    assert book(place, one) == [(one.external_id, TwinFate.LIKELY)]
    assert kinds(place) == [("BROKER_SYNC", "BUY"), ("MANUAL", "BUY")]
    assert book(place, one) == [(one.external_id, TwinFate.LIKELY)]


def test_what_would_be_a_twin_is_named_before_anything_is_written(tracker: Tracker) -> None:
    place, one = tracker.account(), buy(APPLE, at(2), "10", "250", "1")
    theirs = type_in(place)
    (twin,) = on(tracker, lambda sink: sink.twins(place.id, _own(place, one)), read_only=True, adopt=True)
    assert (twin.external_id, twin.tracker_id, twin.fate) == (one.external_id, theirs, TwinFate.LIKELY)
    assert twin.text == "BUY, 2026-03-02, 10 AAPL, -2501 USD"
    assert kinds(place) == [("MANUAL", "BUY")]


def test_a_twin_is_taken_over_instead_of_being_added_to(tracker: Tracker) -> None:
    place, one = tracker.account(), buy(APPLE, at(2), "10", "250", "1")
    type_in(place, comment="from my notebook")
    assert book(place, one, adopt=True) == [(one.external_id, TwinFate.TAKEN_OVER)]
    (row,) = rows(place)
    assert (row["sourceSystem"], row["comment"]) == ("BROKER_SYNC", "from my notebook")
    assert row["metadata"]["broker_sync"]["id"] == one.external_id
    assert row["isUserModified"] is False
    held = on(tracker, lambda sink: sink.holdings(place.id, as_of=END))
    assert [each.quantity for each in held] == [Decimal(10)]
    assert book(place, one, adopt=True) == []
    assert rows(place) == [row]


async def _updated(sink: WealthfolioSink, *, place: Place, activities: list[Activity]) -> None:
    await sink.update(_named(place), activities)


def test_what_was_noted_on_a_twin_stays_when_the_broker_restates_it(tracker: Tracker) -> None:
    place = tracker.account()
    (one,) = _own(place, replace(cash(ActivityType.DEPOSIT, 2, "5"), comment="CASH"))
    type_in(place, "DEPOSIT", asset=None, quantity=None, unitPrice=None, amount="5", comment="my note")
    on(tracker, lambda sink: sink.create(_named(place), [one]), adopt=True)
    for number, said in enumerate(("CASH", "MONEY", "MONEY")):
        changed = [replace(one, amount=Decimal(6 + number), comment=said)]
        on(tracker, partial(_updated, place=place, activities=changed))
        assert [each["comment"] for each in rows(place)] == [f"{said} / my note"]


def test_a_thing_that_was_typed_in_is_not_there_twice_at_any_moment(tracker: Tracker) -> None:
    place, one = tracker.account(), buy(APPLE, at(2), "10", "250", "1")
    type_in(place)
    on(tracker, lambda sink: sink.create(_named(place), _own(place, one)), adopt=True)
    assert kinds(place) == [("BROKER_SYNC", "BUY")]


def test_a_twin_of_what_was_booked_before_is_taken_over_later(tracker: Tracker) -> None:
    place, one = tracker.account(), buy(APPLE, at(2), "10", "250", "1")
    book(place, one)
    (ours,) = rows(place)
    type_in(place)
    assert book(place, one, adopt=True) == [(one.external_id, TwinFate.TAKEN_OVER)]
    assert [each["id"] for each in rows(place)] == [ours["id"]]


def test_of_two_equal_trades_of_which_one_was_typed_only_one_has_a_twin(tracker: Tracker) -> None:
    place = tracker.account()
    twins = [buy(APPLE, at(2), "10", "250", "1"), buy(APPLE, at(2, 15), "10", "250", "1")]
    type_in(place)
    assert len(book(place, *twins, adopt=True)) == 1
    assert kinds(place) == [("BROKER_SYNC", "BUY"), ("BROKER_SYNC", "BUY")]


def test_a_deposit_that_was_typed_in_is_taken_over(tracker: Tracker) -> None:
    place, one = tracker.account(), cash(ActivityType.DEPOSIT, 2, "5000")
    type_in(place, "DEPOSIT", amount="5000")
    type_in(place, "DEPOSIT", amount="5001")
    assert book(place, one, adopt=True) == [(one.external_id, TwinFate.TAKEN_OVER)]
    assert kinds(place) == [("BROKER_SYNC", "DEPOSIT"), ("MANUAL", "DEPOSIT")]


NOT_TWINS: dict[str, dict[str, Any]] = {
    "another day": {"activityDate": "2026-03-03T09:00:00Z"},
    "another quantity": {"quantity": "11"},
    "another price": {"unitPrice": "250.01"},
    "another instrument": {"asset": asset("MSFT")},
    "another market": {"asset": asset("AAPL", exchangeMic="XETR")},
    "another direction": {"activityType": "SELL"},
    "another currency": {"currency": "EUR", "asset": asset("AAPL", quoteCcy="USD")},
}


def test_what_differs_in_anything_is_no_twin(tracker: Tracker) -> None:
    for what, more in NOT_TWINS.items():
        place, one = tracker.account(), buy(APPLE, at(2), "10", "250", "1")
        theirs = type_in(place, **more)
        assert book(place, one, adopt=True) == [], what
        assert theirs in [each["id"] for each in rows(place)], what


def test_rows_of_other_tools_and_drafts_are_never_taken_over(tracker: Tracker) -> None:
    place, one = tracker.account(), buy(APPLE, at(2), "10", "250", "1")
    type_in(place, sourceSystem="OTHER")
    assert book(place, one, adopt=True) == [(one.external_id, TwinFate.OF_ANOTHER_TOOL)]
    assert kinds(place) == [("BROKER_SYNC", "BUY"), ("OTHER", "BUY")]
    place = tracker.account()
    type_in(place, status="DRAFT")
    assert book(place, one, adopt=True) == []
    assert len(rows(place)) == 2


# --- what explain is told ---


def test_every_row_is_told_with_what_it_does(tracker: Tracker) -> None:
    place = tracker.account()
    one, two = buy(APPLE, at(2), "10", "250", "1"), cash(ActivityType.DEPOSIT, 1, "5000")
    book(place, one, two)
    typed = [
        type_in(place, "BUY", quantity="3", unitPrice="100", fee="2"),
        type_in(place, "SELL", quantity="1", unitPrice="100", fee="2", activityDate="2026-03-04T09:00:00Z"),
        type_in(place, "DIVIDEND", amount="7", asset=asset("AAPL")),
        type_in(place, "FEE", amount="3"),
        type_in(place, "WITHDRAWAL", amount="11"),
        type_in(place, "TRANSFER_IN", asset=asset("AAPL"), quantity="4", unitPrice="9"),
        type_in(place, "SPLIT", asset=asset("AAPL"), amount="2", activityDate="2026-03-03T09:00:00Z"),
    ]
    type_in(place, "DEPOSIT", amount="1", status="DRAFT")
    entries = on(tracker, lambda sink: sink.entries(place.id))
    ours = {each.external_id: (each.units, each.cash) for each in entries if each.external_id}
    assert ours == {one.external_id: (Decimal(10), Decimal(-2501)), two.external_id: (0, Decimal(5000))}
    others = {each.record_id: (each.units, each.cash) for each in entries if each.external_id is None}
    assert [others[each] for each in typed] == [
        (Decimal(3), Decimal(-302)),
        (Decimal(-1), Decimal(98)),
        (0, Decimal(7)),
        (0, Decimal(-3)),
        (0, Decimal(-11)),
        (Decimal(4), 0),
        (Decimal(17), 0),
    ]
    assert {each.instrument.symbol for each in entries if each.instrument} == {"AAPL"}


def test_a_row_that_a_person_changed_is_told_as_it_is_now(tracker: Tracker) -> None:
    place, one = tracker.account(), cash(ActivityType.DEPOSIT, 2, "5000")
    book(place, one)
    (row,) = rows(place)
    body: dict[str, JsonValue] = {
        **{name: row[name] for name in ("id", "accountId", "activityType", "currency")},
        "activityDate": row["date"],
        "amount": "4000",
    }
    tracker.run(lambda client: client.put("/activities", body))
    (entry,) = on(tracker, lambda sink: sink.entries(place.id))
    assert (entry.external_id, entry.cash, entry.day) == (one.external_id, Decimal(4000), DAY)


def test_an_account_that_is_not_there_has_no_rows_no_twins_and_no_value(tracker: Tracker) -> None:
    async def look(sink: WealthfolioSink) -> list[object]:
        return [
            await sink.entries("U0"),
            await sink.twins("U0", []),
            await sink.valuation("U0", as_of=END),
        ]

    assert not any(on(tracker, look))


# --- values ---


def _price(place: Place, day: dt.date, price: str) -> None:
    (asset_id,) = {each["assetId"] for each in rows(place) if each["assetId"]}
    moment = f"{day}T16:00:00Z"
    quote: dict[str, JsonValue] = {
        **dict.fromkeys(("open", "high", "low", "close", "adjclose"), price),
        "id": "x",
        "assetId": asset_id,
        "timestamp": moment,
        "createdAt": moment,
        "volume": "0",
        "currency": "USD",
        "dataSource": "MANUAL",
        "notes": None,
    }
    place.tracker.run(lambda client: client.put(f"/market-data/quotes/{asset_id}", quote))
    place.settle()


def test_the_value_of_an_account_is_that_of_its_prices_and_its_cash(in_dollars: Tracker) -> None:
    place = in_dollars.account()
    paper = replace(APPLE, symbol=f"ZZ{place.id[:4].upper()}", isin=None, conid=place.id)
    book(place, buy(paper, at(2), "10", "250", "1"), cash(ActivityType.DEPOSIT, 1, "5000"))

    def worth(day: dt.date) -> tuple[str, Decimal, Decimal | None] | None:
        nav = on(in_dollars, lambda sink: sink.valuation(place.id, as_of=day))
        return None if nav is None else (nav.currency, nav.total, nav.cash)

    assert worth(dt.date(2026, 3, 1)) == ("USD", Decimal(5000), Decimal(5000))
    assert worth(DAY) is None  # what has no price counts nothing there
    _price(place, DAY, "260")
    assert worth(DAY) == ("USD", Decimal(5099), Decimal(2499))
    assert worth(DAY + dt.timedelta(days=5)) == ("USD", Decimal(5099), Decimal(2499))
    assert worth(DAY + dt.timedelta(days=6)) is None  # the price is too old
    assert worth(dt.date(2031, 1, 1)) is None
