"""Keeps the tables of docs/providers/ibkr/records.md equal to the code: `python -m scripts.records_doc`.

A table of that page stands between `<!-- table: NAME -->` and `<!-- end of table -->`. The code says which
rows it has and what stands in them, but for a last column called "notes": that is a person's word, is kept
with its row, and moves with it to another table of the same group (the part of NAME before the hyphen).
Says what is wrong and ends with 1 if anything is; with --write the tables are brought up to date first.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from broker_sync.models import ActivityType
from broker_sync.providers.ibkr.corporate_kinds import BY_CODE
from broker_sync.providers.ibkr.mapping_cash import CASH_KINDS
from broker_sync.providers.ibkr.mapping_trades import TRADE_MAPPINGS
from broker_sync.providers.ibkr.sections import BOOKED, RECORD_KINDS, SECTIONS, Use
from broker_sync.providers.ibkr.trade_legs import LABELS

__all__ = ["PAGE", "TABLES", "Table", "problems", "rendered"]

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "providers" / "ibkr" / "records.md"
NOTES: Final = "notes"

_TABLE: Final = re.compile(r"(<!-- table: ([a-z-]+) -->\n)(.*?)(<!-- end of table -->)", re.DOTALL)
_EMPTY: Final = "None.\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What the code says: each row has as many cells as there are `heads`, the notes left out."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def has_notes(self) -> bool:
        """Whether the last column is a person's word."""
        return self.heads[-1] == NOTES


Notes = Mapping[tuple[str, str], str]
"""Group of tables and first cell of a row -> its note."""


def _code(text: str) -> str:
    return f"`{text}`"


def _ids(section: str) -> str:
    return _code(f"ibkr:{RECORD_KINDS[section]}:")


def _with_use(use: Use) -> list[str]:
    return sorted((section for section, used in SECTIONS.items() if used is use), key=str.lower)


def _booked() -> Table:
    return Table(
        heads=("section", "its records", "their ids begin", NOTES),
        rows=tuple((_code(name), _code(BOOKED[name]), _ids(name)) for name in _with_use(Use.BOOKED)),
    )


def _not_yet() -> Table:
    return Table(
        heads=("section", "their ids begin", NOTES),
        rows=tuple((_code(name), _ids(name)) for name in _with_use(Use.NOT_YET)),
    )


def _sections(use: Use) -> Table:
    return Table(heads=("section", NOTES), rows=tuple((_code(name),) for name in _with_use(use)))


def _booking(activity_type: ActivityType, subtype: str | None) -> str:
    return _code(activity_type) if subtype is None else f"{_code(activity_type)}, {_code(subtype)}"


def _cash() -> Table:
    return Table(
        heads=("type", "money in", "money out"),
        rows=tuple(
            (
                _code(name),
                _booking(kind.money_in, kind.subtype_in),
                _booking(kind.money_out, kind.subtype_out),
            )
            for name, kind in CASH_KINDS.items()
        ),
    )


def _way(mapping: Callable[..., object]) -> str:
    """How the page calls a way of booking: by the name of its function, in words."""
    words = mapping.__name__.strip("_").removeprefix("map_").replace("_", " ")
    return f"[{words}](#{words.replace(' ', '-')})"


def _trades() -> Table:
    return Table(
        heads=("asset category", "booked as", NOTES),
        rows=tuple((_code(name), _way(mapping)) for name, mapping in TRADE_MAPPINGS.items()),
    )


def _labels() -> Table:
    return Table(
        heads=("code", "subtype"),
        rows=tuple((_code(code), _code(subtype)) for code, subtype in LABELS.items()),
    )


def _corporate() -> Table:
    return Table(
        heads=("code", "subtype"),
        rows=tuple((_code(code), _code(kind)) for code, kind in sorted(BY_CODE.items())),
    )


TABLES: Final[Mapping[str, Callable[[], Table]]] = {
    "sections-booked": _booked,
    "sections-reference": lambda: _sections(Use.REFERENCE),
    "sections-informational": lambda: _sections(Use.INFORMATIONAL),
    "sections-not-yet": _not_yet,
    "trades": _trades,
    "labels": _labels,
    "cash": _cash,
    "corporate": _corporate,
}
"""Name of each table of the page -> what the code says of it."""


def rendered(page: str) -> str:
    """`page` with its tables as the code has them, and with the notes that it has."""
    notes = dict(_notes(page))
    return _TABLE.sub(lambda found: found[1] + _written(found[2], notes) + found[4], page)


def problems(page: str) -> Iterator[str]:
    """What is wrong with `page`, one sentence each."""
    names = [found[2] for found in _TABLE.finditer(page)]
    if sorted(names) != sorted(TABLES):
        yield f"its tables are {', '.join(names) or 'none'}; they should be {', '.join(TABLES)}"
        return
    notes = dict(_notes(page))
    for found in _TABLE.finditer(page):
        name = found[2]
        if found[3] != _written(name, notes):
            yield f"the table {name} is not what the code says"
        for row in TABLES[name]().rows:
            if TABLES[name]().has_notes and not notes.get((_group(name), row[0])):
                yield f"the table {name} has no notes on {row[0]}"


def _group(name: str) -> str:
    return name.partition("-")[0]


def _notes(page: str) -> Iterator[tuple[tuple[str, str], str]]:
    for found in _TABLE.finditer(page):
        lines = [_cells(line) for line in found[3].splitlines() if line.startswith("|")]
        if lines and lines[0][-1] == NOTES:
            yield from (((_group(found[2]), cells[0]), cells[-1]) for cells in lines[2:])


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def _written(name: str, notes: Notes) -> str:
    table = TABLES[name]()
    if not table.rows:
        return _EMPTY
    rows = [(*row, notes.get((_group(name), row[0]), "")) if table.has_notes else row for row in table.rows]
    return "".join(_line(cells) for cells in (table.heads, ("---",) * len(table.heads), *rows))


def _line(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |\n"


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
