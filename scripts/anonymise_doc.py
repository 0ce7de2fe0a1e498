"""Keeps the table of docs/anonymise.md equal to the code: `python -m scripts.anonymise_doc`.

Says whether it is out of date and ends with 1 if it is; with --write it is brought up to date first.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from broker_sync.providers.ibkr.anonymise_columns import (
    BY_TAG,
    COLUMNS,
    TOTAL_ENDINGS,
    TOTALS,
    Treatment,
)

__all__ = ["PAGE", "rendered"]

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "anonymise.md"
_TABLE: Final = re.compile(r"(<!-- table: columns -->\n)(.*?)(<!-- end of table -->)", re.DOTALL)


def rendered(page: str) -> str:
    """`page` with the table as the code has it."""
    return _TABLE.sub(lambda match: f"{match[1]}\n{_table()}\n{match[3]}", page)


def _table() -> str:
    lines = ["| columns | what becomes of them |", "| --- | --- |"]
    lines += [
        f"| {columns} | {treatment.value} |" for treatment in Treatment for columns in _columns(treatment)
    ]
    return "\n".join(lines) + "\n"


def _columns(treatment: Treatment) -> Iterator[str]:
    if treatment is Treatment.MASKED:
        yield "every other column, known or not"
        return
    named = [f"`{column}`" for column, told in sorted(COLUMNS.items()) if told is treatment]
    tags = defaultdict(list)
    for (tag, column), told in BY_TAG.items():
        if told is treatment:
            tags[column].append(f"`{tag}`")
    named += [f"`{column}` in {', '.join(sorted(found))}" for column, found in sorted(tags.items())]
    if treatment is Treatment.MONEY:
        named += [
            f"the {len(names)} totals of `{tag}`" for tag, names in sorted(TOTALS.items()) if len(names) > 1
        ]
        named += [f"a total with {', '.join(TOTAL_ENDINGS)} behind its name"]
    yield ", ".join(named)


def main() -> int:
    """Say what is out of date, after bringing it up to date with --write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="bring the page up to date")
    page = PAGE.read_text("utf-8")
    if parser.parse_args().write:
        PAGE.write_text(rendered(page), "utf-8")
        return 0
    if rendered(page) == page:
        return 0
    print(f"{PAGE.name} is out of date: run python -m scripts.anonymise_doc --write")
    return 1


if __name__ == "__main__":
    sys.exit(main())
