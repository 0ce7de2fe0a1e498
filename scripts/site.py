"""Builds the site of the documentation, strictly: `make docs`, which is `python -m scripts.site`.

A copy of docs/ is made in build/pages, in which links that lead out of docs/ become addresses of the
repository, and the start page has the first screen of the README. Zensical makes build/site of it. Ends
with 1 if anything is to be warned of, if a page is not in the navigation, or if the site would load anything
from elsewhere.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

__all__ = ["first_screen", "foreign", "led_out", "nav_problems", "stage"]

ROOT: Final = Path(__file__).resolve().parent.parent
DOCS: Final = ROOT / "docs"
BUILD: Final = ROOT / "build"
CONFIG: Final = DOCS / "zensical.toml"
REPOSITORY: Final = "https://github.com/broker-sync/broker-sync"

_LINK: Final = re.compile(r"(\]\()([^)\s#]+)((?:#[^)\s]*)?\))")
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")
_PLACE: Final = "<!-- the first screen of the README -->\n"
_END: Final = "\n## Sync every night\n"
_ASKS: Final = 'data-md-component="source"'
_LOADED: Final = re.compile(
    r"""<(?:script|img|iframe|source)\b[^>]*?\ssrc=["']?((?:https?:)?//[^"'\s>]+)"""
    r"""|<link\b(?![^>]*rel=["']?(?:canonical|next|prev))[^>]*?\shref=["']?((?:https?:)?//[^"'\s>]+)"""
    r"""|@import\s+(?:url\()?["']?((?:https?:)?//[^"'\s)]+)"""
    r"""|url\(["']?((?:https?:)?//[^"'\s)]+)""",
)


def first_screen(readme: str) -> str:
    """What the README says first, with the links of a page in docs/."""
    begin, end = readme.index("\n") + 1, readme.index(_END)
    return re.sub(r"\]\(docs/", "](", readme[begin:end]).strip("\n") + "\n"


def led_out(page: str, folder: Path) -> str:
    """`page`, which is in `folder`, with addresses of the repository for what is outside docs/."""

    def address(found: re.Match[str]) -> str:
        if "://" in found[2]:
            return found[0]
        target = (folder / found[2]).resolve()
        if target.is_relative_to(DOCS):
            return found[0]
        kind = "tree" if target.is_dir() else "blob"
        return f"{found[1]}{REPOSITORY}/{kind}/main/{target.relative_to(ROOT).as_posix()}{found[3]}"

    return _LINK.sub(address, page)


def stage(into: Path) -> None:
    """Make the copy that the site is built of."""
    shutil.rmtree(into, ignore_errors=True)
    shutil.copytree(DOCS, into, ignore=shutil.ignore_patterns(CONFIG.name))
    for path in sorted(into.rglob("*.md")):
        text = path.read_text("utf-8")
        if path == into / "index.md":
            text = text.replace(_PLACE, first_screen((ROOT / "README.md").read_text("utf-8")))
        path.write_text(led_out(text, (DOCS / path.relative_to(into)).parent), "utf-8")


def nav_problems() -> Iterator[str]:
    """Pages that the navigation lacks, and those that it has and docs/ has not."""
    listed = sorted(_pages_in(tomllib.loads(CONFIG.read_text("utf-8"))["project"]["nav"]))
    there = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}
    yield from (f"{page} is not in the navigation of {CONFIG.name}" for page in sorted(there - {*listed}))
    yield from (f"{CONFIG.name} lists {page}, which is not there" for page in listed if page not in there)
    yield from (f"{CONFIG.name} lists {page} twice" for page in sorted({*listed}) if listed.count(page) > 1)


def _pages_in(nav: object) -> Iterator[str]:
    if isinstance(nav, str):
        yield nav
    elif isinstance(nav, dict):
        for inner in nav.values():
            yield from _pages_in(inner)
    elif isinstance(nav, list):
        for inner in nav:
            yield from _pages_in(inner)


def foreign(site: Path) -> Iterator[str]:
    """What pages and styles of `site` would load from elsewhere; links to elsewhere are no such thing."""
    for path in sorted([*site.rglob("*.html"), *site.rglob("*.css")]):
        text = path.read_text("utf-8")
        for found in _LOADED.finditer(text):
            yield f"{path.relative_to(site)} loads {next(filter(None, found.groups()))}"
        if _ASKS in text:
            yield f"{path.relative_to(site)} would ask the host of the repository: take repo_url out"


def main() -> int:
    """Build it, then say what is wrong; 1 if anything is."""
    problems = list(nav_problems())
    stage(BUILD / "pages")
    shutil.rmtree(BUILD / "site", ignore_errors=True)
    shutil.copy(CONFIG, BUILD / CONFIG.name)
    command = [sys.executable, "-m", "zensical", "build", "--clean", "--strict", "-f", CONFIG.name]
    done = subprocess.run(command, cwd=BUILD, check=False, text=True, capture_output=True)
    if done.returncode:
        print(_COLOUR.sub("", f"{done.stdout}\n{done.stderr}"))
        problems.append("zensical is not content")
    problems += foreign(BUILD / "site")
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
