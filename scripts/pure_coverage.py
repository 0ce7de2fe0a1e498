"""Fail unless every line and every branch of the pure modules is covered.

Reads the list of the pure modules in pyproject.toml (the import-linter contract "pure") and the report that
`coverage json` wrote. A module that is on the list but not in the tree fails, and so does one that takes
code out of the count with a pragma.
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def pure_modules(project: Mapping[str, Any]) -> Sequence[str]:
    """Dotted names, as import-linter takes them."""
    contracts = project["tool"]["importlinter"]["contracts"]
    return next(contract["source_modules"] for contract in contracts if contract["id"] == "pure")


def files_of(module: str) -> list[str]:
    """Source files of a module, or of everything in a package, as the coverage report names them."""
    path = ROOT.joinpath(*module.split("."))
    found = [*path.rglob("*.py"), *path.parent.glob(f"{path.name}.py")]
    return sorted(file.relative_to(ROOT).as_posix() for file in found)


def gaps(file: str, covered: Mapping[str, Any]) -> Iterator[str]:
    """What keeps `file` from being covered in full, one line each."""
    if "pragma: no" in (ROOT / file).read_text(encoding="utf-8"):
        yield f"{file}: a pragma takes code out of the count"
    if file not in covered:
        yield f"{file}: not in the coverage report"
        return
    missing = covered[file]["missing_lines"]
    if missing:
        yield f"{file}: lines never run: {', '.join(map(str, missing))}"
    branches = [f"{start} to {end}" for start, end in covered[file]["missing_branches"] if end not in missing]
    if branches:
        yield f"{file}: branches never taken (line to line, below 0 is out): {', '.join(branches)}"


def problems(modules: Sequence[str], covered: Mapping[str, Any]) -> Iterator[str]:
    """Everything that is wrong with the coverage of `modules`, one line each."""
    for module in modules:
        files = files_of(module)
        if not files:
            yield f"{module}: on the list of pure modules, but there is no such module"
        for file in files:
            yield from gaps(file, covered)


def main() -> int:
    """Print what is missing; 1 if anything is."""
    modules = pure_modules(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8")))
    report = json.loads((ROOT / "coverage.json").read_text(encoding="utf-8"))
    found = list(problems(modules, report["files"]))
    print(*found, sep="\n", end="\n" if found else "")
    verdict = "not covered in full" if found else "every line and branch covered"
    overall = report["totals"]["percent_covered"]
    print(
        f"coverage: {len(modules)} pure modules, {verdict}; of all code, commands not tested: {overall:.1f} %"
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
