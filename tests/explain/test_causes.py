"""Every cause that two sides can part for is named, with its records and with what would mend it."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from broker_sync.contracts import Rejection
from broker_sync.explain import Entry, Explanation, Kind, Limit, RejectedRecord
from broker_sync.models import Instrument, Position
from broker_sync.opening import Window
from broker_sync.reconcile import CashDrift, PositionDrift
from broker_sync.results import NavDrift
from tests.explain.world import (
    BROKER,
    BUY,
    CONVERSION,
    DIVIDEND,
    GADGET,
    OPENING_CASH,
    OPENING_SHARES,
    OPENINGS,
    RECORDS,
    SELL,
    SPLIT,
    WIDGET,
    WINDOW,
    World,
    day,
    entry,
    foreign,
)
from tests.tables import for_each

D = Decimal
ALL = (*OPENINGS, *RECORDS)


def without(*gone: Entry, among: tuple[Entry, ...] = ALL) -> tuple[Entry, ...]:
    return tuple(each for each in among if each not in gone)


def told(explained: list[Explanation]) -> list[tuple[str, str, list[str], str | None]]:
    """What differs, why, by which records, and what would mend it."""
    return [(_name(each), each.kind.name, list(each.records), each.command) for each in explained]


def _name(explanation: Explanation) -> str:
    match explanation.drift:
        case PositionDrift() as drift:
            return drift.instrument.symbol
        case CashDrift() as cash:
            return cash.currency
        case NavDrift():
            return "value"


def rejected(**changes: Any) -> Rejection:  # noqa: ANN401
    given: dict[str, Any] = {
        "external_id": "ibkr:trade:77", "section": "Trades", "reason": "nobody knows it", "raw": {},
        "booked_on": day(14), "instrument": WIDGET, "quantity": D(3),
    }  # fmt: skip
    return Rejection(**(given | changes))


MORE = BROKER | {"WDGT": D(9), "USD": D("1200.5")}
BY_HAND = replace(BUY, units=D(11))
OTHER_DAY = replace(BUY, day=day(2, 6))
CANCEL = entry("ibkr:trade:1:cancel", day(6), "SELL", WIDGET, "-10", "1001", is_undoing=True)
SOLD_AGAIN = replace(CANCEL, is_undoing=False)
TAKEN_BACK = "BROKER_SYNC_ON_VANISHED=delete broker-sync ibkr --since"
SALE = "broker-sync ibkr --since 2026-05-11"
GAP = Window(
    first_day=day(8, 6), last_day=day(30, 6), document="2",
    opening_positions=(
        Position(instrument=GADGET, quantity=D(20)), Position(instrument=WIDGET, quantity=D(7)),
    ),
    starting_cash={"USD": D("1210.5"), "GBP": D(100)},
)  # fmt: skip
ELSEWHERE = World(told=(), booked=(), held=(foreign("row-9", SELL),), windows=()).evidence
THERE = World(told=(BUY,), booked=(), held=(), windows=()).evidence
THEIRS = replace(BUY, external_id="ibkr:trade:1", record_id="row-8")
UNPAID = without(DIVIDEND, among=RECORDS)
REFUSED = {"refused": {"ibkr:cash:3": "no price"}}
EARLIER = "broker-sync ibkr backfill --since 2026-01-01"

CAUSES: list[tuple[str, World, list[tuple[str, str, list[str], str | None]]]] = [
    ("nothing differs", World(), []),
    (
        "a record that was never imported accounts for its shares and its money",
        World(booked=without(SELL), held=without(SELL)),
        [
            ("WDGT", "NOT_IMPORTED", ["ibkr:trade:2"], SALE),
            ("USD", "NOT_IMPORTED", ["ibkr:trade:2"], SALE),
        ],
    ),
    (
        "both legs of a conversion are one record",
        World(booked=without(*CONVERSION), held=without(*CONVERSION)),
        [
            ("GBP", "NOT_IMPORTED", ["ibkr:trade:5"], "broker-sync ibkr --since 2026-05-19"),
            ("USD", "NOT_IMPORTED", ["ibkr:trade:5"], "broker-sync ibkr --since 2026-05-19"),
        ],
    ),
    (
        "what the tracker refused was not imported",
        World(booked=without(DIVIDEND), held=without(DIVIDEND), other=REFUSED),
        [("USD", "NOT_IMPORTED", ["ibkr:cash:3"], "broker-sync ibkr --since 2026-05-12")],
    ),
    (
        "what was booked and is gone was removed by hand",
        World(held=without(DIVIDEND)),
        [("USD", "REMOVED", ["ibkr:cash:3"], "broker-sync explain ibkr:cash:3")],
    ),
    (
        "what is there, and does not count, was changed by hand",
        World(held=without(DIVIDEND), other={"kept": {"ibkr:cash:3": "it is DRAFT in Wealthfolio"}}),
        [("USD", "CHANGED", ["ibkr:cash:3"], "broker-sync explain ibkr:cash:3")],
    ),
    (
        "a row that says the same again is imported twice",
        World(held=(*ALL, foreign("row-7", DIVIDEND, day=day(13)))),
        [("USD", "IMPORTED_TWICE", ["row-7"], "broker-sync explain ibkr:cash:3")],
    ),
    (
        "a row that says the same trade again, with other charges, is too",
        World(held=(*ALL, foreign("row-7", SELL, cash=D("440")))),
        [
            ("WDGT", "IMPORTED_TWICE", ["row-7"], "broker-sync explain ibkr:trade:2"),
            ("USD", "IMPORTED_TWICE", ["row-7"], "broker-sync explain ibkr:trade:2"),
        ],
    ),
    (
        "a row goes by whatever name both sides know an instrument by",
        World(held=(*ALL, foreign("row-7", SELL, instrument=Instrument(symbol="WDGT", currency="USD")))),
        [
            ("WDGT", "IMPORTED_TWICE", ["row-7"], "broker-sync explain ibkr:trade:2"),
            ("USD", "IMPORTED_TWICE", ["row-7"], "broker-sync explain ibkr:trade:2"),
        ],
    ),
    (
        "a record that came again under another id is booked twice",
        World(
            booked=(*ALL, replace(DIVIDEND, external_id="ibkr:cash:old", record_id="ibkr:cash:old")),
            held=(*ALL, replace(DIVIDEND, external_id="ibkr:cash:old", record_id="ibkr:cash:old")),
        ),
        [("USD", "IMPORTED_TWICE", ["ibkr:cash:old"], f"{TAKEN_BACK} 2026-05-12")],
    ),
    (
        "of two numbers of the broker's the one that is gone was cancelled, however alike they are",
        World(
            booked=(*ALL, replace(DIVIDEND, external_id="ibkr:cash:2", record_id="ibkr:cash:2")),
            held=(*ALL, replace(DIVIDEND, external_id="ibkr:cash:2", record_id="ibkr:cash:2")),
        ),
        [("USD", "CANCELLED", ["ibkr:cash:2"], f"{TAKEN_BACK} 2026-05-12")],
    ),
    (
        "a trade was cancelled, too, where nobody knows which",
        World(
            told=(*RECORDS, replace(CANCEL, cash=D(1002))),
            broker=BROKER | {"WDGT": D(-4), "USD": D("2322.5")},
        ),
        [
            ("WDGT", "CANCELLED", ["ibkr:trade:1:cancel"], "broker-sync ibkr --since 2026-05-06"),
            ("USD", "CANCELLED", ["ibkr:trade:1:cancel"], "broker-sync ibkr --since 2026-05-06"),
        ],
    ),
    (
        "a sale at the price of the purchase takes nothing back",
        World(told=(*RECORDS, SOLD_AGAIN), broker=BROKER | {"WDGT": D(-4), "USD": D("2321.5")}),
        [
            ("WDGT", "NOT_IMPORTED", ["ibkr:trade:1:cancel"], "broker-sync ibkr --since 2026-05-06"),
            ("USD", "NOT_IMPORTED", ["ibkr:trade:1:cancel"], "broker-sync ibkr --since 2026-05-06"),
        ],
    ),
    (
        "what takes a trade back was removed by hand where it had been booked",
        World(
            told=(*RECORDS, CANCEL),
            booked=(*ALL, CANCEL),
            broker=BROKER | {"WDGT": D(-4), "USD": D("2321.5")},
        ),
        [
            ("WDGT", "REMOVED", ["ibkr:trade:1:cancel"], "broker-sync explain ibkr:trade:1:cancel"),
            ("USD", "REMOVED", ["ibkr:trade:1:cancel"], "broker-sync explain ibkr:trade:1:cancel"),
        ],
    ),
    (
        "a row that the broker knows nothing of was entered by hand",
        World(held=(*ALL, foreign("row-7", entry("", day(2), "DEPOSIT", cash="50")))),
        [("USD", "ENTERED", ["row-7"], None)],
    ),
    (
        "a rejected record has its shares and its money in the balances",
        World(
            broker=MORE,
            other={"rejected": [RejectedRecord(rejection=rejected(), cash={"USD": D(-120)})]},
        ),
        [
            ("WDGT", "REJECTED", ["ibkr:trade:77"], "broker-sync explain ibkr:trade:77"),
            ("USD", "REJECTED", ["ibkr:trade:77"], "broker-sync explain ibkr:trade:77"),
        ],
    ),
    (
        "a rejected record that does not say what it did is likely at least",
        World(
            broker=BROKER | {"WDGT": D(607)},
            other={"rejected": [RejectedRecord(rejection=rejected(quantity=None))]},
        ),
        [("WDGT", "REJECTED", ["ibkr:trade:77"], "broker-sync explain ibkr:trade:77")],
    ),
    (
        "a row that is not what was booked was changed by hand",
        World(held=(*without(BUY), BY_HAND)),
        [("WDGT", "CHANGED", ["ibkr:trade:1"], "broker-sync explain ibkr:trade:1")],
    ),
    (
        "a row that was moved beyond the day of the statement was changed by hand",
        World(held=(*without(BUY), OTHER_DAY)),
        [
            ("WDGT", "CHANGED", ["ibkr:trade:1"], "broker-sync explain ibkr:trade:1"),
            ("USD", "CHANGED", ["ibkr:trade:1"], "broker-sync explain ibkr:trade:1"),
        ],
    ),
    (
        "what a sync has met of it waits for a decision",
        World(held=(*without(BUY, DIVIDEND), BY_HAND), other={"conflicts": {"ibkr:trade:1", "ibkr:cash:3"}}),
        [
            ("WDGT", "CHANGED", ["ibkr:trade:1"], "broker-sync conflicts ibkr:trade:1 --keep broker"),
            ("USD", "REMOVED", ["ibkr:cash:3"], "broker-sync conflicts ibkr:cash:3 --keep broker"),
        ],
    ),
    (
        "of several that wait all are named",
        World(held=without(BUY, DIVIDEND), other={"conflicts": {"ibkr:trade:1", "ibkr:cash:3"}}),
        [
            ("WDGT", "REMOVED", ["ibkr:trade:1"], "broker-sync conflicts ibkr:trade:1 --keep broker"),
            (
                "USD",
                "REMOVED",
                ["ibkr:cash:3", "ibkr:trade:1"],
                "broker-sync conflicts ibkr:cash:3 ibkr:trade:1 --keep broker",
            ),
        ],
    ),
    (
        "a conversion of which one leg is gone was changed by hand",
        World(held=without(CONVERSION[1])),
        [("GBP", "CHANGED", ["ibkr:trade:5"], "broker-sync explain ibkr:trade:5")],
    ),
    (
        "what the broker has restated since is not what was booked",
        World(told=(*UNPAID, replace(DIVIDEND, cash=D(15))), broker=BROKER | {"USD": D(1323)}),
        [("USD", "RESTATED", ["ibkr:cash:3"], "broker-sync ibkr --since 2026-05-12")],
    ),
    (
        "what the broker no longer lists was cancelled",
        World(told=UNPAID, broker=BROKER | {"USD": D(1308)}),
        [("USD", "CANCELLED", ["ibkr:cash:3"], f"{TAKEN_BACK} 2026-05-12")],
    ),
    (
        "a trade was cancelled where what takes it back was not imported",
        World(told=(*RECORDS, CANCEL), broker=BROKER | {"WDGT": D(-4), "USD": D("2321.5")}),
        [
            ("WDGT", "CANCELLED", ["ibkr:trade:1:cancel"], "broker-sync ibkr --since 2026-05-06"),
            ("USD", "CANCELLED", ["ibkr:trade:1:cancel"], "broker-sync ibkr --since 2026-05-06"),
        ],
    ),
    (
        "a split that was not imported",
        World(booked=without(SPLIT), held=without(SPLIT)),
        [("GDGT.L", "SPLIT_NOT_APPLIED", ["ibkr:ca:4"], "broker-sync ibkr --since 2026-05-18")],
    ),
    (
        "a split that the tracker has, and does not reckon with",
        World(shown={"GDGT.L": D(5)}),
        [("GDGT.L", "SPLIT_NOT_APPLIED", ["ibkr:ca:4"], "broker-sync explain ibkr:ca:4")],
    ),
    (
        "a split that no record tells shows in the ratio of both quantities",
        World(broker=BROKER | {"WDGT": D(18)}),
        [("WDGT", "SPLIT_NOT_APPLIED", [], None)],
    ),
    (
        "the same, where it was rejected and the row does not say what it did",
        World(
            broker=BROKER | {"WDGT": D(18)},
            other={"rejected": [RejectedRecord(rejection=rejected(quantity=None, external_id="ibkr:ca:8"))]},
        ),
        [("WDGT", "SPLIT_NOT_APPLIED", ["ibkr:ca:8"], "broker-sync explain ibkr:ca:8")],
    ),
    (
        "an opening balance that is not in the tracker",
        World(held=without(OPENING_SHARES)),
        [("GDGT.L", "OPENING_BALANCE", ["ibkr:opening:position:conid:2002"], EARLIER)],
    ),
    (
        "an opening balance that was changed by hand",
        World(held=(*without(OPENING_CASH), replace(OPENING_CASH, cash=D(1900)))),
        [("USD", "OPENING_BALANCE", ["ibkr:opening:cash:USD"], EARLIER)],
    ),
    (
        "an opening balance that was never booked",
        World(booked=without(OPENING_CASH), held=without(OPENING_CASH)),
        [("USD", "OPENING_BALANCE", ["opening:cash:USD"], EARLIER)],
    ),
    (
        "what a person entered for what there was before is there twice",
        World(held=(*ALL, foreign("row-6", OPENING_SHARES, day=day(3, 1)))),
        [("GDGT.L", "IMPORTED_TWICE", ["row-6"], "broker-sync explain ibkr:opening:position:conid:2002")],
    ),
    (
        "a record that the tracker has in another account",
        World(booked=without(SELL), held=without(SELL), other={"elsewhere": {"U7654321": ELSEWHERE}}),
        [
            ("WDGT", "WRONG_ACCOUNT", ["ibkr:trade:2"], "broker-sync explain ibkr:trade:2"),
            ("USD", "WRONG_ACCOUNT", ["ibkr:trade:2"], "broker-sync explain ibkr:trade:2"),
        ],
    ),
    (
        "a row that another account lacks",
        World(
            told=without(BUY, among=RECORDS), booked=without(BUY), held=(*without(BUY), THEIRS),
            broker=BROKER | {"WDGT": D(-4), "USD": D("2321.5")},
            other={"elsewhere": {"U7654321": THERE}},
        ),
        [
            ("WDGT", "WRONG_ACCOUNT", ["row-8"], "broker-sync explain ibkr:trade:1"),
            ("USD", "WRONG_ACCOUNT", ["row-8"], "broker-sync explain ibkr:trade:1"),
        ],
    ),
    (
        "a position that the tracker cannot hold",
        World(
            shown={"WDGT": D(0)},
            other={"limits": [Limit(instrument=WIDGET, quantity=D(6), reason="it is a future")]},
        ),
        [("WDGT", "CANNOT_HOLD", ["conid:1001"], None)],
    ),
    (
        "a tracker that shows what its rows do not add up to",
        World(shown={"USD": D(1000)}),
        [("USD", "MISCOUNTED", ["USD"], None)],
    ),
    (
        "what nobody can account for",
        World(broker=BROKER | {"USD": D("1320.49")} | {"GBP": D(77)}),
        [("GBP", "UNKNOWN", [], None)],
    ),
]  # fmt: skip


@for_each(("claim", "world", "expected"), CAUSES)
def test_the_cause_is_named_with_its_records_and_a_command(
    claim: str, world: World, expected: list[tuple[str, str, list[str], str | None]]
) -> None:
    del claim
    assert told(world.explained()) == expected


def in_june() -> World:
    return World(
        broker=BROKER | {"WDGT": D(7), "USD": D("1210.5")},
        windows=(WINDOW, GAP),
        other={"as_of": day(30, 6)},
    )


def test_what_happened_on_days_that_no_statement_covers_is_named_by_these_days() -> None:
    command = "broker-sync ibkr --since 2026-06-01 --until 2026-06-07"
    assert told(in_june().explained()) == [
        ("WDGT", "OUTSIDE_WINDOWS", ["2026-06-01 to 2026-06-07"], command),
        ("USD", "OUTSIDE_WINDOWS", ["2026-06-01 to 2026-06-07"], command),
    ]


def test_a_rejected_record_before_a_gap_is_not_put_down_to_the_gap() -> None:
    world = replace(
        in_june(),
        other={
            "as_of": day(30, 6),
            "rejected": [RejectedRecord(rejection=rejected(quantity=D(1)), cash={"USD": D(-110)})],
        },
    )
    assert [each.kind for each in world.explained()] == [Kind.REJECTED, Kind.REJECTED]


def test_of_a_rejected_record_and_a_gap_each_has_its_part() -> None:
    world = replace(
        in_june(),
        other={
            "as_of": day(30, 6),
            "rejected": [RejectedRecord(rejection=rejected(quantity=D("0.25")), cash={"USD": D(-10)})],
        },
    )
    for found in world.explained():
        assert [cause.kind for cause in found.causes] == [Kind.REJECTED, Kind.OUTSIDE_WINDOWS]


def test_a_gap_in_which_nothing_happened_is_no_cause() -> None:
    same = replace(
        GAP,
        opening_positions=(
            Position(instrument=GADGET, quantity=D(20)),
            Position(instrument=WIDGET, quantity=D(6)),
        ),
        starting_cash={"USD": D("1320.5"), "GBP": D(100)},
    )
    world = World(windows=(WINDOW, same), held=without(DIVIDEND), other={"as_of": day(30, 6)})
    assert [each.kind for each in world.explained()] == [Kind.REMOVED]
    silent = replace(GAP, opening_positions=None, starting_cash=None)
    world = replace(world, windows=(WINDOW, silent))
    assert [each.kind for each in world.explained()] == [Kind.REMOVED]


# --- where the tracker does not list its rows ---


@for_each(
    ("world", "kind", "record"),
    [
        (World(held=None, booked=without(DIVIDEND)), "NOT_IMPORTED", "ibkr:cash:3"),
        (World(held=None, booked=without(SPLIT)), "SPLIT_NOT_APPLIED", "ibkr:ca:4"),
        (World(held=None, shown={"USD": D("1308")}), "REMOVED", "ibkr:cash:3"),
        (World(held=None, shown={"USD": D("1333")}), "IMPORTED_TWICE", "ibkr:cash:3"),
        (World(held=None, shown={"USD": D("-679.5")}), "OPENING_BALANCE", "ibkr:opening:cash:USD"),
    ],
)
def test_without_a_list_of_rows_the_sums_tell_what_is_gone_or_there_twice(
    world: World, kind: str, record: str
) -> None:
    (explained,) = world.explained()
    assert (explained.kind.name, explained.records) == (kind, (record,))


def test_where_our_own_records_are_gone_our_rows_do_not_pass_for_those_of_others() -> None:
    world = World(booked=(), told=(), windows=(), broker={"USD": D(0)})
    assert all(not each.is_certain for found in world.explained() for each in found.causes)


# --- what is no cause ---


def test_rows_that_do_nothing_are_no_cause() -> None:
    idle = entry("ibkr:cash:9", day(3), "FEE")
    world = World(booked=(*ALL, idle), held=(*without(DIVIDEND), foreign("row-5", idle)))
    assert told(world.explained()) == [("USD", "REMOVED", ["ibkr:cash:3"], "broker-sync explain ibkr:cash:3")]
    (found,) = replace(world, held=None, shown={"USD": D("1308")}).explained()
    assert found.records == ("ibkr:cash:3",)


def test_without_a_statement_nothing_is_said_to_be_cancelled() -> None:
    world = World(broker=BROKER | {"USD": D(1308)}, other={"told": None})
    assert [each.kind for each in world.explained()] == [Kind.UNKNOWN]


def test_what_the_tracker_shows_although_it_cannot_hold_it_is_no_cause() -> None:
    limits = {"limits": [Limit(instrument=WIDGET, quantity=D(6), reason="it is a future")]}
    assert [each.kind for each in World(held=without(DIVIDEND), other=limits).explained()] == [Kind.REMOVED]


@for_each("broker", ["-6", "7", "6.5", "606"])
def test_a_ratio_that_no_split_has_is_not_taken_for_one(broker: str) -> None:
    (found,) = World(broker=BROKER | {"WDGT": D(broker)}).explained()
    assert found.kind is Kind.UNKNOWN


def test_the_effects_of_a_cause_are_told_by_money_and_by_position() -> None:
    (found, _) = World(booked=without(SELL), held=without(SELL)).explained()
    (cause,) = found.causes
    assert (cause.cash, cause.units) == ({"USD": D(439)}, {"conid:1001": D(-4)})
