"""The whole way of a record as one object, with the conventions of :mod:`broker_sync.report.json_form`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from broker_sync.codec import activity_to_fields
from broker_sync.models import Activity
from broker_sync.report.archive_json import statement_object
from broker_sync.report.changes_json import change_object
from broker_sync.report.explain_id import (
    InTracker,
    NotAsked,
    Present,
    TracedLeg,
    TracedName,
    TracedRecord,
    TracedRejection,
    TracedStatement,
)

__all__ = ["traced_object"]

Json = Mapping[str, Any]


def traced_object(traced: TracedName) -> Json:
    """Everything; activities are as they are kept, what is None left out."""
    return {
        "asked": traced.asked,
        "records": [_record(record) for record in traced.records],
        "rejections": [_rejection(rejection) for rejection in traced.rejections],
    }


def _record(record: TracedRecord) -> Json:
    return {
        "record_id": record.record_id,
        "opening": record.is_opening,
        "sink": record.sink,
        "tracker_account": record.account_id,
        "account": record.account,
        "booked_on": record.booked_on.isoformat(),
        "activities": [_leg(leg) for leg in record.legs],
        "history": [
            {
                **change_object(each.change),
                "content": _activity(each.change.old),
                "content_hash": each.content_hash,
                "run": each.run,
                "at": each.at.isoformat(),
            }
            for each in record.history
        ],
        "statements": [_statement(each) for each in record.statements],
    }


def _leg(leg: TracedLeg) -> Json:
    return {
        "external_id": leg.activity.external_id,
        "state": leg.state,
        "operation": leg.operation,
        "tracker_id": leg.tracker_id,
        "reason": leg.reason,
        "content": _activity(leg.activity),
        "asked": None if leg.asked is None else _activity(leg.asked),
        "run": {
            "number": leg.run,
            "version": leg.run_version,
            "started_at": leg.run_started_at.isoformat(),
            "outcome": leg.run_outcome,
        },
        "updated_at": leg.updated_at.isoformat(),
        "tracker": _tracker(leg.tracker),
    }


def _tracker(found: InTracker) -> Json:
    if isinstance(found, Present):
        return {
            "there": True,
            "tracker_id": found.tracker_id,
            "as_booked": found.is_as_booked,
            "content": None if found.activity is None else _activity(found.activity),
        }
    return {"there": None, "reason": found.reason} if isinstance(found, NotAsked) else {"there": False}


def _activity(activity: Activity) -> Json:
    return {name: text for name, text in activity_to_fields(activity).items() if text is not None}


def _statement(traced: TracedStatement) -> Json:
    known = statement_object(traced.entry)
    return {
        **{name: known[name] for name in ("id", "state", "receipts", "times_received")},
        "problem": traced.problem,
        "rows": [
            {"account": row.account, "section": row.section, "row": row.number, "raw": dict(row.raw)}
            for row in traced.rows
        ],
    }


def _rejection(rejected: TracedRejection) -> Json:
    rejection = rejected.rejection
    return {
        "record_id": rejection.external_id,
        "sink": rejected.sink,
        "tracker_account": rejected.account_id,
        "section": rejection.section,
        "reason": rejection.reason,
        "raw": dict(rejection.raw),
        "run": rejected.run,
        "first_seen": rejected.first_seen.isoformat(),
        "last_seen": rejected.last_seen.isoformat(),
        "statements": [_statement(each) for each in rejected.statements],
    }
