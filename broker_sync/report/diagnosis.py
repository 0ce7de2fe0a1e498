"""What was found out about a query by one of its statements: findings, and what to tick."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, unique

__all__ = ["Beyond", "Diagnosis", "Finding", "Severity", "Tick"]


@unique
class Severity(Enum):
    """What a finding does to the books; the worst first."""

    REFUSED = "refused"
    HARMFUL = "harmful"
    MISSING = "missing"
    ADVICE = "advice"
    FINE = "fine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing found: `text` says what, and what it costs.

    `place` is the part of the query as its page calls it, `section` the element of the statement (None for
    what concerns the statement as a whole), `fields` the attributes it is about.
    """

    severity: Severity
    place: str
    text: str
    section: str | None = None
    fields: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """One thing to tick or choose: `path` from the page of the query down, `choices` what to take there."""

    path: Sequence[str]
    choices: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Beyond:
    """What a statement has that the schema of `reader` (a name with a version) does not know.

    `attributes` are by the tag of their rows, `values` by tag and attribute (``Trade.orderType``).
    """

    reader: str
    sections: Sequence[str] = ()
    attributes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What one statement tells of its query.

    `page` is where the query is changed. `findings` have the worst first, `ticks` are in the order of that
    page. `window` is the first and last day, None where it is not told; `rows` counts them by section, and is
    empty where nothing of a statement could be read. `beyond` is None where no other schema was there to
    compare with.
    """

    document: str
    page: str
    findings: Sequence[Finding] = ()
    ticks: Sequence[Tick] = ()
    accounts: Sequence[str] = ()
    window: tuple[dt.date, dt.date] | None = None
    rows: Mapping[str, int] = field(default_factory=dict)
    beyond: Beyond | None = None

    @property
    def is_refused(self) -> bool:
        """Whether a sync would refuse the statement."""
        return bool(self.having(Severity.REFUSED))

    def having(self, severity: Severity) -> list[Finding]:
        """The findings of one severity, in their order."""
        return [finding for finding in self.findings if finding.severity is severity]
