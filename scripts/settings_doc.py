"""Keeps docs/settings.md and the schema beside it equal to the code: `python -m scripts.settings_doc`.

The tables of the page stand between `<!-- table: NAME -->` and `<!-- end of table -->`; what is around them
is a person's word. Says what is out of date and ends with 1 if anything is; with --write both files are
brought up to date first.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from broker_sync.settings.account_keys import ACCOUNT_KEYS
from broker_sync.settings.catalogue import SETTINGS, Setting
from broker_sync.settings.schema import schema
from broker_sync.settings.values import Source

__all__ = ["PAGE", "SCHEMA", "TABLES", "problems", "rendered", "schema_text"]

_DOCS: Final = Path(__file__).resolve().parent.parent / "docs"
PAGE: Final = _DOCS / "settings.md"
SCHEMA: Final = _DOCS / "broker-sync.schema.json"

_TABLE: Final = re.compile(r"(<!-- table: ([a-z-]+) -->\n)(.*?)(<!-- end of table -->)", re.DOTALL)
_MEANINGS: Final[Mapping[Source, str]] = {
    Source.COMMAND_LINE: "an option of the command",
    Source.ENVIRONMENT: "the variable `NAME`",
    Source.FILE: "the file whose path is in the variable `NAME_FILE`",
    Source.SECRETS_DIRECTORY: "the file in this directory that is named like the variable",
    Source.CONFIG_FILE: "the key in the TOML file, or, for a secret, the file that `KEY_file` names there",
    Source.KEYRING: "for secrets, if `BROKER_SYNC_KEYRING` asks for it",
    Source.DEFAULT: "what the tables below say",
}


def _sources() -> Iterator[tuple[str, ...]]:
    yield ("", "source", "where")
    for number, (source, meaning) in enumerate(_MEANINGS.items(), 1):
        yield (str(number), source, meaning)


def _settings(belongs: Callable[[Setting[object]], bool]) -> Iterator[tuple[str, ...]]:
    yield ("variable", "in TOML", "meaning", "it must be", "otherwise")
    for each in SETTINGS:
        if belongs(each):
            key = "-" if each.key is None else f"`[{each.key[0]}]` `{each.key[1]}`"
            default = each.otherwise if each.default is None else f"`{each.default}`"
            yield (f"`{each.name}`", key, each.help + _secret(each), each.kind.title, default)


def _secret(setting: Setting[object]) -> str:
    return "; a secret" if setting.kind.is_secret else ""


def _accounts() -> Iterator[tuple[str, ...]]:
    yield ("key", "meaning", "it must be", "otherwise")
    for each in ACCOUNT_KEYS:
        yield (f"`{each.key}`", each.help, each.kind.title, each.otherwise)


_LOCATING: Final = frozenset({"BROKER_SYNC_CONFIG", "BROKER_SYNC_SECRETS_DIR", "BROKER_SYNC_KEYRING"})
TABLES: Final[Mapping[str, Callable[[], Iterator[tuple[str, ...]]]]] = {
    "sources": _sources,
    "where": lambda: _settings(lambda each: each.name in _LOCATING),
    "program": lambda: _settings(
        lambda each: each.name not in _LOCATING and not each.name.startswith(("IBKR_", "WF_"))
    ),
    "wealthfolio": lambda: _settings(lambda each: each.name.startswith("WF_")),
    "ibkr": lambda: _settings(lambda each: each.name.startswith("IBKR_")),
    "accounts": _accounts,
}
"""Name of each table of the page -> its rows, the first of which is its head."""


def rendered(page: str) -> str:
    """`page` with its tables as the code has them."""
    return _TABLE.sub(lambda found: found[1] + _written(found[2]) + found[4], page)


def _written(name: str) -> str:
    head, *rows = TABLES[name]()
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (head, ("---",) * len(head), *rows))


def schema_text() -> str:
    """The schema as its file has it."""
    return f"{json.dumps(schema(), indent=2)}\n"


def problems(page: str, schema_file: str) -> Iterator[str]:
    """What is wrong with the texts of the two files, one sentence each."""
    names = [found[2] for found in _TABLE.finditer(page)]
    if names != list(TABLES):
        yield f"{PAGE.name}: its tables are {', '.join(names) or 'none'}; they should be {', '.join(TABLES)}"
    elif page != rendered(page):
        yield f"{PAGE.name}: a table is not what the code says"
    if schema_file != schema_text():
        yield f"{SCHEMA.name}: it is not what the code says"


def main() -> int:
    """Write if asked to, then say what is wrong; 1 if anything is."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--write", action="store_true", help="bring both files up to date")
    if arguments.parse_args().write:
        PAGE.write_text(rendered(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
        SCHEMA.write_text(schema_text(), encoding="utf-8")
    found = list(problems(PAGE.read_text(encoding="utf-8"), SCHEMA.read_text(encoding="utf-8")))
    for problem in found:
        print(problem)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
