"""What can be wrong, and what one run saw of it; pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum, unique

__all__ = ["Open", "Seen", "State", "Topic", "TopicKind", "Trouble"]


@unique
class TopicKind(StrEnum):
    """What somebody can be told of."""

    FAILURE = "failure"
    DRIFT = "drift"
    TOKEN = "token"  # noqa: S105  # a word, not a secret


@dataclass(frozen=True, slots=True, order=True)
class Topic:
    """One thing that is in order or not; `name` is the broker's, or that of an account."""

    kind: TopicKind
    name: str


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Trouble:
    """One thing that is wrong.

    `subject` is what it is wrong with, such as an account; empty for the run as a whole. `cause` stays the
    same from run to run while the trouble is the same one, whatever figures the `text` of the day has.
    """

    subject: str
    cause: str
    text: str

    @property
    def key(self) -> tuple[str, str]:
        """What two runs know it by."""
        return self.subject, self.cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one run saw of `topic`: all `troubles` with `subjects` (None: with anything).

    What is wrong with other subjects it did not look at. `all_well` is a sentence for when nothing is wrong.
    """

    topic: Topic
    troubles: Sequence[Trouble] = ()
    subjects: Collection[str] | None = None
    all_well: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """Something that is wrong since `began`, and of which somebody was told last at `told` (both aware)."""

    began: dt.datetime
    told: dt.datetime
    troubles: tuple[Trouble, ...]


State = Mapping[Topic, Open]
"""All that is wrong, as far as somebody was told of it."""
