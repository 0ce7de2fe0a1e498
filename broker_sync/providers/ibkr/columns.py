"""Picks columns out of rows that share their columns, one step for all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Final

__all__ = ["Picker", "picker"]

Values = tuple[str, ...]
Picker = Callable[[Values], tuple[str | None, ...]]

_ABSENT: Final = (None,)


def picker(names: Sequence[str], wanted: Sequence[str]) -> Picker:
    """A function from a row's values (one for each of `names`) to those of `wanted`, None where absent.

    `wanted` must be two or more.
    """
    place = {name: number for number, name in enumerate(names)}
    pick = itemgetter(*(place.get(name, len(names)) for name in wanted))
    return lambda values: pick(values + _ABSENT)
