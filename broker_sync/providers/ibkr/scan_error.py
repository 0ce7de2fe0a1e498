"""Why a document could not be read as XML, and where in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

__all__ = ["Head", "Place", "ScanError", "ScanProblem"]

ScanProblem: TypeAlias = Literal["doctype", "empty", "malformed", "not-xml", "truncated"]

_HEAD_LENGTH: Final = 64
_HTML: Final = re.compile(rb"<(!doctype\s+)?html[\s>]", re.IGNORECASE)

# What may stand before the first tag: white space, and what byte order marks and wide encodings put there.
_BEFORE_XML: Final = b"\xef\xbb\xbf\xfe\xff\x00 \t\r\n"


class ScanError(Exception):
    """The document cannot be read to its end as XML; nothing of it should be used.

    `kind` says what is wrong:

    - ``empty``: there is nothing in it but white space;
    - ``not-xml``: it does not begin like XML (CSV, JSON, plain text), or it is an HTML page;
    - ``truncated``: it ends before its outermost element does, and breaks no rule until there;
    - ``malformed``: it breaks a rule of XML or of its encoding, or exceeds one of our limits;
    - ``doctype``: it declares a document type, or uses an entity that XML does not define.

    `reason` is the finding in words; `line` (the first is 1) and `offset` (in bytes, the first is 0) say
    where it was made. `head` is how the document begins: at most 64 bytes of it, as text.
    """

    def __init__(self, *, kind: ScanProblem, reason: str, line: int, offset: int, head: str) -> None:
        super().__init__(f"{reason} (line {line}, byte {offset})")
        self.kind = kind
        self.reason = reason
        self.line = line
        self.offset = offset
        self.head = head


class Head:
    """How a document begins: its first bytes, from the first that says anything."""

    def __init__(self) -> None:
        self._bytes = b""

    def see(self, data: bytes) -> None:
        """Take note of `data`, which goes on from what was seen."""
        if len(self._bytes) < _HEAD_LENGTH:
            self._bytes = (self._bytes + data).lstrip(_BEFORE_XML)[:_HEAD_LENGTH]

    @property
    def is_blank(self) -> bool:
        """Whether nothing has been seen but white space."""
        return not self._bytes

    @property
    def is_foreign(self) -> bool:
        """Whether no XML that we would read begins like this."""
        return bool(self._bytes) and (
            not self._bytes.startswith(b"<") or _HTML.match(self._bytes) is not None
        )

    @property
    def text(self) -> str:
        """The bytes as text."""
        return self._bytes.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place in a document: `lines` have ended and `offset` bytes have passed before it."""

    head: Head
    lines: int = 0
    offset: int = 0

    def moved(self, *, lines: int, offset: int) -> Place:
        """The place so much further on."""
        return replace(self, lines=self.lines + lines, offset=self.offset + offset)

    def after(self, block: bytes) -> Place:
        """The place after `block`."""
        lines = block.count(b"\n")
        if b"\r" in block:
            # A carriage return ends a line as well, unless the line feed after it does.
            lines += block.count(b"\r") - block.count(b"\r\n")
        return self.moved(lines=lines, offset=len(block))

    def error(self, kind: ScanProblem, reason: str) -> ScanError:
        """The error to raise for a fault found here."""
        return ScanError(
            kind=kind, reason=reason, line=self.lines + 1, offset=self.offset, head=self.head.text
        )
