"""Causes as plain sentences, and the commands that would mend them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from broker_sync.explain.cause import Candidate, Kind

__all__ = ["DECIDE", "SYNC_AGAIN", "TAKE_BACK", "command_for", "sentences"]

_MOST: Final = 5

# What is said of one, and of several.
_SAID: Final[Mapping[Kind, tuple[str, str]]] = {
    Kind.WRONG_ACCOUNT: ("is in the wrong account of the tracker", "are in the wrong account of the tracker"),
    Kind.CANNOT_HOLD: ("cannot be held by the tracker", "cannot be held by the tracker"),
    Kind.REJECTED: ("was rejected", "were rejected"),
    Kind.SPLIT_NOT_APPLIED: (
        "is a split that the tracker has not applied",
        "are splits that the tracker has not applied",
    ),
    Kind.OPENING_BALANCE: (
        "stands for what was held before the first statement, and is not right in the tracker",
        "stand for what was held before the first statement, and are not right in the tracker",
    ),
    Kind.CHANGED: (
        "was changed by hand in the tracker after it was booked",
        "were changed by hand in the tracker after they were booked",
    ),
    Kind.REMOVED: (
        "was booked, and is no longer in the tracker: somebody removed it",
        "were booked, and are no longer in the tracker: somebody removed them",
    ),
    Kind.RESTATED: (
        "was changed by the broker after it was booked",
        "were changed by the broker after they were booked",
    ),
    Kind.NOT_IMPORTED: (
        "is in the broker's statement, and not in the tracker",
        "are in the broker's statement, and not in the tracker",
    ),
    Kind.IMPORTED_TWICE: ("is in the tracker twice", "are in the tracker twice"),
    Kind.CANCELLED: (
        "was cancelled by the broker after it was booked",
        "were cancelled by the broker after they were booked",
    ),
    Kind.ENTERED: (
        "is in the tracker, and not at the broker: somebody entered it",
        "are in the tracker, and not at the broker: somebody entered them",
    ),
    Kind.OUTSIDE_WINDOWS: (
        "is covered by no statement, and the balances changed in that time",
        "are covered by no statement, and the balances changed in that time",
    ),
    Kind.MISCOUNTED: (
        "is what the tracker's own rows add up to, and not what it shows",
        "are what the tracker's own rows add up to, and not what it shows",
    ),
}
_NOUNS: Final[Mapping[Kind, str]] = {
    Kind.CANNOT_HOLD: "positions",
    Kind.OPENING_BALANCE: "opening balances",
    Kind.OUTSIDE_WINDOWS: "stretches of days",
    Kind.MISCOUNTED: "sums",
    Kind.ENTERED: "rows",
}

SYNC_AGAIN: Final = "broker-sync ibkr --since {since}"
"""Books what is missing, from the day on which the first of it is due."""

TAKE_BACK: Final = "BROKER_SYNC_ON_VANISHED=delete broker-sync ibkr --since {since}"
"""Removes what the broker no longer lists."""

DECIDE: Final = "broker-sync conflicts {ids} --keep broker"
"""Lets the broker's content stand against what a person did."""

_COMMANDS: Final[Mapping[Kind, str]] = {
    Kind.WRONG_ACCOUNT: "broker-sync explain {see}",
    Kind.REJECTED: "broker-sync explain {see}",
    Kind.SPLIT_NOT_APPLIED: "broker-sync explain {see}",
    Kind.OPENING_BALANCE: "broker-sync ibkr backfill --since {year}",
    Kind.CHANGED: "broker-sync explain {see}",
    Kind.REMOVED: "broker-sync explain {see}",
    Kind.RESTATED: SYNC_AGAIN,
    Kind.NOT_IMPORTED: SYNC_AGAIN,
    Kind.IMPORTED_TWICE: "broker-sync explain {see}",
    Kind.CANCELLED: SYNC_AGAIN,
    Kind.OUTSIDE_WINDOWS: "broker-sync ibkr --since {since} --until {until}",
}


def sentences(causes: Sequence[Candidate]) -> str:
    """What the `causes` are, those of one kind together, in the order in which the kinds come."""
    kinds = dict.fromkeys(each.kind for each in causes)
    return " ".join(_told(kind, [each for each in causes if each.kind is kind]) for kind in kinds)


def _told(kind: Kind, causes: Sequence[Candidate]) -> str:
    one, many = _SAID[kind]
    if len(causes) == 1:
        note = f" {causes[0].note}" if causes[0].note else ""
        return f"{_capital(causes[0].subject)} {one}.{note}"
    told = [each.subject for each in causes[:_MOST]]
    rest = len(causes) - _MOST
    named = "; ".join([*told, f"and {rest} more"] if rest > 0 else told)
    notes = dict.fromkeys(each.note for each in causes[:_MOST] if each.note)
    return " ".join([f"{len(causes)} {_NOUNS.get(kind, 'records')} {many}: {named}.", *notes])


def _capital(text: str) -> str:
    # Ids begin with the name of the broker, which is written as it is.
    return text if ":" in text.partition(" ")[0] else text[:1].upper() + text[1:]


def command_for(causes: Sequence[Candidate]) -> str | None:
    """What would mend the first of the `causes`, or tell more of it; None where nothing of ours would."""
    first = causes[0]
    since = min(each.day for each in causes if each.kind is first.kind)
    see = first.see or next((record for record in first.records if ":" in record), "")
    command = first.remedy or _COMMANDS.get(first.kind, "")
    if "{see}" in command and not see:
        return None
    ids = dict.fromkeys(record for each in causes if each.remedy == command for record in each.records)
    told = command.format(
        since=since, until=first.until, see=see, ids=" ".join(ids), year=since.replace(month=1, day=1)
    )
    return told or None
