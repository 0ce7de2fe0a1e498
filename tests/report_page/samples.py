"""Made-up histories of accounts: a plain one, and one in which everything happens."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from broker_sync.coverage import AccountCoverage, SectionCoverage, gaps
from broker_sync.models import AccountType, Activity, ActivityType, Instrument
from broker_sync.received import Days
from broker_sync.report.page import AccountFacts, NotBooked, PageFacts, Told
from broker_sync.values import decimal_text

__all__ = ["HOSTILE", "NOW", "body", "booked", "covered", "hard", "page", "plain", "standing", "told"]

DAY = dt.timedelta(days=1)
NOW = dt.datetime(2026, 5, 31, 9, tzinfo=dt.UTC)
HOSTILE = "<script>alert(1)</script>\"'&\u202e\x00"
OPTION = "SPXW  260619P04250000"

Json = dict[str, Any]


def night(number: int) -> dt.datetime:
    """Two in the morning, so many days before the last."""
    return NOW.replace(hour=2) - number * DAY


def side(broker: str, tracker: str) -> Json:
    drift = decimal_text(Decimal(broker) - Decimal(tracker))
    return {"broker": broker, "tracker": tracker, "drift": drift}


def position(symbol: str, broker: str, tracker: str | None = None) -> Json:
    return {"symbol": symbol, "isin": None, "conid": None, **side(broker, tracker or broker)}


def cash(currency: str, broker: str, tracker: str | None = None) -> Json:
    return {"currency": currency, **side(broker, tracker or broker)}


def standing(of: str, label: str, drift: str, *, since: int, runs: int) -> Json:
    return {
        "of": of,
        "name": label,
        "label": label,
        "drift": drift,
        "state": "confirmed" if runs > 1 else "new",
        "runs": runs,
        "first_seen": night(since).isoformat(),
        "last_seen": night(0).isoformat(),
    }


def body(number: int = 0, **parts: object) -> Json:
    """What a run tells of an account in which all is well."""
    return {
        "account": "U1234567",
        "sink": "ledger",
        "window": {"from": "2026-03-01", "to": (night(number).date() - DAY).isoformat()},
        "fetched": 60,
        "new": 0,
        "updated": 0,
        "deleted": 0,
        "failures": [],
        "rejected": [],
        "vanished": [],
        "positions": [position("AAPL", "20"), position("AMZN", "1.7315"), position("VUAG.L", "50")],
        "cash": [cash("GBP", "2053.67"), cash("USD", "-1645.8")],
        "nav": None,
        "notes": [],
        "standings": [],
        **parts,
    }


def told(number: int, outcome: str = "ok", **parts: object) -> Told:
    return Told(ended_at=night(number), outcome=outcome, body=body(number, **parts))


def failed(number: int, text: str, outcome: str = "failed") -> Told:
    return Told(ended_at=night(number), outcome=outcome, body={"account": None, "error": text})


def covered(*ranges: tuple[dt.date, dt.date], lacking: Sequence[Days] = ()) -> AccountCoverage:
    days = tuple(Days(first=first, last=last) for first, last in ranges)
    span = Days(first=days[0].first, last=days[-1].last)
    trades = SectionCoverage(section="Trades", ranges=days, gaps=(), received_at=NOW, has_rows=True)
    cash_rows = SectionCoverage(
        section="CashTransactions", ranges=days, gaps=tuple(lacking), received_at=NOW, has_rows=True
    )
    return AccountCoverage(
        account="U1234567", span=span, ranges=days, gaps=gaps(days), sections=(cash_rows, trades)
    )


def booked(number: int, kind: ActivityType, symbol: str | None = None, **parts: Any) -> Activity:  # noqa: ANN401
    """Booked so many days before the last."""
    instrument = None if symbol is None else Instrument(symbol=symbol, currency="USD", conid="1001")
    given = {"amount": Decimal("251.5"), **parts}
    return Activity(
        external_id=f"ibkr:trade:{9000 + number}",
        account_id="U1234567",
        account_type=AccountType.GIA,
        date=night(number),
        activity_type=kind,
        currency="USD",
        symbol=symbol,
        instrument=instrument,
        **given,
    )


def bookings(symbol: str = "AAPL") -> list[Activity]:
    trade = {"quantity": Decimal("2.50"), "unit_price": Decimal("100.2"), "fee": Decimal(1)}
    return [
        booked(1, ActivityType.BUY, symbol, **trade),
        booked(2, ActivityType.SELL, symbol, **trade),
        booked(3, ActivityType.DIVIDEND, symbol),
        booked(4, ActivityType.FEE, subtype="WITHHOLDING_TAX", amount=Decimal("0.4")),
        booked(5, ActivityType.ADD_HOLDING, symbol, quantity=Decimal(3), amount=None),
        booked(6, ActivityType.DEPOSIT, amount=Decimal(1000)),
    ]


# --- an account in which all is well ---


def plain() -> AccountFacts:
    news = {1: 3, 8: 1, 30: 56}
    return AccountFacts(
        account="U1234567",
        sink="ledger",
        told=[told(number, new=news.get(number, 0)) for number in range(30, -1, -1)],
        coverage=covered((dt.date(2026, 3, 2), dt.date(2026, 5, 29))),
        booked=bookings(),
    )


# --- an account in which everything happens ---


FAILED: Mapping[int, tuple[str, str]] = {
    **dict.fromkeys(
        (45, 44, 43), ("failed", "The broker answers no more (1025). Nothing is sent for 12 hours.")
    ),
    12: ("refused", "The statement stops before its end."),
}
NO_RUN = frozenset({70, 71, 72})
HAPPENED: Mapping[int, Json] = {
    25: {"vanished": [{"external_id": "ibkr:trade:1", "date": "2026-04-01"}]},
    33: {"updated": 2},
}


def _nights() -> Iterator[Told]:
    for number in range(80, -1, -1):
        outcome, text = FAILED.get(number, ("", ""))
        if outcome:
            yield failed(number, text, outcome)
        elif number not in NO_RUN:
            found = [*_differing(number)]
            parts = {"new": 2 if number % 9 == 0 else 0, "standings": found, **HAPPENED.get(number, {})}
            changed = {"changes": [change()]} if number == 40 else {}
            yield told(number, "drift" if found else "ok", **parts, **changed, **_sides(number))


def _differing(number: int) -> Iterator[Json]:
    if 60 >= number >= 52:
        yield standing("cash", "USD", "-14.3", since=60, runs=61 - number)
    if number <= 18:
        yield standing("cash", "GBP", "-535.5", since=18, runs=19 - number)
        yield standing("position", "VUAG.L", "5", since=18, runs=19 - number)
    if number == 0:
        yield standing("nav", "GBP", "-1234.56", since=0, runs=1)


def _sides(number: int) -> Json:
    if number:
        return {}
    return {
        "positions": [
            position(OPTION, "-2"),
            position("AAPL", "20"),
            position("BRK-B", "12345678.12345678"),
            position(HOSTILE, "1", "1.00001"),
            position("VUAG.L", "50", "45"),
        ],
        "cash": [cash("GBP", "2053.6770302", "2589.1770302"), cash("USD", "1645.803864545")],
        "nav": {"currency": "GBP", **side("98765.43", "99999.99"), "cause": "prices"},
        "explanations": [
            explanation("position", "symbol", "VUAG.L", "5"),
            explanation("cash", "currency", "GBP", "-535.5"),
        ],
        "notes": [f"No statement covers 2026-04-06 to 2026-04-10: {HOSTILE}"],
        "not_held": [{"symbol": OPTION, "quantity": "-2", "reason": "it knows no options"}],
        "conflicts": [
            {
                "external_id": "ibkr:cash:7",
                "reason": "its amount was changed",
                "first_seen": night(3).isoformat(),
            }
        ],
    }


def explanation(of: str, named: str, name: str, drift: str) -> Json:
    return {
        "of": of,
        named: name,
        "drift": drift,
        "cause": "not_imported",
        "records": ["ibkr:trade:9001"],
        "text": "ibkr:trade:9001 (5 VUAG.L bought on 2026-05-12) is in the broker's statement, and not in "
        "the tracker.",
        "command": "broker-sync ibkr --since 2026-05-12",
    }


def change(**parts: object) -> Json:
    names = ("amount", "fee", "unit_price", "quantity")
    fields: list[Json] = [{"field": name, "old": "5", "new": "6"} for name in names]
    fields.append({"field": "subtype", "old": None, "new": HOSTILE})
    given = {"external_id": "ibkr:trade:77", "why": "restated", "removed": False, "fields": fields}
    return given | parts


def hard() -> AccountFacts:
    lack = Days(first=dt.date(2026, 2, 3), last=dt.date(2026, 2, 5))
    reasons: Mapping[str, int] = {"type 'Gift Voucher' is not known": 3, f"options {HOSTILE}": 30}
    return AccountFacts(
        account="U7654321",
        sink="wealthfolio",
        told=list(_nights()),
        coverage=covered(
            (dt.date(2023, 11, 6), dt.date(2025, 12, 19)),
            (dt.date(2026, 1, 5), dt.date(2026, 4, 3)),
            (dt.date(2026, 4, 13), dt.date(2026, 5, 29)),
            lacking=[lack],
        ),
        not_booked=[
            NotBooked(
                external_id=f"ibkr:cash:{number}{len(reason)}",
                section="CashTransactions",
                reason=reason,
                booked_on=None if number == 1 else dt.date(2026, 4, 1),
                first_seen=NOW,
            )
            for reason, many in reasons.items()
            for number in range(many)
        ],
        booked=bookings(HOSTILE),
    )


def page(*accounts: AccountFacts, days: int = 90) -> PageFacts:
    return PageFacts(made_at=NOW, days=days, accounts=accounts)
