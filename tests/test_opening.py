"""Opening balances follow from the earliest window that says something, and from nothing else."""

import datetime as dt
from decimal import Decimal

import pytest

from broker_sync.accounting import total_cash, total_positions
from broker_sync.models import OPENING_BALANCE, ActivityType, Instrument, Position
from broker_sync.opening import (
    OUT_OF_TRACKER,
    BookedBefore,
    Window,
    cash_anchor,
    opening_balances,
    position_anchor,
)
from tests.storage.samples import ACCOUNT

SHARE = Instrument(symbol="WDGT", currency="USD", conid="1001")
OPTION = Instrument(symbol="WDGT  260619C00100000", currency="USD", conid="77", multiplier=Decimal(100))


def day(number: int) -> dt.date:
    return dt.date(2026, 5, number)


def window(
    first: int,
    last: int,
    *,
    positions: tuple[Position, ...] | None = (),
    cash: dict[str, Decimal] | None = None,
    document: str = "a",
) -> Window:
    return Window(
        first_day=day(first),
        last_day=day(last),
        document=document,
        opening_positions=positions,
        starting_cash=cash,
    )


def held(quantity: str, *, instrument: Instrument = SHARE, cost: str | None = None) -> Position:
    return Position(
        instrument=instrument, quantity=Decimal(quantity), cost=None if cost is None else Decimal(cost)
    )


def test_without_a_window_nothing_opens() -> None:
    assert opening_balances(ACCOUNT, []) == []


def test_what_was_held_and_owed_before_the_first_day_opens_the_books() -> None:
    entries = opening_balances(
        ACCOUNT,
        [
            window(
                4,
                20,
                positions=(held("10", cost="1500"),),
                cash={"USD": Decimal("-20.5"), "GBP": Decimal(100)},
            )
        ],
    )
    assert total_positions(entries) == {"conid:1001": 10}
    assert total_cash(entries) == {"GBP": 100, "USD": Decimal("-20.5")}
    assert {entry.booked_on for entry in entries} == {day(3)}
    assert {entry.subtype for entry in entries} == {OPENING_BALANCE}
    assert entries[0].unit_price == 150


def test_what_was_short_opens_short() -> None:
    (entry,) = opening_balances(
        ACCOUNT, [window(4, 20, positions=(held("-2", instrument=OPTION, cost="-500"),))]
    )
    assert entry.activity_type is ActivityType.REMOVE_HOLDING
    assert (entry.quantity, entry.unit_price) == (Decimal(2), Decimal("2.5")), (
        "the price is of one unit of the underlying"
    )


def test_a_cost_that_the_broker_does_not_say_is_not_made_up() -> None:
    (entry,) = opening_balances(ACCOUNT, [window(4, 20, positions=(held("10"),))])
    assert entry.unit_price is None


def test_a_balance_of_nothing_opens_nothing() -> None:
    assert (
        opening_balances(ACCOUNT, [window(4, 20, positions=(held("0"),), cash={"EUR": Decimal("0.00")})])
        == []
    )


def test_earlier_history_replaces_what_was_opened_and_keeps_its_ids() -> None:
    later = window(10, 20, positions=(held("10"),), cash={"USD": Decimal(50)})
    earlier = window(1, 12, positions=(held("4"),), cash={"USD": Decimal(10)}, document="b")
    before = {entry.external_id: entry for entry in opening_balances(ACCOUNT, [later])}
    after = {entry.external_id: entry for entry in opening_balances(ACCOUNT, [later, earlier])}
    assert before.keys() == after.keys()
    assert total_positions(after.values()) == {"conid:1001": 4}
    assert total_cash(after.values()) == {"USD": 10}


def test_the_order_in_which_statements_arrive_does_not_matter() -> None:
    windows = [
        window(10, 20, cash={"USD": Decimal(5)}),
        window(1, 9, cash={"USD": Decimal(3)}),
    ]
    assert opening_balances(ACCOUNT, windows) == opening_balances(ACCOUNT, windows[::-1])


def test_of_windows_that_begin_together_the_first_that_came_has_the_word() -> None:
    short, long = window(1, 5, cash={"USD": Decimal(4)}), window(1, 9, cash={"USD": Decimal(3)})
    assert cash_anchor([short, long]) is short
    assert position_anchor([long, short]) is long


def test_a_window_without_the_section_has_no_word() -> None:
    mute = window(1, 9, positions=None, cash=None)
    telling = window(5, 20, positions=(held("10"),), cash={"USD": Decimal(50)})
    assert position_anchor([mute, telling]) is telling
    assert cash_anchor([mute]) is None
    assert position_anchor([mute]) is None
    assert opening_balances(ACCOUNT, [mute]) == []


@pytest.mark.parametrize(
    ("bought", "opening"), [("4", {"conid:1001": 6}), ("10", {}), ("12", {"conid:1001": -2})]
)
def test_what_was_booked_before_the_word_is_not_opened_again(bought: str, opening: dict[str, int]) -> None:
    windows = [
        window(1, 9, positions=None, cash=None),
        window(5, 20, positions=(held("10"),), cash={"USD": Decimal(50)}),
    ]
    entries = opening_balances(
        ACCOUNT,
        windows,
        positions_before=BookedBefore(positions=(held(bought),)),
        cash_before=BookedBefore(cash={"USD": Decimal(50), "EUR": Decimal(-7)}),
    )
    assert total_positions(entries) == opening
    assert total_cash(entries) == {"EUR": 7}
    assert {entry.booked_on for entry in entries} <= {dt.date(2026, 4, 30)}


def test_what_was_sold_before_the_word_had_been_held() -> None:
    windows = [window(1, 9, positions=None), window(5, 20)]
    entries = opening_balances(ACCOUNT, windows, positions_before=BookedBefore(positions=(held("-3"),)))
    assert total_positions(entries) == {"conid:1001": 3}


def test_any_statement_has_the_word_before_what_was_read_out_of_the_tracker() -> None:
    read_back = window(1, 9, positions=(held("3"),), cash={"USD": Decimal(4)}, document=OUT_OF_TRACKER)
    told = window(1, 5, positions=(held("4"),), cash={"USD": Decimal(3)})
    for windows in ([read_back, told], [told, read_back]):
        assert position_anchor(windows) is told
        assert cash_anchor(windows) is told
