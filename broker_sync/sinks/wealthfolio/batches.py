"""What is written together: changes, cut into requests that the server takes, and halved when it does not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from broker_sync.sinks.wealthfolio.rows import Row
from broker_sync.sinks.wealthfolio.wire import ActivityRow

__all__ = ["Change", "Gone", "batches", "gone", "halves", "nameless_id"]

_T = TypeVar("_T")

_MOST_ROWS: Final = 500
# The server takes bodies of 2 MB; what a proxy in front of it takes is found out by halving.
_MOST_BYTES: Final = 1_500_000


_NAMELESS: Final = "nameless:"


@dataclass(frozen=True, slots=True)
class Gone:
    """A row that is to go: its key, and the server's id of it."""

    key: str
    id: str


def gone(row: ActivityRow) -> Gone:
    """That `row` is to go. One without a key, as rows of before 3.0 are, gets one that the server has not."""
    return Gone(row.idempotency_key or f"{_NAMELESS}{row.id}", row.id)


def nameless_id(key: str) -> str | None:
    """The id of the row that `key` stands for where it has none of its own; else None."""
    return key.removeprefix(_NAMELESS) if key.startswith(_NAMELESS) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Rows that come and rows that go, together or not at all; what comes may have the key of what goes.

    `external_ids` are the activities it is for: one, or the two of a conversion.
    """

    external_ids: tuple[str, ...]
    rows: tuple[Row, ...] = ()
    gone: tuple[Gone, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of what comes and of what goes, each once."""
        return tuple(dict.fromkeys([row.key for row in self.rows] + [gone.key for gone in self.gone]))

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.rows or self.gone)

    def left(self, there: Mapping[str, str]) -> Change:
        """What is still to be done where the rows of the server are `there`, ids by key."""
        gone = tuple(each for each in self.gone if there.get(each.key) == each.id)
        freed = {each.key for each in gone}
        rows = tuple(row for row in self.rows if row.key not in there or row.key in freed)
        return replace(self, rows=rows, gone=gone)

    @property
    def weight(self) -> int:
        """About how many bytes of a request it takes: what is not text of ours is less than the constant."""
        texts = (
            len(row.metadata.encode()) + 2 * len(row.key) + 2 * len((row.notes or "").encode())
            for row in self.rows
        )
        return sum(600 + 2 * size for size in texts) + 40 * len(self.gone)


def batches(changes: Iterable[Change]) -> list[list[Change]]:
    """`changes` in their order, in portions of at most 500 rows and well under 2 MB."""
    portions: list[list[Change]] = []
    rows = size = 0
    for change in changes:
        count = len(change.rows) + len(change.gone)
        if not portions or rows + count > _MOST_ROWS or size + change.weight > _MOST_BYTES:
            portions.append([])
            rows = size = 0
        portions[-1].append(change)
        rows += count
        size += change.weight
    return portions


def halves(batch: Sequence[_T]) -> tuple[list[_T], list[_T]]:
    """Both halves of `batch`, which has two or more."""
    middle = len(batch) // 2
    return list(batch[:middle]), list(batch[middle:])
