"""What the stand-in works out from its rows: later, and only what the change calls for."""

import bisect
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from tests.standins.wealthfolio.calculator import Held, Place, adjusted, apply_row, compiled
from tests.standins.wealthfolio.reading import Json
from tests.standins.wealthfolio.rules import Rules
from tests.standins.wealthfolio.store import Account, Asset, Row, Store, stamp

__all__ = ["Portfolio"]

_DAY = dt.timedelta(days=1)


@dataclass
class _Job:
    due: float
    accounts: set[str] = field(default_factory=set)
    since: dt.date | None = None


class Portfolio:
    """Snapshots by account and day, on days on which something happened.

    A job waits until nothing has changed for `settle_after` seconds, then `quotes_take` seconds for quotes,
    and is done when somebody asks.
    """

    def __init__(self, store: Store, rules: Rules, *, settle_after: float, quotes_take: float) -> None:
        self._store = store
        self._rules = rules
        self._settle_after = settle_after
        self._quotes_take = quotes_take
        self._days: dict[str, list[tuple[dt.date, Held]]] = {}
        self._worked_out: dict[str, list[tuple[dt.date, dt.datetime]]] = {}
        self._changed: _Job | None = None
        self._ordered: list[_Job] = []

    def rows_changed(self, rows: Iterable[Row]) -> None:
        rows = list(rows)
        if not rows:
            return
        job = self._changed or _Job(0.0, since=self._store.today())
        job.due = self._store.clock.seconds() + self._settle_after + self._quotes_take
        job.accounts |= {row.account_id for row in rows}
        first = min(self._store.day_of(row.date) for row in rows)
        job.since = None if job.since is None or self._rules.all_recalculated else min(job.since, first)
        self._changed = job

    def recalculate(self, accounts: Iterable[str] | None, *, quotes: Iterable[str] | None = None) -> None:
        """Everything anew, as soon as there are quotes of the assets `quotes`: of all if it names none."""
        wanted = set(self._store.accounts) if accounts is None else set(accounts)
        named = list(quotes or ())
        asks = not named or any(each in self._store.assets for each in named)
        due = self._store.clock.seconds() + (self._quotes_take if asks else 0)
        self._ordered.append(_Job(due, wanted))

    def holdings(self, account_id: str) -> list[Json]:
        today = self._store.today()
        days = [each for each in self._days.get(account_id, []) if each[0] <= today]
        return self._shown(account_id, days[-1][1], today, live=True) if days else []

    def snapshots(self, account_id: str) -> list[tuple[dt.date, Held]]:
        return self._days.get(account_id, [])

    def snapshot(self, account_id: str, day: dt.date) -> list[Json] | None:
        for when, held in self.snapshots(account_id):
            if when == day:
                return self._shown(account_id, held, day, live=False)
        return None

    def valuations(self, account_id: str) -> list[Json]:
        """From the first snapshot until today; no day for which a rate is missing."""
        days = self._days.get(account_id, [])
        account = self._store.accounts.get(account_id)
        if not days or account is None:
            return []
        values = []
        day = days[0][0]
        while day <= self._store.today():
            held = days[bisect.bisect_right([each[0] for each in days], day) - 1][1]
            value = self._value(account, held, day)
            if value is not None:
                values.append(value)
            day += _DAY
        return values

    # --- working it out ---

    def catch_up(self) -> None:
        """Do what is due."""
        now = self._store.clock.seconds()
        if self._changed is not None and self._changed.due <= now:
            self._ordered.append(self._changed)
            self._changed = None
        for job in [each for each in self._ordered if each.due <= now]:
            self._ordered.remove(job)
            self._work(job)

    def _work(self, job: _Job) -> None:
        rows = adjusted(self._store, compiled(self._store.rows_of(job.accounts)))
        for account_id in job.accounts:
            account = self._store.accounts.get(account_id)
            if account is None:
                self._days.pop(account_id, None)
            elif account.tracking_mode != "HOLDINGS":
                self._work_account(account, [row for row in rows if row.account_id == account_id], job.since)

    def _work_account(self, account: Account, rows: list[Row], since: dt.date | None) -> None:
        today = self._store.today()
        days = self._days.get(account.id, [])
        if not rows and since is not None:
            return  # what was there when the last row went stays
        first = min((self._store.day_of(row.date) for row in rows), default=today)
        start = first if since is None else since
        place = Place(self._store, self._rules, account)
        kept = [each for each in days if since is not None and each[0] < start]
        held = kept[-1][1].copy() if kept else Held()
        for day in sorted({start, *(self._store.day_of(row.date) for row in rows)}):
            if start <= day <= today:
                for row in rows:
                    if self._store.day_of(row.date) == day:
                        apply_row(place, held, row)
                kept.append((day, held.copy()))
        self._days[account.id] = kept
        self._worked_out.setdefault(account.id, []).append((start, self._store.now()))

    # --- showing it ---

    def _shown(self, account_id: str, held: Held, day: dt.date, *, live: bool) -> list[Json]:
        shown = [
            self._position(account_id, self._store.assets[asset_id], units, day, live=live)
            for asset_id, units in held.units.items()
            if units and asset_id in self._store.assets
        ]
        shown = [each for each in shown if not (live and self._is_expired(each["instrument"]["id"]))]
        return shown + [
            self._cash(account_id, currency, amount, day, live=live)
            for currency, amount in held.cash.items()
            if amount
        ]

    def _is_expired(self, asset_id: str) -> bool:
        option = (self._store.assets[asset_id].metadata or {}).get("option") or {}
        return bool(option.get("expiration")) and option["expiration"] < self._store.today().isoformat()

    def _position(self, account_id: str, asset: Asset, units: Decimal, day: dt.date, *, live: bool) -> Json:
        currency = "GBP" if live and asset.quote_ccy in {"GBp", "GBX"} else asset.quote_ccy
        instrument = {
            "id": asset.id,
            "symbol": asset.code or "",
            "name": asset.name,
            "currency": currency,
            "notes": asset.notes,
            "pricingMode": asset.quote_mode,
            "preferredProvider": None,
            "exchangeMic": asset.mic,
            "classifications": None,
        }
        return {
            **self._common(account_id, units, currency, day),
            "id": f"SEC-{account_id}-{asset.id}",
            "holdingType": "security",
            "instrument": instrument,
            "assetKind": asset.kind,
            "contractMultiplier": float(asset.multiplier),
            "price": None,
            "metadata": asset.metadata,
        }

    def _cash(self, account_id: str, currency: str, amount: Decimal, day: dt.date, *, live: bool) -> Json:
        instrument = {"id": f"cash:{currency}", "symbol": currency, "name": f"Cash ({currency})"}
        instrument |= {"currency": currency, "pricingMode": "MANUAL"}
        return {
            **self._common(account_id, amount, currency, day),
            "id": f"CASH-{account_id}-{currency}",
            "holdingType": "cash",
            "instrument": instrument if live else None,
            "assetKind": None,
            "contractMultiplier": 1.0,
            "price": 1.0,
            "metadata": None,
        }

    def _common(self, account_id: str, quantity: Decimal, currency: str, day: dt.date) -> Json:
        return {
            "accountId": account_id,
            "quantity": float(quantity),
            "lots": None,
            "localCurrency": currency,
            "baseCurrency": self._store.base_currency,
            "fxRate": None,
            "marketValue": {"local": 0.0, "base": 0.0},
            "costBasis": {"local": 0.0, "base": 0.0},
            "weight": 0.0,
            "asOfDate": day.isoformat(),
        }

    def _value(self, account: Account, held: Held, day: dt.date) -> Json | None:
        cash = Decimal(0)
        for currency, amount in held.cash.items():
            rate = self._rate(currency, account.currency)
            if rate is None and amount:
                return None
            cash += amount * (rate or Decimal(0))
        base = self._rate(account.currency, self._store.base_currency)
        invested = self._invested(account, held, day)
        if base is None or invested is None:
            return None
        return {
            "id": f"{account.id}_{day}",
            "accountId": account.id,
            "valuationDate": day.isoformat(),
            "accountCurrency": account.currency,
            "baseCurrency": self._store.base_currency,
            "fxRateToBase": float(base),
            "cashBalance": float(round(cash, 8)),
            "investmentMarketValue": float(round(invested, 8)),
            "totalValue": float(round(cash + invested, 8)),
            "costBasis": 0.0,
            "netContribution": 0.0,
            "calculatedAt": stamp(self._time_of(account.id, day), zone=False) + "Z",
        }

    def _invested(self, account: Account, held: Held, day: dt.date) -> Decimal | None:
        """At the last prices until `day`; what never had one counts nothing. None for a day without any."""
        total, priced, quotable = Decimal(0), 0, 0
        for asset_id, units in held.units.items():
            quotes = self._store.quotes.get(asset_id, {})
            if not units or not quotes:
                continue
            quotable += 1
            before = [when for when in quotes if when <= day]
            if not before:
                continue
            priced += 1
            asset = self._store.assets[asset_id]
            major, factor = ("GBP", 100) if asset.quote_ccy in {"GBp", "GBX"} else (asset.quote_ccy, 1)
            rate = self._rate(major, account.currency)
            if rate is None:
                return None
            total += units * quotes[max(before)] / factor * asset.multiplier * rate
        return total if priced or not quotable else None

    def _time_of(self, account_id: str, day: dt.date) -> dt.datetime:
        """When the value of `day` was worked out: a job does the days from its start on."""
        return next(when for start, when in reversed(self._worked_out[account_id]) if start <= day)

    def _rate(self, one: str, other: str) -> Decimal | None:
        if one == other:
            return Decimal(1)
        if self._store.rates.get((one, other)):
            return self._store.rates[one, other]
        back = self._store.rates.get((other, one))
        return 1 / back if back else None
