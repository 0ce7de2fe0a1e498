"""What the tracker had and has not any more, and what it keeps against the broker's word; pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, unique

from broker_sync.codec import activity_to_fields
from broker_sync.models import Activity

__all__ = ["Change", "Conflict", "FieldChange", "Keep", "Why", "field_changes"]


@unique
class Why(StrEnum):
    """Why an activity in the tracker got another content, or was removed."""

    RESTATED = "restated"
    """The broker says something else of the record than it did."""
    VANISHED = "vanished"
    """The broker no longer lists the record, and the settings say that it goes."""
    TAKEN_BACK = "taken back"
    """The movement does not verify against the open positions."""
    DERIVED_ANEW = "derived anew"
    """An opening balance came out otherwise."""
    OVERWRITTEN = "overwritten"
    """A person decided that the broker's content takes the place of a person's."""


@unique
class Keep(StrEnum):
    """Whose content stands after a conflict."""

    TRACKER = "tracker"
    BROKER = "broker"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """What one field said before and says now; None where it said nothing."""

    name: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An activity in the tracker that was given another content; `new` is None when it was removed.

    `old` is what we had booked; `theirs` is what a person had made of it since, in the tracker's own words,
    None where nobody had touched it.
    """

    external_id: str
    record_id: str
    why: Why
    old: Activity
    new: Activity | None
    theirs: Mapping[str, str] | None = None

    @property
    def fields(self) -> tuple[FieldChange, ...]:
        """Every field that says something else; of what was removed, all that said anything."""
        return field_changes(self.old, self.new)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """An activity of ours that a person has changed or removed in the tracker, against what the broker says.

    `reason` says what the person did. `broker` is the content that was to be written, None where the activity
    was to go. `tracker` is what is there, in the tracker's own words, None where nothing is any more.
    `booked` is what we had written. `first_seen` is in UTC.
    """

    external_id: str
    record_id: str
    reason: str
    broker: Activity | None
    tracker: Mapping[str, str] | None
    booked: Activity
    first_seen: dt.datetime


def field_changes(old: Activity, new: Activity | None) -> tuple[FieldChange, ...]:
    """The fields in which `old` and `new` differ, in the order of an activity's; `new` is None if it goes."""
    before = activity_to_fields(old)
    after = dict.fromkeys(before) if new is None else activity_to_fields(new)
    return tuple(
        FieldChange(name=name, old=text, new=after[name])
        for name, text in before.items()
        if text != after[name] and name not in _NAMES
    )


_NAMES = frozenset({"external_id", "record_id", "account_id"})
