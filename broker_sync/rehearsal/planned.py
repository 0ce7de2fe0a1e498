"""What a dry run would have written, kept outside memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload

from broker_sync.codec import activity_from_json
from broker_sync.models import Activity
from broker_sync.storage.pile import Pile

__all__ = ["Planned"]


class Planned(Sequence[Activity]):
    """The activities whose texts are in `pile`, in its order; each is made when it is asked for."""

    def __init__(self, pile: Pile) -> None:
        self._pile = pile

    def __len__(self) -> int:
        return len(self._pile)

    def __iter__(self) -> Iterator[Activity]:
        return (activity_from_json(self._pile[name]) for name in self._pile)

    @overload
    def __getitem__(self, index: int) -> Activity: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Activity]: ...
    def __getitem__(self, index: int | slice) -> Activity | Sequence[Activity]:
        names = list(self._pile)[index]
        if isinstance(names, str):
            return activity_from_json(self._pile[names])
        return [activity_from_json(self._pile[name]) for name in names]
