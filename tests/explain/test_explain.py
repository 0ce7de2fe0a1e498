"""What is found accounts for all that differs, with no more records than were tampered with."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from broker_sync.contracts import Holding
from broker_sync.explain import Entry, Evidence, Explanation, Kind, Told, explain
from broker_sync.explain.effects import Sides, total
from broker_sync.models import CashBalance, Position
from broker_sync.received import Days
from broker_sync.reconcile import CashDrift, PositionDrift, reconcile_cash, reconcile_positions
from tests.explain.world import BUY, GADGET, RECORDS, WIDGET, World, day, entry, foreign
from tests.tables import for_each

D = Decimal
YEAR = Days(first=day(1, 1), last=day(31, 12))
Compared = list[PositionDrift | CashDrift]

cents = st.decimals(min_value="-5000", max_value="5000", places=2)


@st.composite
def records(draw: st.DrawFn) -> list[Entry]:
    """Trades and payments over a year, in two currencies."""
    found = []
    for number in range(draw(st.integers(min_value=3, max_value=30))):
        thing = draw(st.sampled_from([WIDGET, GADGET, None]))
        found.append(
            entry(
                f"ibkr:trade:{number}",
                day(draw(st.integers(1, 28)), draw(st.integers(1, 12))),
                "BUY",
                thing,
                str(draw(st.integers(-50, 50))) if thing else "0",
                str(draw(cents)),
                currency=draw(st.sampled_from(["USD", "EUR"])),
            )
        )
    return found


@st.composite
def tampered(draw: st.DrawFn, booked: Sequence[Entry]) -> tuple[list[Entry], int]:
    """The rows of a tracker in which so many records are not what they should be."""
    rows = {each.record_id: [each] for each in booked}
    chosen = draw(st.lists(st.sampled_from(list(rows)), max_size=6, unique=True))
    for name in chosen:
        (row,) = rows[name]
        match draw(st.sampled_from(["delete", "duplicate", "alter"])):
            case "delete":
                rows[name] = []
            case "duplicate":
                rows[name] = [row, foreign(f"row-{name}", row)]
            case _:
                rows[name] = [replace(row, cash=draw(cents), currency=row.currency or "USD")]
    return [row for found in rows.values() for row in found], len(chosen)


def compared(booked: Sequence[Entry], rows: Sequence[Entry]) -> Compared:
    sides = Sides([])
    positions = [
        {
            thing: sum((each.units for each in entries if each.instrument is thing), D(0))
            for thing in (WIDGET, GADGET)
        }
        for entries in (booked, rows)
    ]
    money = [
        {side.name: amount for side, amount in sides.all_effects(each).items() if side.kind == "cash"}
        for each in (booked, rows)
    ]
    return [
        *reconcile_positions(
            [Position(instrument=thing, quantity=quantity) for thing, quantity in positions[0].items()],
            [Holding(instrument=thing, quantity=quantity) for thing, quantity in positions[1].items()],
        ),
        *reconcile_cash(
            [CashBalance(currency=name, ending=amount) for name, amount in money[0].items()], money[1]
        ),
    ]


@given(st.data())
def test_no_more_records_are_named_than_were_tampered_with_and_they_come_to_the_difference(
    data: st.DataObject,
) -> None:
    booked = data.draw(records())
    rows, most = data.draw(tampered(booked))
    told = Told(days=YEAR, entries=booked, kinds=frozenset({"trade"}))
    evidence = Evidence(account="U1234567", as_of=YEAR.last, told=told, booked=booked, held=rows)
    found = explain(compared(booked, rows), evidence)
    causes = {cause.records: cause for each in found for cause in each.causes}
    assert sum(map(len, causes)) <= most
    for each in found:
        drift = each.drift
        assert isinstance(drift, PositionDrift | CashDrift)
        assert total(cause.effects for cause in each.causes).get(drift.side, D(0)) == drift.drift
    assert all(each.is_smallest and each.accounts_for_rest for each in found)


@given(st.data())
def test_the_same_is_found_in_whatever_order_it_is_told(data: st.DataObject) -> None:
    booked = data.draw(records())
    rows, _ = data.draw(tampered(booked))
    told = Told(days=YEAR, entries=booked, kinds=frozenset({"trade"}))
    evidence = Evidence(account="U1234567", as_of=YEAR.last, told=told, booked=booked, held=rows)
    turned = replace(evidence, told=replace(told, entries=booked[::-1]), booked=booked[::-1], held=rows[::-1])
    drifts = compared(booked, rows)

    def named(found: Sequence[Explanation]) -> list[tuple[Kind, set[str]]]:
        return [(each.kind, set(each.records)) for each in found]

    assert named(explain(drifts, evidence)) == named(explain(drifts, turned))


# --- what is chosen, where there is a choice ---


def with_rows(*more: Entry, gone: Sequence[Entry] = (), **changes: object) -> World:
    world = World()
    held = [each for each in world.held or () if each not in gone]
    return replace(world, held=(*held, *more), **changes)  # type: ignore[arg-type]


def test_of_records_that_do_the_same_the_latest_is_named() -> None:
    fees = [entry(f"ibkr:cash:fee{number}", day(number), "FEE", cash="-1") for number in range(1, 29)]
    world = World(told=(*RECORDS, *fees), broker=World().broker | {"USD": D("1292.5")})
    world = replace(world, booked=(*world.booked, *fees), held=None, shown={"USD": D("1294.5")})
    (found,) = world.explained()
    assert sorted(found.records) == ["ibkr:cash:fee27", "ibkr:cash:fee28"]


def test_a_record_that_accounts_for_shares_and_money_goes_before_two_that_do_so_each() -> None:
    shares = foreign("row-1", BUY, units=D(-10), cash=D(0), currency="")
    money = foreign("row-2", BUY, units=D(0), instrument=None, cash=D(1001))
    world = with_rows(shares, money, foreign("row-3", BUY), gone=[BUY])
    assert {each.records for each in world.explained()} == {("ibkr:trade:1",)}
    world = with_rows(shares, money)
    assert {each.records for each in world.explained()} == {("row-1",), ("row-2",)}


def test_what_hides_a_difference_is_part_of_what_accounts_for_the_rest() -> None:
    hidden = foreign("row-4", entry("", day(9), "DEPOSIT", cash="-1001"))
    (found,) = with_rows(hidden, gone=[BUY]).explained()
    assert (found.records, found.accounts_for_rest) == (("ibkr:trade:1",), True)


def test_where_money_was_not_compared_what_a_record_did_to_it_does_not_matter() -> None:
    broker = {name: held for name, held in World().broker.items() if name not in {"USD", "GBP"}}
    (found,) = with_rows(gone=[BUY], broker=broker).explained()
    assert found.records == ("ibkr:trade:1",)


def test_what_accounts_for_one_side_alone_says_so() -> None:
    broker = World().broker | {"WDGT": D(6), "USD": D("999.99")}
    found = with_rows(gone=[BUY], broker=broker).explained()
    assert [(each.kind, each.accounts_for_rest) for each in found] == [
        (Kind.REMOVED, False),
        (Kind.UNKNOWN, True),
    ]
    assert "accounts for this difference alone" in found[0].text
    assert "all sets of up to" in found[1].text


def test_many_records_are_named_in_short() -> None:
    fees = [
        entry(f"ibkr:cash:fee{number}", day(number), "FEE", cash=f"-{2**number}") for number in range(1, 13)
    ]
    broker = World().broker | {"USD": World().broker["USD"] + sum(each.cash for each in fees)}
    world = World(told=(*RECORDS, *fees), broker=broker)
    (found,) = world.explained()
    assert len(found.records) == 12
    assert "12 records are in the broker's statement, and not in the tracker: " in found.text
    assert "and 7 more" in found.text
    assert found.command == "broker-sync ibkr --since 2026-05-01"


@for_each(("work", "is_smallest"), [(10**6, True), (200, False)])
def test_where_trying_all_sets_takes_too_long_all_that_is_wrong_is_named(
    work: int, *, is_smallest: bool
) -> None:
    fees = [
        entry(f"ibkr:cash:fee{number}", day(number), "FEE", cash=f"-{2**number}") for number in range(1, 11)
    ]
    broker = World().broker | {"USD": World().broker["USD"] + sum(each.cash for each in fees)}
    world = World(told=(*RECORDS, *fees), broker=broker)
    idle = [foreign(f"row-{sign}", entry("", day(2), "X", cash=f"{sign}7")) for sign in "+-"]
    world = replace(world, held=(*(world.held or ()), *idle))
    (found,) = explain(world.compared(), world.evidence, work=work)
    assert (found.is_smallest, len(found.records)) == (is_smallest, 10)


def test_where_nothing_differs_nothing_is_looked_for() -> None:
    assert World().explained() == []
