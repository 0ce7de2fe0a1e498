"""Everything that an account has is read, page by page, even while it changes."""

import asyncio
import datetime as dt
from collections.abc import Callable

import httpx
import pytest

from broker_sync.sinks.wealthfolio.client import WealthfolioClient
from broker_sync.sinks.wealthfolio.errors import TrackerAwayError, UnsupportedVersionError
from broker_sync.sinks.wealthfolio.fields import JsonValue
from broker_sync.sinks.wealthfolio.reading import (
    ServerInfo,
    count_of,
    holdings_on,
    latest_valuation,
    pages_of,
    rows_of,
    server_info,
    valuation_on,
)
from broker_sync.sinks.wealthfolio.wire import ActivityRow, Holdings

_DAY = dt.date(2026, 1, 20)


def _row(number: int, account: str = "mine", day: int = 5) -> JsonValue:
    return {
        "id": f"r{number}",
        "accountId": account,
        "activityType": "DEPOSIT",
        "status": "POSTED",
        "date": f"2026-01-{day:02}T15:00:00+00:00",
        "currency": "USD",
        "amount": "1",
        "needsReview": False,
        "isUserModified": False,
        "createdAt": f"2026-11-22T18:00:{number % 60:02}.000000000+00:00",
        "updatedAt": "2026-11-22T18:00:00.000000000+00:00",
    }


Answers = Callable[[str, JsonValue], JsonValue]


