"""A difference is confirmed by the second run in a row that finds it, and not before."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from broker_sync.confirm import Standing, confirmed, standings
from broker_sync.dedup import SyncRecordStore
from broker_sync.models import Nav
from broker_sync.reconcile import CashDrift, PositionDrift, Side, SideKind
from broker_sync.results import NavDrift, SyncResult
from tests.explain.world import WIDGET
from tests.report_samples import perfect

D = Decimal
MONDAY = dt.datetime(2026, 6, 1, 2, tzinfo=dt.UTC)
NIGHT = dt.timedelta(days=1)
SHARES, CASH = Side(SideKind.POSITION, WIDGET.key), Side(SideKind.CASH, "USD")
WORTH = Side(SideKind.NAV, "GBP")


def result(shares: str | None = "0", cash: str | None = "0", nav: str | None = None) -> SyncResult:
    """What differs by so much; None was not compared."""
    return replace(
        perfect(),
        positions=None
        if shares is None
        else [PositionDrift(instrument=WIDGET, broker=D(shares), tracker=D(0))],
        cash=None if cash is None else [CashDrift(currency="USD", broker=D(cash), tracker=D(0))],
        nav=None if nav is None else NavDrift(broker=value(nav), tracker=value("0"), tolerance=D("0.01")),
    )


def off(shares: str) -> PositionDrift:
    return PositionDrift(instrument=WIDGET, broker=D(shares), tracker=D(0))


def value(total: str) -> Nav:
    return Nav(currency="GBP", day=MONDAY.date(), total=D(total))


def after(*nights: SyncResult) -> list[Standing]:
    """What stands after a run a night, from Monday on."""
    found: list[Standing] = []
    for number, night in enumerate(nights):
        found = standings(found, night, at=MONDAY + number * NIGHT)
    return found


def told(found: list[Standing]) -> dict[Side, tuple[int, bool]]:
    return {each.side: (each.runs, each.is_confirmed) for each in found}


def test_one_run_confirms_nothing_and_the_second_does() -> None:
    assert told(after(result("3", "9"))) == {CASH: (1, False), SHARES: (1, False)}
    assert told(after(result("3"), result("4", "9"))) == {CASH: (1, False), SHARES: (2, True)}


def test_when_it_was_found_first_and_last_is_known_with_what_it_is_now() -> None:
    (found,) = after(result("3"), result("4"), result("-5"))
    assert (found.label, found.amount, found.runs) == ("WDGT", D(-5), 3)
    assert (found.first_seen, found.last_seen) == (MONDAY, MONDAY + 2 * NIGHT)


def test_a_night_without_it_starts_anew() -> None:
    assert told(after(result("3"), result("0"), result("3"))) == {SHARES: (1, False)}


def test_what_a_run_did_not_compare_stands_as_it_was() -> None:
    (found,) = after(result("3"), result(None), result("3"))
    assert (found.runs, found.first_seen) == (2, MONDAY)
    assert told(after(result("3"), result(None))) == {SHARES: (1, False)}


def test_within_tolerance_nothing_stands() -> None:
    assert after(result("0.0001", "0.01", "0.01")) == []


def test_a_value_is_confirmed_like_the_rest() -> None:
    assert told(after(result(nav="3"), result(nav="3"))) == {WORTH: (2, True)}


def test_what_is_confirmed_goes_by_its_names() -> None:
    found = after(result("3", "9"), result("3", "9", "1"))
    assert confirmed(found, SideKind.POSITION) == {WIDGET.key}
    assert confirmed(found, SideKind.CASH) == {"USD"}
    assert confirmed(found, SideKind.NAV) == frozenset()


# --- between two runs ---


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SyncRecordStore]:
    with SyncRecordStore(tmp_path) as found:
        yield found


def test_what_stands_is_kept_by_account_until_the_next_run(store: SyncRecordStore) -> None:
    first, second = after(result("3", "9")), after(result("0.25"), result("0.5"))
    store.save_drifts("ledger", "tracker-1", first)
    store.save_drifts("ledger", "tracker-2", second)
    assert store.drifts("ledger", "tracker-1") == first
    store.save_drifts("ledger", "tracker-1", [])
    assert store.drifts("ledger", "tracker-1") == []
    assert store.drifts("ledger", "tracker-2") == second
    assert store.drifts("wealthfolio", "tracker-2") == []
