"""What a release and its settings mean for a sync, in sentences."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

from broker_sync.report.wealthfolio_checkup import Grade
from broker_sync.sinks.wealthfolio.holdable import SHORT, CannotHold
from broker_sync.sinks.wealthfolio.reading import ServerInfo
from broker_sync.sinks.wealthfolio.verdicts import holdable_finding, of_address, of_server, valued_finding
from broker_sync.sinks.wealthfolio.version import features_of, parse_version
from broker_sync.sinks.wealthfolio.wire import ServerSettings, Valuation
from tests.sinks.wealthfolio.payload_samples import APPLE


def server(version: str, *, zone: str = "Europe/London", base: str | None = "GBP") -> ServerInfo:
    settings = ServerSettings(time_zone=ZoneInfo(zone or "UTC"), base_currency=base, zone_name=zone)
    return ServerInfo(version=version, features=features_of(parse_version(version)), settings=settings)


def cares(info: ServerInfo) -> list[str]:
    return [each.subject for each in of_server(info) if each.grade is Grade.CARE]


def test_a_plain_address_is_a_warning() -> None:
    assert of_address(is_exposed=False).grade is Grade.WORKS
    told = of_address(is_exposed=True)
    assert (told.grade, "https://" in told.text) == (Grade.CARE, True)


def test_what_is_not_set_and_what_an_old_release_does_is_told() -> None:
    assert cares(server("3.8.0")) == []
    assert cares(server("3.2.1", zone="", base=None)) == ["time zone", "base currency", "splits"]


def test_how_a_release_reckons_is_told() -> None:
    (old,) = [each.text for each in of_server(server("3.7.0")) if each.subject == "cash of trades"]
    (new,) = [each.text for each in of_server(server("3.8.0")) if each.subject == "cash of trades"]
    assert "quantity, price and fee" in old
    assert "their amount" in new


VALUED = Valuation(
    day=dt.date(2026, 3, 2),
    currency="GBP",
    base_currency="GBP",
    rate_to_base=Decimal(1),
    cash=Decimal(1),
    total=Decimal("12.50"),
    calculated_at=dt.datetime(2026, 3, 2, tzinfo=dt.UTC),
)


def test_whether_an_account_is_valued_is_told() -> None:
    told = [
        valued_finding("a", None, [], is_empty=True),
        valued_finding("a", None, [], is_empty=False),
        valued_finding("a", VALUED, ["ONE", "TWO"], is_empty=False),
        valued_finding("a", VALUED, [], is_empty=False),
    ]
    assert [each.grade for each in told] == [Grade.WORKS, Grade.CARE, Grade.CARE, Grade.WORKS]
    assert told[2].text == "valued to 2026-03-02, without a price of ONE, TWO"
    assert told[3].text == "valued to 2026-03-02: 12.5 GBP"


def test_what_cannot_be_shown_is_told_with_the_reason() -> None:
    (told,) = holdable_finding("a", [CannotHold(instrument=APPLE, quantity=Decimal(-3), reason=SHORT)])
    assert told.text == f"-3 AAPL cannot be shown: {SHORT}"