def _client(answers: Answers) -> WealthfolioClient:
    """A server without a login that says `answers` of a path and what was asked."""

    def answer(request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api/v1")
        if path == "/auth/status":
            return httpx.Response(200, json={"requiresPassword": False})
        asked: JsonValue = dict(request.url.params)
        if request.content:
            asked = httpx.Response(200, content=request.content).json()
        return httpx.Response(200, json=answers(path, asked))

    return WealthfolioClient("http://localhost", password=None, transport=httpx.MockTransport(answer))


def _searched(*answers: tuple[list[JsonValue], int]) -> tuple[WealthfolioClient, list[dict[str, JsonValue]]]:
    """A server that gives `answers`, rows and total, one after the other, and what it was asked."""
    asked: list[dict[str, JsonValue]] = []

    def answer(_: str, body: JsonValue) -> JsonValue:
        assert isinstance(body, dict)
        rows, total = answers[len(asked)]
        asked.append(body)
        return {"data": rows, "meta": {"totalRowCount": total}}

    return _client(answer), asked


def _rows(client: WealthfolioClient, *types: str) -> list[ActivityRow]:
    return asyncio.run(rows_of(client, "mine", types=types))


def test_the_first_page_is_page_nought_and_the_account_is_named_as_the_server_knows_it() -> None:
    client, asked = _searched(([_row(1)], 1))
    _rows(client, "SPLIT")
    assert asked == [
        {
            "page": 0,
            "pageSize": 500,
            "accountIdFilter": ["mine"],
            "activityTypeFilter": ["SPLIT"],
            "sort": {"id": "date", "desc": False},
        }
    ]


def test_pages_are_read_until_the_total_is_reached() -> None:
    rows = [_row(number) for number in range(501)]
    client, asked = _searched((rows[:500], 501), (rows[500:], 501))
    assert len(_rows(client)) == 501
    assert [each["page"] for each in asked] == [0, 1]


def test_rows_of_others_are_not_ours_even_if_the_server_sends_them() -> None:
    client, _ = _searched(([_row(1), _row(2, "theirs")], 2))
    assert [row.id for row in _rows(client)] == ["r1"]


def test_rows_come_by_moment_and_then_as_they_were_made() -> None:
    client, _ = _searched(([_row(3, day=6), _row(2), _row(1)], 3))
    assert [row.id for row in _rows(client)] == ["r1", "r2", "r3"]


def test_pages_that_overlap_are_read_again_and_at_last_in_one_go() -> None:
    rows = [_row(number) for number in range(501)]
    twice = ((rows[:500], 501), (rows[:1], 501))
    client, asked = _searched(*twice, *twice, (rows, 501))
    assert len(_rows(client)) == 501
    assert [each["pageSize"] for each in asked] == [500, 500, 500, 500, 1_000_000]


def test_rows_that_never_stand_still_are_no_answer() -> None:
    client, _ = _searched(*[([_row(1)], 2)] * 3)
    with pytest.raises(TrackerAwayError, match="changed 3 times"):
        _rows(client)


def test_a_page_that_is_empty_is_the_last() -> None:
    client, asked = _searched(*[([], 700)] * 3)
    with pytest.raises(TrackerAwayError):
        _rows(client)
    assert len(asked) == 3


def test_rows_are_counted_with_one_short_question() -> None:
    client, asked = _searched(([_row(1)], 7))
    assert asyncio.run(count_of(client, "mine")) == 7
    assert asked[0]["pageSize"] == 1


def test_pages_can_be_read_one_by_one() -> None:
    client, _ = _searched(([_row(1), _row(2)], 3), ([_row(3)], 3))

    async def read() -> list[int]:
        return [len(page.rows) async for page in pages_of(client, "mine", size=2)]

    assert asyncio.run(read()) == [2, 1]


def _account(days: list[str], rows: int = 1) -> WealthfolioClient:
    """A server that kept what was held on `days`."""

    def answer(path: str, asked: JsonValue) -> JsonValue:
        assert isinstance(asked, dict)
        if path == "/activities/search":
            return {"data": [], "meta": {"totalRowCount": rows}}
        if path == "/snapshots":
            assert asked == {"accountId": "mine", "dateTo": "2026-01-20"}
            return [{"snapshotDate": day} for day in days]
        assert path == "/snapshots/holdings"
        number = int(str(asked["date"])[-2:])
        return [{"holdingType": "cash", "quantity": number, "localCurrency": "USD", "instrument": None}]

    return _client(answer)


def _held(client: WealthfolioClient) -> list[int]:
    return [int(each.amount) for each in asyncio.run(holdings_on(client, "mine", _DAY)).cash]


def test_what_was_held_is_what_the_last_day_before_left() -> None:
    assert _held(_account(["2026-01-05", "2026-01-15"])) == [15]
    assert _held(_account(["2026-01-20"])) == [20]


def test_before_the_first_day_nothing_was_held() -> None:
    assert asyncio.run(holdings_on(_account([]), "mine", _DAY)) == Holdings()


def test_days_that_were_not_asked_for_do_not_count() -> None:
    assert _held(_account(["2026-01-05", "2026-01-25"])) == [5]


def test_an_account_without_rows_holds_nothing_whatever_the_server_still_shows() -> None:
    assert _held(_account(["2026-01-05"], rows=0)) == []


def _value(day: str) -> JsonValue:
    return {
        "accountId": "mine",
        "valuationDate": day,
        "accountCurrency": "USD",
        "baseCurrency": "USD",
        "fxRateToBase": 1,
        "cashBalance": 1,
        "totalValue": 2,
        "calculatedAt": "2026-11-22T18:00:00.000000000Z",
    }


def test_a_value_is_asked_for_the_latest_day_or_for_one() -> None:
    asked: list[tuple[str, JsonValue]] = []

    def answer(path: str, params: JsonValue) -> JsonValue:
        asked.append((path, params))
        return [_value("2026-01-20")]

    async def ask() -> list[dt.date]:
        client = _client(answer)
        found = [await latest_valuation(client, "mine"), await valuation_on(client, "mine", _DAY)]
        return [each.day for each in found if each is not None]

    assert asyncio.run(ask()) == [_DAY, _DAY]
    one_day = {"accountId": "mine", "startDate": "2026-01-20", "endDate": "2026-01-20"}
    assert asked == [("/valuations/latest", {"accountIds": "mine"}), ("/valuations/history", one_day)]


def test_a_value_that_is_not_there_is_none() -> None:
    client = _client(lambda *_: [])
    assert asyncio.run(latest_valuation(client, "mine")) is None
    assert asyncio.run(valuation_on(client, "mine", _DAY)) is None


def _told(version: str) -> ServerInfo:
    about: dict[str, JsonValue] = {"version": version, "timezone": "Europe/London", "baseCurrency": "GBP"}
    return asyncio.run(server_info(_client(lambda *_: about)))


def test_a_server_is_told_by_its_version_and_its_settings() -> None:
    info = _told("3.8.0")
    assert info.features.final_amounts
    assert (str(info.settings.time_zone), info.settings.base_currency) == ("Europe/London", "GBP")


def test_a_server_that_is_too_old_is_refused() -> None:
    with pytest.raises(UnsupportedVersionError, match=r"3\.0\.5"):
        _told("3.0.5")
