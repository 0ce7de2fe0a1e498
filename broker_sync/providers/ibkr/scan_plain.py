"""The fast way through a block of markup: for tags as every Flex statement writes them.

Whatever is not of this kind, right or wrong, makes it give up the whole block without a trace, and the full
XML parser reads that block. So nothing here has to judge a document; it only has to be sure.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, TypeAlias

from broker_sync.providers.ibkr.scan_nesting import MAX_DEPTH, Nesting
from broker_sync.providers.ibkr.scan_shape import OddMarkupError, Shape, Shapes

__all__ = ["PlainReader"]

_Take: TypeAlias = Callable[[tuple[str, ...]], None]

_CONTROLS: Final = [bytes([code]) for code in range(32) if code not in b"\t\n\r"]
_NOT_CHARACTERS: Final = [chr(code).encode() for code in (0xFFFE, 0xFFFF)]

# Compiling the pattern of a shape costs as much as reading this many rows without it.
_WORTH_A_PATTERN: Final = 256


class PlainReader:
    """Reads blocks of plain tags; remembers the shapes of the tags from block to block."""

    def __init__(self) -> None:
        self._shapes = Shapes()
        self._expected: Shape | None = None

    def read(self, block: bytes, before: Nesting) -> Nesting | None:
        """What `before` becomes through `block`, or None if the block is odd; `before` stays as it is.

        A block ends before a ``<`` or with the document.
        """
        after = before.copy()
        try:
            text = _as_text(block)
            if not self._read_rows(text, after):
                self._read_tags(text, after)
        except (OddMarkupError, UnicodeDecodeError):
            return None
        return after

    def _read_rows(self, text: str, nesting: Nesting) -> bool:
        """Read `text` if it is nothing but rows of the expected shape; says whether it was."""
        shape = self._expected
        if shape is None or shape.met < _WORTH_A_PATTERN or not nesting.open:
            return False
        found = shape.rows.findall(text)
        # Each match begins with "<" and reaches up to another or the end. So if there are as many "<" as
        # matches, then nothing stands between the rows and there is no "<" in a value.
        if len(found) != text.count("<"):
            return False
        nesting.rows(shape.tag, shape.names).extend(found)
        return True

    def _read_tags(self, text: str, nesting: Nesting) -> None:
        """Read `text` tag by tag; raises :class:`OddMarkupError`."""
        tags = text[1:].split("<")
        marks = tags[0].split('"')[::2]
        shape, take = self._turn_to(marks, nesting)
        is_uniform = True
        for tag in tags:
            parts = tag.split('"')
            if parts[::2] != marks:
                marks = parts[::2]
                shape, take = self._turn_to(marks, nesting)
                is_uniform = False
            if len(parts) != shape.parts:
                raise OddMarkupError
            take(tuple(parts[1::2]))
        self._expect(shape if is_uniform else None, len(tags))

    def _turn_to(self, marks: list[str], nesting: Nesting) -> tuple[Shape, _Take]:
        """The shape with these marks, and what to call with the values of each tag that has it."""
        shape = self._shapes.of(marks)
        if shape.role != "row":
            return shape, partial(_start if shape.role == "start" else _end, nesting, shape)
        if not nesting.open:
            raise OddMarkupError
        return shape, nesting.rows(shape.tag, shape.names).append

    def _expect(self, shape: Shape | None, number: int) -> None:
        """The last block was `number` tags of `shape`, or a mixture; the next one may well be the same."""
        # With less than two groups, findall gives texts in place of tuples.
        self._expected = shape if shape and shape.role == "row" and len(shape.names) > 1 else None
        if self._expected:
            self._expected.met += number


def _as_text(block: bytes) -> str:
    """`block` with one space for each white character, and its plainest references resolved.

    Both are right within attribute values, and outside of them a shape would not be recognised if they were
    not. References to quotes and brackets are left alone: resolved, they would be taken for markup.
    """
    if not block.startswith(b"<") or any(map(block.__contains__, _CONTROLS)):
        raise OddMarkupError
    if not block.isascii() and any(map(block.__contains__, _NOT_CHARACTERS)):
        raise OddMarkupError
    if b"&" in block:
        block = block.replace(b"&apos;", b"'").replace(b"&#39;", b"'")
        if block.count(b"&") != block.count(b"&amp;"):
            raise OddMarkupError
        block = block.replace(b"&amp;", b"&")
    if b"\r" in block:
        block = block.replace(b"\r\n", b" ").replace(b"\r", b" ")
    return block.replace(b"\n", b" ").replace(b"\t", b" ").decode()


def _start(nesting: Nesting, shape: Shape, values: tuple[str, ...]) -> None:
    is_second_root = nesting.begun and not nesting.open
    if is_second_root or len(nesting.open) >= MAX_DEPTH:
        raise OddMarkupError
    nesting.start(shape.tag, shape.names, values)


def _end(nesting: Nesting, shape: Shape, _: tuple[str, ...]) -> None:
    if not nesting.open or nesting.open[-1] != shape.tag:
        raise OddMarkupError
    nesting.end()
