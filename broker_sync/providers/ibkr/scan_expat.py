"""The thorough way through a document, or through a stretch of one: expat, the XML parser within Python."""

from __future__ import annotations

from typing import Final
from xml.parsers.expat import ExpatError, ParserCreate, XMLParserType, errors

from broker_sync.providers.ibkr.scan_error import Place, ScanError, ScanProblem
from broker_sync.providers.ibkr.scan_nesting import MAX_ATTRIBUTES, MAX_DEPTH, Nesting

__all__ = ["MAX_PIECE", "ExpatReader"]

MAX_PIECE: Final = 8 * 1024 * 1024
"""The most bytes that one tag, comment or stretch of text may have."""

_PROBLEMS: Final[dict[int, ScanProblem]] = {
    errors.codes[errors.XML_ERROR_NO_ELEMENTS]: "truncated",
    errors.codes[errors.XML_ERROR_PARTIAL_CHAR]: "truncated",
    errors.codes[errors.XML_ERROR_UNCLOSED_CDATA_SECTION]: "truncated",
    errors.codes[errors.XML_ERROR_UNCLOSED_TOKEN]: "truncated",
    errors.codes[errors.XML_ERROR_UNDEFINED_ENTITY]: "doctype",
}


class _FaultError(Exception):
    """A fault that expat itself would let pass."""

    def __init__(self, kind: ScanProblem, reason: str) -> None:
        super().__init__(kind, reason)
        self.kind = kind
        self.reason = reason


class _Listener:
    """What expat calls. It knows nothing of the parser: in a circle the two would outlive their use."""

    def __init__(self, nesting: Nesting) -> None:
        self.nesting = nesting
        self.is_utf8 = True
        self.is_in_cdata = False

    def attach(self, parser: XMLParserType) -> None:
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.XmlDeclHandler = self._declared
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartCdataSectionHandler = self._cdata_begins
        parser.EndCdataSectionHandler = self._cdata_ends

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self.nesting.open) >= MAX_DEPTH:
            raise _FaultError("malformed", f"elements nested deeper than {MAX_DEPTH}")
        if len(attributes) > MAX_ATTRIBUTES:
            raise _FaultError("malformed", f"more than {MAX_ATTRIBUTES} attributes")
        self.nesting.start(tag, tuple(attributes), tuple(attributes.values()))

    def _end(self, _: str) -> None:
        self.nesting.end()

    def _declared(self, _version: str, encoding: str | None, _standalone: int) -> None:
        self.is_utf8 = encoding is None or encoding.upper() == "UTF-8"

    def _doctype(self, name: str, *_: object) -> None:
        raise _FaultError("doctype", f"it declares the document type {name!r}")

    def _cdata_begins(self) -> None:
        self.is_in_cdata = True

    def _cdata_ends(self) -> None:
        self.is_in_cdata = False


class ExpatReader:
    """Reads from `place` on, where the elements of `nesting` are open, and keeps `nesting` up to date.

    Unless the document is still to begin, the parser is first given tags that stand for what came before. So
    it judges what follows as it would if it had read the whole document.
    """

    def __init__(self, nesting: Nesting, place: Place) -> None:
        self._parser = ParserCreate("UTF-8" if nesting.begun else None)
        stand_in = _stand_in(nesting)
        self._parser.Parse(stand_in)
        self._fed = len(stand_in)
        self._origin = place.moved(lines=0, offset=-len(stand_in))
        self._listener = _Listener(nesting)
        self._listener.attach(self._parser)

    @property
    def is_between_pieces(self) -> bool:
        """Whether another may go on from here, with nothing but the nesting to know and UTF-8 to expect."""
        heard = self._listener
        is_at_piece = heard.nesting.begun and self._parser.CurrentByteIndex == self._fed
        return is_at_piece and heard.is_utf8 and not heard.is_in_cdata

    def read(self, block: bytes, *, is_last: bool = False) -> None:
        """Read `block`; raises :class:`ScanError`."""
        # The wide encodings are told by their zero bytes, which no UTF-8 document may contain.
        if b"\0" in block:
            self._listener.is_utf8 = False
        try:
            self._parser.Parse(block, is_last)
        except ExpatError as error:
            raise self._error(_PROBLEMS.get(error.code, "malformed"), errors.messages[error.code]) from error
        except _FaultError as fault:
            raise self._error(fault.kind, fault.reason) from None
        except (LookupError, ValueError) as error:
            # So Python refuses an encoding, declared in the first line, that it lacks or cannot stream.
            raise self._error("malformed", str(error)) from error
        self._fed += len(block)
        if self._fed - self._parser.CurrentByteIndex > MAX_PIECE:
            raise self._error("malformed", f"a piece longer than {MAX_PIECE} bytes")

    def _error(self, kind: ScanProblem, reason: str) -> ScanError:
        lines = self._parser.CurrentLineNumber - 1
        # The parser says -1 as long as it has not come past its first piece.
        offset = max(self._parser.CurrentByteIndex, 0)
        return self._origin.moved(lines=lines, offset=offset).error(kind, reason)


def _stand_in(nesting: Nesting) -> bytes:
    if not nesting.begun:
        return b""
    tags = "".join(f"<{tag}>" for tag in nesting.open) or "<over/>"
    return tags.encode()
