"""What is asked of the server itself, its accounts, assets and rates."""

from tests.standins.wealthfolio import accounts, assets
from tests.standins.wealthfolio.reading import Json, decimal_of, number_text, text
from tests.standins.wealthfolio.replies import Reply, bad_body, refused
from tests.standins.wealthfolio.request import Parts, Request, Route
from tests.standins.wealthfolio.store import stamp

__all__ = ["SETUP"]


def _info(parts: Parts, _: Request) -> Reply:
    info = {"version": parts.rules.version, "dbPath": "/data/app.db", "logsDir": "/data/logs"}
    return Reply.of(info)


def _settings(parts: Parts, request: Request) -> Reply:
    if request.method == "PUT":
        sent = request.json()
        parts.store.base_currency = text(sent, "baseCurrency") or parts.store.base_currency
        parts.store.time_zone = text(sent, "timezone") or parts.store.time_zone
        parts.portfolio.recalculate(None)
    shown = {"theme": "light", "baseCurrency": parts.store.base_currency, "timezone": parts.store.time_zone}
    return Reply.of({**shown, "instanceId": "0", "onboardingCompleted": True})


def _accounts(parts: Parts, request: Request) -> Reply:
    if request.method == "POST":
        return Reply.of(accounts.account_json(accounts.create(parts.store, request.json())))
    asked = request.query.get("includeArchived", "false")
    if asked not in {"true", "false"}:
        raise bad_body("includeArchived: neither true nor false", status=400)
    found = [each for each in parts.store.accounts.values() if asked == "true" or not each.is_archived]
    return Reply.of([accounts.account_json(each) for each in found])


def _account(parts: Parts, request: Request) -> Reply:
    account_id = request.last
    if request.method == "DELETE":
        accounts.remove(parts.store, account_id)
        parts.portfolio.recalculate([account_id])
        return Reply(status=204)
    changed = accounts.edit(parts.store, account_id, request.json())
    parts.portfolio.recalculate([account_id])
    return Reply.of(accounts.account_json(changed))


def _assets(parts: Parts, request: Request) -> Reply:
    if request.method == "POST":
        return Reply.of(assets.asset_json(assets.create(parts.store, request.json())))
    return Reply.of([assets.asset_json(each) for each in parts.store.assets.values()])


def _asset(parts: Parts, request: Request) -> Reply:
    if request.method == "DELETE":
        assets.remove(parts.store, request.last)
        return Reply(status=204)
    if request.method == "PUT":
        changed = assets.edit(parts.store, request.last, request.json())
        return Reply.of(assets.asset_json(changed))
    asset = parts.store.assets.get(request.asked("assetId"))
    if asset is None:
        raise refused("Database operation failed: Record not found")
    return Reply.of(assets.asset_json(asset))


def _rates(parts: Parts, request: Request) -> Reply:
    sent = request.json()
    pair = (text(sent, "fromCurrency", needed=True) or "", text(sent, "toCurrency", needed=True) or "")
    rate = decimal_of(sent, "rate")
    if rate is None:
        raise bad_body("missing field `rate`")
    parts.store.rates[pair] = rate
    parts.portfolio.recalculate(None)
    return Reply.of(_rate_json(parts, pair))


def _quote_currency(parts: Parts, request: Request) -> Reply:
    """Without a source of quotes the server knows no currency."""
    currency = parts.store.quoted_in.get(request.asked("symbol"))
    return Reply.of({"currency": currency, "price": None, "resolvedProviderId": None})


def _latest_rates(parts: Parts, _: Request) -> Reply:
    return Reply.of([_rate_json(parts, pair) for pair in parts.store.rates])


def _rate_json(parts: Parts, pair: tuple[str, str]) -> Json:
    rate = number_text(parts.store.rates[pair])
    when = stamp(parts.clock.now(), zone=False) + "Z"
    names = {"fromCurrency": pair[0], "toCurrency": pair[1]}
    return {"id": "/".join(pair), **names, "rate": rate, "source": "MANUAL", "timestamp": when}


SETUP: dict[str, dict[str, Route]] = {
    "/accounts": {"GET": _accounts, "POST": _accounts},
    "/accounts/*": {"PUT": _account, "DELETE": _account},
    "/app/info": {"GET": _info},
    "/assets": {"GET": _assets, "POST": _assets},
    "/assets/*": {"DELETE": _asset},
    "/assets/profile": {"GET": _asset},
    "/assets/profile/*": {"PUT": _asset},
    "/exchange-rates": {"POST": _rates, "PUT": _rates},
    "/exchange-rates/latest": {"GET": _latest_rates},
    "/market-data/resolve-currency": {"GET": _quote_currency},
    "/settings": {"GET": _settings, "PUT": _settings},
}
