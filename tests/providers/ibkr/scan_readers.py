"""The two readers that the tests of the scan compare: expat, and the scan."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn, TypeAlias
from xml.parsers.expat import ExpatError, ParserCreate

import pytest

from broker_sync.providers.ibkr.scan import Rows, ScanError, Start, events

Flat: TypeAlias = list[tuple[str, list[tuple[str, str]] | None]]
"""Tags in document order: with the attributes where an element begins, with None where it ends."""


class RefusedByExpatError(Exception):
    """Expat would have read it; the tests have it refuse, as the scan is to."""


def _refuse_doctype(*_: object) -> NoReturn:
    raise RefusedByExpatError


def by_expat(document: bytes) -> Flat | None:
    """What expat makes of the document; None if it is to be refused."""
    found: Flat = []
    parser = ParserCreate()
    parser.StartElementHandler = lambda tag, attributes: found.append((tag, list(attributes.items())))
    parser.EndElementHandler = lambda tag: found.append((tag, None))
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(document, True)  # noqa: FBT003 - takes no keywords
    except (ExpatError, RefusedByExpatError, LookupError, ValueError):
        return None
    return found


def by_scan(chunks: Iterable[bytes], block_size: int = 32768) -> Flat:
    found: Flat = []
    for event in events(chunks, block_size=block_size):
        if isinstance(event, Rows):
            assert event.values
            for values in event.values:
                found.append((event.tag, list(zip(event.names, values, strict=True))))
                found.append((event.tag, None))
        elif isinstance(event, Start):
            found.append((event.tag, list(event.attributes.items())))
        else:
            assert found[-1][1] is None, "an element with nothing inside is no Start"
            found.append((event.tag, None))
    return found


def by_scan_or_none(document: bytes, block_size: int = 32768) -> Flat | None:
    try:
        return by_scan([document], block_size)
    except ScanError:
        return None


def refusal(document: bytes | Iterable[bytes], block_size: int = 32768) -> ScanError:
    with pytest.raises(ScanError) as caught:
        by_scan([document] if isinstance(document, bytes) else document, block_size)
    return caught.value
