"""Numbers in words, and long lists in short."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__all__ = ["counted", "listed"]


def counted(number: int, one: str, many: str | None = None) -> str:
    """`number` with its noun: ``1 record``, ``2 records``."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def listed(names: Sequence[str], *, most: int) -> str:
    """The first of `names`, and how many there are beside."""
    rest = len(names) - most
    return _join([*names[:most], f"and {rest} more"]) if rest > 0 else _join(names)


def _join(names: Iterable[str]) -> str:
    return ", ".join(names)
