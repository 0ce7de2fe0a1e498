"""Every place in the code at which a step is taken: found by reading the code, so that none can be forgotten.

A step is what another process, the disk or a server can see: a commit, a request, a change to a file.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum, unique
from functools import cache
from pathlib import Path

import broker_sync

PACKAGE = Path(broker_sync.__file__).parent

_FILE_CALLS = frozenset(
    {"rename", "link", "symlink", "unlink", "rmdir", "fsync", "pwrite", "truncate", "touch", "mkdir",
     "mkstemp",
     "mkdtemp", "rmtree", "TemporaryDirectory", "TemporaryFile", "NamedTemporaryFile", "write_text",
     "write_bytes", "copyfile", "flock"}
)  # fmt: skip
_MODULES = frozenset({"os", "fcntl", "shutil", "tempfile", "Path"})


@unique
class Kind(StrEnum):
    """What kind of step is taken."""

    COMMIT = "commit"
    REQUEST = "request"
    FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A call or a block in a function of the package; `number` tells equals in one function apart."""

    file: str
    function: str
    kind: Kind
    what: str
    number: int
    first: int
    last: int

    @property
    def name(self) -> str:
        """What it is called in lists of exceptions and in failures."""
        again = f" {self.number}" if self.number > 1 else ""
        return f"{self.file} {self.function}: {self.what}{again}"


@cache
def places() -> tuple[Place, ...]:
    """All of them, by file and line."""
    files = sorted(PACKAGE.rglob("*.py"))
    return tuple(place for file in files if "migrations" not in file.parts for place in _in_file(file))


@cache
def places_by_file() -> dict[str, tuple[Place, ...]]:
    """Those of each file that has any, by the file's full name."""
    found: dict[str, tuple[Place, ...]] = {}
    for place in places():
        found.setdefault(str(PACKAGE / place.file), ())
        found[str(PACKAGE / place.file)] += (place,)
    return found


def _in_file(file: Path) -> Iterator[Place]:
    name = file.relative_to(PACKAGE).as_posix()
    counts: Counter[tuple[str, str]] = Counter()
    for function, node, kind, what in _steps(ast.parse(file.read_text(encoding="utf-8")), ""):
        counts[function, what] += 1
        yield Place(
            file=name,
            function=function,
            kind=kind,
            what=what,
            number=counts[function, what],
            first=node.lineno,
            last=node.end_lineno or node.lineno,
        )


def _steps(tree: ast.AST, within: str) -> Iterator[tuple[str, ast.expr | ast.stmt, Kind, str]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if not _hands_on(node):
                yield from _steps(node, f"{within}.{node.name}".removeprefix("."))
            continue
        if isinstance(node, ast.With) and any(_opens_a_transaction(item.context_expr) for item in node.items):
            yield within, node, Kind.COMMIT, "commit"
        if isinstance(node, ast.Call) and within:
            kind = _kind_of(node)
            if kind is not None:
                yield within, node, *kind
        yield from _steps(node, within)


def _hands_on(node: ast.stmt) -> bool:
    """Whether a function only hands a transaction on to whoever enters it."""
    if not isinstance(node, ast.FunctionDef):
        return False
    named = [each.id for each in node.decorator_list if isinstance(each, ast.Name)]
    return "contextmanager" in named and any(
        isinstance(each, ast.With) and any(_opens_a_transaction(item.context_expr) for item in each.items)
        for each in ast.walk(node)
    )


def _opens_a_transaction(node: ast.expr) -> bool:
    if not isinstance(node, ast.Call):
        return False
    named = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return named == "writing"


def _kind_of(node: ast.Call) -> tuple[Kind, str] | None:
    if not isinstance(node.func, ast.Attribute):
        return None
    name = node.func.attr
    owner = node.func.value.id if isinstance(node.func.value, ast.Name) else ""
    if name in {"stream", "request"} or (owner == "client" and name in {"post", "put", "delete"}):
        path = next(filter(None, map(_path, node.args)), None)
        return Kind.REQUEST, path or name
    path = next(filter(None, map(_path, node.args)), None)
    if path is not None and name not in {"endswith", "startswith", "partition", "rpartition", "removeprefix"}:
        return Kind.REQUEST, path
    if name == "open" and owner == "os" and "O_CREAT" in ast.dump(node):
        return Kind.FILE, "open"
    if name in _FILE_CALLS or (name == "remove" and owner == "os"):
        return Kind.FILE, name
    # Of text, days and moments there is another `replace`.
    is_path = len(node.args) == (2 if owner in _MODULES else 1) and not node.keywords
    return (Kind.FILE, name) if name == "replace" and is_path and not _has_text(node) else None


def _path(node: ast.expr) -> str | None:
    """The path of a request, where it stands in the call."""
    if isinstance(node, ast.JoinedStr) and node.values:
        return _path(node.values[0])
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    if not is_text or not isinstance(node, ast.Constant) or not str(node.value).startswith("/"):
        return None
    return str(node.value) if len(str(node.value)) > 1 else None


def _has_text(node: ast.Call) -> bool:
    return any(isinstance(each, ast.Constant) for each in node.args)
