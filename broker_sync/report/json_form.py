"""Results as the JSON objects that scripts rely on.

Numbers are decimal texts in plain notation, days ``YYYY-MM-DD``, times ISO 8601 in UTC, None is null.
Accounts go by the broker's id.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from broker_sync.accounting import cash_effect, position_effect
from broker_sync.confirm import Standing
from broker_sync.contracts import Rejection, SectionCount
from broker_sync.coverage import AccountCoverage
from broker_sync.explain import Explanation, explain_nav
from broker_sync.models import Account, Activity
from broker_sync.received import Days
from broker_sync.reconcile import CashDrift, PositionDrift
from broker_sync.report.changes_json import change_object, conflict_object
from broker_sync.report.explain_json import explanation_objects, standing_object
from broker_sync.report.run import Run
from broker_sync.results import NavDrift, SyncResult
from broker_sync.values import decimal_text

__all__ = ["account_object", "activity_object", "coverage_object", "planned_objects", "run_object"]

Json = Mapping[str, Any]


def run_object(run: Run) -> Json:
    """The one object of a run; ``plan`` is there on a dry run, ``error`` and ``errors`` if there are any."""
    parts: dict[str, Any] = {"provider": run.provider, "outcome": run.outcome}
    if run.error is not None:
        return {**parts, "accounts": [], "error": run.error}
    if run.dry_run:
        parts["plan"] = list(planned_objects(run))
    parts["accounts"] = [_account_of(run, result) for result in run.results]
    if run.errors:
        parts["errors"] = [{"account": each.account, "error": each.text} for each in run.errors]
    return parts


def planned_objects(run: Run) -> Iterator[Json]:
    """What stands under ``plan``, one by one: there may be more than fit into memory at once."""
    for result in run.results:
        for activity in result.planned:
            yield activity_object(result.account, activity)


def _account_of(run: Run, result: SyncResult) -> Json:
    name = result.account.provider_account_id
    explanations = None if run.explanations is None else run.explanations.get(name, ())
    return account_object(result, run.standings.get(name, ()), explanations)


def activity_object(account: Account, activity: Activity) -> Json:
    """An activity of `account`; the effects are signed, everything else is as the activity has it."""
    instrument = activity.instrument
    return {
        "external_id": activity.external_id,
        "account": account.provider_account_id,
        "date": activity.date.isoformat(),
        "activity_type": activity.activity_type.value,
        "subtype": activity.subtype,
        "symbol": activity.symbol,
        "isin": None if instrument is None else instrument.isin,
        "conid": None if instrument is None else instrument.conid,
        "currency": activity.currency,
        "quantity": _number(activity.quantity),
        "unit_price": _number(activity.unit_price),
        "fee": _number(activity.fee),
        "amount": _number(activity.amount),
        "quantity_effect": decimal_text(position_effect(activity)),
        "cash_effect": {currency: decimal_text(amount) for currency, amount in cash_effect(activity).items()},
    }


def account_object(
    result: SyncResult,
    standings: Sequence[Standing] = (),
    explanations: Sequence[Explanation] | None = None,
) -> Json:
    """What became of one account; ``explanations`` are there unless None."""
    openings = result.openings
    positions = sum(opening.instrument is not None for opening in openings)
    return {
        "account": result.account.provider_account_id,
        "sink": result.sink,
        "window": {"from": _day(result.first_day), "to": _day(result.last_day)},
        "fetched": result.fetched,
        "new": result.new_after_dedup,
        "known": result.known,
        "imported": result.imported,
        "updated": result.updated,
        "deleted": result.deleted,
        "failed": result.failed,
        "failures": [{"external_id": each.external_id, "reason": each.reason} for each in result.failures],
        "rejected": [_rejection(each) for each in result.rejected],
        "not_held": [
            {"symbol": each.instrument.symbol, "quantity": decimal_text(each.quantity), "reason": each.reason}
            for each in result.not_held
        ],
        "twins": [
            {
                "external_id": each.external_id,
                "tracker_id": each.tracker_id,
                "text": each.text,
                "state": each.fate.value,
            }
            for each in result.twins
        ],
        "vanished": [
            {"external_id": each.record_id, "date": each.booked_on.isoformat()} for each in result.vanished
        ],
        "changes": [change_object(each) for each in result.changes],
        "conflicts": [conflict_object(each) for each in result.conflicts],
        "opening": {
            "positions": positions,
            "cash": len(openings) - positions,
            "changed": result.opening_changes,
        },
        "compared": {"positions": result.positions is not None, "cash": result.cash is not None},
        "positions": [_position(drift) for drift in result.positions or ()],
        "cash": [_cash(drift) for drift in result.cash or ()],
        "nav": None if result.nav is None else _nav(result, result.nav),
        "sections": [_section(each) for each in result.sections],
        "coverage": None if result.coverage is None else coverage_object(result.coverage),
        "notes": list(result.notes),
        "standings": [standing_object(each) for each in standings],
        **explanation_objects(explanations, standings),
    }


def coverage_object(known: AccountCoverage) -> Json:
    """The days that are covered of an account, and of each section; a gap leaves weekends alone out."""
    return {
        **_days(known.span),
        "gaps": [_days(gap) for gap in known.gaps],
        "sections": [
            {
                "section": each.section,
                **_days(Days(first=each.ranges[0].first, last=each.ranges[-1].last)),
                "gaps": [_days(gap) for gap in each.gaps],
            }
            for each in known.sections
        ],
    }


def _days(days: Days) -> Json:
    return {"from": _day(days.first), "to": _day(days.last)}


def _rejection(rejection: Rejection) -> Json:
    return {
        "external_id": rejection.external_id,
        "section": rejection.section,
        "reason": rejection.reason,
    }


def _position(drift: PositionDrift) -> Json:
    return {
        "symbol": drift.instrument.symbol,
        "isin": drift.instrument.isin,
        "conid": drift.instrument.conid,
        **_sides(drift),
    }


def _cash(drift: CashDrift) -> Json:
    return {"currency": drift.currency, **_sides(drift)}


def _nav(result: SyncResult, nav: NavDrift) -> Json:
    told = explain_nav(nav, positions=result.positions, cash=result.cash)
    return {
        "currency": nav.broker.currency,
        "broker": decimal_text(nav.broker.total),
        "tracker": decimal_text(nav.tracker.total),
        "drift": decimal_text(nav.drift),
        "cause": None if told is None else told.kind.name.lower(),
    }


def _sides(drift: PositionDrift | CashDrift) -> Json:
    return {
        "broker": decimal_text(drift.broker),
        "tracker": decimal_text(drift.tracker),
        "drift": decimal_text(drift.drift),
    }


def _section(count: SectionCount) -> Json:
    return {
        "section": count.section,
        "rows": count.rows,
        "booked": count.booked,
        "informational": count.informational,
        "rejected": count.rejected,
    }


def _number(number: Decimal | None) -> str | None:
    return None if number is None else decimal_text(number)


def _day(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()
