"""Keeps the tables of docs/providers/ibkr/setup.md equal to the code: `python -m scripts.query_doc`.

A table of that page stands between `<!-- table: NAME -->` and `<!-- end of table -->`, and is all the code's
word. Says what is wrong and ends with 1 if anything is; with --write the tables are brought up to date first.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from broker_sync.providers.ibkr.query_fields import FieldSpec, SectionSpec
from broker_sync.providers.ibkr.query_spec import QUERY, RATES, SETTINGS

__all__ = ["PAGE", "TABLES", "problems", "rendered"]

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "providers" / "ibkr" / "setup.md"

_TABLE: Final = re.compile(r"(<!-- table: ([a-z-]+) -->\n)(.*?)(<!-- end of table -->)", re.DOTALL)

Row = tuple[str, ...]
_TICKED: Final = tuple(spec for spec in QUERY if spec is not RATES)


def _sections() -> Iterator[Row]:
    yield ("section", "choose in it", "how much it matters", "without it")
    for spec in _TICKED:
        yield (f"**{spec.label}**", spec.option or "", spec.level.value, spec.cost)


def _settings() -> Iterator[Row]:
    yield ("panel", "setting", "choose", "because")
    for setting in SETTINGS:
        yield (setting.place, setting.label, f"**{setting.choice}**", setting.reason)


def _fields() -> Iterator[Row]:
    yield ("section", "fields", "how much they matter", "without them")
    for spec in _TICKED:
        for fields in _by_cost(spec):
            labels = ", ".join(field.label for field in fields)
            yield (spec.label, labels, fields[0].level.value, fields[0].cost)


def _by_cost(spec: SectionSpec) -> Iterable[list[FieldSpec]]:
    groups: dict[tuple[str, str], list[FieldSpec]] = {}
    for field in spec.fields:
        groups.setdefault((field.level.value, field.cost), []).append(field)
    return groups.values()


TABLES: Final[Mapping[str, Callable[[], Iterator[Row]]]] = {
    "sections": _sections,
    "settings": _settings,
    "fields": _fields,
}
"""Name of each table of the page -> its rows, the heads first."""


def rendered(page: str) -> str:
    """`page` with its tables as the code has them."""
    return _TABLE.sub(lambda found: found[1] + _written(found[2]) + found[4], page)


def problems(page: str) -> Iterator[str]:
    """What is wrong with `page`, one sentence each."""
    names = [found[2] for found in _TABLE.finditer(page)]
    if sorted(names) != sorted(TABLES):
        yield f"its tables are {', '.join(names) or 'none'}; they should be {', '.join(TABLES)}"
        return
    for found in _TABLE.finditer(page):
        if found[3] != _written(found[2]):
            yield f"the table {found[2]} is not what the code says"


def _written(name: str) -> str:
    heads, *rows = TABLES[name]()
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (heads, ("---",) * len(heads), *rows))


def main() -> int:
    """Write if asked to, then say what is wrong; 1 if anything is."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--write", action="store_true", help="bring the tables up to date")
    page = PAGE.read_text(encoding="utf-8")
    if arguments.parse_args().write:
        page = rendered(page)
        PAGE.write_text(page, encoding="utf-8")
    found = list(problems(page))
    for problem in found:
        print(f"{PAGE.name}: {problem}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
