from __future__ import annotations

from itertools import chain, repeat

import pytest

from broker_sync.providers.ibkr.scan import ScanProblem
from tests.providers.ibkr.scan_documents import CLOSING, OPENING, statement
from tests.providers.ibkr.scan_readers import by_expat, by_scan, refusal
from tests.tables import for_each

REFUSED: dict[str, tuple[bytes, ScanProblem]] = {
    "no bytes": (b"", "empty"),
    "white space": (b" \r\n\t" * 100, "empty"),
    "a byte order mark": (b"\xef\xbb\xbf\n", "empty"),
    "CSV": (b'"ClientAccountID","Symbol"\n"U1","VUAG"\n', "not-xml"),
    "JSON": (b'\n  {"a": "<b/>"}', "not-xml"),
    "text": (b"Statement is not ready.", "not-xml"),
    "a ZIP file": (b"PK\x03\x04\x14\x00\x00<", "not-xml"),
    "an HTML page": (b"<!DOCTYPE html>\n<html><br></html>", "not-xml"),
    "an HTML page in capitals": (b"\n<HTML lang='en'><BODY></HTML>", "not-xml"),
    "the start of a tag": (b"<", "truncated"),
    "only a declaration": (b'<?xml version="1.0"?>\n', "truncated"),
    "cut off in a tag": (statement(trades=9)[:-300], "truncated"),
    "cut off in a name": (b"<a><bc", "truncated"),
    "cut off in a value": (b'<a><b c="', "truncated"),
    "cut off in a character": ('<a><b c="é'.encode()[:-1], "truncated"),
    "cut off in a comment": (b"<a><!-- ", "truncated"),
    "cut off in a CDATA section": (b"<a><![CDATA[ ", "truncated"),
    "cut off between tags": (OPENING, "truncated"),
    "a wrong end tag": (b"<a><b></a></b>", "malformed"),
    "an end tag first": (b"</a>", "malformed"),
    "two outermost elements": (b"<a/><a/>", "malformed"),
    "two outermost elements with content": (b"<a><b/></a>\n<a><b/></a>", "malformed"),
    "text after the end": (b"<a></a>\ntext", "malformed"),
    "white space before the declaration": (b' <?xml version="1.0"?><a/>', "malformed"),
    "bytes that are not UTF-8": (b'<a><b c="\xff"/></a>', "malformed"),
    "an unknown encoding": (b'<?xml version="1.0" encoding="unheard-of"?><a/>', "malformed"),
    "an encoding of many bytes": (b'<?xml version="1.0" encoding="shift_jis"?><a/>', "malformed"),
    "a document type": (b"<!DOCTYPE a><a/>", "doctype"),
    "a document type elsewhere": (b'<!DOCTYPE a SYSTEM "https://example.org/a.dtd"><a/>', "doctype"),
    "a document type after a comment": (b"<!-- c --><!DOCTYPE a []><a/>", "doctype"),
    "entities of its own": (b'<!DOCTYPE a [<!ENTITY x "yy"><!ENTITY z "&x;&x;">]><a b="&z;"/>', "doctype"),
    "an unknown entity": (b'<a><b c="&nbsp;"/></a>', "doctype"),
    "deep nesting": (b"<a>" * 65 + b"</a>" * 65, "malformed"),
    "too many attributes": (
        b"<x><a " + b" ".join(b'a%d=""' % number for number in range(1025)) + b"/></x>",
        "malformed",
    ),
}


@for_each(("document", "kind"), REFUSED.values(), ids=REFUSED.keys())
@for_each("block_size", [1, 32768])
def test_what_is_wrong_has_a_kind(document: bytes, kind: ScanProblem, block_size: int) -> None:
    assert refusal(document, block_size).kind == kind


def test_nesting_up_to_the_limit_is_read() -> None:
    document = b"<a>" * 64 + b"</a>" * 64
    assert by_scan([document]) == by_expat(document)


