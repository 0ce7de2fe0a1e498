"""The metrics of one account that was synced."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from broker_sync.metrics.facts import AccountFacts, Confirmed, weekdays_in
from broker_sync.metrics.outcomes import outcome_rows
from broker_sync.metrics.telling import Row, Told, once
from broker_sync.reconcile import PositionDrift
from broker_sync.results import SyncResult

__all__ = ["synced_account"]

_DAY: Final = dt.timedelta(days=1)


def synced_account(result: SyncResult, facts: AccountFacts, *, at: dt.datetime) -> Iterator[Told]:
    """Everything that `result` and `facts` say of an account whose sync came to its end at that time."""
    yield once("account_last_attempt_timestamp_seconds", at.timestamp())
    yield Told("account_last_attempt_outcome", outcome_rows(result.outcome))
    if result.outcome != "failed":
        yield once("account_last_success_timestamp_seconds", at.timestamp())
    yield from _drifts(result)
    if facts.confirmed is not None:
        yield from _confirmed(result, facts.confirmed)
    yield from _records(result)
    if facts.conflicts is not None:
        yield once("sync_conflicts", facts.conflicts)
    if facts.gaps is not None:
        yield once("coverage_gap_weekdays", weekdays_in(facts.gaps))
    if result.last_day is not None:
        yield once("statement_end_timestamp_seconds", _end_of(result.last_day))


def _end_of(day: dt.date) -> float:
    return dt.datetime.combine(day + _DAY, dt.time(), tzinfo=dt.UTC).timestamp()


def _drifts(result: SyncResult) -> Iterator[Told]:
    positions = [({"symbol": symbol}, _drift_of(held)) for symbol, held in _by_symbol(result).items()]
    yield Told("position_drift_shares", positions)
    cash = [({"currency": each.currency}, each.drift) for each in result.cash or ()]
    yield Told("cash_drift_amount", cash)
    nav = result.nav
    worth = [] if nav is None else [({"currency": nav.broker.currency}, nav.broker.total - nav.tracker.total)]
    yield Told("nav_drift_amount", worth)
    compared = {"positions": result.positions, "cash": result.cash, "nav": nav}
    yield Told("sync_compared", [({"what": what}, int(side is not None)) for what, side in compared.items()])


def _by_symbol(result: SyncResult) -> dict[str, list[PositionDrift]]:
    symbols: dict[str, list[PositionDrift]] = {}
    for drift in result.positions or ():
        symbols.setdefault(drift.instrument.symbol, []).append(drift)
    return symbols


def _drift_of(held: Sequence[PositionDrift]) -> Decimal:
    """The drift of a symbol: of all its instruments together, but never less than that of one of them.

    A symbol can stand for two instruments (two currencies, an old and a new listing). What one of them has
    too much of must not hide what the other lacks.
    """
    together = sum((drift.drift for drift in held), Decimal(0))
    worst = max((drift.drift for drift in held), key=abs)
    return max(together, worst, key=abs)


def _confirmed(result: SyncResult, confirmed: Confirmed) -> Iterator[Told]:
    positions: list[Row] = [
        ({"symbol": symbol}, int(any(drift.instrument.key in confirmed.instruments for drift in held)))
        for symbol, held in _by_symbol(result).items()
    ]
    yield Told("position_drift_confirmed", positions)
    cash: list[Row] = [
        ({"currency": each.currency}, int(each.currency in confirmed.currencies))
        for each in result.cash or ()
    ]
    yield Told("cash_drift_confirmed", cash)
    nav = result.nav
    worth: list[Row] = [] if nav is None else [({"currency": nav.broker.currency}, int(confirmed.nav))]
    yield Told("nav_drift_confirmed", worth)


def _records(result: SyncResult) -> Iterator[Told]:
    became = {
        "imported": result.imported,
        "known": result.known,
        "updated": result.updated,
        "failed": result.failed,
        "rejected": len(result.rejected),
    }
    yield Told("sync_records", [({"outcome": outcome}, number) for outcome, number in became.items()])
    yield Told("section_rows", list(_rows(result)))
    # Sections without a rejection are there too: a number that was never there cannot be seen to rise.
    rejected = dict.fromkeys((each.section for each in result.sections), 0)
    rejected |= Counter(each.section for each in result.rejected)
    yield Told("rejected_records", [({"section": section}, number) for section, number in rejected.items()])
    yield once("deleted_activities", result.deleted)


def _rows(result: SyncResult) -> Iterator[Row]:
    for each in result.sections:
        became = {"booked": each.booked, "informational": each.informational, "rejected": each.rejected}
        for outcome, number in became.items():
            yield {"section": each.section, "outcome": outcome}, number
