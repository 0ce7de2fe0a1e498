"""The statements of other people that the tests marked `corpus` read; they are not part of the project."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from xml.etree import ElementTree as ET

REPOSITORY = Path(__file__).parents[3]
CORPUS = Path(os.environ.get("FLEX_CORPUS", REPOSITORY / "../shared/flex-corpus"))  # noqa: TID251 - not ours


def names(*kinds: str) -> list[str]:
    """The files whose names end so, as paths within the corpus."""
    return sorted(
        path.relative_to(CORPUS).as_posix()
        for path in CORPUS.rglob("*")
        if path.is_file() and path.suffix in kinds
    )


@cache
def tree(name: str) -> ET.Element:
    """The document as ElementTree reads it."""
    return ET.parse(CORPUS / name).getroot()  # noqa: S314 - the files are ours to trust


def parts(name: str) -> Iterator[ET.Element]:
    """The FlexStatement elements of a document."""
    yield from tree(name).iterfind("FlexStatements/FlexStatement")


@cache
def readable() -> tuple[str, ...]:
    """The files that ElementTree can read."""
    return tuple(name for name in names(".xml") if is_well_formed(name))


def is_well_formed(name: str) -> bool:
    try:
        tree(name)
    except ET.ParseError:
        return False
    return True
