"""What a sync will do: broker records against what is booked already.

A record is one thing that the broker wrote; its activities (one, or the legs of a conversion) share its
`record_id` and are created, updated and counted together.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from broker_sync.models import Activity

__all__ = ["Known", "Plan", "RecordGroup", "batches", "group_records", "make_plan"]

_NOTHING: Final[Mapping[str, str | None]] = {}
_NEVER: Final = ""
_BATCH: Final = 500


class Known(Protocol):
    """What the store knows of one activity that was seen before."""

    @property
    def external_id(self) -> str:
        """The activity's id."""

    @property
    def record_id(self) -> str:
        """The record that it is a leg of."""

    @property
    def content_hash(self) -> str | None:
        """Fingerprint of what was booked."""

    @property
    def is_booked(self) -> bool:
        """Whether the sink has it; False after the sink refused it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordGroup:
    """The activities of one record."""

    record_id: str
    activities: tuple[Activity, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be done; the record ids of each kind are in the order of the input.

    `create`, `update` and `delete` are activities (a restated record may need all three); `new`, `changed`
    and `known` are the records they belong to.
    """

    create: tuple[Activity, ...] = ()
    update: tuple[Activity, ...] = ()
    delete: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    known: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to write."""
        return not (self.create or self.update or self.delete)


def group_records(activities: Iterable[Activity]) -> list[RecordGroup]:
    """Activities in groups by record, records in the order of their first activity.

    A record that comes twice counts once, with its later content: the later statement knows better.
    """
    groups: dict[str, dict[str, Activity]] = {}
    for activity in activities:
        groups.setdefault(activity.record_id, {})[activity.external_id] = activity
    return [
        RecordGroup(record_id=record_id, activities=tuple(legs.values()))
        for record_id, legs in groups.items()
    ]


async def batches(activities: AsyncIterator[Activity]) -> AsyncIterator[list[RecordGroup]]:
    """Whole records, some hundreds at a time; a record that comes again starts a new batch."""
    batch: list[Activity] = []
    records: set[str] = set()
    current = ""
    async for activity in activities:
        if activity.record_id != current:
            current = activity.record_id
            if current in records or len(records) >= _BATCH:
                yield group_records(batch)
                batch, records = [], set()
            records.add(current)
        batch.append(activity)
    if batch:
        yield group_records(batch)


def make_plan(
    records: Sequence[RecordGroup],
    known: Mapping[str, Sequence[Known]],
    *,
    content_hash: Callable[[Activity], str],
    left: Mapping[str, str | None] = _NOTHING,
) -> Plan:
    """Compare `records` with what is `known` of them (legs by record id).

    New: nothing of the record is booked. Known: all its legs are booked with this content, and no others.
    Changed: anything else; legs are then created, updated and deleted until they are these. `left` are booked
    legs that stay as they are while the broker says what has this fingerprint (None: that they are to go).
    """
    create: list[Activity] = []
    update: list[Activity] = []
    delete: list[str] = []
    names: dict[str, list[str]] = {"new": [], "changed": [], "known": []}
    for record in records:
        booked = {leg.external_id: leg for leg in known.get(record.record_id, ()) if leg.is_booked}
        missing = [leg for leg in record.activities if leg.external_id not in booked]
        differing = [
            leg
            for leg in record.activities
            if leg.external_id in booked
            and content_hash(leg) not in {booked[leg.external_id].content_hash, left.get(leg.external_id)}
        ]
        wanted = {leg.external_id for leg in record.activities}
        extra = [each for each in booked if each not in wanted and left.get(each, _NEVER) is not None]
        kind = "new" if not booked else "changed" if missing or differing or extra else "known"
        names[kind].append(record.record_id)
        create += missing
        update += differing
        delete += extra
    return Plan(
        create=tuple(create),
        update=tuple(update),
        delete=tuple(delete),
        new=tuple(names["new"]),
        changed=tuple(names["changed"]),
        known=tuple(names["known"]),
    )