@for_each("line_end", [b"\n", b"\r\n", b"\r"])
def test_an_error_says_where_it_was_found_and_how_the_document_begins(line_end: bytes) -> None:
    document = statement(trades=5000, odd=b"</Trade>", at=4000).replace(b"\n", line_end)
    error = refusal(document)
    assert error.line == 4002
    # The parser points at the tag, or at the name in it.
    assert document[error.offset :].startswith((b"</Trade>", b"Trade>"))
    assert error.reason == "mismatched tag"
    assert str(error) == f"mismatched tag (line 4002, byte {error.offset})"
    assert error.head == document[:64].decode()


def test_rows_after_the_end_are_refused_even_where_such_rows_were_expected() -> None:
    # Each row fills a block of its own, and so does the end tag with the comment.
    rows = b'<Trade a="%1000d" b="" />\n' % 1 * 300
    error = refusal(b"<a>" + rows + b"<!-- --></a>" + rows, block_size=1000)
    assert (error.kind, error.line) == ("malformed", 301)


def test_a_cut_off_document_is_refused_at_its_end() -> None:
    document = statement(trades=500)[: -len(CLOSING)]
    error = refusal(document)
    assert (error.line, error.offset) == (502, len(document))


def test_what_is_not_xml_is_refused_at_once() -> None:
    error = refusal(
        chain([b"\n\nClientAccountID," + b"Symbol," * 10_000], map(pytest.fail, ["asked for more"]))
    )
    assert error.reason.startswith("it begins with 'ClientAccountID,Symbol,")
    assert (error.line, error.offset) == (1, 0)


ENDLESS = {
    "value": (b'<a b="', b"x"),
    "name": (b"<", b"x"),
    "text": (b"<a>", b"x"),
    "comment": (b"<a><!--", b"<"),
    "comment at the beginning": (b"<!--", b"<"),
    "white space at the beginning": (b"", b" "),
}


@for_each(("start", "more"), ENDLESS.values(), ids=ENDLESS.keys())
def test_a_piece_without_end_is_refused_before_it_fills_the_memory(start: bytes, more: bytes) -> None:
    error = refusal(chain([start], repeat(more * 1_000_000)), block_size=1_000_000)
    assert error.kind == "malformed"
    assert error.reason == "a piece longer than 8388608 bytes"
    assert (error.line, error.offset >= 0) == (1, True)


WRONG = {
    "a row that is not closed": b'<Trade tradeID="1" symbol="VUAG" quantity="10" notes="">',
    "an attribute twice": b'<Trade tradeID="1" tradeID="1" quantity="10" notes="" />',
    "a bracket within a value": b'<Trade tradeID="1" symbol="<" quantity="10" notes="" />',
    "an ampersand": b'<Trade tradeID="1" symbol="A&B" quantity="10" notes="" />',
    "a bracket as a reference": b'<Trade tradeID="1" symbol="" quantity="10" notes="" /&gt;',
    "a control character": b'<Trade tradeID="1" symbol="\x02" quantity="10" notes="" />',
    "a forbidden character": '<Trade tradeID="1" symbol="\ufffe" quantity="10" notes="" />'.encode(),
    "bytes that are not UTF-8": b'<Trade tradeID="1" symbol="\xe9" quantity="10" notes="" />',
    "a missing quote": b'<Trade tradeID="1" symbol="VUAG quantity="10" notes="" />',
    "a missing space": b'<Trade tradeID="1"symbol="VUAG" quantity="10" notes="" />',
    "another end tag": b"</FlexStatement>",
    "a bracket too many": b"<<Trade />",
    "a late XML declaration": b'<?xml version="1.0"?>',
    "the end of a CDATA section": b"]]>",
    "two hyphens in a comment": b"<!-- -- -->",
}


@for_each("wrong", WRONG.values(), ids=WRONG.keys())
def test_something_wrong_among_many_rows_is_found_on_its_line(wrong: bytes) -> None:
    document = statement(trades=3000, odd=wrong + b"\n", at=2000)
    assert by_expat(document) is None
    error = refusal(document)
    assert error.kind == "malformed"
    # What is missing shows later: a quote on the next line, an end tag at the end of the section.
    assert error.line in {2002, 2003, 3003}
