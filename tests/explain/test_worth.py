"""Where quantities and cash agree and the values do not, it is the prices."""

from decimal import Decimal

from broker_sync.explain import Kind, explain_nav
from broker_sync.models import Nav
from broker_sync.nav import nav_exceeds, nav_off, reconcile_nav
from broker_sync.reconcile import CashDrift, PositionDrift
from broker_sync.results import NavDrift
from tests.explain.world import WIDGET, day
from tests.tables import for_each

D = Decimal
CENT = D("0.01")
SAME = PositionDrift(instrument=WIDGET, broker=D(1), tracker=D(1))
OFF = PositionDrift(instrument=WIDGET, broker=D(1), tracker=D(2))
CASH = CashDrift(currency="USD", broker=D(1), tracker=D(1))
CASH_OFF = CashDrift(currency="USD", broker=D(1), tracker=D(2))


def nav(total: str, *, currency: str = "GBP", on: int = 29) -> Nav:
    return Nav(currency=currency, day=day(on), total=D(total))


def worth(broker: str, tracker: str) -> NavDrift:
    return NavDrift(broker=nav(broker), tracker=nav(tracker))


@for_each(
    ("broker", "tracker"),
    [
        (None, nav("1")),
        (nav("1"), None),
        (nav("1"), nav("1", currency="USD")),
        (nav("1"), nav("1", on=28)),
    ],
)
def test_values_of_other_days_and_currencies_are_not_compared(
    broker: Nav | None, tracker: Nav | None
) -> None:
    assert reconcile_nav(broker, tracker) is None


def test_values_of_one_day_in_one_currency_are_compared() -> None:
    found = reconcile_nav(nav("10.5"), nav("10"))
    assert found == worth("10.5", "10")
    assert nav_off(worth("10.5", "10")) == D("0.5")
    assert [nav_exceeds(worth("10", other), CENT) for other in ("10.01", "9.99", "10.011", "9.98")] == [
        False, False, True, True,
    ]  # fmt: skip


@for_each(
    ("position", "cash", "kind"),
    [(SAME, CASH, Kind.PRICES), (OFF, CASH, Kind.FOLLOWS), (SAME, CASH_OFF, Kind.FOLLOWS)],
)
def test_prices_are_named_where_nothing_else_differs(
    position: PositionDrift, cash: CashDrift, kind: Kind
) -> None:
    found = explain_nav(worth("10.5", "10"), positions=[position], cash=[cash], tolerance=CENT)
    assert found is not None
    assert (found.kind, found.records, found.command) == (kind, (), None)
    assert "0.5 GBP" in found.text


def test_without_the_quantities_nobody_knows() -> None:
    found = explain_nav(worth("10.5", "10"), positions=None, cash=[CASH], tolerance=CENT)
    assert found is not None
    assert found.kind is Kind.UNKNOWN


def test_what_is_equal_needs_no_explanation() -> None:
    assert explain_nav(None, positions=[], cash=[], tolerance=CENT) is None
    assert explain_nav(worth("10", "10"), positions=[], cash=[], tolerance=CENT) is None
