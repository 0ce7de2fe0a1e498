"""Documents for the tests of the scan: from plain to odd, whole and damaged."""

from __future__ import annotations

from hypothesis import strategies as st

__all__ = ["CLOSING", "OPENING", "damaged", "documents", "statement", "trade"]

TAGS = st.sampled_from(["Trade", "Lot", "FlexStatement", "_b", "x:y", "a.b-1", "Größe"])
NAMES = ["currency", "symbol", "x:y", "xmlns", "d.e-1", "ø"]
PLAIN_VALUES = ["", "a", "USD", "-1.50", "20250102;101112", "it's", "é€😀", "\x7f\x85\u2028\u00a0"]
PLAIN_VALUES += ["S&amp;P 500", "O&apos;X", "O&#39;X", "&amp;lt;", "&amp;#39;", "&amp;amp;"]
ODD_VALUES = [">", "/>", "]]>", "-->", "=", "\n", "\t", "\r\n", "\r", " a\n b ", "a='b' />"]
ODD_VALUES += ["&lt;", "&gt;", "&quot;", "&#10;", "&#9;", "&#x20AC;", "&#38;", "&#60;/a>"]
PLAIN = [f'"{value}"' for value in PLAIN_VALUES]
ODD = [f'"{value}"' for value in ODD_VALUES]
ODD += [f"'{value}'" for value in [*PLAIN_VALUES, *ODD_VALUES, '"', 'a="b"'] if "'" not in value]
ATTRIBUTES = st.sampled_from(
    [f" {{}}={value}" for value in PLAIN * 9]
    + [
        f"{white}{{}}{equals}{value}"
        for white in (" ", "\r\n\t")
        for equals in ("=", "\n= ")
        for value in ODD
    ]
)
WHITE = st.sampled_from(["", "", "\n", "\n  ", "\r\n\t", "\r"])
ASIDES = st.sampled_from(
    ["<!-- x -->", '<!-- <a b="c"/> - -->', "<!---->", "<?p <a/> ?>", "\n<!-- <a> -->\n"]
)
TEXTS = st.sampled_from(["text", '"', ">", "]", "&lt;", "&#32;", "\u00a0", "<![CDATA[<a>]]>", "<![CDATA[]]>"])
OUTER_GAPS = st.one_of(WHITE, WHITE, ASIDES)
GAPS = st.one_of(WHITE, WHITE, WHITE, st.one_of(ASIDES, TEXTS))
DECLARATIONS = st.sampled_from(
    ["", "", '<?xml version="1.0"?>', "<?xml version='1.0' encoding='utf-8' standalone='no'?>", "\ufeff"]
)


@st.composite
def opened(draw: st.DrawFn) -> tuple[str, str]:
    """A start tag without its closing bracket, and its name."""
    tag = draw(TAGS)
    attributes = draw(st.lists(ATTRIBUTES, max_size=len(NAMES)))
    text = "".join(attribute.format(name) for attribute, name in zip(attributes, NAMES, strict=False))
    return f"<{tag}{text}{draw(WHITE)}", tag


@st.composite
def leaves(draw: st.DrawFn) -> str:
    text, tag = draw(opened())
    ending = draw(st.sampled_from(["/>", "/>", "/>\n", f"></{tag}>", f">\n</{tag} >"]))
    return (text + ending) * draw(st.sampled_from([1, 1, 2, 3]))


@st.composite
def wrapped(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    text, tag = draw(opened())
    content = "".join(f"{draw(GAPS)}{element}" for element in draw(st.lists(inner, min_size=1, max_size=3)))
    return f"{text}>{content}{draw(GAPS)}</{tag}>"


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    root = draw(wrapped(st.recursive(leaves(), wrapped, max_leaves=4)))
    return f"{draw(DECLARATIONS)}{draw(OUTER_GAPS)}{root}{draw(OUTER_GAPS)}".encode()


DAMAGE = [bytes([code]) for code in b"<>&\"'/=!?- \n[]ax;#\0\x01\x1f\x80\xc3\xff"]
DAMAGE += [
    b"&x;",
    b"&amp;",
    b"&#0;",
    b"&#xD800;",
    b"<a/>",
    b"</a>",
    b"<!DOCTYPE a>",
    b"<?xml version='1.0'?>",
]
DAMAGE += ["\ufffe".encode(), "\uffff".encode(), b"\xed\xa0\x80", b"\xc0\x80", b"]]>", b"-->", b' a="b"', b""]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    document = bytearray(draw(documents()))
    for _ in range(draw(st.integers(1, 2))):
        start = draw(st.integers(0, len(document)))
        length = draw(st.sampled_from([0, 1, 2, 5, len(document)]))
        document[start : start + length] = draw(st.sampled_from(DAMAGE))
    return bytes(document)


OPENING = b'<FlexQueryResponse><FlexStatements count="1"><FlexStatement accountId="U1">'
CLOSING = b"</FlexStatement></FlexStatements></FlexQueryResponse>"


def trade(number: int) -> bytes:
    return b'<Trade tradeID="%d" symbol="VUAG" quantity="10" notes="" />\n' % number


def statement(*, trades: int, odd: bytes = b"", at: int = 0) -> bytes:
    """A statement of so many trades, with something `odd` before one of them."""
    lines = [trade(number) for number in range(trades)]
    return b"".join([OPENING, b"<Trades>\n", *lines[:at], odd, *lines[at:], b"</Trades>", CLOSING])
