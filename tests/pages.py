"""The project's pages, taken apart: links, headings, code, and the commands that they show."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`\n]+)`")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_STATUS = re.compile(r"#\s*exit status (\d+)")
_ASSIGNMENT = re.compile(r"[A-Z_]+=.*")
OMITTED = "..."
VARIES = "…"


def pages() -> list[str]:
    """Paths of all pages, from the root of the repository."""
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "benchmarks").glob("*.md")]
    return sorted(path.relative_to(ROOT).as_posix() for path in found)


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def prose(text: str) -> str:
    """The page without its blocks of code."""
    return _FENCE.sub("", text)


def links(text: str) -> list[str]:
    return _LINK.findall(prose(text))


def code_words(text: str) -> list[str]:
    """What stands between single backticks."""
    return _CODE.findall(prose(text))


def anchors(text: str) -> set[str]:
    """What a link can point to behind ``#``, by the rule of GitHub."""
    heads = (re.sub(r"[^\w\- ]", "", head.lower()) for head in _HEADING.findall(prose(text)))
    return {head.strip().replace(" ", "-") for head in heads}


def section(text: str, heading: str) -> str:
    """The page from `heading` to the next one of the same rank."""
    rank = heading.split(" ", 1)[0]
    begin = text.index(f"{heading}\n")
    end = text.find(f"\n{rank} ", begin + 1)
    return text[begin:] if end < 0 else text[begin:end]


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A command as a page shows it: its line, its words, what is set for it, and the output below it.

    Of the output, `OMITTED` stands for any number of lines that are left out, as do blank lines, and `VARIES`
    for any part of a line. The width of the columns of a table is not told by a page.
    """

    line: str
    words: list[str]
    settings: dict[str, str]
    status: int
    output: list[str] = field(default_factory=list)


def blocks(text: str) -> Iterator[list[Shown]]:
    """The commands of each block of code marked ``console``."""
    for language, content in _FENCE.findall(text):
        if language == "console":
            yield _commands(content)


def _commands(content: str) -> list[Shown]:
    shown: list[Shown] = []
    for line in content.splitlines():
        if line.startswith("$ "):
            shown.append(_command(line.removeprefix("$ ")))
        elif shown and line.strip() not in {"", OMITTED}:
            shown[-1].output.append(line)
    return shown


def _command(line: str) -> Shown:
    status = _STATUS.search(line)
    words = shlex.split(line, comments=True)
    settings: dict[str, str] = {}
    while _ASSIGNMENT.fullmatch(words[0]):
        name, _, value = words.pop(0).partition("=")
        settings[name] = value
    return Shown(line=line, words=words, settings=settings, status=int(status[1]) if status else 0)


def missing(wanted: list[str], printed: str) -> list[str]:
    """The lines of `wanted` that `printed` does not have, in this order."""
    lines = iter(printed.splitlines())
    return [line for line in wanted if not any(_is_shown(line, other) for other in lines)]


def _is_shown(line: str, other: str) -> bool:
    pattern = ".+".join(re.escape(part) for part in line.rstrip().split(VARIES))
    pattern = re.sub(r"(?:\\ ){2,}", " {2,}", pattern)
    return re.fullmatch(pattern, other.rstrip()) is not None
