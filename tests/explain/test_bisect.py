"""The day on which two sides part is found in few steps, and told."""

import datetime as dt
from decimal import Decimal
from math import ceil, log2

from hypothesis import given
from hypothesis import strategies as st

from broker_sync.explain import Explanation, Kind, Parting, bisection, with_parting
from broker_sync.reconcile import CashDrift
from tests.explain.world import day
from tests.tables import for_each

DAYS = [day(1) + dt.timedelta(days=number) for number in range(1000)]
OFF = CashDrift(currency="USD", broker=Decimal(1), tracker=Decimal(0))
UNKNOWN = Explanation(drift=OFF, kind=Kind.UNKNOWN, text="Nothing accounts for it.")


def parted(days: list[dt.date], differs: list[bool]) -> tuple[Parting, int]:
    """What is found, and how many days were asked for."""
    asking = bisection(days)
    asked = 0
    try:
        wanted = next(asking)
        while True:
            asked += 1
            wanted = asking.send(differs[days.index(wanted)])
    except StopIteration as finished:
        found: Parting = finished.value
        return found, asked


@given(st.integers(min_value=1, max_value=1000), st.data())
def test_the_first_day_is_found_in_as_many_steps_as_halves(count: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(min_value=0, max_value=count - 1))
    found, asked = parted(DAYS[:count], [number >= first for number in range(count)])
    assert found == Parting(agreed=DAYS[first - 1] if first else None, differs=DAYS[first])
    assert asked <= ceil(log2(count + 1))


@given(st.lists(st.booleans(), min_size=1, max_size=50))
def test_where_it_came_and_went_a_day_is_found_on_which_it_came(before: list[bool]) -> None:
    differs = [*before, True]
    found, _ = parted(DAYS[: len(differs)], differs)
    place = DAYS.index(found.differs)
    assert differs[place]
    assert found.agreed == (DAYS[place - 1] if place else None)
    assert not (place and differs[place - 1])


@for_each(
    ("parting", "told", "command"),
    [
        (
            Parting(agreed=day(3), differs=day(4)),
            "Both sides agreed on 2026-05-03, and differ since 2026-05-04.",
            "broker-sync ibkr --since 2026-05-04",
        ),
        (
            Parting(agreed=day(3), differs=day(9)),
            "Both sides agreed on 2026-05-03, and differ since 2026-05-09.",
            "broker-sync ibkr --since 2026-05-04",
        ),
        (
            Parting(agreed=None, differs=day(4)),
            "Both sides differ since the first statement, which ends on 2026-05-04.",
            "broker-sync ibkr --since 2026-05-04",
        ),
    ],
)
def test_what_nothing_accounts_for_is_told_with_the_day_and_what_to_fetch_again(
    parting: Parting, told: str, command: str
) -> None:
    found = with_parting(UNKNOWN, parting)
    assert found.text == f"Nothing accounts for it. {told}"
    assert (found.command, found.parting) == (command, parting)
