"""The events of a scan, and the elements that are open while it goes on."""

from __future__ import annotations

from typing import Final, NamedTuple, Self, TypeAlias

__all__ = ["MAX_ATTRIBUTES", "MAX_DEPTH", "End", "Event", "Nesting", "Rows", "Start"]

# A Flex statement nests five or six deep, and its widest rows have some hundred attributes. The limits are
# there so that a hostile document cannot make its reader hold more and more of it.
MAX_DEPTH: Final = 64
MAX_ATTRIBUTES: Final = 1024


class Start(NamedTuple):
    """An element with other elements inside begins; they follow, and then its :class:`End`."""

    tag: str
    attributes: dict[str, str]


class Rows(NamedTuple):
    """One or more elements of one tag, side by side and with no element inside, with the same attributes.

    `names` are those of the attributes in the order of the document, and each entry of `values` has one value
    for each. Neighbours of one tag may come in several `Rows`; where they are divided means nothing.
    """

    tag: str
    names: tuple[str, ...]
    values: list[tuple[str, ...]]

    @property
    def attributes(self) -> list[dict[str, str]]:
        """The attributes of each element."""
        return [dict(zip(self.names, row, strict=True)) for row in self.values]


class End(NamedTuple):
    """The innermost open element ends; `tag` is its own."""

    tag: str


Event: TypeAlias = Start | Rows | End

_Attributes: TypeAlias = tuple[tuple[str, ...], tuple[str, ...]]


class Nesting:
    """The tags of the open elements, outermost first, and the events since the last `take`.

    Whether an element has others inside is known only at the next tag, so its event is held back until then.
    """

    def __init__(self) -> None:
        self.open: list[str] = []
        self.begun = False
        self._held: _Attributes | None = None
        self._events: list[Event] = []

    def copy(self) -> Self:
        """Another that goes on from here, with no events yet."""
        other = type(self)()
        other.open = self.open.copy()
        other.begun = self.begun
        other._held = self._held  # noqa: SLF001 - of this class
        return other

    def start(self, tag: str, names: tuple[str, ...], values: tuple[str, ...]) -> None:
        """An element begins."""
        self._release()
        self.begun = True
        self.open.append(tag)
        self._held = names, values

    def end(self) -> None:
        """The innermost open element ends."""
        held, self._held = self._held, None
        tag = self.open.pop()
        if held is None:
            self._events.append(End(tag))
        else:
            names, values = held
            self.rows(tag, names).append(values)

    def rows(self, tag: str, names: tuple[str, ...]) -> list[tuple[str, ...]]:
        """Where to append elements of `tag` that have none inside, until anything else is called."""
        self._release()
        last = self._events[-1] if self._events else None
        if not isinstance(last, Rows) or last.tag != tag or last.names != names:
            last = Rows(tag, names, [])
            self._events.append(last)
        return last.values

    def take(self) -> list[Event]:
        """The events since the last call."""
        events, self._events = self._events, []
        return events

    def _release(self) -> None:
        if self._held is not None:
            self._events.append(Start(self.open[-1], dict(zip(*self._held, strict=True))))
            self._held = None
