"""Rows that a person typed in for what we book, too: named, and where that is asked for, taken over.

Ours comes and theirs goes in one request, of which the server does all or nothing: the thing is there once at
every moment, whatever becomes of the run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from broker_sync.contracts import Twin, TwinFate
from broker_sync.explain.entry import Entry
from broker_sync.models import Activity
from broker_sync.sinks.wealthfolio.batches import Change, gone
from broker_sync.sinks.wealthfolio.book import Book
from broker_sync.sinks.wealthfolio.effects import Reckoning, entries_of
from broker_sync.sinks.wealthfolio.rows import AssetRef
from broker_sync.sinks.wealthfolio.twins import is_typed, others_rows, pairs
from broker_sync.sinks.wealthfolio.wire import ActivityRow

__all__ = ["Adoptions", "without_them"]

_Others = Sequence[tuple[ActivityRow, Entry]]


class Adoptions:
    """The twins in one account; `wanted` is whether they are taken over."""

    def __init__(self, how: Reckoning, *, wanted: bool) -> None:
        self.wanted = wanted
        self._how = how
        self._others: _Others | None = None
        self._there: frozenset[str] = frozenset()
        self._done: dict[str, Twin] = {}

    @property
    def needs_book(self) -> bool:
        """Whether :meth:`look` is to be called before anything is written."""
        return self.wanted and self._others is None

    def look(self, book: Book) -> None:
        """Learn what is there before the first row is written."""
        self._others = others_rows(book.foreign, entries_of(book, self._how))
        self._there = frozenset(book.entries)

    def with_theirs(
        self, changes: Sequence[Change], activities: Iterable[Activity], assets: Mapping[str, AssetRef | str]
    ) -> list[Change]:
        """`changes`, which write `activities`: the row that somebody typed for one of them goes with it."""
        if not self.wanted or not self._others:
            return list(changes)
        new = [each for each in activities if each.external_id not in self._there]
        known = {key: asset.id for key, asset in assets.items() if isinstance(asset, AssetRef)}
        theirs = pairs(new, self._typed(), assets=known, zone=self._how.zone)
        return [_in_place(each, theirs) for each in changes]

    def took(self, changes: Iterable[Change]) -> None:
        """`changes` are made: the rows of others among what went are gone."""
        for change in changes:
            left = {each.id for each in change.gone}
            for row, entry in self._others or ():
                if row.id in left:
                    self._done[row.id] = _twin(change.external_ids[0], row, entry, TwinFate.TAKEN_OVER)
        self._others = [each for each in self._others or () if each[0].id not in self._done]

    def left(self, book: Book, planned: Iterable[Activity]) -> list[tuple[str, ActivityRow, Entry]]:
        """The twins in `book` of activities of ours, and of those that are `planned`."""
        self.look(book)
        assets = {key: asset for asset, named in book.instruments.items() for key in named}
        ours = {each.external_id: each for each in [*book.activities, *planned]}
        found = pairs(ours.values(), self._others or (), assets=assets, zone=self._how.zone)
        entries = {row.id: entry for row, entry in self._others or ()}
        return [(name, row, entries[row.id]) for name, row in found.items()]

    def told(self, left: Iterable[tuple[str, ActivityRow, Entry]]) -> list[Twin]:
        """All twins: those that were taken over, and those of `left` that were not."""
        rest = [_twin(name, row, entry, _fate(row)) for name, row, entry in left if row.id not in self._done]
        return [*self._done.values(), *rest]

    def _typed(self) -> list[tuple[ActivityRow, Entry]]:
        return [each for each in self._others or () if is_typed(each[0])]


def without_them(left: Iterable[tuple[str, ActivityRow, Entry]]) -> list[Change]:
    """What takes away the typed rows of `left`: ours are there already."""
    return [Change(external_ids=(name,), gone=(gone(row),)) for name, row, _ in left if is_typed(row)]


def _fate(row: ActivityRow) -> TwinFate:
    return TwinFate.LIKELY if is_typed(row) else TwinFate.OF_ANOTHER_TOOL


def _twin(name: str, row: ActivityRow, entry: Entry, fate: TwinFate) -> Twin:
    return Twin(external_id=name, tracker_id=row.id, text=entry.text, fate=fate)


def _in_place(change: Change, theirs: Mapping[str, ActivityRow]) -> Change:
    found = [theirs[name] for name in change.external_ids if name in theirs]
    if not found or not change.rows:
        return change
    first, *others = change.rows
    note = found[0].comment
    rows = (first.noting(note) if note else first, *others)
    return replace(change, rows=rows, gone=(*change.gone, *map(gone, found)))
