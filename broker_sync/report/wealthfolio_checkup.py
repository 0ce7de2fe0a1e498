"""What was found out about a Wealthfolio server by looking at it, and at the accounts that are written to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, unique

__all__ = ["AccountCheck", "Checkup", "Finding", "Grade"]


@unique
class Grade(Enum):
    """How something is."""

    FAILS = "fails"
    CARE = "care"
    WORKS = "works"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`subject` names what was looked at, `text` says what it is like, and what to do where that helps."""

    grade: Grade
    subject: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCheck:
    """An account that is written to: `broker` is the broker's id of it, `tracker` the server's.

    `broker` is None for whichever account the statements have, `tracker` where none was found. Rows that
    count are `ours` or `others`; `drafts` do not count, `touched` are ours that a person has changed.
    """

    broker: str | None
    tracker: str | None
    name: str
    found: str
    ours: int = 0
    others: int = 0
    drafts: int = 0
    touched: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkup:
    """What was found at `server`, and the exit status that it calls for; what could not be asked is None.

    `time_zone` and `base_currency` are empty where the server has none set.
    """

    server: str
    login: str | None = None
    version: str | None = None
    time_zone: str | None = None
    base_currency: str | None = None
    accounts: Sequence[AccountCheck] = ()
    findings: Sequence[Finding] = ()
    status: int = 0

    def having(self, grade: Grade) -> list[Finding]:
        """The findings of `grade`."""
        return [each for each in self.findings if each.grade is grade]

    @property
    def outcome(self) -> str:
        """The worst grade of all findings; ``works`` where nothing is wrong."""
        return next((grade.value for grade in Grade if self.having(grade)), Grade.WORKS.value)
