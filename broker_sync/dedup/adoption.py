"""What a sink has had all along, whatever is known of it here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, select

from broker_sync.codec import activity_to_json
from broker_sync.dedup.lookups import Scope, by_external_id
from broker_sync.dedup.tables import activities, in_scope
from broker_sync.dedup.types import Adopted, Kind, Known, State, ToCreate
from broker_sync.dedup.writing import ADD, ADOPT, CONFIRM, Stamp, key_of, new_row
from broker_sync.models import OPENING_BALANCE
from broker_sync.storage.statements import execute_many

__all__ = ["adopt", "renumber"]

_IDS: Final = select(activities.c.external_id, activities.c.tracker_id).where(
    in_scope(activities), activities.c.state == State.CONFIRMED
)


def adopt(connection: Connection, scope: Scope, found: Sequence[Adopted], stamp: Stamp) -> int:
    """Write down what the sink has had all along; see :meth:`~broker_sync.dedup.SyncRecordStore.adopt`."""
    known = by_external_id(connection, scope, [each.external_id for each in found])
    news = [each for each in found if each.external_id not in known]
    other = [each for each in found if each.external_id in known and _differs(each, known[each.external_id])]
    execute_many(connection, ADD, [_adopted_row(scope, each, stamp) for each in news])
    changed = [
        {
            **key_of(scope, each.external_id),
            "to_tracker": each.tracker_id,
            "to_hash": each.content_hash,
            "to_payload": activity_to_json(each.activity),
            "to_booked_on": each.activity.booked_on.isoformat(),
            "at": stamp.at,
        }
        for each in other
    ]
    execute_many(connection, ADOPT, changed)
    return len(news) + len(other)


def renumber(connection: Connection, scope: Scope, ids: Mapping[str, str], *, at: str) -> None:
    """Write down the tracker's ids; see :meth:`~broker_sync.dedup.SyncRecordStore.renumber`."""
    known = {row.external_id: row.tracker_id for row in connection.execute(_IDS, scope.key)}
    others = [name for name, tracker_id in known.items() if ids.get(name, tracker_id) != tracker_id]
    execute_many(
        connection, CONFIRM, [{**key_of(scope, name), "to_tracker": ids[name], "at": at} for name in others]
    )


def _differs(found: Adopted, known: Known) -> bool:
    same = (known.content_hash, known.tracker_id) == (found.content_hash, found.tracker_id)
    return known.state is not State.CONFIRMED or not same


def _adopted_row(scope: Scope, found: Adopted, stamp: Stamp) -> dict[str, Any]:
    opened = found.activity.subtype == OPENING_BALANCE
    intent = ToCreate(
        activity=found.activity,
        content_hash=found.content_hash,
        kind=Kind.OPENING if opened else Kind.RECORD,
    )
    row = new_row(scope, intent, stamp)
    return {**row, "state": State.CONFIRMED.value, "tracker_id": found.tracker_id}
