"""Whether two lists of what is booked are the same: what was written down, and what is there; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

__all__ = ["Side", "disagreements"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """An activity as one of the two has it.

    `content_hash` is None where what is there cannot be read. `is_settled` is False while a run has asked for
    a change of it, and has not heard what became of that.
    """

    account_id: str
    external_id: str
    tracker_id: str | None
    content_hash: str | None
    is_settled: bool = True

    @property
    def place(self) -> tuple[str, str]:
        """Where it stands in the order of both."""
        return self.account_id, self.external_id


def disagreements(told: Iterable[Side], there: Iterable[Side], *, tracker: str) -> Iterator[str]:
    """Sentences about what is `told` of `tracker` otherwise than it is `there`; both ordered by place.

    What is not settled is passed over: the next run settles it.
    """
    left, right = iter(told), iter(there)
    said, found = next(left, None), next(right, None)
    while said is not None or found is not None:
        if found is None or (said is not None and said.place < found.place):
            if said is not None and said.is_settled:
                yield f"{_named(said)} was booked, but {tracker} does not have it"
            said = next(left, None)
        elif said is None or found.place < said.place:
            yield f"{_named(found)} is in {tracker}, but nothing says that it was booked"
            found = next(right, None)
        else:
            yield from _difference(said, found, tracker)
            said, found = next(left, None), next(right, None)


def _difference(said: Side, found: Side, tracker: str) -> Iterator[str]:
    if not said.is_settled or found.content_hash is None:
        return
    if said.content_hash != found.content_hash:
        yield f"{_named(said)} says something else in {tracker} than what was booked"
    elif said.tracker_id != found.tracker_id:
        yield f"{_named(said)} is number {found.tracker_id} in {tracker}, and {said.tracker_id} was told"


def _named(side: Side) -> str:
    return f"{side.external_id} of account {side.account_id}"
