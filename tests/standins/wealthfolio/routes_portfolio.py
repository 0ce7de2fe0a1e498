"""What is asked of that which the server works out."""

from tests.standins.wealthfolio.reading import Json, decimal_of, query_day, text
from tests.standins.wealthfolio.replies import Reply, bad_body, failed
from tests.standins.wealthfolio.request import Parts, Request, Route

__all__ = ["PORTFOLIO"]


def _holdings(parts: Parts, request: Request) -> Reply:
    return Reply.of(parts.portfolio.holdings(request.asked("accountId")))


def _snapshots(parts: Parts, request: Request) -> Reply:
    account_id = request.asked("accountId")
    first = query_day(request.query.get("dateFrom"), "dateFrom")
    last = query_day(request.query.get("dateTo"), "dateTo")
    found: list[Json] = [
        {
            "id": f"{account_id}_{day}",
            "snapshotDate": day.isoformat(),
            "source": "CALCULATED",
            "positionCount": len([units for units in held.units.values() if units]),
            "cashCurrencyCount": len(held.cash),
        }
        for day, held in parts.portfolio.snapshots(account_id)
        if (first is None or day >= first) and (last is None or day <= last)
    ]
    return Reply.of(found)


def _snapshot(parts: Parts, request: Request) -> Reply:
    day = query_day(request.asked("date"), "date")
    found = None if day is None else parts.portfolio.snapshot(request.asked("accountId"), day)
    if found is None:
        raise failed(f"No snapshot found for date {day}")
    return Reply.of(found)


def _latest_values(parts: Parts, request: Request) -> Reply:
    values = [
        parts.portfolio.valuations(value)[-1:]
        for name, value in request.query.items()
        if name in {"accountIds", "accountIds[]"}
    ]
    return Reply.of([each for found in values for each in found])


def _values(parts: Parts, request: Request) -> Reply:
    first, last = request.query.get("startDate", ""), request.query.get("endDate", "9999")
    found = parts.portfolio.valuations(request.asked("accountId"))
    return Reply.of([each for each in found if first <= each["valuationDate"] <= last])


def _latest_quotes(parts: Parts, request: Request) -> Reply:
    wanted = request.json().get("assetIds")
    if not isinstance(wanted, list):
        raise bad_body("missing field `assetIds`")
    found: Json = {}
    for asset_id in wanted:
        quotes = parts.store.quotes.get(asset_id)
        if quotes:
            last = max(quotes)
            asset = parts.store.assets[asset_id]
            close = float(quotes[last])
            quote = {"assetId": asset_id, "close": close, "currency": asset.quote_ccy, "dataSource": "MANUAL"}
            found[asset_id] = {"quote": quote, "isStale": True, "quoteDate": last.isoformat()}
    return Reply.of(found)


def _quote(parts: Parts, request: Request) -> Reply:
    sent = request.json()
    close = decimal_of(sent, "close")
    day = query_day((text(sent, "timestamp", needed=True) or "")[:10], "timestamp")
    if close is None or day is None:
        raise bad_body("missing field `close`")
    parts.store.quotes.setdefault(request.last, {})[day] = close
    parts.portfolio.recalculate(None, quotes=["none"])
    return Reply(status=204)


def _recalculate(parts: Parts, request: Request) -> Reply:
    sent: Json = request.json() if request.body else {}
    mode: Json = sent.get("marketSyncMode") or {}
    if mode and mode.get("type") not in {"none", "incremental", "refetch_recent", "backfill_history"}:
        raise bad_body("marketSyncMode: unknown variant")
    parts.portfolio.recalculate(sent.get("accountIds"), quotes=mode.get("asset_ids"))
    return Reply(status=202)


def _update(_: Parts, __: Request) -> Reply:
    return Reply(status=202)


PORTFOLIO: dict[str, dict[str, Route]] = {
    "/holdings": {"GET": _holdings},
    "/market-data/quotes/*": {"PUT": _quote},
    "/market-data/quotes/latest": {"POST": _latest_quotes},
    "/portfolio/recalculate": {"POST": _recalculate},
    "/portfolio/update": {"POST": _update},
    "/snapshots": {"GET": _snapshots},
    "/snapshots/holdings": {"GET": _snapshot},
    "/valuations/history": {"GET": _values},
    "/valuations/latest": {"GET": _latest_values},
}
