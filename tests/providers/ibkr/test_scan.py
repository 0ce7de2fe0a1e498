from __future__ import annotations

import tracemalloc
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker_sync.providers.ibkr.scan import End, Rows, Start, events
from tests.providers.ibkr.corpus import CORPUS, names
from tests.providers.ibkr.scan_documents import CLOSING, OPENING, damaged, documents, statement, trade
from tests.providers.ibkr.scan_readers import by_expat, by_scan, by_scan_or_none

BLOCK_SIZES = st.sampled_from([1, 2, 7, 40, 200, 32768])


@given(document=documents(), block_size=BLOCK_SIZES)
def test_a_document_means_what_it_means_to_expat(document: bytes, block_size: int) -> None:
    assert by_scan_or_none(document, block_size) == by_expat(document)


@given(document=damaged(), block_size=BLOCK_SIZES)
def test_a_damaged_document_is_refused_exactly_where_expat_refuses_it(
    document: bytes, block_size: int
) -> None:
    assert by_scan_or_none(document, block_size) == by_expat(document)


ODDITIES = {
    "another row": b'<Lot symbol="VUAG"/>',
    "a row of another tag with the same attributes": trade(1).replace(b"Trade ", b"Lot "),
    "a row without attributes": b"<Lot/>",
    "a row with another row inside": b'<Trade tradeID="1"><Lot a="b"/></Trade>',
    "a comment": b'<!-- <Trade tradeID="1" symbol="VUAG" quantity="10" notes="" /> -->',
    "a comment of many blocks": b"<!--" + b"<" * 100_000 + b"-->",
    "text of many blocks": b"text " * 20_000,
    "a CDATA section": b"<![CDATA[<Trade/>]]>",
    "a processing instruction": b"<?name <a ?>",
    "brackets in a value": b'<Trade tradeID="1" symbol=">" quantity="/>" notes="" />\n',
    "references": b'<Trade tradeID="&amp;lt;" symbol="&quot;&#x20AC;" quantity="&apos;" notes="&#10;" />\n',
    "white space in a value": b'<Trade tradeID="a\tb" symbol="a\r\nb" quantity="\n" notes="a\rb" />\n',
    "single quotes": b"<Trade tradeID='\"' symbol='' quantity='' notes='' />\n",
    "a quote in the text": b'"' + trade(1),
    "a wide row": b"<Trade " + b" ".join(b'a%d="%d"' % (number, number) for number in range(1024)) + b"/>",
    "a wide row with long names": b'<Trade %s="1" b="2"/>' % (b"a" * 20_000),
    "a tag in another alphabet": "<Größe ø='1'/>".encode(),
}


@pytest.mark.parametrize("odd", ODDITIES.values(), ids=ODDITIES.keys())
def test_something_odd_among_many_rows_means_what_it_means_to_expat(odd: bytes) -> None:
    document = statement(trades=3000, odd=odd, at=2000)
    expected = by_expat(document)
    assert expected is not None
    assert by_scan([document], 1024) == expected
    assert by_scan([document]) == expected


@pytest.mark.parametrize("row", [b"<Lot/>", b'<Lot a="b"/>', b'<Lot a="bc"/>', b'<Lot a="" b="c"/>\n'])
def test_many_rows_alike_mean_what_they_mean_to_expat(row: bytes) -> None:
    document = b"<a>" + row * 3000 + b"</a>"
    assert by_scan([document], 1024) == by_expat(document) is not None


def test_the_end_is_read_even_where_the_parser_puts_it_off() -> None:
    # Expat does so after a piece that has come in parts, until much more has come.
    document = b"<a><b/><!-- %100d <--></a>" % 0
    assert by_scan([document], 1) == by_expat(document) is not None


# --- what comes out ---


def test_rows_of_one_tag_come_together_and_structure_around_them() -> None:
    assert list(events([b'<a b="1"><c><d e="2"/><d e="3"/></c></a>'])) == [
        Start("a", {"b": "1"}),
        Start("c", {}),
        Rows("d", ("e",), [("2",), ("3",)]),
        End("c"),
        End("a"),
    ]


def test_rows_give_their_attributes_by_name() -> None:
    rows = Rows("d", ("e", "f"), [("1", "2"), ("3", "4")])
    assert rows.attributes == [{"e": "1", "f": "2"}, {"e": "3", "f": "4"}]


@pytest.mark.parametrize("section", [b"<Trades/>", b"<Trades></Trades>", b"<Trades>\n</Trades>"])
@pytest.mark.parametrize("block_size", [1, 32768])
def test_an_element_with_nothing_inside_is_a_row_however_it_is_written(
    section: bytes, block_size: int
) -> None:
    assert list(events([b"<a>", section, b"</a>"], block_size=block_size)) == [
        Start("a", {}),
        Rows("Trades", (), [()]),
        End("a"),
    ]


def test_the_outermost_element_may_be_all_there_is() -> None:
    assert list(events([b'<a b="1"/>'])) == [Rows("a", ("b",), [("1",)])]


def test_a_binary_file_can_be_read_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "statement.xml"
    path.write_bytes(statement(trades=3))
    with path.open("rb") as file:
        assert by_scan(file) == by_expat(statement(trades=3))


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "windows-1252", "us-ascii"]
)
@pytest.mark.parametrize("block_size", [1, 64, 32768])
def test_every_encoding_that_expat_reads_is_read(encoding: str, block_size: int) -> None:
    name = encoding.removesuffix("-sig")
    value = "plain" if name == "us-ascii" else "Größe"
    document = f'<?xml version="1.0" encoding="{name}"?><a><b c="{value}"/><d e="{value}"/></a>'.encode(
        encoding
    )
    expected = by_expat(document)
    assert expected is not None
    assert by_scan([document], block_size) == expected


def test_utf_16_without_a_mark_is_read_as_expat_reads_it() -> None:
    document = '<a><b c="Größe"/><d/></a>'.encode("utf-16-le")
    assert by_scan_or_none(document, 1) == by_expat(document) is not None


# --- memory ---


def peak_of(chunks: Iterable[bytes]) -> int:
    """The most bytes that reading took at a time."""
    tracemalloc.start()
    try:
        for _ in events(chunks):
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.slow
def test_memory_does_not_grow_with_the_document() -> None:
    trades = map(trade, range(30_000))
    assert peak_of(chain([OPENING, b"<Trades>"], trades, [b"</Trades>", CLOSING])) < 1_000_000


@pytest.mark.parametrize(
    ("length", "number"),
    [
        (1, 1000),
        pytest.param(1, 5000, marks=pytest.mark.slow),
        pytest.param(30_000, 200, marks=pytest.mark.slow),
    ],
)
def test_memory_does_not_grow_with_made_up_names(length: int, number: int) -> None:
    rows = (b'<a b%0*d="" c="" />' % (length, name) for name in range(number))
    assert peak_of(chain([b"<a>"], rows, [b"</a>"])) < 2_000_000


@pytest.mark.slow
def test_memory_does_not_grow_with_oddities() -> None:
    rows = (trade(number) * 100 + b"<!-- odd -->" for number in range(300))
    assert peak_of(chain([b"<a>"], rows, [b"</a>"])) < 1_000_000


# --- real statements ---


@pytest.mark.corpus
@pytest.mark.parametrize("name", names(".xml"))
def test_a_real_statement_means_what_it_means_to_expat(name: str) -> None:
    document = (CORPUS / name).read_bytes()
    expected = by_expat(document)
    assert by_scan_or_none(document) == expected
    assert by_scan_or_none(document, 256) == expected
