"""Records that are booked, and that the broker no longer lists; pure.

Only a statement that lists a kind of record whole for a range of days can say that one of them is gone. A
record that came back under another day or another id is another record.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from broker_sync.contracts import Truth
from broker_sync.newest import Newest, kind_of

__all__ = ["BookedLeg", "Vanished", "vanished"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedLeg:
    """An activity that the tracker has, the record that it is a leg of, and the day of its booking."""

    external_id: str
    record_id: str
    booked_on: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Vanished:
    """A record that is booked and not listed; `external_ids` are its legs in the tracker."""

    record_id: str
    external_ids: tuple[str, ...]
    booked_on: dt.date


def vanished(
    booked: Iterable[BookedLeg],
    *,
    seen: Container[str],
    truths: Sequence[Truth],
    provider: str,
    newest: Newest,
) -> list[Vanished]:
    """The records of `provider` among `booked` that `truths` should list and that were not `seen`.

    In the order of their days and ids. Where a statement that was made later has the word, none is missed.
    """
    legs: dict[str, list[BookedLeg]] = {}
    for leg in booked:
        is_missed = leg.record_id.startswith(f"{provider}:") and leg.record_id not in seen
        if is_missed and any(_should_list(truth, leg, newest) for truth in truths):
            legs.setdefault(leg.record_id, []).append(leg)
    found = [
        Vanished(
            record_id=record_id,
            external_ids=tuple(sorted(leg.external_id for leg in its_legs)),
            booked_on=its_legs[0].booked_on,
        )
        for record_id, its_legs in legs.items()
    ]
    return sorted(found, key=lambda each: (each.booked_on, each.record_id))


def _should_list(truth: Truth, leg: BookedLeg, newest: Newest) -> bool:
    return (
        truth.first_day <= leg.booked_on <= truth.last_day
        and kind_of(leg.record_id) in truth.lists
        and not newest.supersedes(leg.record_id, leg.booked_on, truth.made)
    )
