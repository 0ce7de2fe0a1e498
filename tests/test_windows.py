"""Which days are covered, and what a statement says of its beginning."""

import datetime as dt
from decimal import Decimal

import pytest

from broker_sync.contracts import Truth
from broker_sync.models import CashBalance, Instrument, Position
from broker_sync.opening import Window
from broker_sync.windows import gap_notes, gaps, window_of
from tests.storage.samples import ACCOUNT


def window(first: str, last: str) -> Window:
    return Window(
        first_day=dt.date.fromisoformat(first),
        last_day=dt.date.fromisoformat(last),
        document="a",
        opening_positions=None,
        starting_cash=None,
    )


@pytest.mark.parametrize(
    ("windows", "found"),
    [
        ([], 0),
        ([("2026-05-04", "2026-05-08")], 0),
        ([("2026-05-04", "2026-05-08"), ("2026-05-09", "2026-05-15")], 0),
        ([("2026-05-04", "2026-05-08"), ("2026-05-06", "2026-05-07"), ("2026-05-09", "2026-05-15")], 0),
        ([("2026-05-04", "2026-05-08"), ("2026-05-11", "2026-05-15")], 0),
        ([("2026-05-04", "2026-05-07"), ("2026-05-11", "2026-05-15")], 1),
        ([("2026-05-11", "2026-05-15"), ("2026-01-01", "2026-02-01")], 1),
    ],
    ids=[
        "none",
        "one",
        "next day",
        "overlapping",
        "a weekend between",
        "a friday between",
        "months, out of order",
    ],
)
def test_only_days_that_nothing_covers_are_a_gap(windows: list[tuple[str, str]], found: int) -> None:
    assert len(gaps([window(*each) for each in windows])) == found


def test_a_gap_is_named_by_its_days() -> None:
    (note,) = gap_notes([window("2026-05-04", "2026-05-06"), window("2026-05-11", "2026-05-15")])
    assert "2026-05-07 to 2026-05-10" in note


def test_a_window_keeps_what_the_statement_says_of_its_beginning() -> None:
    share = Position(instrument=Instrument(symbol="A", currency="USD"), quantity=Decimal(1))
    truth = Truth(
        account=ACCOUNT,
        first_day=dt.date(2026, 5, 4),
        last_day=dt.date(2026, 5, 8),
        document="a",
        positions=[],
        opening_positions=[share],
        cash=[
            CashBalance(currency="USD", starting=Decimal(1), ending=Decimal(2)),
            CashBalance(currency="EUR", ending=Decimal(2)),
        ],
    )
    found = window_of(truth)
    assert found.opening_positions == (share,)
    assert found.starting_cash == {"USD": Decimal(1)}


def test_a_section_that_is_missing_is_not_an_empty_one() -> None:
    truth = Truth(
        account=ACCOUNT,
        first_day=dt.date(2026, 5, 4),
        last_day=dt.date(2026, 5, 8),
        document="a",
        positions=None,
        opening_positions=[],
        cash=None,
    )
    found = window_of(truth)
    assert (found.opening_positions, found.starting_cash) == (None, None)
