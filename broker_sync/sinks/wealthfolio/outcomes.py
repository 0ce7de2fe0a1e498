"""What became of activities, told from what is there and from what the server made of changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from broker_sync.contracts import Refused, Stored, WriteOutcome
from broker_sync.sinks.wealthfolio.book import Book
from broker_sync.sinks.wealthfolio.elsewhere import IN_ARCHIVE
from broker_sync.sinks.wealthfolio.writing import Fate, Turned

__all__ = ["is_whole", "removal", "turned", "unreachable", "were_there"]

_ABSENT: Final = "Wealthfolio does not have it"


def is_whole(book: Book, external_id: str) -> bool:
    """Whether the account has the row that says what it stands for."""
    entry = book.entries.get(external_id)
    return entry is not None and entry.activity is not None


def were_there(fates: Sequence[Fate]) -> list[str]:
    """What was to be made, and was there before."""
    return [
        name
        for fate in fates
        if not isinstance(fate, Turned) and not fate.new
        for name in fate.change.external_ids
    ]


def unreachable(book: Book, external_ids: Iterable[str]) -> dict[str, str]:
    """Those of `external_ids` that cannot be written anew, and why."""
    absent = {each: _ABSENT for each in external_ids if each not in book.entries}
    return absent | {each: IN_ARCHIVE for each in external_ids if each in book.out_of_sight}


def removal(book: Book, external_id: str, refused: Mapping[str, str]) -> WriteOutcome:
    """What became of `external_id`, which was to go; `refused` says what the server would not remove."""
    if external_id in refused:
        return Refused(external_id=external_id, reason=refused[external_id])
    # What was not there has no id of the server's, and an answer always carries one: its own stands in.
    there = book.entries.get(external_id)
    tracker_id = external_id if there is None else there.rows[0].id
    return Stored(external_id=external_id, tracker_id=tracker_id, created=False)


def turned(fates: Sequence[Fate]) -> dict[str, str]:
    """What the server would not write or remove, and its reasons."""
    return {
        name: fate.reason for fate in fates if isinstance(fate, Turned) for name in fate.change.external_ids
    }
