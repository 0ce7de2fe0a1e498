"""Builds HTML. Whatever is a text is escaped; only what was built here is taken as it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Final, TypeAlias

__all__ = ["Child", "Markup", "joined", "tag"]

_VOID: Final = frozenset({"meta", "br", "rect", "line", "path", "circle"})
_ALSO_SHOWN: Final = frozenset("\n\u00a0\u2007\u2008")
"""Spaces of ours: one that holds words together, and two as wide as a figure and as a point."""


@dataclass(frozen=True, slots=True)
class Markup:
    """HTML that is right as it is."""

    text: str


Child: TypeAlias = Markup | str | None


def tag(name: str, /, *children: Child, **attributes: str | int | None) -> Markup:
    """An element. None is left out; ``_`` in the name of an attribute is ``-``, at its end nothing."""
    told = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_escaped(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    inside = joined(children).text
    if name in _VOID and not inside:
        return Markup(f"<{name}{told}/>" if name not in {"meta", "br"} else f"<{name}{told}>")
    return Markup(f"<{name}{told}>{inside}</{name}>")


def joined(children: Iterable[Child]) -> Markup:
    """One after another."""
    return Markup("".join(_text(child) for child in children if child is not None))


def _text(child: Markup | str) -> str:
    return child.text if isinstance(child, Markup) else _escaped(child)


def _escaped(text: str) -> str:
    # What cannot be seen could turn a line around, or end the page for a careless reader.
    shown = "".join(sign if sign.isprintable() or sign in _ALSO_SHOWN else "\ufffd" for sign in text)
    return escape(shown)
