"""What a Flex query can be asked for, as Client Portal calls it, and what it costs to leave it out.

A cost completes the sentence "Without <what is left out>, …".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, unique
from typing import Final, TypeAlias

__all__ = [
    "ACCOUNT",
    "EXTRA_FACTS",
    "NOT_BOOKED",
    "SUMS",
    "FieldSpec",
    "Level",
    "SectionSpec",
    "identity",
    "instruments",
    "optional",
    "recommended",
    "required",
]


@unique
class Level(Enum):
    """How much a section or field matters."""

    REQUIRED = "required"
    RECOMMENDED = "recommended"
    OPTIONAL = "optional"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSpec:
    """A field: `name` is its XML attribute, `label` its tick in Client Portal.

    `or_else` are attributes of which any one does as well.
    """

    name: str
    label: str
    level: Level
    cost: str
    or_else: frozenset[str] = frozenset()

    @property
    def names(self) -> frozenset[str]:
        """Every attribute that serves."""
        return self.or_else | {self.name}


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionSpec:
    """A section of the query: `name` is its XML element, `row` the tag of the rows that count.

    `option` is what to choose in the section besides fields; None where it has nothing to choose. A file
    whose rows all have one of the `wrong_levels` of detail (in capitals) was made without it, and
    `level_cost` says what follows. `stand_ins` are attributes that are read only where a better one is
    missing, so nobody needs to tick them.
    """

    name: str
    row: str
    label: str
    level: Level
    cost: str
    option: str | None = None
    wrong_levels: frozenset[str] = frozenset()
    level_cost: str = ""
    fields: tuple[FieldSpec, ...] = ()
    stand_ins: frozenset[str] = frozenset()

    @property
    def reads(self) -> frozenset[str]:
        """Every attribute of its rows that anything depends on."""
        return self.stand_ins.union(*(field.names for field in self.fields))


_Label: TypeAlias = str | tuple[str, ...]


def required(cost: str, /, **labels: _Label) -> tuple[FieldSpec, ...]:
    """Fields that the section is of little use without.

    Each is given by its attribute, as its label, or as its label and the attributes that do as well.
    """
    return _fields(Level.REQUIRED, cost, labels)


def recommended(cost: str, /, **labels: _Label) -> tuple[FieldSpec, ...]:
    """Fields without which less is known; given as for :func:`required`."""
    return _fields(Level.RECOMMENDED, cost, labels)


def optional(cost: str, /, **labels: _Label) -> tuple[FieldSpec, ...]:
    """Fields that few accounts need, or that only tell a reader more; given as for :func:`required`."""
    return _fields(Level.OPTIONAL, cost, labels)


def _fields(level: Level, cost: str, labels: Mapping[str, _Label]) -> tuple[FieldSpec, ...]:
    told = {name: (label,) if isinstance(label, str) else label for name, label in labels.items()}
    return tuple(
        FieldSpec(name=name, label=texts[0], level=level, cost=cost, or_else=frozenset(texts[1:]))
        for name, texts in told.items()
    )


# --- what many sections share ---

NOT_BOOKED: Final = "none of its rows can be booked: each is rejected by name"
SUMS: Final = "rows that only sum others up can be booked beside them"
ACCOUNT: Final = optional("a row counts for the account of its whole statement", accountId="Account ID")
EXTRA_FACTS: Final = frozenset({"description", "exchange"})
"""What an instrument is described by where nothing better is known."""


def identity() -> tuple[FieldSpec, ...]:
    """The field by which a row is known again in another statement."""
    cost = "a row is known by its content alone, and books again when the broker restates any of it"
    return required(cost, transactionID="Transaction ID")


def instruments() -> tuple[FieldSpec, ...]:
    """The fields by which a row names an instrument that other sections describe."""
    return (
        *recommended(
            "its instruments are not joined with those of other sections",
            conid="Conid",
            symbol=("Symbol", "conid", "isin"),
        ),
        *optional(
            "an instrument that no other section has is known less well",
            isin="ISIN",
            assetCategory="Asset Class",
            listingExchange="Listing Exchange",
            multiplier="Multiplier",
        ),
    )
