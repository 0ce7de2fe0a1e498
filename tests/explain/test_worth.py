"""Where quantities and cash agree and the values do not, it is the prices."""

from decimal import Decimal

from broker_sync.explain import Kind, explain_nav
from broker_sync.models import Nav
from broker_sync.nav import reconcile_nav
from broker_sync.reconcile import CashDrift, PositionDrift, Side, SideKind
from broker_sync.results import NavDrift
from tests.explain.world import WIDGET, day
from tests.tables import for_each

D = Decimal
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
    found = reconcile_nav(nav("10.5"), nav("10"), tolerance=D(0))
    assert found == worth("10.5", "10")
    assert (worth("10.5", "10").drift, worth("10.5", "10").side) == (D("0.5"), Side(SideKind.NAV, "GBP"))


@for_each("sign", ["", "-"])
def test_a_value_may_differ_by_a_part_of_it(sign: str) -> None:
    told = [
        reconcile_nav(nav(f"{sign}1000"), nav(f"{sign}{other}"))
        for other in ("1010", "990", "1010.01", "989.99")
    ]
    assert [each.exceeds() for each in told if each is not None] == [False, False, True, True]


@for_each(
    ("position", "cash", "kind"),
    [(SAME, CASH, Kind.PRICES), (OFF, CASH, Kind.FOLLOWS), (SAME, CASH_OFF, Kind.FOLLOWS)],
)
def test_prices_are_named_where_nothing_else_differs(
    position: PositionDrift, cash: CashDrift, kind: Kind
) -> None:
    found = explain_nav(worth("10.5", "10"), positions=[position], cash=[cash])
    assert found is not None
    assert (found.kind, found.records, found.command) == (kind, (), None)
    assert "0.5 GBP" in found.text


def test_without_the_quantities_nobody_knows() -> None:
    found = explain_nav(worth("10.5", "10"), positions=None, cash=[CASH])
    assert found is not None
    assert found.kind is Kind.UNKNOWN


def test_what_is_equal_needs_no_explanation() -> None:
    assert explain_nav(None, positions=[], cash=[]) is None
    assert explain_nav(worth("10", "10"), positions=[], cash=[]) is None
