"""Reading back what the server has: every row of one account, what it holds on a day, what it is worth."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from broker_sync.sinks.wealthfolio.client import WealthfolioClient
from broker_sync.sinks.wealthfolio.errors import TrackerAwayError
from broker_sync.sinks.wealthfolio.fields import Fields, JsonValue
from broker_sync.sinks.wealthfolio.version import Features, features_of, parse_version
from broker_sync.sinks.wealthfolio.wire import (
    ActivityPage,
    ActivityRow,
    Holdings,
    ServerSettings,
    Valuation,
    parse_holdings,
    parse_page,
    parse_quote_days,
    parse_settings,
    parse_snapshot_days,
    parse_valuations,
)

__all__ = [
    "Asks",
    "ServerInfo",
    "count_of",
    "holdings_now",
    "holdings_on",
    "latest_valuation",
    "pages_of",
    "quote_days",
    "rows_of",
    "server_info",
    "valuation_on",
]

_PAGE: Final = 500
# Where pages overlap, because rows changed meanwhile or those of one moment have no order, one page must do.
_PAGES: Final = (_PAGE, _PAGE, 1_000_000)


class Asks(Protocol):
    """Whatever can be asked, as the client can."""

    async def query(self, path: str, body: JsonValue) -> JsonValue:
        """Ask with a POST that changes nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerInfo:
    """What a server is and how it is set up; `version` is its own word for it."""

    version: str
    features: Features
    settings: ServerSettings


async def server_info(client: WealthfolioClient) -> ServerInfo:
    """Ask what the server is; raises UnsupportedVersionError for one that is too old."""
    about = Fields.of(await client.get("/app/info"), "the answer of /app/info")
    version = about.text("version")
    features = features_of(parse_version(version))
    return ServerInfo(
        version=version, features=features, settings=parse_settings(await client.get("/settings"))
    )


async def rows_of(
    client: WealthfolioClient, account_id: str, *, types: Sequence[str] = ()
) -> list[ActivityRow]:
    """Every row of one account, of `types` or of all, by moment and then in the order of their making.

    Raises TrackerAwayError when the rows change faster than they can be read.
    """
    for size in _PAGES:
        rows: dict[str, ActivityRow] = {}
        total = 0
        async for page in pages_of(client, account_id, types=types, size=size):
            rows |= {row.id: row for row in page.rows}
            total = page.total
        if len(rows) == total:
            return sorted(
                (row for row in rows.values() if row.account_id == account_id),
                key=lambda row: (row.date, row.created_at, row.id),
            )
    raise TrackerAwayError(
        server=client.server, found=f"its activities changed {len(_PAGES)} times while they were being read"
    )


async def pages_of(
    client: Asks, account_id: str | None, *, types: Sequence[str] = (), size: int = _PAGE
) -> AsyncIterator[ActivityPage]:
    """The pages of one account, or (None) of all, earliest rows first, as the server cuts them.

    :func:`rows_of` is sure of all rows. Those of an archived account are not among them, whatever is asked.
    """
    body: dict[str, JsonValue] = {"pageSize": size, "sort": {"id": "date", "desc": False}}
    if account_id is not None:
        body["accountIdFilter"] = [account_id]
    if types:
        body["activityTypeFilter"] = list(types)
    number = 0  # the first page is page 0
    while True:
        page = parse_page(await client.query("/activities/search", {**body, "page": number}))
        yield page
        number += 1
        if not page.rows or number * size >= page.total:
            return


async def count_of(client: WealthfolioClient, account_id: str) -> int:
    """How many rows the account has."""
    async for page in pages_of(client, account_id, size=1):
        return page.total
    raise AssertionError("there is always a first page")


async def holdings_now(client: WealthfolioClient, account_id: str) -> Holdings:
    """What the account holds as the server shows it: options that have expired are not among it."""
    return parse_holdings(await client.get("/holdings", {"accountId": account_id}))


async def holdings_on(client: WealthfolioClient, account_id: str, day: dt.date) -> Holdings:
    """What the account held at the end of `day`, in the units of today: splits later on are counted in.

    The server keeps what was held on days on which something happened; in between nothing changes. It also
    keeps it when the last activity of the account is gone, which is why that is asked first.
    """
    if not await count_of(client, account_id):
        return Holdings()
    days = parse_snapshot_days(
        await client.get("/snapshots", {"accountId": account_id, "dateTo": day.isoformat()})
    )
    before = [each for each in days if each <= day]
    if not before:
        return Holdings()
    asked = {"accountId": account_id, "date": before[-1].isoformat()}
    return parse_holdings(await client.get("/snapshots/holdings", asked))


async def latest_valuation(client: WealthfolioClient, account_id: str) -> Valuation | None:
    """What the account is worth, None as long as the server has not worked it out."""
    found = parse_valuations(await client.get("/valuations/latest", {"accountIds": account_id}), account_id)
    return found[-1] if found else None


async def valuation_on(client: WealthfolioClient, account_id: str, day: dt.date) -> Valuation | None:
    """What the account was worth at the end of `day`, None if the server does not say."""
    asked = {"accountId": account_id, "startDate": day.isoformat(), "endDate": day.isoformat()}
    found = parse_valuations(await client.get("/valuations/history", asked), account_id)
    return found[-1] if found else None


async def quote_days(client: WealthfolioClient, asset_ids: Sequence[str]) -> dict[str, dt.date]:
    """By asset the day of the latest price that the server has; none where it has no price at all."""
    if not asset_ids:
        return {}
    asked: JsonValue = {"assetIds": list(asset_ids)}
    return parse_quote_days(await client.query("/market-data/quotes/latest", asked))
