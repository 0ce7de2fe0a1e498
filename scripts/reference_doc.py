"""Keeps the pages of docs/reference/ equal to the code: `python -m scripts.reference_doc`.

What is made stands between `<!-- made: NAME -->` and `<!-- end of what is made -->`; what is around it is a
person's word, and so is a last column called "what to do", which is kept with its row. Says what is out of
date and ends with 1 if anything is; with --write the pages are brought up to date first.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from scripts import reference_cli, reference_errors, reference_json

__all__ = ["FOLDER", "MADE", "SCHEMA", "problems", "rendered", "schema_text"]

FOLDER: Final = Path(__file__).resolve().parent.parent / "docs" / "reference"
SCHEMA: Final = FOLDER / "output.schema.json"
MADE: Final[Mapping[str, Mapping[str, Callable[[str], str]]]] = {
    "cli.md": {"commands": lambda _: reference_cli.commands()},
    "errors.md": {"statuses": lambda _: reference_errors.statuses(), "errors": reference_errors.errors},
    "json.md": {
        "commands": lambda _: reference_json.commands(),
        "shapes": lambda _: reference_json.shapes(),
    },
}
"""Page -> name of what is made in it -> what makes it, of what is there now."""

_PART: Final = re.compile(r"(<!-- made: ([a-z-]+) -->\n)(.*?)(<!-- end of what is made -->)", re.DOTALL)


def rendered(name: str, page: str) -> str:
    """`page` with everything in it as the code has it."""
    return _PART.sub(lambda found: f"{found[1]}{MADE[name][found[2]](found[3])}{found[4]}", page)


def schema_text() -> str:
    """The schema as its file has it."""
    return f"{json.dumps(reference_json.schema(), indent=1)}\n"


def problems(name: str, page: str) -> Iterator[str]:
    """What is wrong with `page`, one sentence each."""
    parts = [found[2] for found in _PART.finditer(page)]
    if parts != list(MADE[name]):
        yield f"{name}: made in it are {', '.join(parts) or 'none'}; they should be {', '.join(MADE[name])}"
    elif page != rendered(name, page):
        yield f"{name}: it is not what the code says"
    if name == "errors.md":
        yield from (f"{name}: nothing is said of what to do about {each}" for each in _untold(page))


def _untold(page: str) -> Iterator[str]:
    return (each for each, advice in reference_errors.advice_in(page).items() if not advice)


def main() -> int:
    """Write if asked to, then say what is wrong; 1 if anything is."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--write", action="store_true", help="bring the pages up to date")
    is_writing = arguments.parse_args().write
    found: list[str] = []
    for name in MADE:
        page = (FOLDER / name).read_text("utf-8")
        if is_writing:
            page = rendered(name, page)
            (FOLDER / name).write_text(page, "utf-8")
        found += problems(name, page)
    if is_writing:
        SCHEMA.write_text(schema_text(), "utf-8")
    if SCHEMA.read_text("utf-8") != schema_text():
        found.append(f"{SCHEMA.name}: it is not what the code says")
    for problem in found:
        print(problem)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
