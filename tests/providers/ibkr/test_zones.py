"""The hour of its dividends tells where an account's clock stands."""

import datetime as dt

import pytest

from broker_sync.providers.ibkr import IBKRProvider
from broker_sync.providers.ibkr.formats import Stamp
from broker_sync.providers.ibkr.zones import zone_of_dividends
from tests.providers.ibkr.builders import ACCOUNT, Text, cash, cash_rows, fetch, one_statement, trade, trades


def stamp(text: str) -> Stamp:
    moment = dt.datetime.fromisoformat(text)
    return Stamp(day=moment.date(), clock=moment.time(), zone=moment.tzinfo)


@pytest.mark.parametrize(
    ("texts", "zone"),
    [
        (["2026-05-20T20:20:00", "2026-01-20T20:20:00"], "America/New_York"),
        (["2026-05-21T01:20:00", "2026-01-21T01:20:00"], "Europe/London"),
        # Sydney changes its clock the other way round, weeks apart from New York.
        (["2022-12-15T12:20:00", "2023-03-08T12:20:00", "2023-09-15T10:20:00"], "Australia/Sydney"),
        (["2026-05-21T08:20:00", "2026-01-21T09:20:00"], "Asia/Singapore"),
    ],
)
def test_dividends_are_stamped_at_one_hour_of_new_york(texts: list[str], zone: str) -> None:
    assert str(zone_of_dividends(map(stamp, texts))) == zone


@pytest.mark.parametrize(
    "texts",
    [
        [],
        ["2026-05-20T03:33:00"],
        ["2026-05-21T01:20:00+01:00"],
        ["2026-05-20T20:20:00", "2026-05-20T11:11:00"],
    ],
)
def test_where_most_stamps_do_not_agree_no_zone_is_made_up(texts: list[str]) -> None:
    assert zone_of_dividends(map(stamp, texts)) is None


def test_a_day_without_a_time_says_nothing() -> None:
    assert zone_of_dividends([Stamp(day=dt.date(2026, 5, 20))]) is None


def test_trades_of_an_account_in_sydney_are_read_on_its_clock() -> None:
    dividends = cash_rows(
        cash(dateTime="20260521;102000"), cash(dateTime="", transactionID="2"), cash(dateTime="soon")
    )
    text = one_statement(trades(trade(dateTime="20260520;100000", tradeDate="20260520")), dividends)
    found = fetch(IBKRProvider(wf_account_id="t", upstream_account_id=ACCOUNT, documents=[Text(text)]))
    assert found.activities[0].date == dt.datetime(2026, 5, 20, 0, 0, tzinfo=dt.UTC)
