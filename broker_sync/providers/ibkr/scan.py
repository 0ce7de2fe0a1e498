"""Streams a Flex document as events: about twice as fast as expat with a handler, and equal to it in meaning.

The document is cut into blocks before a ``<``, some hundred tags each. :class:`PlainReader` reads those that
are written as Flex statements are; :class:`ExpatReader` reads the others, up to where plain reading may go
on. Memory does not grow with the document.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from broker_sync.providers.ibkr.scan_error import Head, Place, ScanError, ScanProblem
from broker_sync.providers.ibkr.scan_expat import MAX_PIECE, ExpatReader
from broker_sync.providers.ibkr.scan_nesting import End, Event, Nesting, Rows, Start
from broker_sync.providers.ibkr.scan_plain import PlainReader

__all__ = ["End", "Event", "Rows", "ScanError", "ScanProblem", "Start", "events"]

# Small enough that what a block becomes stays within the processor's cache: twice as fast as 1 MiB.
_BLOCK_SIZE: Final = 32 * 1024


def events(chunks: Iterable[bytes], *, block_size: int = _BLOCK_SIZE) -> Iterator[Event]:
    """Read a document, given as bytes in pieces of any size (a binary file will do), once and in order.

    Yields its elements in document order. An element with others inside is a :class:`Start` and, after them,
    an :class:`End`. One without is an entry of a :class:`Rows`, whether written ``<a/>`` or ``<a></a>``.
    Attributes are in document order, with their values as XML defines them. Text, comments and processing
    instructions are checked and left out.

    Raises :class:`ScanError` as soon as a fault is found, which may be after many events: they count for
    nothing then. `block_size` is how many bytes are looked at together; it does not change what comes out.
    """
    return chain.from_iterable(_batches(chunks, block_size))


def _batches(chunks: Iterable[bytes], block_size: int) -> Iterator[list[Event]]:
    scanner = _Scanner()
    for data in _even(chunks, block_size):
        yield scanner.feed(data)
    yield scanner.close()


def _even(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The same bytes in pieces of `size`; only the last may be shorter."""
    waiting: list[bytes] = []
    total = 0
    for chunk in chunks:
        waiting.append(chunk)
        total += len(chunk)
        if total >= size:
            data = b"".join(waiting)
            for start in range(0, total - size + 1, size):
                yield data[start : start + size]
            waiting = [data[total - total % size :]]
            total %= size
    yield b"".join(waiting)


class _Scanner:
    def __init__(self) -> None:
        self._head = Head()
        self._place = Place(head=self._head)
        self._nesting = Nesting()
        self._plain = PlainReader()
        self._expat: ExpatReader | None = None
        self._kept: list[bytes] = []
        self._kept_size = 0

    def feed(self, data: bytes) -> list[Event]:
        """The events of the block that `data` completes, if any."""
        self._head.see(data)
        if self._head.is_foreign:
            raise self._place.error("not-xml", f"it begins with {self._head.text!r}")
        cut = data.rfind(b"<")
        if cut < 0:
            self._keep(data)
            return []
        self._keep(data[:cut])
        events = self._read(self._release())
        self._keep(data[cut:])
        return events

    def close(self) -> list[Event]:
        """The last events; the document has ended."""
        if self._head.is_blank:
            raise self._place.error("empty", "there is nothing in it")
        events = self._read(self._release())
        if self._expat is None and self._nesting.open:
            self._expat = ExpatReader(self._nesting, self._place)
        if self._expat is not None:
            self._expat.read(b"", is_last=True)
        # The newer expat may put off reading what it holds until it is told that no more will come.
        return events + self._nesting.take()

    def _keep(self, data: bytes) -> None:
        self._kept.append(data)
        self._kept_size += len(data)
        if self._kept_size > MAX_PIECE:
            raise self._place.error("malformed", f"a piece longer than {MAX_PIECE} bytes")

    def _release(self) -> bytes:
        block = b"".join(self._kept)
        self._kept.clear()
        self._kept_size = 0
        return block

    def _read(self, block: bytes) -> list[Event]:
        if not block:
            return []
        after = self._plain.read(block, self._nesting) if self._expat is None else None
        if after is None:
            self._read_thoroughly(block)
        else:
            self._nesting = after
        self._place = self._place.after(block)
        return self._nesting.take()

    def _read_thoroughly(self, block: bytes) -> None:
        expat = self._expat or ExpatReader(self._nesting, self._place)
        expat.read(block)
        self._expat = None if expat.is_between_pieces else expat
