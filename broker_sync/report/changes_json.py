"""Changes and conflicts as objects, with the conventions of :mod:`broker_sync.report.json_form`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from broker_sync.changes import Change, Conflict
from broker_sync.codec import activity_to_fields
from broker_sync.models import Activity

__all__ = ["change_object", "conflict_object"]

Json = Mapping[str, Any]


def change_object(change: Change) -> Json:
    """What was changed, field by field; ``removed`` is whether nothing came in its place."""
    return {
        "external_id": change.external_id,
        "record_id": change.record_id,
        "why": change.why.value,
        "removed": change.new is None,
        "fields": [{"field": each.name, "old": each.old, "new": each.new} for each in change.fields],
        "theirs": None if change.theirs is None else dict(change.theirs),
    }


def conflict_object(conflict: Conflict) -> Json:
    """Both contents; ``broker`` is null where the activity is to go, ``tracker`` where it is gone."""
    return {
        "external_id": conflict.external_id,
        "record_id": conflict.record_id,
        "reason": conflict.reason,
        "broker": None if conflict.broker is None else _said(conflict.broker),
        "tracker": None if conflict.tracker is None else dict(conflict.tracker),
        "booked": _said(conflict.booked),
        "first_seen": conflict.first_seen.isoformat(),
    }


def _said(activity: Activity) -> Json:
    return {name: text for name, text in activity_to_fields(activity).items() if text is not None}
