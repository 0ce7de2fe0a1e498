"""Which statement has the last word on a day: the one that the broker made last; pure.

Statements overlap, and may be given in any order. An older one must not put back what a newer one has changed
or taken away, on the days and of the kinds of records that the newer one lists whole.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from broker_sync.opening import Window

__all__ = ["Newest", "kind_of", "outdated_note"]


def kind_of(external_id: str) -> str:
    """The kind of a record: the middle part of its id."""
    return external_id.split(":")[1]


class Newest:
    """What `windows` know better than a statement that was made before them.

    Of a window or a statement without the moment of its making nothing can be said.
    """

    def __init__(self, windows: Iterable[Window]) -> None:
        dated = [(window.made, window) for window in windows if window.made is not None]
        # The latest first: what is asked about is nearly always from tonight, and one look is enough.
        self._dated = sorted(dated, key=lambda each: each[0], reverse=True)

    def supersedes(self, record_id: str, day: dt.date, made: dt.datetime | None) -> bool:
        """Whether a statement made after `made` lists all records of this kind for `day`."""
        return any(kind_of(record_id) in window.lists for window in self._later(day, made))

    def is_outdated(self, day: dt.date, made: dt.datetime | None) -> bool:
        """Whether anything made after `made` covers `day`."""
        return any(True for _ in self._later(day, made))

    def _later(self, day: dt.date, made: dt.datetime | None) -> Iterable[Window]:
        if made is None:
            return
        for moment, window in self._dated:
            if moment <= made:
                return
            if window.first_day <= day <= window.last_day:
                yield window


def outdated_note(count: int) -> str:
    """What to tell of so many records."""
    verb, them = ("says", "it") if count == 1 else ("say", "them")
    return (
        f"{count} of the records {verb} something else in a statement of the same days that the broker made "
        f"later, or {'is' if count == 1 else 'are'} not in it: what the later one says of {them} stands."
    )
